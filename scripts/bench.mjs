// npm run bench [-- part of a table's name]: prints tables of times and sizes. Nothing is asserted.
import { bundle } from './lib/bundle.mjs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { bundleForNode, loadTypeScript } from './lib/loadTypeScript.mjs';
import { repoRoot } from './lib/paths.mjs';

await ensureInstalled();
const filter = process.argv[2] ?? '';
// Started by benches as processes of their own.
for (const program of ['structureReadProcess', 'scalingProcess'])
  await bundleForNode(`test/bench/${program}.ts`);
// The solver's thread.
await bundle({ only: ['solverWorker'] });
const { runBenches } = await loadTypeScript('test/bench/main.ts');
await runBenches(repoRoot, filter);
if ('slider'.includes(filter)) {
  const { startEnvironment } = await import('../test/e2e/startEnvironment.mjs');
  const { environment, server } = await startEnvironment({ reusePackage: false });
  try {
    const { benchSlider } = await loadTypeScript('test/bench/slider.ts');
    await benchSlider(environment);
  } finally {
    await server.stop();
  }
}
process.exit();
