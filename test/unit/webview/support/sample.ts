import { deviceCatalogue } from '../../../../planner-core/devices/catalogue';
import { defaultPlanInputs, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import type { ViewState } from '../../../../planner-core/protocol/messages';
import type { LayerRow, StepView } from '../../../../planner-core/session/types';
import { initialUiState } from '../../../../webview/state/uiState';
import { viewDeriver, type View } from '../../../../webview/state/view';
import { SyntheticPlanner } from '../../../bench/webviewHarness/syntheticPlanner';

export const gib = 2 ** 30;

/** A small made-up training step with its frontier and plan: the host's state as the view would get it. */
export async function sampleState(changes: Partial<PlanInputs> = {}): Promise<ViewState> {
  const planner = new SyntheticPlanner(4, 48, ['gpu0']);
  const inputs: PlanInputs = {
    ...defaultPlanInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib }]),
    strategy: 'selective',
    ...changes,
  };
  return {
    inputs,
    deviceCatalogue: deviceCatalogue.map(({ name, memoryBytes }) => ({ name, memoryBytes })),
    model: await planner.summary(),
    step: await planner.configure(),
    frontier: await planner.frontier(),
    plan: await planner.plan(inputs),
    readOnly: false,
  };
}

/** The row of a layer of the sample, by name. */
export function rowNamed({ layers }: Pick<StepView, 'layers'>, name: string): LayerRow {
  const found = layers.find((layer) => layer.name === name);
  if (!found) throw new Error(`no layer ${name}`);
  return found;
}

/** The view derived from a host state. */
export function viewOf(host: ViewState, ui: Partial<View['ui']> = {}): View {
  const view = viewDeriver()({
    host,
    revision: 1,
    ui: { ...initialUiState, ...ui },
    pending: [],
    theme: { highContrast: false, generation: 0 },
  });
  if (!view) throw new Error('no view');
  return view;
}
