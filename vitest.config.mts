import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The module the extension host provides; tests run without one.
  resolve: { alias: { vscode: path.resolve(import.meta.dirname, 'test/unit/extension/fakeVscode.ts') } },
  test: {
    // Time limits are for tests that hang, not for slow machines.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    setupFiles: ['test/unit/support/seedProperties.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { extends: true, test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'] } },
    ],
  },
});
