import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { thirdPartyNotices } from './notices.mjs';
import { inRepo, repoRoot } from './paths.mjs';

const node = { platform: 'node', format: 'cjs', target: 'node20' };
const browser = { platform: 'browser', format: 'iife', target: 'es2022' };
/** The solver's module for require(): the other one finds its place by import.meta, which scripts do not have. */
const alias = { highs: inRepo('node_modules/highs/build/highs.js') };
/** It asks for Node's modules only when it runs on Node. */
const solverInBrowser = { ...browser, alias, external: ['node:*'] };

/** Everything that is shipped: bundle name -> source and how it is bundled. */
const bundles = {
  extension: { source: 'extension/main.ts', options: { ...node, external: ['vscode'] } },
  'extension.web': {
    source: 'extension/main.web.ts',
    options: { ...browser, format: 'cjs', external: ['vscode'] },
  },
  plannerWorker: { source: 'extension/planner/worker.node.ts', options: node },
  'plannerWorker.web': { source: 'extension/planner/worker.web.ts', options: solverInBrowser },
  solverWorker: { source: 'planner-core/node/solverWorker.ts', options: { ...node, alias } },
  'solverWorker.web': { source: 'extension/planner/solverWorker.web.ts', options: solverInBrowser },
  webview: { source: 'webview/main.ts', options: browser },
  cli: {
    source: 'planner-core/cli/main.ts',
    options: { ...node, banner: { js: '#!/usr/bin/env node' } },
  },
};

/** The licences of what others wrote of it. */
const noticesFile = 'THIRD-PARTY-NOTICES.txt';

/** Files that are shipped as they are: name in dist/ -> where it comes from. */
const copied = { 'highs.wasm': 'node_modules/highs/build/highs.wasm' };

/**
 * Bundles into dist/. Files are replaced in one step each, so that a process that starts meanwhile never reads half.
 * @param {{production?: boolean, only?: string[]}} choice
 */
export async function bundle({ production = false, only = Object.keys(bundles) } = {}) {
  const { build } = await import('esbuild');
  for (const [name, source] of Object.entries(copied)) {
    replaceFile({ path: inRepo('dist', name), contents: readFileSync(inRepo(source)) });
  }
  const inputs = new Set(Object.values(copied));
  await Promise.all(
    only.map(async (name) => {
      const { source, options } = bundles[name];
      const { outputFiles, metafile } = await build({
        absWorkingDir: repoRoot,
        entryPoints: { [name]: source },
        outdir: 'dist',
        bundle: true,
        minify: production,
        sourcemap: !production,
        sourcesContent: false,
        logLevel: 'warning',
        write: false,
        metafile: true,
        ...options,
      });
      outputFiles.forEach(replaceFile);
      for (const file of Object.keys(metafile.inputs)) inputs.add(file);
    }),
  );
  if (only.length === Object.keys(bundles).length)
    replaceFile({ path: inRepo('dist', noticesFile), contents: thirdPartyNotices(inputs) });
}

function replaceFile({ path: file, contents }) {
  mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, contents, { mode: contents[0] === 0x23 /* # */ ? 0o755 : 0o644 });
  renameSync(partial, file);
}
