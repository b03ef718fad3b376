import { pathToFileURL } from 'node:url';
import { inRepo, repoRoot } from './paths.mjs';

/** Imports a TypeScript module of the repository. */
export async function loadTypeScript(source) {
  return import(pathToFileURL(await bundleForNode(source)).href);
}

/** Bundles a TypeScript module below node_modules, where its packages are; returns the path of what Node can run. */
export async function bundleForNode(source) {
  const { build } = await import('esbuild');
  const outfile = inRepo('node_modules/.cache/headroom', source.replace(/\.ts$/, '.mjs'));
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
  return outfile;
}
