// node test/bench/webviewHarness/run.mjs [output folder] [shots | settings | placement | pipeline | questions | states | comparison | details | languages | widths | slider]
import { loadTypeScript } from '../../../scripts/lib/loadTypeScript.mjs';

await loadTypeScript('test/bench/webviewHarness/main.ts');
