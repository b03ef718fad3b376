import { isFloat } from '../../graph/dtype';
import type { ModelGraph } from '../../graph/modelGraph';

/**
 * Parameters and floating-point buffers that go by the names they have in the program, with their sizes. Exporters rename
 * what they fold or transpose: "onnx::MatMul_12", "val_3".
 */
export function namedTensors({ tensors, declared, modules }: ModelGraph): [string, readonly number[]][] {
  const owners = new Set(modules.map(({ name }) => name));
  return tensors.flatMap(({ name, role, dtype, shape }): [string, readonly number[]][] => {
    if (role !== 'parameter' || (dtype && !isFloat(dtype))) return [];
    const isNamed = declared
      ? declared.has(name)
      : owners.has(name.slice(0, Math.max(0, name.lastIndexOf('.'))));
    const sizes = shape?.filter((size): size is number => typeof size === 'number');
    if (!isNamed || !sizes || sizes.length !== shape?.length) return [];
    return name.includes('.') || declared ? [[name, sizes]] : [];
  });
}
