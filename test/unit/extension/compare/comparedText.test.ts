import type * as vscode from 'vscode';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { holdAgainst, showComparison } from '../../../../extension/compare/comparedText';
import type { PlanText } from '../../../../extension/compare/planText';
import type { PlanDocument } from '../../../../extension/document/planDocument';
import type { TextDocuments } from '../../../../extension/editor/textDocuments';
import { planText } from '../../../../planner-core/plan/writePlan';
import { examplePlan } from '../../support/examplePlan';
import { fake, Uri } from '../fakeVscode';

const asUri = (path: string): vscode.Uri => Uri.file(path) as unknown as vscode.Uri;
const tighter = { ...examplePlan, budgetBytes: examplePlan.budgetBytes / 2 };
const before: PlanText = {
  name: 'early.plan.json',
  text: planText(examplePlan),
  uri: asUri('/w/early.plan.json'),
};
const added: { name: string; text: string }[] = [];
const texts = {
  add(name: string, text: string) {
    added.push({ name, text });
    return asUri(`/text/${name}`);
  },
} as unknown as TextDocuments;
const newDocument = (): PlanDocument =>
  ({
    uri: asUri('/w/gpt2.onnx'),
    compareWith: vi.fn(async () => undefined),
    export: vi.fn(async () => ({ files: [{ text: planText(tighter), suffix: '.plan.json' }] })),
  }) as unknown as PlanDocument;

beforeEach(() => {
  fake.reset();
  added.length = 0;
});

describe('a comparison as texts', () => {
  it('says in words what differs between the other plan and the one on screen', async () => {
    const document = newDocument();
    await holdAgainst(document, before);
    expect(document.compareWith).toHaveBeenCalledExactlyOnceWith(before.name, before.text);
    await showComparison(document, 'words', texts);
    expect(fake.shown.map(({ path }) => path)).toEqual(['/text/early.plan.json ↔ gpt2.onnx as shown.txt']);
    const words = added.at(-1)!;
    expect(words.name).toBe('early.plan.json ↔ gpt2.onnx as shown.txt');
    expect(words.text).toMatch(/^early\.plan\.json → gpt2\.onnx as shown\n/);
    expect(words.text).toContain('budget');
  });

  it('needs a plan to compare with', async () => {
    await expect(showComparison(newDocument(), 'words', texts)).rejects.toMatchObject({ code: 'bad-usage' });
  });

  it('forgets nothing of an earlier plan where a later one is refused', async () => {
    const document = newDocument();
    await holdAgainst(document, before);
    vi.mocked(document.compareWith).mockRejectedValueOnce(new Error('no plan'));
    await expect(holdAgainst(document, { ...before, name: 'broken.plan.json' })).rejects.toThrow('no plan');
    await showComparison(document, 'words', texts);
    expect(added.at(-1)!.name).toContain('early.plan.json');
  });
});
