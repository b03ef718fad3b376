import type * as vscode from 'vscode';
import { beforeEach, expect, it, vi } from 'vitest';
import { compareWithHead, type ComparisonContext } from '../../../../extension/compare/comparePlans';
import { fake, Uri } from '../fakeVscode';

const asUri = (path: string): vscode.Uri => Uri.file(path) as unknown as vscode.Uri;
const active = { uri: asUri('/w/gpt2.onnx'), compareWith: vi.fn() };
const context = { texts: {}, editors: { active }, openModel: vi.fn() } as unknown as ComparisonContext;

beforeEach(() => fake.reset());

it('refuses files that are no plans, which the source control view cannot leave out', async () => {
  for (const argument of [asUri('/w/train.py'), { resourceUri: asUri('/w/train.py') }])
    await expect(compareWithHead(context, argument)).rejects.toMatchObject({
      code: 'bad-usage',
      message: 'train.py is no plan file.',
    });
});

it('takes the model in the title of its editor, and no file at all, for the plan on screen', async () => {
  // There is no Git here: it gets as far as asking for the committed plan.
  for (const argument of [asUri('/w/gpt2.onnx'), undefined, { resourceUri: asUri('/w/gpt2.onnx.plan.json') }])
    await expect(compareWithHead(context, argument)).rejects.toMatchObject({
      code: 'file-access',
      message: 'There is no committed version of gpt2.onnx.plan.json.',
    });
});
