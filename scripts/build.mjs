// npm run build [-- --production]: bundles extension, workers, webview and command line into dist/.
import { bundle } from './lib/bundle.mjs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';

await ensureInstalled();
await bundle({ production: process.argv.includes('--production') });
