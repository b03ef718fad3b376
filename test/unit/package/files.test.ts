import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { listFiles, PackageManager } from '@vscode/vsce';
import { beforeAll, describe, expect, it } from 'vitest';

const repoRoot = path.resolve(import.meta.dirname, '../../..');

describe('packaged extension', () => {
  beforeAll(() => {
    execFileSync(process.execPath, [path.join(repoRoot, 'scripts/build.mjs'), '--production'], {
      stdio: 'pipe',
    });
  });

  it('holds exactly these files', async () => {
    const files = await listFiles({ cwd: repoRoot, packageManager: PackageManager.None });
    expect(files.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/THIRD-PARTY-NOTICES.txt',
      'dist/cli.js',
      'dist/extension.js',
      'dist/extension.web.js',
      'dist/highs.wasm',
      'dist/plannerWorker.js',
      'dist/plannerWorker.web.js',
      'dist/solverWorker.js',
      'dist/solverWorker.web.js',
      'dist/webview.css',
      'dist/webview.js',
      'docs/images/hc-black.png',
      'docs/images/hc-light.png',
      'docs/images/main-job.gif',
      'docs/images/pipeline.png',
      'docs/images/resnet50.png',
      'docs/images/sizes.png',
      'l10n/bundle.l10n.zh-cn.json',
      'media/icon.png',
      'media/icon.svg',
      'media/plan.schema.json',
      'media/walkthrough/budget.md',
      'media/walkthrough/budget.png',
      'media/walkthrough/device.md',
      'media/walkthrough/device.png',
      'media/walkthrough/export.md',
      'media/walkthrough/export.png',
      'media/walkthrough/open.md',
      'media/walkthrough/open.png',
      'package.json',
      'package.nls.json',
      'package.nls.zh-cn.json',
      'samples/bert_base.train.onnx',
      'samples/dlrm.train.onnx',
      'samples/gpt2_small.train.onnx',
      'samples/llama_8l_d1024.train.onnx',
      'samples/mobilenet_v2.train.onnx',
      'samples/resnet50.train.onnx',
      'samples/tiny_mlp.train.onnx',
      'samples/tiny_transformer.train.pt2',
      'samples/unet.train.onnx',
    ]);
  });
});
