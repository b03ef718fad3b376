import { bytesOf, isFloat } from '../graph/dtype';
import { costOf, trafficOnly, type StepDraft } from './draft';
import { Phase, ValueKind, type ValueId } from './stepGraph';

/** The gradient that backward starts from, for one model output. */
export interface Seed {
  readonly tensor: number;
  readonly value: ValueId;
  /** One number seen under the output's shape. */
  readonly isExpanded: boolean;
}

/** Adds the loss and its gradient with respect to the model's outputs; returns what backward starts from. */
export function addLoss(draft: StepDraft): Seed[] {
  const outputs = draft.graph.outputs.filter((id) => draft.gradientNeeded[id] && draft.storage[id] >= 0);
  if (outputs.length === 0) return [];
  switch (draft.workload.loss) {
    case 'sum':
      return addSum(draft, outputs);
    case 'cross-entropy':
      return addCrossEntropy(draft, outputs[0]);
    case 'none':
      return outputs.map((id) => externalGradient(draft, id));
  }
}

/** Sum of all elements: keeps nothing; its gradient is one scalar seen under the output's shape. */
function addSum(draft: StepDraft, outputs: readonly number[]): Seed[] {
  const trafficBytes = outputs.reduce((sum, id) => sum + (draft.tensors[id]?.bytes ?? 0), 0);
  const loss = made(draft, '<loss>', 4, ValueKind.activation);
  addLossNode(
    draft,
    'loss (sum)',
    Phase.loss,
    outputs.map((id) => draft.storage[id]),
    [loss],
    trafficBytes,
  );
  const gradient = addRoot(draft, loss, 'loss (sum) backward');
  return outputs.map((tensor) => ({ tensor, value: gradient, isExpanded: true }));
}

/** The gradient every backward pass starts from: one 1, which the engine makes. */
function addRoot(draft: StepDraft, loss: ValueId, name: string): ValueId {
  draft.builder.keepToEnd(loss);
  const gradient = made(draft, 'gradient of <loss>', 4, ValueKind.activationGradient);
  addLossNode(draft, name, Phase.backward, [], [gradient], 8);
  return gradient;
}

/**
 * torch.nn.functional.cross_entropy on the first output: log_softmax in fp32 (kept) and nll_loss. Classes are the last
 * dimension of [batch, tokens, vocabulary] and dimension 1 of everything else. Targets are int64, one an item. Logits of
 * a half type are converted first, and their gradient last.
 */
function addCrossEntropy(draft: StepDraft, output: number): Seed[] {
  const logits = draft.tensors[output];
  if (!logits || logits.shape.length === 0 || !isFloat(logits.dtype))
    return [externalGradient(draft, output)];
  const { shape } = logits;
  const classes = Math.max(shape.length === 3 ? shape[2] : (shape[1] ?? shape[0]), 1);
  const fp32Bytes = bytesOf('float32', logits.elements);
  const isHalf = logits.bytes < fp32Bytes;
  const target = draft.builder.value({
    name: '<target>',
    bytes: (logits.elements / classes) * 8,
    kind: ValueKind.input,
    residentAtStart: true,
  });
  // The training script holds the model's output until the loss is computed.
  const held = draft.storage[output];
  let input = held;
  if (isHalf) {
    const converted = made(draft, '<loss>/logits', fp32Bytes, ValueKind.activation);
    addLossNode(draft, 'loss (cast)', Phase.loss, [input], [converted], logits.bytes + fp32Bytes);
    input = converted;
  }
  const logProbabilities = made(draft, '<loss>/log_softmax', fp32Bytes, ValueKind.activation);
  addLossNode(draft, 'loss (log_softmax)', Phase.loss, [input, held], [logProbabilities], 2 * fp32Bytes);
  const loss = made(draft, '<loss>', 4, ValueKind.activation);
  const totalWeight = made(draft, '<loss>/total_weight', 4, ValueKind.activation);
  const pickedBytes = fp32Bytes / classes;
  addLossNode(
    draft,
    'loss (nll)',
    Phase.loss,
    [logProbabilities, target, held],
    [loss, totalWeight],
    pickedBytes,
  );
  const root = addRoot(draft, loss, 'loss backward');
  const gradientOf = (name: string, bytes: number): ValueId =>
    made(draft, `gradient of ${name}`, bytes, ValueKind.activationGradient);
  const nll = gradientOf('<loss>/log_softmax', fp32Bytes);
  addLossNode(
    draft,
    'loss (nll) backward',
    Phase.backward,
    [root, target, totalWeight, logProbabilities],
    [nll],
    fp32Bytes,
  );
  let gradient = gradientOf(isHalf ? '<loss>/logits' : 'logits', fp32Bytes);
  addLossNode(
    draft,
    'loss (log_softmax) backward',
    Phase.backward,
    [nll, logProbabilities],
    [gradient],
    3 * fp32Bytes,
  );
  if (isHalf) {
    const converted = gradientOf('logits', logits.bytes);
    addLossNode(
      draft,
      'loss (cast) backward',
      Phase.backward,
      [gradient],
      [converted],
      logits.bytes + fp32Bytes,
    );
    gradient = converted;
  }
  return [{ tensor: output, value: gradient, isExpanded: false }];
}

const made = (draft: StepDraft, name: string, bytes: number, kind: ValueKind): ValueId =>
  draft.builder.value({ name, bytes, kind });

/** Without a loss, the caller hands in a gradient of the output's size. */
function externalGradient(draft: StepDraft, output: number): Seed {
  const bytes = draft.tensors[output]?.bytes ?? 0;
  const name = `gradient of ${draft.graph.tensors[output].name}`;
  const value = draft.builder.value({ name, bytes, kind: ValueKind.activationGradient });
  addLossNode(draft, `${name} (given)`, Phase.backward, [], [value], bytes);
  return { tensor: output, value, isExpanded: false };
}

function addLossNode(
  draft: StepDraft,
  name: string,
  phase: Phase,
  inputs: readonly ValueId[],
  outputs: readonly ValueId[],
  trafficBytes: number,
): void {
  draft.builder.node({
    name,
    phase,
    operator: -1,
    module: 0,
    inputs,
    outputs,
    ...costOf(draft, trafficOnly(trafficBytes)),
    recomputable: false,
  });
}
