import type { Shape, TensorId } from '../../../graph/modelGraph';
import { int, text, type Call, type Lowering, type LoweringTable } from '../call';

/** [batch, time, features] of [time, batch, features], and back. */
const exchanged = ([first, second, ...rest]: Shape): Shape => [second, first, ...rest];
const exchange = { perm: { kind: 'ints', value: [1, 0, 2] } } as const;

/**
 * torch.lstm and the like run several layers; here every layer is an operator of its own on [time, batch, features],
 * with dropout between them. Packed sequences (overload `data`) and single samples are left as they are.
 */
const recurrent =
  (type: string): Lowering =>
  (call) => {
    const layers = call.constant('num_layers', 1);
    const directions = call.flag('bidirectional') ? 2 : 1;
    const parameters = call.tensors('params');
    const perLayer = parameters.length / layers;
    const shape = call.shape(call.results[0]);
    if (call.overload !== 'input' || shape.length !== 3 || !(perLayer >= 2) || !Number.isInteger(perLayer))
      return undefined;
    const isBatchFirst = call.flag('batch_first');
    const inner = isBatchFirst ? exchanged(shape) : shape;
    let sequence = isBatchFirst ? timeFirst(call) : call.tensor('input');
    for (let layer = 0; layer < layers; layer++) {
      const isLast = layer === layers - 1;
      const result = isLast && !isBatchFirst ? call.results[0] : call.made(`layer ${layer} result`, inner);
      const own = parameters.slice(layer * perLayer, (layer + 1) * perLayer);
      call.emit(
        `layer ${layer}`,
        {
          type,
          domain: 'aten',
          inputs: [sequence, ...statesOf(call), ...own],
          attributes: {
            hidden_size: int(hiddenSize(call, own[1])),
            direction: text(directions === 2 ? 'bidirectional' : 'forward'),
          },
        },
        [result, ...(isLast ? call.results.slice(1) : [])],
      );
      sequence = isLast ? result : dropped(call, result, layer, inner);
    }
    if (isBatchFirst)
      call.emit('batch first', { type: 'Transpose', inputs: [sequence], attributes: exchange }, [
        call.results[0],
      ]);
    return 'emitted';
  };

function timeFirst(call: Call): TensorId {
  const input = call.tensor('input');
  const result = call.made('time first', exchanged(call.shape(input)));
  call.emit('time first', { type: 'Transpose', inputs: [input], attributes: exchange }, [result]);
  return result;
}

/** Initial hidden state and cell state, -1 for what the cell does not have. */
function statesOf(call: Call): [TensorId, TensorId] {
  const [hidden = call.tensor('hx'), cell = -1] = call.tensors('hx');
  return [hidden, cell];
}

/** Columns of the weight that the hidden state is multiplied with. */
function hiddenSize(call: Call, recurrentWeight: TensorId): number {
  const size = call.shape(recurrentWeight)[1];
  return typeof size === 'number' ? size : 0;
}

function dropped(call: Call, input: TensorId, layer: number, shape: Shape): TensorId {
  const ratio = call.constant('dropout', 0);
  if (ratio === 0 || !call.flag('train')) return input;
  const result = call.made(`layer ${layer} dropped`, shape);
  const inputs = [input, call.literal(ratio), call.literal(1, 'bool')];
  call.emit(`layer ${layer} dropout`, { type: 'Dropout', inputs }, [result]);
  return result;
}

/** Recurrent layers. */
export const recurrentCalls: LoweringTable = {
  lstm: recurrent('LSTM'),
  gru: recurrent('GRU'),
  rnn_tanh: recurrent('RNN'),
  rnn_relu: recurrent('RNN'),
};
