import { as, asAten, ints, type Call, type Lowering, type LoweringTable } from '../call';

/** The same elements in the same order: what a view becomes is in the file. */
const reshape: Lowering = (call) => ({ type: 'Reshape', inputs: [call.tensor('self')] });

/** A permutation of the axes; undefined for what is none. */
const permuted =
  (orderOf: (call: Call, rank: number) => readonly number[] | undefined): Lowering =>
  (call) => {
    const rank = call.rank('self');
    const order = orderOf(call, rank)?.map((axis) => (axis < 0 ? axis + rank : axis));
    const isOrder =
      order?.length === rank && order.every((axis, i) => axis < rank && order.indexOf(axis) === i);
    return isOrder
      ? { type: 'Transpose', inputs: [call.tensor('self')], attributes: { perm: ints(order) } }
      : undefined;
  };

const swapped = (rank: number, a: number, b: number): number[] => {
  const order = Array.from({ length: rank }, (_, axis) => axis);
  const [first, second] = [a, b].map((axis) => (axis < 0 ? axis + rank : axis));
  if (first in order && second in order) [order[first], order[second]] = [order[second], order[first]];
  return order;
};

const transpose = permuted((call, rank) => swapped(rank, call.constant('dim0', 0), call.constant('dim1', 1)));
const matrixTranspose = permuted((_, rank) => (rank < 2 ? [] : swapped(rank, -1, -2)));

/** movedim: the axes that are not named keep their order. */
function moved(call: Call, rank: number): readonly number[] | undefined {
  const wrap = (axis: number): number => (axis < 0 ? axis + rank : axis);
  const [from, to] = ['source', 'destination'].map((name) => call.ints(name)?.map(wrap));
  if (!from || !to || from.length !== to.length) return undefined;
  const rest = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !from.includes(axis));
  return Array.from({ length: rank }, (_, axis) =>
    to.includes(axis) ? from[to.indexOf(axis)] : rest.shift()!,
  );
}

const cast: Lowering = as('Cast', ['self']);
const expand: Lowering = (call) => ({ type: 'Expand', inputs: [call.tensor('self')] });
const identity: Lowering = as('Identity', ['self']);
const copied: Lowering = asAten('clone', 'self');

/** Views, changes of layout and of type. */
export const shapeCalls: LoweringTable = {
  view: reshape,
  _unsafe_view: reshape,
  reshape,
  _reshape_alias: reshape,
  view_as: reshape,
  reshape_as: reshape,
  flatten: reshape,
  unflatten: reshape,
  squeeze: reshape,
  unsqueeze: reshape,
  transpose,
  swapaxes: permuted((call, rank) => swapped(rank, call.constant('axis0', 0), call.constant('axis1', 1))),
  permute: permuted((call) => call.ints('dims')),
  movedim: permuted(moved),
  t: permuted((_, rank) => (rank < 2 ? [0].slice(0, rank) : [1, 0])),
  numpy_T: permuted((_, rank) => Array.from({ length: rank }, (_unused, axis) => rank - 1 - axis)),
  mT: matrixTranspose,
  adjoint: matrixTranspose,
  expand,
  expand_as: expand,
  broadcast_to: expand,
  contiguous: asAten('contiguous', 'self'),
  clone: copied,
  lift_fresh_copy: copied,
  alias: identity,
  lift_fresh: identity,
  view_as_real: identity,
  view_as_complex: identity,
  detach: asAten('detach', 'self'),
  to: cast,
  _to_copy: cast,
  type_as: cast,
  repeat: as('Tile', ['self']),
  tile: as('Tile', ['self']),
  pixel_shuffle: as('DepthToSpace', ['self']),
  pixel_unshuffle: as('SpaceToDepth', ['self']),
  tril: as('Trilu', ['self']),
  triu: as('Trilu', ['self']),
  roll: asAten('roll', 'self'),
  flip: asAten('flip', 'self'),
  im2col: asAten('im2col', 'self'),
  col2im: as('Col2Im', ['self']),
  unfold: asAten('unfold', 'self'),
};
