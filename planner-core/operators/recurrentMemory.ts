import { contiguousStrides } from '../graph/strides';
import { floats } from './parts';
import type { Saved, StepContext } from './rule';

/** Sizes of one recurrent layer. */
export interface LayerSizes {
  readonly time: number;
  readonly batch: number;
  readonly directions: number;
  readonly inputs: number;
  readonly hidden: number;
}

/** Hidden-sized tensors that cells run one by one on the CPU keep, for each direction. */
export interface CellMemory {
  readonly perStep: number;
  /** Fewer in the last step, whose hidden state no other step reads. */
  readonly lessAtEnd: number;
}

const bytesPerFloat = 4;
const pageBytes = 4096;
const roundUp = (size: number, unit: number): number => Math.ceil(size / unit) * unit;

/** Row lengths oneDNN gives its matrices: whole cache lines, and no multiple of 256 floats. get_good_ld, rnn_utils.cpp. */
function rowLength(columns: number): number {
  const line = 64 / bytesPerFloat;
  const length = roundUp(columns, line);
  return length % 256 === 0 ? length + line : length;
}

/**
 * Bytes of the workspace that oneDNN's LSTM keeps from forward to backward, for one direction: gates, hidden states,
 * states and their gradients of every step, each from a new page on. Fitted to what PyTorch 2.13 measures, exact there;
 * which of them oneDNN pads follows set_rnn_conf in rnn_utils.hpp on processors with AVX-512.
 */
export function lstmWorkspaceBytes({ time, batch, inputs, hidden }: LayerSizes): number {
  const layer = 2 * (time + 1) * rowLength(Math.max(inputs, hidden));
  const cell = 2 * (time + 1) * hidden;
  const spaces = [time * rowLength(4 * hidden), layer, layer, layer, cell, cell, time * rowLength(hidden)];
  return spaces.reduce((sum, floatsPerSample) => {
    return sum + roundUp(floatsPerSample * batch * bytesPerFloat, pageBytes);
  }, 0);
}

/** mkldnn_rnn_layer keeps its input, its results and a workspace. Source: derivatives.yaml and RNN.cpp (mkldnn). */
export function lstmLayerKept(sizes: LayerSizes): Saved {
  const { batch, directions, hidden } = sizes;
  return {
    inputs: [0],
    outputs: [0],
    extra: [
      floats('last hidden and cell state', 2 * directions * batch * hidden),
      { name: 'workspace', bytes: directions * lstmWorkspaceBytes(sizes) },
    ],
  };
}

/**
 * Cells one after another: what each step computes, and the input of the product for all steps at once, which a second
 * direction makes contiguous for itself. Source: RNN.cpp.
 */
export function cellsKept(context: StepContext, sizes: LayerSizes, cell: CellMemory): Saved {
  const { time, batch, directions, hidden } = sizes;
  const perDirection = (cell.perStep * time - cell.lessAtEnd) * batch * hidden;
  const copies = copiesInput(context) ? directions - 1 : 0;
  return {
    inputs: [0],
    extra: [
      floats('cell results', directions * perDirection),
      { name: 'input of the second direction', bytes: copies * (context.input(0)?.bytes ?? 0) },
    ],
  };
}

/** Initial states that the program does not give are zeros, made in every forward pass and kept. */
export function zeroStates(
  context: StepContext,
  states: readonly number[],
  sizes: LayerSizes,
): Saved['extra'] {
  const missing = states.filter((index) => !context.input(index)).length;
  return [floats('initial states', missing * sizes.directions * sizes.batch * sizes.hidden)];
}

/** Layers over sequences of another layout, such as [batch, time, ...], begin by making them contiguous. */
export function copiesInput(context: StepContext): boolean {
  const x = context.input(0);
  if (!x?.strides) return false;
  return contiguousStrides(x.shape).some((stride, axis) => x.shape[axis] > 1 && stride !== x.strides![axis]);
}
