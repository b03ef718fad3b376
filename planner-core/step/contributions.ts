import type { ForwardRecord, StepDraft } from './draft';
import { castInputs } from './forward';
import type { Seed } from './loss';

/** One record's part in the backward pass: nothing where no gradient arrives or none is wanted. */
export interface Contribution {
  /** Positions of the inputs a gradient is computed for. */
  readonly wanted: readonly number[];
  /** Those of them that autocast had converted, with the bytes of the gradient in the type computed in. */
  readonly casts: ReadonlyMap<number, number>;
}

const none: Contribution = { wanted: [], casts: new Map() };

/** What will contribute to which gradient: known before the first one is computed, as autograd's graph tells it. */
export interface Contributions {
  /** By record. */
  readonly ofRecord: readonly Contribution[];
  /**
   * By TensorId: how many contributions its gradient gets. Contributions of a weight through its cached cast are counted
   * in the slot `castSlot`, and the cast is one contribution.
   */
  readonly expected: Int32Array;
}

/** Where contributions wait to be converted back from the type autocast computed in. */
export const castSlot = (draft: StepDraft, tensor: number): number => draft.graph.tensors.length + tensor;

export function countContributions(draft: StepDraft, seeds: readonly Seed[]): Contributions {
  const { records, graph, gradientNeeded } = draft;
  const arrives = new Uint8Array(graph.tensors.length);
  const expected = new Int32Array(2 * graph.tensors.length);
  for (const { tensor } of seeds) arrives[tensor] = expected[tensor] = 1;
  const ofRecord = new Array<Contribution>(records.length).fill(none);
  for (let i = records.length - 1; i >= 0; i--) {
    const { rule, operator } = records[i];
    const { inputs, outputs } = graph.operators[operator];
    if (rule?.differentiable === false) continue;
    if (!outputs.some((id) => id >= 0 && arrives[id] && gradientNeeded[id])) continue;
    const wanted = inputs.flatMap((id, index) =>
      id >= 0 && gradientNeeded[id] && !rule?.nonDifferentiableInputs?.includes(index) ? [index] : [],
    );
    if (wanted.length === 0) continue;
    const casts = castsOf(draft, records[i], wanted);
    ofRecord[i] = { wanted, casts };
    for (const index of wanted) {
      const id = inputs[index];
      arrives[id] = 1;
      // A weight is cast once and the cast cached; an activation is cast for every operator that reads it.
      if (!casts.has(index)) expected[id]++;
      else if (expected[castSlot(draft, id)]++ === 0 || !isWeight(draft, id)) expected[id]++;
    }
  }
  return { ofRecord, expected };
}

export const isWeight = (draft: StepDraft, tensor: number): boolean =>
  draft.tensors[tensor]?.role === 'parameter';

function castsOf(
  draft: StepDraft,
  { rule, operator, kind }: ForwardRecord,
  wanted: readonly number[],
): ReadonlyMap<number, number> {
  if (!draft.halfType || kind !== 'compute') return none.casts;
  const casts = castInputs(draft, draft.graph.operators[operator], rule);
  return new Map(
    casts.filter(({ input }) => wanted.includes(input)).map(({ input, bytes }) => [input, bytes]),
  );
}
