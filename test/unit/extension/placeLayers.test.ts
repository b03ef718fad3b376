import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as vscode from 'vscode';
import { decideLayers } from '../../../extension/commands/decideLayers';
import { placeLayers } from '../../../extension/commands/placeLayers';
import type { PlanDocument } from '../../../extension/document/planDocument';
import { OpenEditors } from '../../../extension/editor/openEditors';
import { defaultPlanInputs, type Target } from '../../../planner-core/plan/planInputs';
import { fake } from './fakeVscode';

const [first, second, third] = ['a', 'b', 'c'].map((target): Target => ({ target, kind: 'module' }));
/** What VS Code hands over from the row that the menu was opened on. */
const menuOf = (...headroomTargets: readonly Target[]) => ({ webviewSection: 'layer', headroomTargets });

interface Item {
  readonly label: string;
}

/** A document on a machine of three devices, two of them alike, with some layers selected in its view. */
function opened(selected: readonly Target[]) {
  const inputs = defaultPlanInputs([
    { id: 'gpu', name: 'T4', memoryBytes: 16 * 2 ** 30, count: 2 },
    { id: 'cpu', name: 'EPYC 9654 (CPU)', memoryBytes: 64 * 2 ** 30 },
  ]);
  const edit = vi.fn<PlanDocument['edit']>();
  const document = { inputs, edit } as unknown as PlanDocument;
  const editors = new OpenEditors();
  editors.select(document, selected);
  return { document, editors, edit };
}

/** Answers the list with its entry of this name; without a name, as one who closes it. */
function answer(label?: string) {
  const pick = vi.fn(async (items: readonly Item[]) => items.find((item) => item.label === label));
  Object.assign(vscode.window, { showQuickPick: pick });
  return pick;
}

beforeEach(() => fake.reset());

describe('placing layers by a command', () => {
  it('offers each device by itself, and the planner', async () => {
    const { document, editors, edit } = opened([first]);
    const pick = answer();
    await placeLayers(document, editors, undefined);
    expect(pick.mock.calls[0][0].map(({ label }) => label)).toEqual([
      ...['gpu.0', 'gpu.1', 'cpu'],
      'The planner decides',
    ]);
    expect(edit).not.toHaveBeenCalled();
  });

  it('pins what is selected to the device, or hands it back', async () => {
    const { document, editors, edit } = opened([first, second]);
    answer('gpu.1');
    await placeLayers(document, editors, undefined);
    answer('The planner decides');
    await placeLayers(document, editors, undefined);
    const targets = [first, second];
    expect(edit.mock.calls).toEqual([
      [{ kind: 'device', targets, device: 'gpu.1' }],
      [{ kind: 'device', targets, device: undefined }],
    ]);
  });
});

describe('layers that a command of the menu is about', () => {
  it('is the whole selection where the menu was opened on a part of it', async () => {
    const { document, editors, edit } = opened([first, second]);
    await decideLayers(document, editors, 'offload', menuOf(second));
    expect(edit).toHaveBeenCalledWith({ kind: 'choice', targets: [first, second], choice: 'offload' });
  });

  it('is the layer alone where it is not selected', async () => {
    const { document, editors, edit } = opened([first, second]);
    await decideLayers(document, editors, 'recompute', menuOf(third));
    expect(edit).toHaveBeenCalledWith({ kind: 'choice', targets: [third], choice: 'recompute' });
  });

  it('is what is chosen from a list where nothing is selected', async () => {
    const { document, editors, edit } = opened([]);
    const layers = [{ name: 'a', kind: 'module', checkpointable: true, type: 'Linear', savedBytes: 1 }];
    Object.assign(document, { store: { state: { step: { layers } } } });
    const pick = vi.fn(async (items: readonly Item[]) => items);
    Object.assign(vscode.window, { showQuickPick: pick });
    await decideLayers(document, editors, 'keep', undefined);
    expect(edit).toHaveBeenCalledWith({ kind: 'choice', targets: [first], choice: 'keep' });
  });
});
