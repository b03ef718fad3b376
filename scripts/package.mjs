// npm run package: builds for production and writes headroom-<version>.vsix.
import { statSync } from 'node:fs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { packageExtension } from './lib/packageExtension.mjs';

await ensureInstalled();
const vsix = await packageExtension();
console.log(`${vsix} (${(statSync(vsix).size / 1e6).toFixed(2)} MB)`);
