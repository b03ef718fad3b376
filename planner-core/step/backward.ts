import { contiguousStrides, isDense, type Strides } from '../graph/strides';
import { backwardTemporaryBytes } from './backwardTemporaries';
import { backwardWork } from './backwardWork';
import { castSlot, countContributions, isWeight, type Contributions } from './contributions';
import { costOf, trafficOnly, type NodeCost, type StepDraft } from './draft';
import { GradientBuffers, type Gradient } from './gradientBuffers';
import { gradientFlow, type GradientFlow } from './gradientFlow';
import type { Seed } from './loss';
import { ParameterGradients } from './parameterGradients';
import { Phase, ValueKind, type ValueId } from './stepGraph';

/**
 * Adds the backward computations in the order autograd's engine runs them, and returns the gradient of every parameter
 * that gets one, by TensorId. A gradient is allocated at its first contribution; later ones are added in place where
 * nobody else holds the buffer, else into a new one.
 */
export function addBackward(draft: StepDraft, seeds: readonly Seed[]): Map<number, ValueId> {
  const pass = new BackwardPass(draft, countContributions(draft, seeds));
  return pass.run(seeds);
}

/** What a backward node belongs to: an operator of the graph, or the loss. */
interface Origin {
  readonly name: string;
  readonly operator: number;
  readonly module: number;
}

/** A backward node while its contributions are being worked out. */
interface NodeParts {
  readonly origin: Origin;
  readonly name: string;
  readonly inputs: ValueId[];
  readonly outputs: ValueId[];
  readonly updates: ValueId[];
  /** Contributions that are added in place and gone. */
  contributionBytes: number;
  /** Contributions that need a new buffer for the sum, which is made once the node has let go of what it read. */
  readonly sums: { readonly slot: number; readonly value: ValueId }[];
  /** Slots that have got all their contributions. */
  readonly complete: number[];
}

class BackwardPass {
  private readonly buffers: GradientBuffers;
  private readonly remaining: Int32Array;
  private readonly parameters: ParameterGradients;

  constructor(
    private readonly draft: StepDraft,
    private readonly contributions: Contributions,
  ) {
    this.remaining = contributions.expected.slice();
    this.buffers = new GradientBuffers(this.remaining.length);
    this.parameters = new ParameterGradients(draft, this.remaining);
  }

  run(seeds: readonly Seed[]): Map<number, ValueId> {
    const { draft, buffers } = this;
    for (const { tensor, value, isExpanded: expanded } of seeds) {
      const shape = draft.tensors[tensor]?.shape ?? [];
      const strides = expanded ? shape.map(() => 0) : contiguousStrides(shape);
      buffers.put(tensor, { value, strides, isView: expanded });
    }
    this.completeSeeds(seeds);
    for (let i = draft.records.length - 1; i >= 0; i--) this.addRecord(i);
    const gradients = this.parameters.inOrderOfUse();
    // Whoever calls backward holds what it starts from; a scalar parameter takes it over.
    const roots = new Set(seeds.filter((seed) => seed.isExpanded).map(({ value }) => value));
    for (const gradient of gradients.values()) roots.delete(gradient);
    for (const root of roots) draft.builder.readByLast(root);
    return gradients;
  }

  /** A parameter that the model returns has a gradient from the loss itself; steps to parameters go before all else. */
  private completeSeeds(seeds: readonly Seed[]): void {
    for (const tensor of new Set(seeds.map((seed) => seed.tensor))) {
      const isComplete = --this.remaining[tensor] === 0;
      if (isComplete && isWeight(this.draft, tensor))
        this.accumulate({ name: 'loss', operator: -1, module: 0 }, tensor);
    }
  }

  private addRecord(position: number): void {
    const { draft, buffers } = this;
    const record = draft.records[position];
    const { wanted, casts } = this.contributions.ofRecord[position];
    if (wanted.length === 0) return;
    const operator = draft.graph.operators[record.operator];
    const incoming: Gradient[] = [];
    let missingBytes = 0;
    for (const id of operator.outputs) {
      const gradient = id >= 0 ? buffers.take(id) : undefined;
      if (gradient) incoming.push(gradient);
      else missingBytes += draft.tensors[id]?.bytes ?? 0;
    }
    if (incoming.length === 0) return;
    const values = incoming.map(({ value }) => value);
    const origin = { name: operator.name, operator: record.operator, module: operator.module };
    const node = newNode(origin, `${operator.name} backward`, [...values, ...record.saved]);
    for (const index of wanted) {
      const id = operator.inputs[index];
      const flow = gradientFlow(record, index, incoming[0]);
      const castBytes = casts.get(index);
      const slot = castBytes === undefined ? id : castSlot(draft, id);
      this.contribute(node, slot, castBytes ?? draft.tensors[id]?.bytes ?? 0, flow, values[0]);
    }
    const newBytes = node.contributionBytes + this.bytesOf(node.outputs);
    // The gradient of a split tensor is concatenated: pieces nobody used are zeros.
    const zeroBytes = operator.type === 'Split' ? missingBytes : 0;
    const temporaryBytes = backwardTemporaryBytes(record, wanted, newBytes, incoming[0].strides) + zeroBytes;
    const { outputs, updates } = node;
    this.addNode(node, temporaryBytes, () =>
      costOf(draft, backwardWork(draft, record, { incoming: values, outputs, updates })),
    );
  }

  /** Adds one contribution to the gradient in a slot; `handedOn` is the buffer a flow that is not new passes along. */
  private contribute(
    node: NodeParts,
    slot: number,
    bytes: number,
    { isNew, strides, isView }: GradientFlow,
    handedOn: ValueId,
  ): void {
    const { buffers } = this;
    const known = buffers.get(slot);
    const isComplete = --this.remaining[slot] === 0;
    const resident = this.parameters.residentOf(slot);
    if (isComplete || this.isActivationCast(slot)) node.complete.push(slot);
    if (!known && isNew && isComplete && resident !== undefined) {
      node.updates.push(resident);
      node.contributionBytes += bytes;
    } else if (!known) {
      const value = isNew ? this.newGradient(slot, bytes, node) : handedOn;
      buffers.put(slot, { value, strides, isView });
    } else if (buffers.canAddInPlace(slot, isNew ? undefined : handedOn)) {
      if (!node.outputs.includes(known.value)) node.updates.push(known.value);
      if (isNew) node.contributionBytes += bytes;
    } else {
      node.sums.push({ slot, value: isNew ? this.newGradient(slot, bytes, node) : handedOn });
    }
  }

  /** Adds the node, then the sums, casts and steps to parameters that follow it. */
  private addNode(node: NodeParts, temporaryBytes: number, cost: () => NodeCost): void {
    const { outputs, updates, origin } = node;
    // A gradient that is only handed on costs nothing and needs no node.
    if (outputs.length > 0 || updates.length > 0) {
      this.draft.builder.node({
        name: node.name,
        phase: Phase.backward,
        operator: origin.operator,
        module: origin.module,
        inputs: node.inputs,
        outputs,
        updates,
        workspaceBytes: node.contributionBytes + temporaryBytes,
        ...cost(),
        recomputable: false,
      });
    }
    for (const { slot, value } of node.sums) this.addSum(origin, slot, value);
    // What was cast last is converted back first.
    for (const slot of node.complete.reverse()) {
      if (slot >= this.tensorCount) this.addCastBack(origin, slot);
      else if (isWeight(this.draft, slot)) this.accumulate(origin, slot);
    }
  }

  /** old + new, where the old buffer is shared or a view. */
  private addSum(origin: Origin, slot: number, value: ValueId): void {
    const { draft, buffers } = this;
    const known = buffers.take(slot)!;
    const bytes = Math.max(draft.builder.bytesOf(value), draft.builder.bytesOf(known.value));
    const node = newNode(origin, this.uniqueName(origin, slot, 'summed'), [known.value, value]);
    const sum = this.newGradient(slot, this.slotBytes(slot) ?? bytes, node);
    buffers.put(slot, { value: sum, strides: this.denseStrides(slot, known.strides), isView: false });
    this.addNode(node, 0, () => costOf(draft, trafficOnly(3 * bytes)));
  }

  /** The backward of autocast's conversion: a gradient in the type of the tensor itself. */
  private addCastBack(origin: Origin, slot: number): void {
    const { draft } = this;
    const tensor = slot - this.tensorCount;
    const { value } = this.buffers.take(slot)!;
    const bytes = draft.tensors[tensor]!.bytes;
    const node = newNode(origin, this.uniqueName(origin, tensor, 'converted'), [value]);
    const strides = this.denseStrides(tensor, []);
    this.contribute(node, tensor, bytes, { isNew: true, strides, isView: false }, value);
    this.addNode(node, 0, () => costOf(draft, trafficOnly(bytes + draft.builder.bytesOf(value))));
  }

  private accumulate(origin: Origin, parameter: number): void {
    const gradient = this.buffers.take(parameter);
    if (!gradient) return;
    const { value } = gradient;
    const accumulation = this.parameters.accumulate(parameter, gradient, this.buffers.ownersOf(value) > 0);
    if (!accumulation) return;
    const node = newNode(origin, this.uniqueName(origin, parameter, 'accumulated'), [value]);
    node.outputs.push(...accumulation.outputs);
    node.updates.push(...accumulation.updates);
    const bytes = this.draft.tensors[parameter]!.bytes;
    const passes = accumulation.updates.length > 0 ? 3 : 2;
    this.addNode(node, 0, () => costOf(this.draft, trafficOnly(passes * bytes)));
  }

  private newGradient(slot: number, bytes: number, node: NodeParts): ValueId {
    const tensor = this.draft.graph.tensors[slot % this.tensorCount].name;
    const value = this.draft.builder.value({
      name: `gradient of ${tensor}`,
      bytes,
      kind: ValueKind.activationGradient,
    });
    node.outputs.push(value);
    return value;
  }

  private get tensorCount(): number {
    return this.draft.graph.tensors.length;
  }

  /** Activations are cast for one operator at a time, weights once for all that read them. */
  private isActivationCast(slot: number): boolean {
    return slot >= this.tensorCount && !isWeight(this.draft, slot - this.tensorCount);
  }

  private slotBytes(slot: number): number | undefined {
    return slot < this.tensorCount ? this.draft.tensors[slot]?.bytes : undefined;
  }

  private bytesOf(values: readonly ValueId[]): number {
    return values.reduce((sum, value) => sum + this.draft.builder.bytesOf(value), 0);
  }

  private denseStrides(slot: number, strides: Strides): Strides {
    const shape = this.draft.tensors[slot % this.tensorCount]?.shape ?? [];
    const fits = strides.length === shape.length && isDense(shape, strides);
    return fits ? strides : contiguousStrides(shape);
  }

  private uniqueName({ name }: Origin, slot: number, what: string): string {
    const { tensors } = this.draft.graph;
    return `${name} backward: gradient of ${tensors[slot % this.tensorCount].name} ${what}`;
  }
}

function newNode(origin: Origin, name: string, inputs: ValueId[]): NodeParts {
  return { origin, name, inputs, outputs: [], updates: [], contributionBytes: 0, sums: [], complete: [] };
}
