import type * as vscode from 'vscode';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { compareFilesInView, type Shown } from '../../../../extension/compare/compareInView';
import { compareWithSource } from '../../../../extension/compare/compareWithSource';
import type { PlanText } from '../../../../extension/compare/planText';
import type { PlanDocument } from '../../../../extension/document/planDocument';
import type { OpenEditors } from '../../../../extension/editor/openEditors';
import { planText } from '../../../../planner-core/plan/writePlan';
import { examplePlan } from '../../support/examplePlan';
import { fake, Uri } from '../fakeVscode';

const model = Uri.file(`/w/${examplePlan.model.file}`);
const own = Uri.file(`/w/${examplePlan.model.file}.plan.json`);
const text = planText(examplePlan);
const asUri = (uri: Uri): vscode.Uri => uri as unknown as vscode.Uri;
const planAt = (uri: Uri): PlanText => ({
  name: uri.path.slice(uri.path.lastIndexOf('/') + 1),
  text,
  uri: asUri(uri),
});
const [early, late] = ['/w/early.plan.json', '/w/late.plan.json'].map((path) => planAt(Uri.file(path)));

const compareWith = vi.fn(async () => undefined);
const takeOver = vi.fn(async () => undefined);
const hasOwnPlan = vi.fn(async () => false);
const document = { uri: asUri(model), compareWith, takeOver, hasOwnPlan } as unknown as PlanDocument;
const documentOf = vi.fn((): PlanDocument | undefined => document);
const editors = { documentOf } as unknown as OpenEditors;
const opened: string[] = [];
const openModel = async (uri: vscode.Uri): Promise<void> => void opened.push(uri.path);
const compare = (before: PlanText, after: PlanText): Promise<Shown> =>
  compareFilesInView(before, after, editors, openModel);

beforeEach(() => {
  fake.reset();
  vi.clearAllMocks();
  hasOwnPlan.mockResolvedValue(false);
  opened.length = 0;
  fake.fs.put(model, 'a model');
});

describe('two plan files in the view', () => {
  it('leaves the model’s own plan on screen, whichever of the two it is', async () => {
    expect(await compare(early, planAt(own))).toBe('in-view');
    expect(await compare(planAt(own), early)).toBe('in-view');
    expect(opened).toEqual([model.path, model.path]);
    expect(compareWith.mock.calls).toEqual([
      ['early.plan.json', text],
      ['early.plan.json', text],
    ]);
    expect(takeOver).not.toHaveBeenCalled();
  });

  it('takes the later one over where neither is the model’s own, as an edit', async () => {
    expect(await compare(early, late)).toBe('in-view');
    expect(takeOver).toHaveBeenCalledExactlyOnceWith('late.plan.json', text);
    expect(compareWith).toHaveBeenCalledExactlyOnceWith('early.plan.json', text);
  });

  it('asks before a plan is replaced that somebody has made', async () => {
    hasOwnPlan.mockResolvedValue(true);
    for (const [answer, shown] of [
      [undefined, 'nowhere'],
      ['Compare in Words', 'elsewhere'],
    ] as const) {
      fake.answer = answer;
      expect(await compare(early, late)).toBe(shown);
    }
    expect(takeOver).not.toHaveBeenCalled();
    expect(compareWith).not.toHaveBeenCalled();
    fake.answer = 'Replace';
    expect(await compare(early, late)).toBe('in-view');
    expect(takeOver).toHaveBeenCalledExactlyOnceWith('late.plan.json', text);
    // The plan on screen is one of the two: nothing is replaced.
    fake.answer = undefined;
    expect(await compare(early, planAt(own))).toBe('in-view');
  });

  it('is not possible without the model', async () => {
    fake.fs.files.clear();
    expect(await compare(early, late)).toBe('elsewhere');
    expect(opened).toEqual([]);
  });

  it('refuses what is no plan', async () => {
    await expect(compare(early, { ...late, text: '{}' })).rejects.toMatchObject({ code: 'bad-plan' });
  });
});

describe('the plan on screen', () => {
  it('is compared with its file, and says what to do where there is none', async () => {
    await expect(compareWithSource(document, 'saved')).rejects.toMatchObject({
      code: 'file-access',
      hint: 'Save the plan once, or choose another plan file.',
    });
    fake.fs.put(own, text);
    await compareWithSource(document, 'saved');
    expect(compareWith).toHaveBeenCalledExactlyOnceWith('gpt2.onnx.plan.json', text);
  });

  it('is compared with a file that a person chooses, and with nothing without a choice', async () => {
    await compareWithSource(document, 'file');
    expect(compareWith).not.toHaveBeenCalled();
    fake.fs.put(Uri.file('/other/x.plan.json'), text);
    fake.chosen = [Uri.file('/other/x.plan.json')];
    await compareWithSource(document, 'file');
    expect(compareWith).toHaveBeenCalledExactlyOnceWith('x.plan.json', text);
  });
});
