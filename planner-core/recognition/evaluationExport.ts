import type { Diagnostic } from '../base/diagnostic';
import type { ModelGraph, Operator } from '../graph/modelGraph';

/**
 * What a model exported for evaluation cannot say about training: dropout leaves no trace in the file. undefined for
 * models with dropout or a batch norm in training mode, and for those that PyTorch did not export.
 */
export function evaluationExport({ producer, operators }: ModelGraph): Diagnostic | undefined {
  if (!producer.startsWith('pytorch') || operators.some(isOfTraining)) return undefined;
  return {
    severity: 'info',
    code: 'exported-for-evaluation',
    message:
      'The file looks exported for evaluation: dropout and stochastic depth, if the model has any, are not in it. ' +
      'What they keep for backward is missing; export in training mode to see it.',
  };
}

function isOfTraining({ type, attributes }: Operator): boolean {
  if (type === 'Dropout') return true;
  const mode = attributes.get('training_mode');
  return type === 'BatchNormalization' && mode?.kind === 'int' && mode.value !== 0;
}
