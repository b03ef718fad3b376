import type { Sequence } from '../../simulator/sequence';
import { Phase, ValueKind, type StepGraph, type ValueId } from '../../step/stepGraph';

/** A time in which nobody reads a value that is needed again. Positions of a sequence of computations. */
export interface Gap {
  /** Its last use before; -1: the value is there before the step begins. */
  readonly after: number;
  /** Its next use; the length of the sequence: in the next step. */
  readonly until: number;
}

/** A value that may leave the device, with the times in which it may. */
export interface Leaver {
  readonly value: ValueId;
  readonly bytes: number;
  /** Does it exist before the step begins? Then it stays where it goes, between steps too. */
  readonly isState: boolean;
  readonly gaps: readonly Gap[];
}

/** What may leave around its uses; gradients where earlier passes left them before the step begins. */
export const stateKinds: readonly number[] = [
  ValueKind.parameter,
  ValueKind.optimizerState,
  ValueKind.parameterGradient,
];

/** Smaller values are not worth a transfer of their own: its latency alone moves more. */
const leastBytes = 4096;

/**
 * What may leave while a sequence of computations runs: activations between their last use in forward and their first
 * in backward, where they are not computed again in between; parameters, optimizer state and gradients of earlier passes
 * around their uses in each part of the step.
 */
export function leaversOf(step: StepGraph, sequence: Sequence, smallestBytes = leastBytes): Leaver[] {
  const { nodes } = sequence;
  const begins = partsOf(step, nodes);
  const leavers: Leaver[] = [];
  const uses = usesOf(step, nodes);
  for (let value = 0; value < step.valueCount; value++) {
    const bytes = step.valueBytes[value];
    if (bytes < smallestBytes || uses[value].length === 0) continue;
    const isState = step.residentAtStart[value] === 1 && step.residentAtEnd[value] === 1;
    const kind = step.valueKind[value];
    let gaps: Gap[] = [];
    if (isState && stateKinds.includes(kind)) gaps = gapsOfState(uses[value], begins, nodes.length);
    else if (kind === ValueKind.activation && !step.residentAtStart[value] && !step.residentAtEnd[value])
      gaps = gapOfActivation(uses[value], begins[1]);
    if (gaps.length > 0) leavers.push({ value, bytes, isState, gaps });
  }
  return leavers;
}

/** A use, and whether it makes the value. */
interface Use {
  readonly position: number;
  readonly makes: boolean;
}

function usesOf(step: StepGraph, nodes: Int32Array): Use[][] {
  const uses: Use[][] = Array.from({ length: step.valueCount }, () => []);
  for (let position = 0; position < nodes.length; position++) {
    for (const rows of [step.inputs, step.updates, step.outputs]) {
      for (let i = rows.offsets[nodes[position]]; i < rows.offsets[nodes[position] + 1]; i++)
        uses[rows.items[i]].push({ position, makes: rows === step.outputs });
    }
  }
  return uses;
}

/** Where forward, backward and the optimizer begin, and the end. */
function partsOf(step: StepGraph, nodes: Int32Array): number[] {
  const first = (phase: Phase): number => {
    const at = nodes.findIndex((node) => step.nodePhase[node] >= phase);
    return at < 0 ? nodes.length : at;
  };
  return [0, first(Phase.backward), first(Phase.optimizer), nodes.length];
}

function gapOfActivation(uses: readonly Use[], backward: number): Gap[] {
  const last = uses.findLast(({ position }) => position < backward);
  const next = uses.find(({ position }) => position >= backward);
  if (!last || !next || next.makes || next.position - last.position < 3) return [];
  return [{ after: last.position, until: next.position }];
}

function gapsOfState(uses: readonly Use[], begins: readonly number[], length: number): Gap[] {
  const gaps: Gap[] = [];
  let after = -1;
  for (let part = 0; part + 1 < begins.length; part++) {
    const there = uses.filter(({ position }) => position >= begins[part] && position < begins[part + 1]);
    if (there.length === 0) continue;
    gaps.push({ after, until: there[0].position });
    after = there[there.length - 1].position;
  }
  gaps.push({ after, until: length });
  return gaps;
}
