import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Writes what a job of checks found, in the form of vitest's JSON report: how many passed, and a text for each failure.
 * Nothing is written where nobody asked for a file.
 */
export function writeReport(file, passed, failures) {
  if (!file) return;
  const testResults = failures.map((message) => ({ status: 'failed', message, assertionResults: [] }));
  const report = { numPassedTests: passed, numFailedTests: failures.length, testResults };
  writeFileSync(file, JSON.stringify(report));
}

/** What a report says: how many checks passed and failed, and a text for each failure. */
export function readReport(file) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const failures = testResults.flatMap(({ status, name, message, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (failed.length > 0)
      return failed.map((one) => `${name}: ${one.fullName}\n${one.failureMessages.join('\n')}`);
    return status === 'failed' ? [[name, message].filter(Boolean).join(': ')] : [];
  });
  return { passed: numPassedTests, failed: numFailedTests, failures };
}
