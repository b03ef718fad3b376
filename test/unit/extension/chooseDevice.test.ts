import { beforeEach, expect, it, vi } from 'vitest';
import * as vscode from 'vscode';
import { chooseDevice } from '../../../extension/commands/chooseDevice';
import type { PlanDocument } from '../../../extension/document/planDocument';
import { deviceCatalogue } from '../../../planner-core/devices/catalogue';
import { defaultPlanInputs } from '../../../planner-core/plan/planInputs';
import { fake } from './fakeVscode';

beforeEach(() => fake.reset());

it('begins the list of devices at the one in use, and lists each once', async () => {
  const pick = vi.fn(async (_items: readonly { readonly label: string }[]) => undefined);
  Object.assign(vscode.window, { showQuickPick: pick });
  const inputs = defaultPlanInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 }]);
  const edit = vi.fn<PlanDocument['edit']>();
  await chooseDevice({ inputs, edit } as unknown as PlanDocument);
  const labels = pick.mock.calls[0][0].map(({ label }) => label);
  expect(labels[0]).toBe('RTX 4090');
  expect([...labels].sort()).toEqual(deviceCatalogue.map(({ name }) => name).sort());
  expect(edit).not.toHaveBeenCalled();
});
