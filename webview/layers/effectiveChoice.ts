import type { Choice, Decision } from '../../planner-core/plan/plan';
import type { Directives } from '../../planner-core/simulator/schedule';
import { deviceOfNodes } from '../../planner-core/simulator/sequence';
import { Phase, ValueKind, type StepGraph } from '../../planner-core/step/stepGraph';
import { rowKey, type LayerTree } from '../state/layerTree';

export type RowChoice = Choice | 'mixed';

export interface RowDecision {
  readonly choice: RowChoice;
  /** A person made the choice for this very row. */
  readonly pinned: boolean;
  /** Device a person chose for this very row. */
  readonly pinnedDevice?: string;
  /** Where the row runs under the plan shown; "several" for a module that is spread. */
  readonly device: string;
}

/**
 * What happens to each row under the plan shown. A pin of the row counts most, then the nearest decision of the plan on
 * the way up the tree. Where there is none (a preview, or a schedule) it is read off the directives.
 */
export function effectiveChoices(
  step: StepGraph,
  tree: LayerTree,
  directives: Directives,
  decisions: readonly Decision[],
  pins: readonly Decision[],
): RowDecision[] {
  const { layers } = tree;
  const rowOf = ({ kind, target }: Decision): number => tree.byKey.get(rowKey({ kind, name: target })) ?? -1;
  const decided = new Map(decisions.map((decision) => [rowOf(decision), decision.choice]));
  const pinned = new Map(pins.map((pin) => [rowOf(pin), pin]));
  const ofOperator = operatorChoices(step, tree, directives);
  const inherited: (Choice | undefined)[] = [];
  for (const row of layers) {
    inherited.push(decided.get(row.id) ?? (row.parent >= 0 ? inherited[row.parent] : undefined));
  }
  const choices: RowChoice[] = layers.map(
    (row) => inherited[row.id] ?? (row.kind === 'operator' ? ofOperator[row.id] : 'keep'),
  );
  const aggregated = aggregate(tree, choices);
  const devices = devicesOfRows(step, tree, directives);
  return layers.map((row): RowDecision => {
    const pin = pinned.get(row.id);
    const own =
      row.kind === 'module' && inherited[row.id] === undefined ? aggregated[row.id] : choices[row.id];
    return {
      choice: pin?.choice ?? own,
      pinned: pin?.choice !== undefined,
      pinnedDevice: pin?.device,
      device: devices[row.id],
    };
  });
}

function devicesOfRows(step: StepGraph, { layers }: LayerTree, directives: Directives): string[] {
  if (step.devices.length < 2) return layers.map(() => step.devices[0]);
  const deviceOf = deviceOfNodes(step, directives);
  return layers.map(({ forwardNodes: [first, ...others] }) => {
    if (first === undefined) return step.devices[0];
    const spread = others.some((node) => deviceOf[node] !== deviceOf[first]);
    return spread ? 'several' : step.devices[deviceOf[first]];
  });
}

/** Operator rows: recomputed when they run again, or when all that their backward reads was made again. */
function operatorChoices(step: StepGraph, tree: LayerTree, directives: Directives): Choice[] {
  const runsAgain = new Uint8Array(step.nodeCount);
  const { recomputations } = directives;
  for (let i = 1; i < recomputations.length; i += 2) runsAgain[recomputations[i]] = 1;
  const offloaded = new Uint8Array(step.valueCount);
  for (const value of directives.offloads) offloaded[value] = 1;

  const reads = new Int32Array(tree.layers.length);
  const readsAgain = new Int32Array(tree.layers.length);
  const readsOffloaded = new Int32Array(tree.layers.length);
  for (let node = 0; node < step.nodeCount; node++) {
    const row = tree.rowOfNode[node];
    if (row < 0 || step.nodePhase[node] !== Phase.backward) continue;
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
      const value = step.inputs.items[i];
      const producer = step.producer[value];
      if (step.valueKind[value] !== ValueKind.activation || producer < 0) continue;
      reads[row]++;
      readsAgain[row] += runsAgain[producer];
      readsOffloaded[row] += offloaded[value];
    }
  }
  return tree.layers.map((row): Choice => {
    if (row.kind !== 'operator') return 'keep';
    if (readsOffloaded[row.id] > 0) return 'offload';
    const again = row.forwardNodes.some((node) => runsAgain[node]);
    return again || (reads[row.id] > 0 && readsAgain[row.id] === reads[row.id]) ? 'recompute' : 'keep';
  });
}

/** Modules: what all operators in them that keep something have in common, else mixed. */
function aggregate({ layers }: LayerTree, choices: readonly RowChoice[]): RowChoice[] {
  const result: (RowChoice | undefined)[] = layers.map((row) =>
    row.kind === 'operator' && row.savedBytes > 0 ? choices[row.id] : undefined,
  );
  // Children come after their parents: walking backwards, each is complete before its parent needs it.
  for (let id = layers.length - 1; id >= 0; id--) {
    const { parent } = layers[id];
    const choice = result[id];
    if (parent < 0 || choice === undefined) continue;
    result[parent] = result[parent] === undefined || result[parent] === choice ? choice : 'mixed';
  }
  return result.map((choice) => choice ?? 'keep');
}
