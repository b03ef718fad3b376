// npm run conformance [-- --write]: compares Headroom with what real PyTorch and ONNX measured; fails when a bar is
// missed. --write puts the tables into docs/accuracy.md.
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { loadTypeScript } from './lib/loadTypeScript.mjs';
import { repoRoot } from './lib/paths.mjs';

await ensureInstalled();
const { runConformance } = await loadTypeScript('test/conformance/main.ts');
process.exitCode = runConformance(repoRoot, process.argv.includes('--write')) ? 0 : 1;
