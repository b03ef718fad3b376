import type * as vscode from 'vscode';
import { beforeEach, expect, it, vi } from 'vitest';
import { PlanDecorations } from '../../../extension/planDecorations';
import { fake, Uri } from './fakeVscode';

const uri = (text: string): vscode.Uri => Uri.parse(text) as unknown as vscode.Uri;

beforeEach(() => fake.reset());

it('marks models that have a plan beside them, and nothing else', async () => {
  const decorations = new PlanDecorations();
  fake.fs.put(Uri.file('/w/m.onnx.plan.json'), '{}');
  expect(await decorations.provideFileDecoration(uri('file:/w/m.onnx'))).toMatchObject({ badge: 'P' });
  expect(await decorations.provideFileDecoration(uri('file:/w/other.onnx'))).toBeUndefined();
  expect(await decorations.provideFileDecoration(uri('file:/w/m.onnx.plan.json'))).toBeUndefined();
  expect(await decorations.provideFileDecoration(uri('git:/w/m.onnx?HEAD'))).toBeUndefined();
});

it('looks again at a model whose plan came or went', () => {
  const decorations = new PlanDecorations();
  const changed = vi.fn();
  decorations.onDidChangeFileDecorations(changed);
  decorations.planFileChanged(uri('file:/w/m.onnx.plan.json'));
  decorations.planFileChanged(uri('file:/w/notes.json'));
  expect(changed.mock.calls.map(([of]) => String(of))).toEqual(['file:/w/m.onnx']);
});
