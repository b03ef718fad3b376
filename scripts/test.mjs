// npm test [-- stage ...]: every check in order; stages can be named to run only these.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from './lib/commands.mjs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { packageExtension } from './lib/packageExtension.mjs';
import { inRepo, repoRoot } from './lib/paths.mjs';
import { readReport } from './lib/testReport.mjs';

const reports = mkdtempSync(path.join(tmpdir(), 'headroom-test-'));

/**
 * Stage name -> how to run it, given the names of all stages of this run. A stage resolves with how many checks passed
 * and failed.
 */
const stages = {
  types: () => tool('typescript/bin/tsc', ['--noEmit']),
  lint: () => tool('eslint/bin/eslint.js', ['.', '--max-warnings=0']),
  format: () => tool('prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
  unit: () => vitest('unit'),
  conformance: () => vitest('conformance'),
  pytorch: () => reported('pytorch', (report) => [inRepo('test/pytorch/run.mjs'), `--report=${report}`]),
  engines: () => reported('engines', (report) => [inRepo('test/pytorch/engines.mjs'), `--report=${report}`]),
  package: async () => {
    console.log(`wrote ${path.relative(repoRoot, await packageExtension())}`);
    return { passed: 1, failed: 0 };
  },
  e2e: (chosen) =>
    reported('e2e', (report) => [
      inRepo('test/e2e/run.mjs'),
      `--report=${report}`,
      ...(chosen.includes('package') ? ['--no-package'] : []),
    ]),
};

async function tool(script, args) {
  const code = await run(process.execPath, [inRepo('node_modules', script), ...args], { cwd: repoRoot });
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function vitest(project) {
  if (project === 'conformance' && !existsSync(inRepo('../shared/data'))) {
    console.log('../shared/data is not there: conformance tests that need it are skipped');
  }
  return reported(project, (report) => [
    inRepo('node_modules/vitest/vitest.mjs'),
    ...['run', '--project', project, '--passWithNoTests'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ]);
}

/** Runs a test runner that writes its counts to a JSON report. No report, or a bad exit without a failed test, fails. */
async function reported(name, argumentsFor) {
  const report = path.join(reports, `${name}.json`);
  const code = await run(process.execPath, argumentsFor(report), { cwd: repoRoot });
  if (!existsSync(report)) return { passed: 0, failed: code === 0 ? 0 : 1 };
  const { passed, failed, failures } = readReport(report);
  return { passed, failed: code === 0 ? failed : Math.max(1, failed), failures };
}

async function main(wanted) {
  const unknown = wanted.filter((name) => !(name in stages));
  if (unknown.length > 0) {
    console.error(`No stage ${unknown.join(', ')}; there are: ${Object.keys(stages).join(', ')}`);
    return 2;
  }
  await ensureInstalled();
  const total = { passed: 0, failed: 0 };
  const failedStages = [];
  const allFailures = [];
  const chosen = Object.keys(stages).filter((name) => wanted.length === 0 || wanted.includes(name));
  for (const name of chosen) {
    console.log(`\n== ${name}`);
    const start = performance.now();
    const {
      passed,
      failed,
      failures = [],
    } = await stages[name](chosen).catch((error) => ({ passed: 0, failed: 1, failures: [error.message] }));
    allFailures.push(...failures.map((text) => `${name}: ${text}`));
    total.passed += passed;
    total.failed += failed;
    if (failed > 0) failedStages.push(name);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`== ${name}: ${failed > 0 ? 'FAILED' : 'passed'} in ${seconds} s`);
  }
  rmSync(reports, { recursive: true });
  for (const failure of allFailures) console.log(`\nFAILED ${failure}`);
  if (failedStages.length > 0) console.log(`\nfailed stages: ${failedStages.join(', ')}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return failedStages.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
