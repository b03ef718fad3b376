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
  const { builder } = draft;
  const loss = builder.value({ name: '<loss>', bytes: 4, kind: ValueKind.activation });
  const trafficBytes = outputs.reduce((sum, id) => sum + (draft.tensors[id]?.bytes ?? 0), 0);
  addLossNode(
    draft,
    'loss (sum)',
    Phase.loss,
    outputs.map((id) => draft.storage[id]),
    [loss],
    trafficBytes,
  );
  builder.keepToEnd(loss);
  const gradient = builder.value({
    name: 'gradient of <loss>',
    bytes: 4,
    kind: ValueKind.activationGradient,
  });
  addLossNode(draft, 'loss (sum) backward', Phase.backward, [], [gradient], 8);
  return outputs.map((tensor) => ({ tensor, value: gradient, isExpanded: true }));
}

/**
 * torch.nn.functional.cross_entropy on the first output: log_softmax in fp32 (kept) and nll_loss. Classes are the last
 * dimension of [batch, tokens, vocabulary] and dimension 1 of everything else. Targets are int64, one an item.
 */
function addCrossEntropy(draft: StepDraft, output: number): Seed[] {
  const { builder } = draft;
  const logits = draft.tensors[output];
  if (!logits || logits.shape.length === 0 || !isFloat(logits.dtype))
    return [externalGradient(draft, output)];
  const { shape } = logits;
  const classes = shape.length === 3 ? shape[2] : (shape[1] ?? shape[0]);
  const fp32Bytes = bytesOf('float32', logits.elements);
  const target = builder.value({
    name: '<target>',
    bytes: (logits.elements / Math.max(classes, 1)) * 8,
    kind: ValueKind.input,
    residentAtStart: true,
  });
  const made = (name: string, bytes: number, kind: ValueKind): ValueId =>
    builder.value({ name, bytes, kind });
  const logProbabilities = made('<loss>/log_softmax', fp32Bytes, ValueKind.activation);
  const totalWeight = made('<loss>/total_weight', 4, ValueKind.activation);
  const loss = made('<loss>', 4, ValueKind.activation);
  addLossNode(
    draft,
    'loss (log_softmax)',
    Phase.loss,
    [draft.storage[output]],
    [logProbabilities],
    2 * fp32Bytes,
  );
  addLossNode(
    draft,
    'loss (nll)',
    Phase.loss,
    [logProbabilities, target],
    [loss, totalWeight],
    fp32Bytes / classes,
  );
  builder.keepToEnd(loss);
  const nll = made('gradient of <loss>/log_softmax', fp32Bytes, ValueKind.activationGradient);
  const gradient = made('gradient of logits', logits.bytes, ValueKind.activationGradient);
  addLossNode(
    draft,
    'loss (nll) backward',
    Phase.backward,
    [target, totalWeight, logProbabilities],
    [nll],
    fp32Bytes,
  );
  addLossNode(
    draft,
    'loss (log_softmax) backward',
    Phase.backward,
    [nll, logProbabilities],
    [gradient],
    3 * fp32Bytes,
  );
  return [{ tensor: output, value: gradient, isExpanded: false }];
}

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
