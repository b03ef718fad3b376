// npm run package: builds for production and writes headroom-<version>.vsix.
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { packageExtension } from './lib/packageExtension.mjs';

await ensureInstalled();
console.log(await packageExtension());
