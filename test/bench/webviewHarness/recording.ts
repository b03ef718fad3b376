import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import type { Frontier } from '../../../planner-core/planners/frontier';
import type { ModelSummary, PlanView, StepView } from '../../../planner-core/session/types';
import type { HarnessPlanner } from './harnessHost';

/** All that a planner has to say about some inputs: a view can be shown it without the planner. */
export interface Recording {
  readonly inputs: PlanInputs;
  readonly summary: ModelSummary;
  readonly step: StepView;
  readonly frontier: Frontier;
  readonly plan: PlanView;
}

export async function recordingOf(planner: HarnessPlanner, inputs: PlanInputs): Promise<Recording> {
  return {
    inputs,
    summary: await planner.summary(),
    step: await planner.configure(inputs),
    frontier: await planner.frontier(inputs),
    plan: await planner.plan(inputs),
  };
}

const arrays = { Uint8Array, Uint16Array, Int32Array, Uint32Array, Float64Array } as const;
type ArrayName = keyof typeof arrays;

/** As text, typed arrays and all. */
export function recordingText(recording: Recording): string {
  return JSON.stringify(recording, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    const array = value.constructor.name;
    if (!(array in arrays)) throw new Error(`no text for a ${array}`);
    return {
      array,
      base64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
    };
  });
}

/** Reads what `recordingText` wrote, in a browser. */
export function recordingOfText(text: string): Recording {
  return JSON.parse(text, (_key, value: unknown) => {
    if (!isArrayText(value)) return value;
    const bytes = Uint8Array.from(atob(value.base64), (character) => character.charCodeAt(0));
    return new arrays[value.array](bytes.buffer);
  }) as Recording;
}

function isArrayText(value: unknown): value is { readonly array: ArrayName; readonly base64: string } {
  return typeof value === 'object' && value !== null && 'array' in value && 'base64' in value;
}
