// npm test [-- stage ...]: every check in order; stages can be named to run only these.
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { inRepo } from './lib/paths.mjs';
import { spawnGroup } from './lib/processGroup.mjs';
import { stages } from './lib/stages.mjs';

/** Of a failure that says more, the first lines: the others should stay in sight. */
const linesOfFailure = 40;

async function main(wanted) {
  const unknown = wanted.filter((name) => !(name in stages));
  if (unknown.length > 0) {
    console.error(`No stage ${unknown.join(', ')}; there are: ${Object.keys(stages).join(', ')}`);
    return 2;
  }
  await ensureInstalled();
  const chosen = Object.keys(stages).filter((name) => wanted.length === 0 || wanted.includes(name));
  const reports = mkdtempSync(path.join(tmpdir(), 'headroom-test-'));
  // Whatever a stage leaves behind goes with it: not every tool removes its temporary files.
  process.env.TMPDIR = reports;
  process.once('exit', () => rmSync(reports, { recursive: true, force: true, maxRetries: 5 }));
  for (const name of chosen.slice(1)) if (stages[name].installs) prepare(name);
  const findings = [];
  for (const names of rowsOf(chosen)) {
    console.log(`\n== ${names.join(', ')}`);
    findings.push(...(await Promise.all(names.map((name) => runStage(name, chosen, reports)))));
  }
  return summarise(findings);
}

/** Begins in the background with what a later stage has to install; should it fail, the stage tries again and says why. */
function prepare(name) {
  const { child } = spawnGroup(process.execPath, [inRepo('scripts/lib/prepare.mjs'), name], {
    stdio: 'ignore',
  });
  child.once('spawn', () => setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL));
  child.unref();
}

/** Stages in order; those that run side by side together. */
function rowsOf(chosen) {
  const rows = [];
  for (const name of chosen) {
    const { beside } = stages[name];
    const last = rows.at(-1);
    if (beside !== undefined && last && stages[last[0]].beside === beside) last.push(name);
    else rows.push([name]);
  }
  return rows;
}

async function runStage(name, chosen, reports) {
  const start = performance.now();
  const found = await stages[name]
    .run(chosen, reports)
    .catch((error) => ({ passed: 0, failed: 1, failures: [error.message] }));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (found.output) console.log(found.output.trimEnd());
  console.log(`== ${name}: ${found.failed > 0 ? 'FAILED' : 'passed'} in ${seconds} s`);
  return { name, ...found };
}

function summarise(findings) {
  for (const { name, failures = [] } of findings)
    for (const failure of failures) console.log(`\nFAILED ${name}: ${shortened(failure)}`);
  const failedStages = findings.filter(({ failed }) => failed > 0).map(({ name }) => name);
  if (failedStages.length > 0) console.log(`\nfailed stages: ${failedStages.join(', ')}`);
  const sum = (what) => findings.reduce((total, found) => total + found[what], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  return failedStages.length > 0 ? 1 : 0;
}

function shortened(text) {
  const lines = text.split('\n');
  const left = lines.length - linesOfFailure;
  return left > 1 ? [...lines.slice(0, linesOfFailure), `... ${left} more lines`].join('\n') : text;
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  return 1;
});
