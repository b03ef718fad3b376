import { bytesOf, type DType } from '../graph/dtype';
import type { ModelGraph, TensorRole } from '../graph/modelGraph';

/** The type that most bytes of the parameters have in the file; float32 where it has none of known size. */
export function weightTypeOf({ tensors }: ModelGraph, roles: readonly TensorRole[]): DType {
  const bytes = new Map<DType, number>();
  for (const { id, shape, dtype } of tensors) {
    if (roles[id] !== 'parameter' || !shape || !dtype) continue;
    const elements = shape.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 0), 1);
    bytes.set(dtype, (bytes.get(dtype) ?? 0) + bytesOf(dtype, elements));
  }
  const [most] = [...bytes].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? 'float32';
}
