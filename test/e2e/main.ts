import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { ConsoleLog } from './lib/consoleLog';
import type { Environment } from './lib/environment';
import type { Scenario } from './lib/scenario';
import { Workbench } from './lib/workbench';
import { scenarios } from './scenarios';
import { mainJob } from './scenarios/recordings';
import { screenshotScenarios } from './scenarios/screenshots';

/** Many times what a scenario takes: one that is not over by then hangs. */
const scenarioLimitMs = 8 * 60_000;
const hangs = `did not end within ${scenarioLimitMs / 60_000} minutes`;

export interface Summary {
  readonly passed: number;
  /** The name of each scenario that failed, and why. */
  readonly failures: readonly string[];
}

export interface Choice {
  /** The pictures of docs/images instead of the tests. */
  readonly screenshots: boolean;
  /** Parts of names; those with any of them, or all where there are none. */
  readonly filters: readonly string[];
}

export function chooseScenarios({ screenshots, filters }: Choice): readonly Scenario[] {
  const all = screenshots ? [...screenshotScenarios, mainJob] : scenarios;
  return all.filter(({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)));
}

/**
 * Runs scenarios in order, as many at a time as there are environments, each of which has a browser of its own.
 * One that fails is tried once more, in a new window: a real VS Code on a busy machine may lose a key press. What was
 * wrong the first time is printed all the same, and what is broken fails twice. One that hangs is not tried again.
 */
export async function runScenarios(
  chosen: readonly Scenario[],
  environments: readonly Environment[],
): Promise<Summary> {
  const failures: string[] = [];
  const waiting = [...chosen];
  const work = async (environment: Environment): Promise<void> => {
    const browser = await launchBrowser(environment);
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
      let error = await attempt(scenario, scenario.name, environment, context);
      if (error !== undefined && !error.includes(hangs))
        error = await attempt(scenario, `${scenario.name}-again`, environment, context);
      if (error !== undefined) failures.push(`${scenario.name}: ${error}`);
    }
    await browser.close();
  };
  await Promise.all(environments.map(work));
  return { passed: chosen.length - failures.length, failures };
}

function launchBrowser(environment: Environment): Promise<Browser> {
  return chromium.launch({
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
}

/** Runs a scenario and prints how it went; the reason where it failed. */
async function attempt(
  scenario: Scenario,
  name: string,
  environment: Environment,
  context: BrowserContext,
): Promise<string | undefined> {
  const start = Date.now();
  const error = await runScenario(scenario, name, environment, context);
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.log(`${error === undefined ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (error !== undefined) console.log(indent(error));
  return error;
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
    const run = async (): Promise<void> => {
      await workbench.open(workspace);
      await scenario.run({ environment, workbench, console: consoleLog, workspace });
    };
    await withinLimit(run());
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

/** Gives up on what hangs; closing its page ends it. */
async function withinLimit(run: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the scenario ${hangs}`)), scenarioLimitMs);
  });
  try {
    await Promise.race([run, limit]);
  } finally {
    clearTimeout(timer);
  }
}

const indent = (text: string): string => text.replace(/^/gm, '     ');
