import type { PyTorchVersion } from '../operators/pytorchVersion';
import type { Optimizer, OptimizerUpdate, Workload } from './workload';

/** How torch.optim runs an update, once 'auto' is resolved. */
export type UpdateImplementation = Exclude<OptimizerUpdate, 'auto'>;

/**
 * The implementation PyTorch takes: since 2.0 foreach where parameters are on a GPU (`_default_to_fused_or_foreach` in
 * torch/optim/optimizer.py), the for-loop on the CPU and in 1.x. Fused kernels run only where they are asked for.
 */
export function updateImplementation(
  { optimizerUpdate, semantics }: Pick<Workload, 'optimizerUpdate' | 'semantics'>,
  pytorch: PyTorchVersion | undefined,
): UpdateImplementation {
  if (optimizerUpdate !== 'auto') return optimizerUpdate;
  return semantics === 'cuda' && pytorch?.major !== 1 ? 'foreach' : 'for-loop';
}

/**
 * Bytes of optimizer state on the device for one parameter. Adam counts steps in a 4-byte tensor a parameter, which lives
 * in host memory unless the fused kernel updates it: part of the device where the device is the CPU.
 */
export function optimizerStateBytes(
  optimizer: Optimizer,
  parameterBytes: number,
  counterOnDevice: boolean,
): number {
  switch (optimizer) {
    case 'none':
    case 'sgd':
      return 0;
    case 'momentum':
      return parameterBytes;
    case 'adam':
    case 'adamw':
      return 2 * parameterBytes + (counterOnDevice ? 4 : 0);
  }
}

/** Adam divides by the square root of its second moment; the other rules work in place throughout. */
export const hasDenominator = (optimizer: Optimizer): boolean =>
  optimizer === 'adam' || optimizer === 'adamw';

/**
 * Copies of every parameter that foreach Adam holds between its list-wide calls: the denominators, and before 2.1 their
 * square roots beside them, because epsilon was added out of place (torch/optim/adam.py).
 */
export function foreachTemporaryCopies(pytorch: PyTorchVersion | undefined): number {
  return pytorch && (pytorch.major < 2 || (pytorch.major === 2 && pytorch.minor < 1)) ? 2 : 1;
}

/**
 * Memory traffic of one update in multiples of the parameter's bytes, reads and writes of every call counted: the
 * moments up to the denominator (AdamW also scales the parameter), and the change of the parameter itself.
 */
export function updateTraffic(
  optimizer: Optimizer,
  implementation: UpdateImplementation,
): { readonly moments: number; readonly parameter: number } {
  const fused = implementation === 'fused';
  switch (optimizer) {
    case 'none':
      return { moments: 0, parameter: 0 };
    case 'sgd':
      return { moments: 0, parameter: 3 };
    case 'momentum':
      return fused ? { moments: 2, parameter: 3 } : { moments: 5, parameter: 3 };
    case 'adam':
      return fused ? { moments: 4, parameter: 3 } : { moments: 14, parameter: 4 };
    case 'adamw':
      return fused ? { moments: 4, parameter: 3 } : { moments: 16, parameter: 4 };
  }
}
