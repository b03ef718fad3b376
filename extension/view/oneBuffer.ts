/** Multiple of every element's size. */
const alignment = 8;

/**
 * A copy of a message in which all typed arrays are views of one buffer; parts that hold none are shared. VS Code hands
 * each buffer of a message to the window as an argument of a call and counts these in one byte: beyond 255 the rest
 * arrive as empty arrays (`writeMixedArray` in its rpcProtocol.ts), and every point of a frontier has two.
 */
export function inOneBuffer<T>(message: T): T {
  const arrays = new Set<ArrayBufferView>();
  collect(message, arrays);
  if (arrays.size === 0) return message;
  let byteLength = 0;
  const offsets = new Map<ArrayBufferView, number>();
  for (const array of arrays) {
    offsets.set(array, byteLength);
    byteLength += Math.ceil(array.byteLength / alignment) * alignment;
  }
  const packed = new Uint8Array(byteLength);
  for (const [array, offset] of offsets) {
    packed.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
  }
  return moved(message, (array) => viewOf(array, packed.buffer, offsets.get(array) ?? 0)) as T;
}

function collect(value: unknown, into: Set<ArrayBufferView>): void {
  if (ArrayBuffer.isView(value)) into.add(value);
  else if (isPlain(value)) for (const item of Object.values(value)) collect(item, into);
}

/** The value with its typed arrays replaced; itself where there are none in it. */
function moved(value: unknown, replace: (array: ArrayBufferView) => ArrayBufferView): unknown {
  if (ArrayBuffer.isView(value)) return replace(value);
  if (!isPlain(value)) return value;
  let isChanged = false;
  const change = (item: unknown): unknown => {
    const next = moved(item, replace);
    isChanged ||= next !== item;
    return next;
  };
  const copy = Array.isArray(value)
    ? value.map(change)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
  return isChanged ? copy : value;
}

const isPlain = (value: unknown): value is object => typeof value === 'object' && value !== null;

type TypedArrayClass = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;

/** A view of the same class and length in another buffer. */
function viewOf(array: ArrayBufferView, buffer: ArrayBuffer, byteOffset: number): ArrayBufferView {
  const { constructor, BYTES_PER_ELEMENT: bytes = 1 } = array as ArrayBufferView & {
    readonly constructor: TypedArrayClass;
    readonly BYTES_PER_ELEMENT?: number;
  };
  return new constructor(buffer, byteOffset, array.byteLength / bytes);
}
