import type { Diagnostic } from '../base/diagnostic';
import type { ModelGraph } from '../graph/modelGraph';
import type { Precision, Workload } from './workload';

/**
 * The precision a step runs in: the workload's; for one that asks for nothing (fp32), the autocast that the program
 * switches on itself.
 */
export function ownPrecision({ autocast }: Pick<ModelGraph, 'autocast'>, precision: Precision): Precision {
  if (precision !== 'fp32') return precision;
  if (autocast === 'bfloat16') return 'bf16-autocast';
  return autocast === 'float16' ? 'fp16-autocast' : 'fp32';
}

/** Says that the program's own autocast is followed, where it is. */
export function ownPrecisionNotes(graph: ModelGraph, { precision }: Workload): Diagnostic[] {
  const own = ownPrecision(graph, precision);
  if (own === precision) return [];
  return [
    {
      severity: 'info',
      code: 'own-autocast',
      message: `The program switches autocast on by itself: the whole forward pass is taken to run in ${own}.`,
    },
  ];
}
