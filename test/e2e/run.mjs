// npm run e2e [-- parts of scenarios' names]: drives Headroom in a real VS Code in a real browser.
import { availableParallelism, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureInstalled } from '../../scripts/lib/ensureInstalled.mjs';
import { loadTypeScript } from '../../scripts/lib/loadTypeScript.mjs';
import { writeReport } from '../../scripts/lib/testReport.mjs';
import { startEnvironment } from './startEnvironment.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Write the pictures of docs/images instead of testing. */
    screenshots: { type: 'boolean', default: false },
    /** Take the .vsix that is there. */
    'no-package': { type: 'boolean', default: false },
    /** File for the counts, in the form of vitest's JSON report. */
    report: { type: 'string' },
    /** How many scenarios run at a time, each with a server and a browser of its own. */
    'at-a-time': { type: 'string' },
    /** Print the server's log at the end. */
    'server-log': { type: 'boolean', default: false },
  },
});

async function main() {
  await ensureInstalled();
  const { chooseScenarios, runScenarios } = await loadTypeScript('test/e2e/main.ts');
  const chosen = chooseScenarios({ screenshots: values.screenshots, filters: positionals });
  const count = Math.max(1, Math.min(chosen.length, Number(values['at-a-time'] ?? scenariosAtATime())));
  const started = [];
  try {
    // The first one packages Headroom for all.
    for (let i = 0; i < count; i++)
      started.push(await startEnvironment({ reusePackage: values['no-package'] || i > 0 }));
    const environments = started.map(({ environment }) => environment);
    const { passed, failures } = await runScenarios(chosen, environments);
    console.log(`${passed} scenarios passed, ${failures.length} failed`);
    writeReport(values.report, passed, failures);
    return failures.length === 0 && passed > 0 ? 0 : 1;
  } finally {
    await Promise.all(started.map(({ stop }) => stop()));
    if (values['server-log']) for (const { log } of started) console.log(await log());
  }
}

/** A scenario mostly waits for something: two keep two cores busy. Pictures are of a machine that does nothing else. */
function scenariosAtATime() {
  const isRoomy = availableParallelism() >= 2 && totalmem() >= 6 * 2 ** 30;
  return isRoomy && !values.screenshots ? 2 : 1;
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
