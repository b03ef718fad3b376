import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository: scripts may be called from anywhere. */
export const repoRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A path below the root of the repository. */
export const inRepo = (...parts) => path.join(repoRoot, ...parts);
