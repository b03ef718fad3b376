// npm run build [-- --production]: bundles extension, workers, webview and command line into dist/.
import { bundle, bundles, presentBundles } from './lib/bundle.mjs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';

await ensureInstalled();
const only = presentBundles();
for (const name of Object.keys(bundles)) {
  if (!only.includes(name))
    console.error(`warning: ${bundles[name].source} is missing, ${name} is not built`);
}
await bundle({ production: process.argv.includes('--production'), only });
