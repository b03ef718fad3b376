/** Strides of a tensor in elements, outermost dimension first. */
export type Strides = readonly number[];

export function contiguousStrides(shape: readonly number[]): Strides {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= Math.max(shape[axis], 1);
  }
  return strides;
}

/**
 * Strides with which a strided tensor can be seen under another shape without a copy; undefined when it must be copied.
 * Follows at::detail::computeStride: walks both shapes from the innermost dimension, one contiguous chunk at a time.
 */
export function viewStrides(
  shape: readonly number[],
  strides: Strides,
  newShape: readonly number[],
): Strides | undefined {
  if (shape.includes(0)) return contiguousStrides(newShape);
  if (shape.length === 0) return newShape.map(() => 1);
  const result = new Array<number>(newShape.length).fill(1);
  let target = newShape.length - 1;
  let chunkBase = strides[shape.length - 1];
  let chunkElements = 1;
  let viewElements = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    chunkElements *= shape[axis];
    const chunkEnds =
      axis === 0 || (shape[axis - 1] !== 1 && strides[axis - 1] !== chunkElements * chunkBase);
    if (!chunkEnds) continue;
    while (target >= 0 && (viewElements < chunkElements || newShape[target] === 1)) {
      result[target] = viewElements * chunkBase;
      viewElements *= newShape[target];
      target--;
    }
    if (viewElements !== chunkElements) return undefined;
    if (axis > 0) {
      chunkBase = strides[axis - 1];
      chunkElements = 1;
      viewElements = 1;
    }
  }
  return target === -1 ? result : undefined;
}

/** Strides of a tensor without gaps whose axes lie in the order they have with `strides`. */
export function denseStrides(shape: readonly number[], strides: Strides): Strides {
  const outermostFirst = shape
    .map((_, axis) => axis)
    .filter((axis) => shape[axis] !== 1)
    .sort((a, b) => strides[b] - strides[a] || a - b);
  const result = contiguousStrides(shape).slice();
  let stride = 1;
  for (const axis of outermostFirst.reverse()) {
    result[axis] = stride;
    stride *= Math.max(shape[axis], 1);
  }
  return result;
}

/** True when the elements lie in row-major order without gaps; the strides of axes of size 1 do not matter. */
function isContiguous(shape: readonly number[], strides: Strides): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    if (strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** True when the elements fill their storage without gaps or overlaps, in whatever order. */
export function isDense(shape: readonly number[], strides: Strides): boolean {
  if (isContiguous(shape, strides)) return true;
  const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  axes.sort((a, b) => strides[a] - strides[b]);
  let expected = 1;
  for (const axis of axes) {
    if (strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}
