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
// In a real VS Code.
const inEditor = {
  slider: ['slider', 'benchSlider'],
  opening: ['openingInEditor', 'benchOpeningInEditor'],
};
const chosen = Object.keys(inEditor).filter((name) => name.includes(filter));
if (chosen.length > 0) {
  const { startEnvironment } = await import('../test/e2e/startEnvironment.mjs');
  const { environment, stop } = await startEnvironment({ reusePackage: false });
  try {
    for (const name of chosen) {
      const [source, run] = inEditor[name];
      const bench = await loadTypeScript(`test/bench/${source}.ts`);
      await bench[run](environment);
    }
  } finally {
    await stop();
  }
}
process.exit();
