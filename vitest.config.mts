import { availableParallelism } from 'node:os';
import path from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';

/** What draws or plays VS Code: files of their own, with globals and modules that no other test may see. */
const ofTheView = ['test/unit/{webview,extension}/**/*.test.ts', 'test/unit/exporters/report.test.ts'];

export default defineConfig({
  // The module the extension host provides; tests run without one.
  resolve: { alias: { vscode: path.resolve(import.meta.dirname, 'test/unit/extension/fakeVscode.ts') } },
  test: {
    // Time limits are for tests that hang, not for slow machines.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // All cores: vitest would leave one to an editor.
    maxWorkers: availableParallelism(),
    setupFiles: ['test/unit/support/seedProperties.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ofTheView],
          // planner-core keeps no state between calls: its tests share what is loaded.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'view', include: ofTheView } },
      { extends: true, test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'] } },
    ],
  },
});
