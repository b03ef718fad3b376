// npm run e2e [-- part of a scenario's name]: drives Headroom in a real VS Code in a real browser.
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
    /** Print the server's log at the end. */
    'server-log': { type: 'boolean', default: false },
  },
});

async function main() {
  await ensureInstalled();
  const { environment, stop, log } = await startEnvironment({ reusePackage: values['no-package'] });
  try {
    const { runScenarios } = await loadTypeScript('test/e2e/main.ts');
    const options = { screenshots: values.screenshots, filter: positionals[0] };
    const { passed, failures } = await runScenarios(environment, options);
    console.log(`${passed} scenarios passed, ${failures.length} failed`);
    writeReport(values.report, passed, failures);
    return failures.length === 0 && passed > 0 ? 0 : 1;
  } finally {
    await stop();
    if (values['server-log']) console.log(await log());
  }
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
