import { as, asAten, int, ints, text, type Call, type Lowering, type LoweringTable } from '../call';

/** A window with a step along one axis. */
const slice: Lowering = (call) => {
  const step = call.constant('step', 1);
  const bound = (name: string, fallback: number): number => call.constant(name, fallback);
  const bounds = [bound('start', 0), bound('end', 2 ** 31 - 1), call.axis('dim', 'self'), step];
  return { type: 'Slice', inputs: [call.tensor('self'), ...bounds.map((value) => call.literals([value]))] };
};

/** One index of an axis, known to the host: a view without that axis. */
const select: Lowering = (call) => ({
  type: 'Gather',
  inputs: [call.tensor('self'), call.literal(call.constant('index', 0), 'int64')],
  attributes: { axis: int(call.axis('dim', 'self')) },
});

const split: Lowering = (call) => ({
  type: 'Split',
  inputs: [call.tensor('self')],
  attributes: { axis: int(call.axis('dim', 'self')) },
});

const concat: Lowering = (call) => {
  const parts = call.tensors('tensors');
  const axis = call.constant('dim', 0);
  return { type: 'Concat', inputs: parts, attributes: { axis: int(axis) } };
};

const picked =
  (type: string, indices: string): Lowering =>
  (call) => ({
    type,
    inputs: [call.tensor('self'), call.tensor(indices)],
    attributes: { axis: int(call.axis('dim', 'self')) },
  });

/** Positions by a list of index tensors, some of which may be left out. */
const indexed =
  (type: string, ...more: readonly string[]): Lowering =>
  (call) => ({
    type,
    domain: 'aten',
    inputs: [call.tensor('self'), ...more.map((name) => call.tensor(name)), ...present(call, 'indices')],
  });

const present = (call: Call, name: string): number[] => call.tensors(name).filter((tensor) => tensor >= 0);

const scattered =
  (value: string, reduction?: string): Lowering =>
  (call) => ({
    type: 'ScatterElements',
    inputs: [call.tensor('self'), call.tensor('index'), call.tensor(value)],
    attributes: reduction === undefined ? undefined : { reduction: text(reduction) },
  });

const padded =
  (mode: string): Lowering =>
  (call) => ({ type: 'Pad', inputs: [call.tensor('self')], attributes: { mode: text(mode) } });

const padModes: Readonly<Record<string, string>> = {
  reflect: 'reflect',
  replicate: 'edge',
  circular: 'wrap',
};

/** Picking, cutting and joining. */
export const indexingCalls: LoweringTable = {
  slice,
  narrow: (call) => ({ type: 'Slice', inputs: [call.tensor('self')] }),
  select,
  split,
  split_with_sizes: split,
  chunk: split,
  unsafe_chunk: split,
  unsafe_split: split,
  tensor_split: split,
  unbind: (call) => ({
    type: 'unbind',
    domain: 'aten',
    inputs: [call.tensor('self')],
    attributes: { axis: int(call.axis('dim', 'self')) },
  }),
  cat: concat,
  concat,
  stack: concat,
  embedding: (call) => ({
    type: 'Gather',
    inputs: [call.tensor('weight'), call.tensor('indices')],
    attributes: { axis: int(0) },
  }),
  index_select: picked('Gather', 'index'),
  gather: picked('GatherElements', 'index'),
  index: indexed('index'),
  index_put: indexed('index_put', 'values'),
  _unsafe_index: indexed('index'),
  scatter: (call) => scattered(call.has('src') ? 'src' : 'value')(call),
  scatter_add: scattered('src', 'add'),
  copy: asAten('copy', 'self', 'src'),
  fill: asAten('full', 'self'),
  zero: asAten('full', 'self'),
  constant_pad_nd: padded('constant'),
  pad: (call) => padded(padModes[call.text('mode') ?? ''] ?? 'constant')(call),
  reflection_pad1d: padded('reflect'),
  reflection_pad2d: padded('reflect'),
  replication_pad2d: padded('edge'),
  one_hot: as('OneHot', ['self']),
  repeat_interleave: asAten('repeat_interleave', 'self'),
  diff: asAten('diff', 'self', 'prepend', 'append'),
  topk: (call) => ({
    type: 'TopK',
    inputs: [call.tensor('self')],
    attributes: { axis: int(call.axis('dim', 'self', -1)) },
  }),
  sort: asAten('sort', 'self'),
  argsort: as('ArgMax', ['self']),
  masked_select: asAten('masked_select', 'self', 'mask'),
  nonzero: as('NonZero', ['self']),
  bucketize: asAten('searchsorted', 'self', 'boundaries'),
  searchsorted: asAten('searchsorted', 'self', 'sorted_sequence'),
  meshgrid: (call) => ({
    type: 'meshgrid',
    domain: 'aten',
    inputs: call.tensors('tensors'),
    attributes: { axis: ints([]) },
  }),
};
