// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { newNonce, webviewHtml } from '../../../../extension/view/webviewHtml';

const page = {
  scriptUri: 'https://cdn.example/dist/webview.js',
  styleUri: 'https://cdn.example/dist/webview.css',
  cspSource: 'https://cdn.example',
  nonce: 'n0nce',
  language: 'en',
  title: `"><script>alert(1)</script> & co.onnx`,
};

const documentOf = (html: string): Document => new DOMParser().parseFromString(html, 'text/html');

it('allows its own script and style sheet and nothing else', () => {
  const policy = documentOf(webviewHtml(page))
    .querySelector('meta[http-equiv="Content-Security-Policy"]')
    ?.getAttribute('content');
  expect(policy?.split('; ')).toEqual([
    `default-src 'none'`,
    `script-src 'nonce-n0nce'`,
    `style-src https://cdn.example 'nonce-n0nce'`,
    `img-src https://cdn.example data: blob:`,
    `font-src https://cdn.example`,
  ]);
});

it('has one script, with the nonce, and no inline style or handler', () => {
  const document = documentOf(webviewHtml(page));
  const scripts = [...document.querySelectorAll('script')];
  expect(scripts.map((script) => [script.src, script.getAttribute('nonce'), script.text])).toEqual([
    [page.scriptUri, 'n0nce', ''],
  ]);
  expect(document.querySelectorAll('style, [style], [onload], [onclick]')).toHaveLength(0);
  expect(document.querySelector('link')?.href).toBe(page.styleUri);
});

it('takes names of files for text', () => {
  expect(documentOf(webviewHtml(page)).title).toBe(page.title);
});

it('makes nonces that differ', () => {
  const nonces = new Set(Array.from({ length: 100 }, newNonce));
  expect(nonces.size).toBe(100);
  for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
});

it('carries translations as data, which cannot become markup', () => {
  const texts = { 'A "quoted" <b>text</b>': "x' onload='alert(1)" };
  const html = webviewHtml({ ...page, texts });
  const document = documentOf(html);
  expect(JSON.parse(document.getElementById('app')?.dataset.texts ?? '')).toEqual(texts);
  expect(document.querySelectorAll('b')).toHaveLength(0);
  expect(webviewHtml(page)).not.toContain('data-texts');
});
