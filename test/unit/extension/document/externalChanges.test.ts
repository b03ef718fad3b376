import type * as vscode from 'vscode';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followExternalChanges } from '../../../../extension/document/externalChanges';
import { settleMs } from '../../../../extension/document/fileWatch';
import type { PlanDocument } from '../../../../extension/document/planDocument';
import { fake, Uri } from '../fakeVscode';

const model = Uri.file('/w/m[1].onnx');
const plan = Uri.file('/w/m[1].onnx.plan.json');
const textOnDisk = 'theirs';

let conflict: string | undefined;
const document = {
  uri: model as unknown as vscode.Uri,
  savedPlan: { uri: plan as unknown as vscode.Uri, knownText: 'mine' as string | undefined },
  modelFileChanged: vi.fn(() => Promise.resolve()),
  planFileChanged: vi.fn(() => Promise.resolve(conflict)),
};
const commands = { save: vi.fn(() => Promise.resolve()), revert: vi.fn(() => Promise.resolve()) };
const onError = vi.fn();
let following: { dispose(): void };

beforeEach(async () => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  fake.reset();
  conflict = undefined;
  document.savedPlan.knownText = 'mine';
  following = followExternalChanges(document as unknown as PlanDocument, commands, onError);
  await vi.advanceTimersByTimeAsync(0);
  document.planFileChanged.mockClear();
});
afterEach(() => {
  following.dispose();
  vi.useRealTimers();
});

async function planChangesOnDisk(): Promise<void> {
  fake.touch(plan);
  await vi.advanceTimersByTimeAsync(settleMs);
}

it('reacts once to a file that is written in several parts', async () => {
  fake.touch(model);
  await vi.advanceTimersByTimeAsync(settleMs - 1);
  fake.touch(model);
  await vi.advanceTimersByTimeAsync(settleMs - 1);
  expect(document.modelFileChanged).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(document.modelFileChanged).toHaveBeenCalledTimes(1);
  expect(document.planFileChanged).not.toHaveBeenCalled();
});

it('watches names that look like patterns, and takes no other file for them', async () => {
  for (const { pattern } of fake.watchers) expect(pattern.pattern).toMatch(/^m\?1\?\.onnx/);
  fake.touch(Uri.file('/w/m_1_.onnx'));
  await vi.advanceTimersByTimeAsync(settleMs);
  expect(document.modelFileChanged).not.toHaveBeenCalled();
});

it('asks nothing where there is no conflict', async () => {
  await planChangesOnDisk();
  expect(document.planFileChanged).toHaveBeenCalledTimes(1);
  expect(fake.messages).toEqual([]);
});

it.each([
  ['Overwrite', 1, 0, textOnDisk],
  ['Reload', 0, 1, 'mine'],
  ['Keep Mine', 0, 0, textOnDisk],
  [undefined, 0, 0, 'mine'],
])('a conflict answered with %s saves %i, reverts %i', async (answer, saves, reverts, knownText) => {
  conflict = textOnDisk;
  fake.answer = answer;
  await planChangesOnDisk();
  expect(fake.messages).toHaveLength(1);
  expect(commands.save).toHaveBeenCalledTimes(saves);
  expect(commands.revert).toHaveBeenCalledTimes(reverts);
  expect(document.savedPlan.knownText).toBe(knownText);
});

it('reports what fails', async () => {
  document.modelFileChanged.mockRejectedValueOnce(new Error('boom'));
  fake.touch(model);
  await vi.advanceTimersByTimeAsync(settleMs);
  expect(onError).toHaveBeenCalledTimes(1);
});

it('stops with the document', async () => {
  fake.touch(model);
  following.dispose();
  await vi.advanceTimersByTimeAsync(settleMs);
  expect(document.modelFileChanged).not.toHaveBeenCalled();
  expect(fake.watchers.size).toBe(0);
});
