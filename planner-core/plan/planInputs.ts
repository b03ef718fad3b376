import { HeadroomError } from '../base/errors';
import type { NamedCalibration } from '../devices/calibration';
import { defaultWorkload, type Workload } from '../step/workload';
import type { Choice, Decision, Plan, PlanDevice, Strategy } from './plan';

/** Everything a person decides; the plan is a function of the model and of this. Immutable: edits make a new one. */
export interface PlanInputs {
  readonly workload: Workload;
  /** devices[0] is the one the budget is for. */
  readonly devices: readonly PlanDevice[];
  /** What was measured of the devices of its name; absent: nothing was measured. */
  readonly calibration?: NamedCalibration;
  /** undefined: the whole memory of devices[0]. */
  readonly budgetBytes?: number;
  readonly strategy: Strategy;
  /** Decisions made by hand, at most one a target. */
  readonly pins: readonly Decision[];
}

/** A module or operator that an edit applies to. */
export interface Target {
  readonly target: string;
  readonly kind: 'module' | 'operator';
}

/** One undoable change. `choice: undefined` and `device: undefined` hand the decision back to the planner. */
export type Edit =
  | { readonly kind: 'budget'; readonly budgetBytes: number | undefined }
  | { readonly kind: 'choice'; readonly targets: readonly Target[]; readonly choice: Choice | undefined }
  | { readonly kind: 'device'; readonly targets: readonly Target[]; readonly device: string | undefined }
  | { readonly kind: 'strategy'; readonly strategy: Strategy }
  | { readonly kind: 'workload'; readonly changes: Partial<Workload> }
  | { readonly kind: 'devices'; readonly devices: readonly PlanDevice[] }
  | { readonly kind: 'clear-pins' }
  /** One after the other, as one change. */
  | { readonly kind: 'several'; readonly label: string; readonly edits: readonly Edit[] };

export const defaultPlanInputs = (devices: readonly PlanDevice[]): PlanInputs => ({
  workload: defaultWorkload,
  devices,
  strategy: 'module-checkpoint',
  pins: [],
});

/** The state a saved plan was made from. */
export function planInputsOf(plan: Plan): PlanInputs {
  return {
    workload: plan.workload,
    devices: plan.devices,
    calibration: plan.calibration,
    budgetBytes: plan.budgetBytes,
    strategy: plan.strategy,
    pins: plan.decisions.filter((decision) => decision.pinned),
  };
}

/** Pure: returns the inputs after the edit. Throws 'unknown-device' for a device that is not in the list. */
export function applyEdit(inputs: PlanInputs, edit: Edit): PlanInputs {
  switch (edit.kind) {
    case 'budget':
      return { ...inputs, budgetBytes: edit.budgetBytes };
    case 'strategy':
      return { ...inputs, strategy: edit.strategy };
    case 'workload':
      return { ...inputs, workload: { ...inputs.workload, ...edit.changes } };
    case 'devices': {
      const known = new Set(edit.devices.map((device) => device.id));
      const pins = inputs.pins
        .map((pin) => (pin.device && !known.has(pin.device) ? { ...pin, device: undefined } : pin))
        .filter((pin) => pin.choice || pin.device);
      return { ...inputs, devices: edit.devices, pins };
    }
    case 'choice':
      return { ...inputs, pins: withPins(inputs.pins, edit.targets, { choice: edit.choice }) };
    case 'device':
      if (edit.device && !inputs.devices.some((device) => device.id === edit.device)) {
        throw new HeadroomError(
          'unknown-device',
          `There is no device "${edit.device}".`,
          'Add the device first.',
        );
      }
      return { ...inputs, pins: withPins(inputs.pins, edit.targets, { device: edit.device }) };
    case 'clear-pins':
      return { ...inputs, pins: [] };
    case 'several':
      return edit.edits.reduce(applyEdit, inputs);
  }
}

function withPins(
  pins: readonly Decision[],
  targets: readonly Target[],
  change: Pick<Decision, 'choice'> | Pick<Decision, 'device'>,
): Decision[] {
  const byKey = new Map(pins.map((pin) => [`${pin.kind} ${pin.target}`, pin]));
  for (const { target, kind } of targets) {
    const key = `${kind} ${target}`;
    const pin: Decision = { ...(byKey.get(key) ?? { target, kind, pinned: true }), ...change };
    if (pin.choice || pin.device) byKey.set(key, pin);
    else byKey.delete(key);
  }
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pin]) => pin);
}
