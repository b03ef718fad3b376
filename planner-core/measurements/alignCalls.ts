import type { Job } from '../base/job';
import { computationFamily } from './families';
import { tooMuch } from './damaged';
import type { MeasuredCall } from './measuredRun';
import { elementsOf, type StepCall } from './stepCalls';

/** Cells of the table: one byte each. */
const maxCells = 128e6;
const checkpointEvery = 32;

const Move = { skipNode: 0, skipCall: 1, match: 2 } as const;

/**
 * Pairs of the step's computations with measured calls, both in the order they run: the pairs with the highest score in all (the
 * alignment of Needleman and Wunsch, J. Mol. Biol. 48, 1970, with free gaps: exporters and eager PyTorch each have computations the
 * other lacks). A pair scores where both are of one family and their shapes agree; modules around them speak for it too. O(nodes ×
 * calls). `byShape` false takes other sizes for the same.
 */
export async function alignCalls(
  nodes: readonly StepCall[],
  calls: readonly MeasuredCall[],
  job: Job,
  byShape = true,
): Promise<[node: number, call: number][]> {
  const columns = calls.length + 1;
  if (nodes.length * columns > maxCells)
    throw tooMuch(`${calls.length} measured calls are too many to match with ${nodes.length} layers`);
  const families = calls.map(({ name, type }) => new Set([name, type ?? name].map(computationFamily)));
  const moves = new Uint8Array(nodes.length * columns);
  let above = new Float64Array(columns);
  let row = new Float64Array(columns);
  for (let n = 0; n < nodes.length; n++) {
    if (n % checkpointEvery === 0) await job.checkpoint();
    for (let c = 1; c < columns; c++) {
      let best = above[c];
      let move: number = Move.skipNode;
      if (row[c - 1] > best) {
        best = row[c - 1];
        move = Move.skipCall;
      }
      const isFamily = families[c - 1].has(nodes[n].family);
      const score = isFamily ? pairScore(nodes[n], calls[c - 1], byShape) : 0;
      if (score > 0 && above[c - 1] + score > best) {
        best = above[c - 1] + score;
        move = Move.match;
      }
      row[c] = best;
      moves[n * columns + c] = move;
    }
    [above, row] = [row, above];
    row[0] = 0;
  }
  return pairsOf(moves, nodes.length, columns);
}

function pairsOf(moves: Uint8Array, rows: number, columns: number): [number, number][] {
  const pairs: [number, number][] = [];
  let [n, c] = [rows - 1, columns - 1];
  while (n >= 0 && c >= 1) {
    const move = moves[n * columns + c];
    if (move === Move.match) pairs.push([n--, --c]);
    else if (move === Move.skipCall) c--;
    else n--;
  }
  return pairs.reverse();
}

/** 0: they cannot be the same. Shapes outweigh modules, whose classes are alike everywhere. */
function pairScore(node: StepCall, call: MeasuredCall, byShape: boolean): number {
  const shared = byShape ? sharedInputs(node, call) : 1;
  if (shared === 0) return 0;
  const around = call.scopes ?? [];
  const inScopes = around.filter((scope) => node.scopes.has(scope)).length;
  return 4 + 4 * shared + (around.length > 0 ? inScopes / around.length : 0);
}

/** Share of the call's tensor arguments that the computation reads too, by size; 1 where the measurement has no shapes. */
function sharedInputs({ inputElements }: StepCall, { inputShapes }: MeasuredCall): number {
  if (!inputShapes) return 1;
  if (inputElements.length === 0) return 0;
  // A call on scalars is none of a layer.
  if (inputShapes.length === 0) return 0;
  const left = [...inputElements];
  let shared = 0;
  let isFirst = true;
  for (const shape of inputShapes) {
    const at = left.indexOf(elementsOf(shape));
    // What comes in decides; weights may be stored otherwise.
    if (at < 0 && isFirst) return 0;
    if (at >= 0) {
      left.splice(at, 1);
      shared++;
    }
    isFirst = false;
  }
  return shared / Math.max(inputShapes.length, inputElements.length);
}
