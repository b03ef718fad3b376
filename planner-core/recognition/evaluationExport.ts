import type { Diagnostic } from '../base/diagnostic';
import type { ModelGraph, Operator } from '../graph/modelGraph';

/**
 * What a model exported for evaluation cannot say about training: dropout leaves no trace in an ONNX file. undefined for
 * models with dropout or a batch norm in training mode, and for those that PyTorch did not export. A traced program has
 * the calls either way, and says in which mode they were.
 */
export function evaluationExport({
  producer,
  operators,
  tensors,
  isTraced,
}: ModelGraph): Diagnostic | undefined {
  if (!producer.startsWith('pytorch')) return undefined;
  const modes = operators.map((operator) => modeOf(operator, tensors)).filter((mode) => mode !== undefined);
  const isOfEvaluation = isTraced ? modes.length > 0 : true;
  if (modes.includes('training') || !isOfEvaluation) return undefined;
  return {
    severity: 'info',
    code: 'exported-for-evaluation',
    message:
      'The file looks exported for evaluation: dropout and stochastic depth, if the model has any, are not in it. ' +
      'What they keep for backward is missing; export in training mode to see it.',
  };
}

/** The mode an operator that behaves differently in training was exported in. */
function modeOf(
  { type, inputs, attributes }: Operator,
  tensors: ModelGraph['tensors'],
): 'training' | 'evaluation' | undefined {
  if (type === 'Dropout') return tensors[inputs[2] ?? -1]?.elements?.[0] === 0 ? 'evaluation' : 'training';
  if (type !== 'BatchNormalization') return undefined;
  const mode = attributes.get('training_mode');
  return mode?.kind === 'int' && mode.value !== 0 ? 'training' : 'evaluation';
}
