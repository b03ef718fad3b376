import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRepo, repoRoot } from './paths.mjs';

/** Imports a TypeScript module of the repository: bundled into .cache/ first, packages left in node_modules. */
export async function loadTypeScript(source) {
  const { build } = await import('esbuild');
  const outfile = inRepo('.cache', `${source.replaceAll(path.sep, '.')}.${process.pid}.mjs`);
  await build({
    absWorkingDir: repoRoot,
    entryPoints: [source],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
