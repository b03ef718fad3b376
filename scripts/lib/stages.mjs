import { existsSync } from 'node:fs';
import path from 'node:path';
import { limitedRun } from './limitedRun.mjs';
import { packageExtension } from './packageExtension.mjs';
import { inRepo, repoRoot } from './paths.mjs';
import { readReport } from './testReport.mjs';

/**
 * What a stage found: how many checks passed and failed, a text for each failure where there is one, and what it printed
 * where that did not go to the terminal at once.
 * @typedef {{passed: number, failed: number, failures?: string[], output?: string}} Findings
 */

/**
 * Stage name -> how to run it, in the order of a whole run, given the names of all stages of the run and a folder for
 * reports. Stages `beside` each other, of which each takes one core, run at the same time. Limits, in minutes, end what
 * hangs: they are several times what a slow machine takes. What a stage `installs` is begun while others run.
 * @type {Record<string, {beside?: string, installs?: boolean, run: (chosen: string[], reports: string) => Promise<Findings>}>}
 */
export const stages = {
  types: { beside: 'sources', run: () => tool('typescript/bin/tsc', '--noEmit') },
  lint: { beside: 'sources', run: () => tool('eslint/bin/eslint.js', '.', '--max-warnings=0') },
  format: {
    beside: 'sources',
    run: () => tool('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
  },
  unit: { run: (_, reports) => vitest(30, path.join(reports, 'unit.json'), 'unit', 'view') },
  conformance: {
    run: (_, reports) => {
      if (!existsSync(inRepo('../shared/data')))
        console.log('../shared/data is not there: conformance tests that need it are skipped');
      return vitest(15, path.join(reports, 'conformance.json'), 'conformance');
    },
  },
  pytorch: {
    installs: true,
    run: (_, reports) => job(35, path.join(reports, 'pytorch.json'), 'test/pytorch/run.mjs'),
  },
  engines: { run: (_, reports) => job(25, path.join(reports, 'engines.json'), 'test/pytorch/engines.mjs') },
  package: {
    run: async () => {
      console.log(`wrote ${path.relative(repoRoot, await packageExtension())}`);
      return { passed: 1, failed: 0 };
    },
  },
  e2e: {
    installs: true,
    run: (chosen, reports) => {
      const options = chosen.includes('package') ? ['--no-package'] : [];
      return job(45, path.join(reports, 'e2e.json'), 'test/e2e/run.mjs', ...options);
    },
  },
};

async function tool(script, ...args) {
  const { code, output } = await node(15, [inRepo('node_modules', script), ...args], { quiet: true });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output };
}

/** Prints what fails, and each minute how far it is. */
function vitest(minutes, report, ...projects) {
  const reporters = ['minimal', inRepo('test/progressReporter.mjs'), 'json'];
  return reported(minutes, report, [
    ...[inRepo('node_modules/vitest/vitest.mjs'), 'run', '--passWithNoTests'],
    ...projects.map((name) => `--project=${name}`),
    ...reporters.map((name) => `--reporter=${name}`),
    `--outputFile.json=${report}`,
  ]);
}

const job = (minutes, report, script, ...args) =>
  reported(minutes, report, [inRepo(script), `--report=${report}`, ...args]);

/** Runs what writes its counts to a JSON report. No report, or a bad exit without a failed test, fails. */
async function reported(minutes, report, args) {
  const { code } = await node(minutes, args);
  if (!existsSync(report)) return { passed: 0, failed: code === 0 ? 0 : 1 };
  const { passed, failed, failures } = readReport(report);
  return { passed, failed: code === 0 ? failed : Math.max(1, failed), failures };
}

const node = (minutes, args, options = {}) =>
  limitedRun(process.execPath, args, { cwd: repoRoot, limitMs: minutes * 60_000, ...options });
