import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { computationFamily } from '../../../planner-core/measurements/families';
import type { MeasuredStep } from '../../../planner-core/measurements/measuredStep';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { measuredLayers, type MeasuredLayer } from '../../../planner-core/session/measuredLayers';
import { cpuInputs, fixture, openFixture, text, unpacked } from './support';

interface Measured {
  readonly session: PlannerSession;
  readonly measured: MeasuredStep;
  readonly layer: (name: string) => MeasuredLayer;
}

async function measure(model: string, files: Record<string, Uint8Array>): Promise<Measured> {
  const session = openFixture(model);
  const inputs = cpuInputs(session);
  const list = Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
  const measured = await session.measure(inputs, list);
  const { step, layers } = session.configure(inputs);
  const found = measuredLayers(step, layers, measured);
  const layer = (name: string) => found[layers.findIndex((row) => row.name === name)];
  return { session, measured, layer };
}

describe('putting a trace of PyTorch to layers', () => {
  it('finds every layer of a residual network, and nearly all of its time', async () => {
    const { measured, layer } = await measure('resnet', { 'a.json.gz': fixture('resnet.trace.json.gz') });
    const { match } = measured;
    expect(match.trafficShare).toBeGreaterThan(0.99);
    expect(match.timeShare).toBeGreaterThan(0.9);
    // Twenty counters of batches and the loss belong to no layer.
    expect(match.otherCalls.map(({ name }) => name)).toContain('aten::add_');
    // The shortcut's convolution has a kernel of its own size: order alone would mistake it for conv2.
    const shortcut = layer('layers.4.down.0');
    expect(shortcut.heldBytes).toBe(4 * 64 * 4 * 4 * 4);
    expect(shortcut.backwardMs).toBeGreaterThan(0);
  });

  it('measures what is predicted to be allocated, to the byte', async () => {
    for (const model of ['resnet', 'lm']) {
      const { layer, session } = await measure(model, { 'a.json.gz': fixture(`${model}.trace.json.gz`) });
      const { layers } = session.configure(cpuInputs(session));
      const compared = layers
        .filter(
          ({ kind, type }) => kind === 'operator' && /Conv|linear|Normalization|Attention|Gelu/.test(type),
        )
        .map(({ name }) => layer(name));
      expect(compared.length).toBeGreaterThan(20);
      for (const { heldBytes, predictedBytes } of compared) expect(heldBytes).toBe(predictedBytes);
    }
  });

  it('measures the growth of memory that is predicted', async () => {
    const { measured, session } = await measure('resnet', { 'a.json.gz': fixture('resnet.trace.json.gz') });
    const { step, keepAllPeakBytes } = session.configure(cpuInputs(session));
    const start = step.valueBytes.reduce(
      (sum, bytes, value) => sum + (step.residentAtStart[value] ? bytes : 0),
      0,
    );
    const grown = (measured.memory?.peakBytes ?? 0) - (measured.memory?.startBytes ?? 0);
    expect(Math.abs(start + grown - keepAllPeakBytes) / keepAllPeakBytes).toBeLessThan(0.03);
  });

  it('gives the same answer again', async () => {
    const one = await measure('lm', { 'a.json.gz': fixture('lm.trace.json.gz') });
    const other = await measure('lm', { 'a.json.gz': fixture('lm.trace.json.gz') });
    expect(other.measured).toEqual(one.measured);
  });

  it('refuses a trace of another model', async () => {
    await expect(measure('lm', { 'a.json.gz': fixture('resnet.trace.json.gz') })).rejects.toMatchObject({
      code: 'other-measurements',
      message: expect.stringContaining('It begins with aten::conv2d') as string,
    });
  });

  it('refuses a trace of another batch, and says which', async () => {
    const other = new TextDecoder()
      .decode(unpacked('resnet.trace.json.gz'))
      .replaceAll(/"Input Dims":\[\[4,/g, '"Input Dims":[[6,');
    await expect(measure('resnet', { 'a.json': text(other) })).rejects.toMatchObject({
      code: 'other-measurements',
      message: expect.stringContaining(
        'aten::conv2d ran on 6×3×64×64; node_conv2d of this step reads 4×3×64×64',
      ) as string,
    });
  });
});

describe('putting a profile of ONNX Runtime to layers', () => {
  it('takes the pieces of a call for the call', async () => {
    const { measured, layer } = await measure('lm', { 'ort.json.gz': fixture('lm.ort.json.gz') });
    expect(measured.match.trafficShare).toBe(1);
    const product = layer('node_linear');
    expect(product.heldBytes).toBe(product.predictedBytes);
    expect(product.forwardMs).toBeGreaterThan(0);
    expect(product.backwardMs).toBeNaN();
  });

  it('is not misled by the names of another model', async () => {
    await expect(measure('resnet', { 'ort.json.gz': fixture('lm.ort.json.gz') })).rejects.toMatchObject({
      code: 'other-measurements',
    });
  });
});

describe('tables', () => {
  it('puts times to operators and shares those of modules', async () => {
    const table = text('name,ms,backward_ms,bytes\nnode_linear,2,3,100\nblocks.1,7,,\n');
    const { layer } = await measure('lm', { 'a.csv': table });
    expect(layer('node_linear')).toMatchObject({ forwardMs: 2, backwardMs: 3, heldBytes: 100 });
    expect(layer('blocks.1').forwardMs).toBeCloseTo(7);
  });

  it('uses the time of an equal computation where there is none, and says so', async () => {
    const { layer, measured } = await measure('lm', { 'a.csv': text('name,ms\nnode_gelu,2\n') });
    expect(layer('node_gelu')).toMatchObject({ forwardMs: 2, ownShare: 0.5 });
    expect(layer('node_gelu_1')).toMatchObject({ forwardMs: 2, ownShare: 0 });
    expect(measured.match.matchedNodes).toBe(1);
  });

  it('refuses one without a name of the model', async () => {
    await expect(measure('lm', { 'a.csv': text('name,ms\nnobody,2\n') })).rejects.toMatchObject({
      code: 'other-measurements',
      message: expect.stringContaining('"nobody" is none') as string,
    });
  });
});

describe('calibration from measurements', () => {
  it('has each kind of computation once, and comes nearer to what was measured', async () => {
    const { session, measured } = await measure('resnet', { 'a.json.gz': fixture('resnet.trace.json.gz') });
    const inputs = cpuInputs(session);
    const calibration = session.calibration(inputs, measured);
    expect(calibration.device).toBe('EPYC 9654 (CPU)');
    expect(calibration.classes.convolution?.samples).toBeLessThan(16);
    const error = (of: typeof inputs): number => {
      const { step, layers } = session.configure(of);
      return measuredLayers(step, layers, measured)
        .filter(
          ({ forwardMs, backwardMs }, i) => layers[i].kind === 'operator' && forwardMs > 0 && backwardMs > 0,
        )
        .reduce(
          (sum, { forwardMs, backwardMs, predictedMs }) =>
            sum + Math.abs(Math.log((forwardMs + backwardMs) / predictedMs)),
          0,
        );
    };
    expect(error({ ...inputs, calibration: { file: 'a', calibration } })).toBeLessThan(error(inputs) / 2);
  });

  it('needs times', async () => {
    const { session, measured } = await measure('lm', { 'a.csv': text('name,bytes\nnode_linear,4\n') });
    expect(() => session.calibration(cpuInputs(session), measured)).toThrow(/time no layer/);
  });
});

describe('computationFamily', () => {
  it.each([
    ['aten::conv2d', 'Conv'],
    ['aten::_native_batch_norm_legit', 'BatchNormalization'],
    ['aten.layer_norm.default', 'LayerNormalization'],
    ['aten::addmm', 'linear'],
    ['aten::relu_', 'Relu'],
    ['aten::scaled_dot_product_attention', 'Attention'],
    ['aten::adaptive_avg_pool2d', 'GlobalAveragePool'],
    ['aten::add', 'Add'],
  ])('%s is %s', (one, other) => expect(computationFamily(one)).toBe(computationFamily(other)));

  it('keeps different computations apart', () => {
    const names = [
      'Conv',
      'MatMul',
      'Relu',
      'Add',
      'Mul',
      'Softmax',
      'LogSoftmax',
      'Gelu',
      'MaxPool',
      'AveragePool',
    ];
    expect(new Set(names.map(computationFamily)).size).toBe(names.length);
  });
});

it('opens the fixture without its weights', () => {
  expect(() => PlannerSession.open(new MemoryByteSource(unpacked('lm.onnx.gz')), 'lm.onnx')).not.toThrow();
});
