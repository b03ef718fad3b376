import { HeadroomError } from '../../base/errors';
import { startingLaunchMs } from '../../devices/efficiency';
import type { LayerIndex } from '../../plan/layerIndex';
import { Phase, ValueKind, type NodeId, type StepGraph, type ValueId } from '../../step/stepGraph';
import { RematerialisationCut } from '../baselines/rematerialisationCut';
import { recomputeOnce } from '../baselines/recomputeOnce';
import { liveByNode } from '../chain/chainModel';
import { PlanningContext } from '../context';
import { layersOfNodes } from './layersOfNodes';
import { noWork, type LayerStack, type StackLayer, type Work } from './layerStack';
import type { RecomputeCost } from './layerStack';

/**
 * A training step as a stack of layers: its blocks, what comes before the first (embedding) and after the last (head,
 * loss). `samples`: of the step. Throws 'bad-usage' for a model without a chain of blocks.
 */
export function stackOf(step: StepGraph, layers: LayerIndex, samples: number): LayerStack {
  const { names, layerOfNode, layerOfParameter } = layersOfNodes(step, layers);
  if (names.length < 4) {
    throw new HeadroomError(
      'bad-usage',
      'The model has no layers that follow each other and could be stages of a pipeline.',
      'Place it on unlike devices instead.',
    );
  }
  const context = new PlanningContext({ step, layers, pins: [] });
  const sums = new LayerSums(step, layerOfNode, names.length);
  const again = selectiveNodes(context);
  const none = sums.keptBytes(new Uint8Array(step.nodeCount));
  const selective = sums.keptBytes(again);
  const handedOnBytes = sums.handedOnBytes();
  const { parameterBytes, gradientBytes, optimizerBytes, tiedBytes } = sums.state(layerOfParameter);
  const transient = transientBytes(context, layerOfNode, none, gradientBytes);
  const forward = sums.work((node) => step.nodePhase[node] === Phase.forward);
  const backward = sums.work(
    (node) => step.nodePhase[node] === Phase.backward || step.nodePhase[node] === Phase.loss,
  );
  const repeated = sums.work((node) => again[node] === 1);
  const optimizer = sums.work((node) => step.nodePhase[node] === Phase.optimizer);
  const attends = sums.has((node) => isUnweightedProduct(step, node));
  const multiplies = sums.has((node) => isWeightedProduct(step, node));
  const allParameters = parameterBytes.reduce((sum, bytes) => sum + bytes, 0);
  const optimizerWork = optimizer.reduce(addWork, noWork);
  const stack = names.map((name, at): StackLayer => {
    const inputBytes = at === 0 ? 0 : handedOnBytes[at - 1];
    const kept: RecomputeCost = { again: noWork, keptBytes: none[at] };
    const full: RecomputeCost = { again: forward[at], keptBytes: inputBytes };
    const some: RecomputeCost = { again: repeated[at], keptBytes: selective[at] };
    const share = allParameters > 0 ? parameterBytes[at] / allParameters : 0;
    return {
      name,
      forward: forward[at],
      backward: backward[at],
      optimizer: { dividedMs: share * optimizerWork.dividedMs, fixedMs: share * optimizerWork.fixedMs },
      recompute: { none: kept, selective: some.keptBytes < kept.keptBytes ? some : kept, full },
      parameterBytes: parameterBytes[at],
      gradientBytes: gradientBytes[at],
      optimizerBytes: optimizerBytes[at],
      transientBytes: transient.byLayer[at],
      handedOnBytes: handedOnBytes[at],
      // After attention and after the products that follow it (Shoeybi et al., "Megatron-LM", 2019).
      reductions: Number(attends[at]) + Number(multiplies[at] || parameterBytes[at] > 0),
      reducedBytes: at < names.length - 1 ? handedOnBytes[at] : inputBytes,
    };
  });
  const macs = step.macs.reduce(
    (sum, count, node) => sum + (step.nodePhase[node] === Phase.forward ? count : 0),
    0,
  );
  return { layers: stack, samples, macs, tiedBytes, optimizerTransientBytes: transient.ofOptimizer };
}

/** Forward nodes that run again under selective recomputation. */
function selectiveNodes(context: PlanningContext): Uint8Array {
  const { step } = context;
  const cut = new RematerialisationCut(context);
  const { saved } = cut.saves(cut.nodes((node) => isWeightedProduct(step, node)));
  const again = new Uint8Array(step.nodeCount);
  const pairs = recomputeOnce(context, saved);
  for (let i = 1; i < pairs.length; i += 2) again[pairs[i]] = 1;
  return again;
}

function isWeightedProduct(step: StepGraph, node: NodeId): boolean {
  if (step.macs[node] === 0 || step.nodePhase[node] !== Phase.forward) return false;
  return someInput(step, node, (value) => step.valueKind[value] === ValueKind.parameter);
}

/** A product of two activations: attention. */
function isUnweightedProduct(step: StepGraph, node: NodeId): boolean {
  if (step.macs[node] === 0 || step.nodePhase[node] !== Phase.forward) return false;
  return !someInput(step, node, (value) => step.valueKind[value] === ValueKind.parameter);
}

function someInput({ inputs }: StepGraph, node: NodeId, test: (value: ValueId) => boolean): boolean {
  for (let i = inputs.offsets[node]; i < inputs.offsets[node + 1]; i++)
    if (test(inputs.items[i])) return true;
  return false;
}

const addWork = (a: Work, b: Work): Work => ({
  dividedMs: a.dividedMs + b.dividedMs,
  fixedMs: a.fixedMs + b.fixedMs,
});

/** Sums over the nodes and values of each layer. */
class LayerSums {
  constructor(
    private readonly step: StepGraph,
    private readonly layerOfNode: Int32Array,
    private readonly count: number,
  ) {}

  /** A node takes at least one launch, however many devices share its work. */
  work(counts: (node: NodeId) => boolean): Work[] {
    const divided = new Float64Array(this.count);
    const fixed = new Float64Array(this.count);
    for (let node = 0; node < this.step.nodeCount; node++) {
      if (!counts(node)) continue;
      const durationMs = this.step.durationMs[node];
      const launchMs = Math.min(durationMs, startingLaunchMs);
      fixed[this.layerOfNode[node]] += launchMs;
      divided[this.layerOfNode[node]] += durationMs - launchMs;
    }
    return Array.from(divided, (dividedMs, at) => ({ dividedMs, fixedMs: fixed[at] }));
  }

  has(test: (node: NodeId) => boolean): boolean[] {
    const found = new Array<boolean>(this.count).fill(false);
    for (let node = 0; node < this.step.nodeCount; node++)
      if (test(node)) found[this.layerOfNode[node]] = true;
    return found;
  }

  /** What each layer's forward pass makes that backward, or what runs again in it, reads: but for what runs again. */
  keptBytes(again: Uint8Array): Float64Array {
    const { step, layerOfNode } = this;
    const isRead = new Uint8Array(step.valueCount);
    for (let node = 0; node < step.nodeCount; node++) {
      if (step.nodePhase[node] !== Phase.backward && !again[node]) continue;
      for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++)
        isRead[step.inputs.items[i]] = 1;
    }
    const bytes = new Float64Array(this.count);
    for (let value = 0; value < step.valueCount; value++) {
      const producer = step.producer[value];
      if (!isRead[value] || producer < 0 || step.nodePhase[producer] !== Phase.forward || again[producer])
        continue;
      if (step.valueKind[value] === ValueKind.activation)
        bytes[layerOfNode[producer]] += step.valueBytes[value];
    }
    return bytes;
  }

  /**
   * By layer: gradients that its backward pass takes over from later layers. As large as what its forward pass hands
   * on, without what needs no gradient: masks and positions, which every stage makes for itself.
   */
  handedOnBytes(): Float64Array {
    const { step, layerOfNode } = this;
    const first = new Int32Array(step.valueCount).fill(this.count);
    const last = new Int32Array(step.valueCount).fill(-1);
    for (let node = 0; node < step.nodeCount; node++) {
      if (step.nodePhase[node] !== Phase.backward) continue;
      for (const rows of [step.inputs, step.outputs, step.updates])
        for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++) {
          const value = rows.items[i];
          first[value] = Math.min(first[value], layerOfNode[node]);
          last[value] = Math.max(last[value], layerOfNode[node]);
        }
    }
    const bytes = new Float64Array(this.count);
    for (let value = 0; value < step.valueCount; value++) {
      if (step.valueKind[value] !== ValueKind.activationGradient) continue;
      for (let at = first[value]; at < last[value]; at++) bytes[at] += step.valueBytes[value];
    }
    return bytes;
  }

  /** What layers hold all the time. A parameter that several use counts in each; `tiedBytes` is what that adds. */
  state(layerOfParameter: readonly (readonly number[])[]) {
    const { step } = this;
    const parameterBytes = new Float64Array(this.count);
    const gradientBytes = new Float64Array(this.count);
    const optimizerBytes = new Float64Array(this.count);
    const totals = { gradient: 0, optimizer: 0, parameter: 0 };
    for (let value = 0; value < step.valueCount; value++) {
      const bytes = step.valueBytes[value];
      if (step.valueKind[value] === ValueKind.parameterGradient) totals.gradient += bytes;
      if (step.valueKind[value] === ValueKind.optimizerState) totals.optimizer += bytes;
      if (step.valueKind[value] === ValueKind.parameter) totals.parameter += bytes;
    }
    const perByte = (total: number): number => (totals.parameter > 0 ? total / totals.parameter : 0);
    let tiedBytes = 0;
    for (let value = 0; value < step.valueCount; value++) {
      if (step.valueKind[value] !== ValueKind.parameter) continue;
      const bytes = step.valueBytes[value];
      const [gradient, optimizer] = [bytes * perByte(totals.gradient), bytes * perByte(totals.optimizer)];
      for (const at of layerOfParameter[value]) {
        parameterBytes[at] += bytes;
        gradientBytes[at] += gradient;
        optimizerBytes[at] += optimizer;
      }
      tiedBytes += Math.max(0, layerOfParameter[value].length - 1) * (bytes + gradient + optimizer);
    }
    return { parameterBytes, gradientBytes, optimizerBytes, tiedBytes };
  }
}

/** What is live beyond state and kept activations, read off the memory of the step that keeps everything. */
function transientBytes(
  context: PlanningContext,
  layerOfNode: Int32Array,
  kept: Float64Array,
  gradientBytes: Float64Array,
): { byLayer: Float64Array; ofOptimizer: number } {
  const { step } = context;
  const live = liveByNode(context.evaluate(new Int32Array(0)), step.nodeCount);
  let stateBytes = 0;
  for (let value = 0; value < step.valueCount; value++)
    if (step.residentAtStart[value]) stateBytes += step.valueBytes[value];
  const keptUpTo = new Float64Array(kept.length);
  const gradientsFrom = new Float64Array(kept.length + 1);
  kept.forEach((bytes, at) => (keptUpTo[at] = bytes + (at > 0 ? keptUpTo[at - 1] : 0)));
  for (let at = kept.length - 1; at >= 0; at--) gradientsFrom[at] = gradientsFrom[at + 1] + gradientBytes[at];
  const byLayer = new Float64Array(kept.length);
  let ofOptimizer = 0;
  for (let node = 0; node < step.nodeCount; node++) {
    const at = layerOfNode[node];
    const phase = step.nodePhase[node];
    if (phase === Phase.optimizer) {
      ofOptimizer = Math.max(ofOptimizer, live[node] - stateBytes - gradientsFrom[0]);
      continue;
    }
    const gradients = phase === Phase.backward ? gradientsFrom[at] : 0;
    byLayer[at] = Math.max(byLayer[at], live[node] - stateBytes - keptUpTo[at] - gradients);
  }
  return { byLayer, ofOptimizer };
}
