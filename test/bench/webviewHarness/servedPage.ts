import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import type { PageRequest } from './page';
import { bodyClass, themeCss, type ThemeName } from './themes';

export interface Bundle {
  readonly script: string;
  readonly style: string;
}

/** The view with a host for it, bundled: the harness' own page, or another one. */
export async function bundlePage(entry = 'test/bench/webviewHarness/page.ts'): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: process.cwd(),
    entryPoints: [entry],
    outdir: 'dist',
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
  });
  const text = (extension: string): string =>
    outputFiles.find((file) => file.path.endsWith(extension))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

const origin = 'http://harness.test';

/** Opens the harness' page and starts the view in it. */
export async function open(
  page: Page,
  bundle: Bundle,
  theme: ThemeName,
  request: PageRequest,
): Promise<void> {
  await serve(page, bundle, theme, request.language);
  await page.evaluate((asked) => window.startHarness(asked), request);
}

/** Opens the page as the extension serves it, under the same content security policy. */
export async function serve(page: Page, bundle: Bundle, theme: ThemeName, language = 'en'): Promise<void> {
  const texts =
    language === 'en'
      ? ''
      : ` data-texts='${readFileSync(`l10n/bundle.l10n.${language}.json`, 'utf8').replaceAll("'", '&#39;')}'`;
  const policy = `default-src 'none'; script-src 'nonce-harness'; style-src ${origin} 'nonce-harness'; img-src ${origin} data: blob:`;
  const html = `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="harness">
<link rel="stylesheet" href="theme.css"><link rel="stylesheet" href="webview.css"></head>
<body class="${bodyClass(theme)}"><div id="app"${texts}></div>
<script nonce="harness" src="webview.js"></script></body></html>`;
  const files: Record<string, readonly [type: string, body: string]> = {
    '/': ['text/html', html],
    '/theme.css': ['text/css', themeCss(theme)],
    '/webview.css': ['text/css', bundle.style],
    '/webview.js': ['text/javascript', bundle.script],
  };
  await page.unrouteAll();
  await page.route(`${origin}/**`, async (route) => {
    const [contentType, body] = files[new URL(route.request().url()).pathname] ?? ['text/plain', ''];
    await route.fulfill({ contentType, body });
  });
  await page.goto(`${origin}/`);
}

/** How the browser is started. */
export const launch = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
};
