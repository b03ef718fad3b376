import { HeadroomError } from '../base/errors';
import type { NamedCalibration } from '../devices/calibration';
import { defaultWorkload, type Workload } from '../step/workload';
import { eachDevice, hostEnd } from '../devices/machine';
import type { Minimise, OffloadTarget } from './offloadTarget';
import type { Choice, Decision, Objective, Plan, PlanDevice, PlanLink, Strategy } from './plan';
import { keptSizes, type SizePlan } from './sizePlan';

/** Everything a person decides; the plan is a function of the model and of this. Immutable: edits make a new one. */
export interface PlanInputs {
  readonly workload: Workload;
  /** devices[0] is the one the budget is for. */
  readonly devices: readonly PlanDevice[];
  /** Absent: what the device catalogue says of the devices' links. */
  readonly links?: readonly PlanLink[];
  /** Where layers run that nobody pinned; absent: 'fit'. */
  readonly objective?: Objective;
  /** Where planners may send what is not needed for a while; absent: nowhere. */
  readonly offload?: OffloadTarget;
  /** What is made least of under the budget; absent: time. */
  readonly minimise?: Minimise;
  /** Grams of carbon dioxide for a kilowatt-hour, where the step runs. */
  readonly carbonGramsPerKWh?: number;
  /** What was measured of the devices of its name; absent: nothing was measured. */
  readonly calibration?: NamedCalibration;
  /** undefined: as much as fits devices[0] with what PyTorch's allocator and the CUDA context add. */
  readonly budgetBytes?: number;
  readonly strategy: Strategy;
  /** Decisions made by hand, at most one a target. */
  readonly pins: readonly Decision[];
  /** Sizes that inputs come in, and what was planned for them. */
  readonly sizes?: SizePlan;
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
  /** `links: undefined` goes back to what the device catalogue says. */
  | { readonly kind: 'links'; readonly links: readonly PlanLink[] | undefined }
  | { readonly kind: 'objective'; readonly objective: Objective }
  /** `offload: undefined`: nothing may leave the device. */
  | { readonly kind: 'offload'; readonly offload: OffloadTarget | undefined }
  | {
      readonly kind: 'minimise';
      readonly minimise: Minimise;
      readonly carbonGramsPerKWh: number | undefined;
    }
  /** Devices and links at once. */
  | {
      readonly kind: 'machine';
      readonly devices: readonly PlanDevice[];
      readonly links: readonly PlanLink[] | undefined;
    }
  | { readonly kind: 'clear-pins' }
  /** `sizes: undefined`: inputs have one size again. */
  | { readonly kind: 'sizes'; readonly sizes: SizePlan | undefined }
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
    links: plan.links,
    objective: plan.objective,
    offload: plan.offload,
    minimise: plan.minimise,
    carbonGramsPerKWh: plan.carbonGramsPerKWh,
    calibration: plan.calibration,
    budgetBytes: plan.budgetBytes,
    strategy: plan.strategy,
    pins: plan.decisions.filter((decision) => decision.pinned),
    sizes: plan.sizes,
  };
}

/**
 * Pure: returns the inputs after the edit; without the plans for sizes where they were made from what it changes. Throws
 * 'unknown-device' for a device that is not in the list.
 */
export function applyEdit(inputs: PlanInputs, edit: Edit): PlanInputs {
  const after = edited(inputs, edit);
  if (!after.sizes?.plans || after.sizes !== inputs.sizes) return after;
  const sizes = keptSizes(after.sizes, inputs, after);
  return sizes === after.sizes ? after : { ...after, sizes };
}

function edited(inputs: PlanInputs, edit: Edit): PlanInputs {
  switch (edit.kind) {
    case 'budget':
      return { ...inputs, budgetBytes: edit.budgetBytes };
    case 'strategy':
      return { ...inputs, strategy: edit.strategy };
    case 'workload':
      return { ...inputs, workload: { ...inputs.workload, ...edit.changes } };
    case 'devices':
      return withDevices(inputs, edit.devices);
    case 'machine':
      return { ...withDevices(inputs, edit.devices), links: edit.links };
    case 'links':
      return { ...inputs, links: edit.links };
    case 'objective':
      return { ...inputs, objective: edit.objective };
    case 'offload':
      return { ...inputs, offload: edit.offload };
    case 'minimise':
      return { ...inputs, minimise: edit.minimise, carbonGramsPerKWh: edit.carbonGramsPerKWh };
    case 'choice':
      return { ...inputs, pins: withPins(inputs.pins, edit.targets, { choice: edit.choice }) };
    case 'device':
      if (edit.device && !eachDevice(inputs.devices).some((device) => device.id === edit.device)) {
        throw new HeadroomError(
          'unknown-device',
          `There is no device "${edit.device}".`,
          'Add the device first.',
        );
      }
      return { ...inputs, pins: withPins(inputs.pins, edit.targets, { device: edit.device }) };
    case 'clear-pins':
      return { ...inputs, pins: [] };
    case 'sizes':
      return { ...inputs, sizes: edit.sizes };
    case 'several':
      return edit.edits.reduce(edited, inputs);
  }
}

/** Other devices; pins to devices that are gone lose them, links to them go. */
function withDevices(inputs: PlanInputs, devices: readonly PlanDevice[]): PlanInputs {
  const known = new Set(eachDevice(devices).map((device) => device.id));
  const pins = inputs.pins
    .map((pin) => (pin.device && !known.has(pin.device) ? { ...pin, device: undefined } : pin))
    .filter((pin) => pin.choice || pin.device);
  const ends = new Set([hostEnd, ...known, ...devices.map((device) => device.id)]);
  const links = inputs.links?.filter(({ between }) => between.every((end) => ends.has(end)));
  return { ...inputs, devices, ...(links ? { links } : {}), pins };
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
