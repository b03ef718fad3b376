import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { ConsoleLog } from './lib/consoleLog';
import type { Environment } from './lib/environment';
import type { Scenario } from './lib/scenario';
import { Workbench } from './lib/workbench';
import { scenarios } from './scenarios';
import { mainJob } from './scenarios/recordings';
import { screenshotScenarios } from './scenarios/screenshots';

export interface Summary {
  readonly passed: number;
  /** The name of each scenario that failed, and why. */
  readonly failures: readonly string[];
}

/**
 * Runs the scenarios one after the other in one browser; `filter` keeps those whose name contains it.
 * One that fails is tried once more, in a new window: a real VS Code on a busy machine may lose a key press. What was
 * wrong the first time is printed all the same, and what is broken fails twice.
 */
export async function runScenarios(
  environment: Environment,
  options: { readonly screenshots: boolean; readonly filter?: string },
): Promise<Summary> {
  const all = options.screenshots ? [...screenshotScenarios, mainJob] : scenarios;
  const chosen = all.filter((scenario) => scenario.name.includes(options.filter ?? ''));
  const browser = await chromium.launch({
    executablePath: environment.browserPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-sync',
    ],
  });
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const attempt = async (scenario: Scenario, name: string): Promise<string | undefined> => {
    const start = Date.now();
    const error = await runScenario(scenario, name, environment, context);
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    console.log(`${error === undefined ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
    if (error !== undefined) console.log(indent(error));
    return error;
  };
  const failures: string[] = [];
  for (const scenario of chosen) {
    if ((await attempt(scenario, scenario.name)) === undefined) continue;
    const error = await attempt(scenario, `${scenario.name}-again`);
    if (error !== undefined) failures.push(`${scenario.name}: ${error}`);
  }
  await browser.close();
  return { passed: chosen.length - failures.length, failures };
}

/** The reason of the failure; undefined when the scenario passed. */
async function runScenario(
  scenario: Scenario,
  name: string,
  environment: Environment,
  browser: BrowserContext,
): Promise<string | undefined> {
  const workspace = path.join(environment.temporaryFolder, 'workspaces', name);
  cpSync(path.join(environment.repoRoot, 'samples'), workspace, {
    recursive: true,
    filter: (file) => !file.endsWith('.plan.json'),
  });
  scenario.prepare?.(workspace);
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  // The window asks before it is closed with unsaved changes.
  page.on('dialog', (dialog) => void dialog.accept());
  const consoleLog = new ConsoleLog(page);
  const url = scenario.server ? await environment.otherServerUrl(scenario.server) : environment.serverUrl;
  const workbench = new Workbench(page, url);
  try {
    await workbench.open(workspace);
    await scenario.run({ environment, workbench, console: consoleLog, workspace });
    if (consoleLog.errors.length > 0) {
      throw new Error(`errors in the browser's console:\n${consoleLog.errors.join('\n')}`);
    }
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    mkdirSync(environment.artifactsFolder, { recursive: true });
    const artifact = path.join(environment.artifactsFolder, name);
    writeFileSync(`${artifact}.log`, `${reason}\n\nconsole:\n${consoleLog.errors.join('\n')}\n`);
    // A page that crashed has no picture; its reason says more.
    await page.screenshot({ path: `${artifact}.png` }).catch(() => undefined);
    return reason;
  } finally {
    // Leaving the page, unlike only closing it, lets VS Code stop its extension host at once.
    await page.goto('about:blank').catch(() => undefined);
    await page.close();
  }
}

const indent = (text: string): string => text.replace(/^/gm, '     ');
