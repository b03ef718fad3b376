import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import { ControlledJob, uncontrolled } from '../../../planner-core/base/job';
import { gunzip } from '../../../planner-core/measurements/gunzip';
import { eachJsonItem } from '../../../planner-core/measurements/jsonItems';
import type { MeasuredRun } from '../../../planner-core/measurements/measuredRun';
import { readMeasurements } from '../../../planner-core/measurements/readMeasurements';
import { fixture, text, unpacked } from './support';

const read = (bytes: Uint8Array, file = 'some.file'): Promise<MeasuredRun> =>
  readMeasurements(bytes, file, uncontrolled);

describe('reading measurements', () => {
  it('reads a trace of PyTorch: one step, forward and backward', async () => {
    const run = await read(fixture('resnet.trace.json.gz'));
    expect(run.source).toBe('pytorch-profiler');
    expect(run.steps).toHaveLength(1);
    const [calls] = run.steps;
    const named = (name: string) => calls.filter((call) => call.name === name);
    expect(named('aten::conv2d')).toHaveLength(20);
    expect(named('aten::batch_norm')).toHaveLength(20);
    expect(named('ConvolutionBackward0').every(({ phase }) => phase === 'backward')).toBe(true);
    expect(named('ConvolutionBackward0')).toHaveLength(20);
    const [first] = named('aten::conv2d');
    expect(first.inputShapes).toEqual([
      [4, 3, 64, 64],
      [16, 3, 7, 7],
    ]);
    expect(first.heldBytes).toBe(4 * 16 * 32 * 32 * 4);
    expect(run.memory?.peakBytes).toBeGreaterThan(run.memory?.startBytes ?? Infinity);
  });

  it('takes nothing that runs during the backward pass for a call of the forward pass', async () => {
    const [calls] = (await read(fixture('resnet.trace.json.gz'))).steps;
    const firstBackward = calls.findIndex(({ name }) => name === 'SumBackward0');
    expect(calls.slice(firstBackward).filter(({ phase }) => phase === 'forward')).toEqual([]);
    expect(firstBackward).toBeGreaterThan(60);
  });

  it('tells steps apart, and leaves the optimizer out', async () => {
    const { steps } = await read(fixture('tiny_mlp.trace.json.gz'));
    expect(steps).toHaveLength(3);
    for (const calls of steps) {
      expect(calls.filter(({ name }) => name === 'aten::linear')).toHaveLength(3);
      expect(calls.some(({ name }) => name.includes('foreach'))).toBe(false);
    }
  });

  it('knows the modules around a call', async () => {
    const [calls] = (await read(fixture('lm.trace.json.gz'))).steps;
    const norm = calls.find(({ name }) => name === 'aten::layer_norm');
    expect(norm?.scopes).toEqual(['LanguageModel', 'Sequential', 'TransformerBlock', 'LayerNorm']);
  });

  it('reads a profile of ONNX Runtime, a step for each run', async () => {
    const run = await read(fixture('lm.ort.json.gz'));
    expect(run.source).toBe('onnxruntime');
    expect(run.steps).toHaveLength(3);
    expect(new Set(run.steps.map(({ length }) => length)).size).toBe(1);
    const norm = run.steps[0].find(({ name }) => name === 'node_layer_norm');
    expect(norm).toMatchObject({
      type: 'LayerNormalization',
      heldBytes: 2 * 32 * 64 * 4,
      outputElements: 4096,
    });
  });

  it.each(['2', '4', '5'])('reads a memory snapshot of pickle protocol %s', async (protocol) => {
    expect(await read(fixture(`snapshot.${protocol}.pickle`))).toMatchObject({
      source: 'memory-snapshot',
      steps: [],
      // Nothing was allocated when the history began; 1,000,000 and 700,000 bytes at once later.
      memory: { device: 'cuda0', startBytes: 0, peakBytes: 1_700_000, reservedBytes: 2_097_152 },
    });
  });

  it('reads a table', async () => {
    const run = await read(text('name,ms,backward_ms,bytes\n"a ""b"", c",1.5,2,\r\n\nd,,,64\n'));
    expect(run.steps).toEqual([
      [
        { name: 'a "b", c', phase: 'forward', ms: 1.5, heldBytes: undefined },
        { name: 'a "b", c', phase: 'backward', ms: 2 },
        { name: 'd', phase: 'forward', ms: NaN, heldBytes: 64 },
      ],
    ]);
  });

  it.each([
    ['', 'The file is empty.'],
    ['name,ms\n', 'The table has no lines below its header.'],
    ['name,ms\na,fast\n', 'Line 2: ms is "fast", not a number of at least 0.'],
    ['name,ms\n,1\n', 'Line 2 names no layer.'],
    ['name,ms\na"b,1\n', 'Line 2 is not comma-separated values.'],
    ['layer,time\na,1\n', 'The file is neither a trace nor a table with columns "name" and "ms" or "bytes".'],
    ['name,ms,colour\na,1,red\n', 'The table has a column "colour".'],
    ['{"traceEvents": []}', 'The trace has no operator: ProfilerActivity.CPU was not recorded.'],
    ['{"a": [1, 2]}', 'The file has no list "traceEvents".'],
    ['{"traceEvents": [{"ph": "X"}', 'The file ends within its list of events.'],
    ['{"traceEvents": [{"ph": "X]', 'The file ends within a text.'],
    ['{"traceEvents": [{ph: 1}]}', 'An event is not JSON.'],
    ['[]', 'The profile times no node.'],
    ['[1, null, "a"]', 'The profile times no node.'],
  ])('refuses %j', async (content, message) => {
    await expect(read(text(content))).rejects.toMatchObject({ code: 'bad-measurements', message });
  });

  it('refuses every truncation of a trace, packed or not, or reads what is whole', async () => {
    const whole = unpacked('tiny_mlp.trace.json.gz');
    const packed = fixture('tiny_mlp.trace.json.gz');
    const part = fc.tuple(fc.constantFrom(whole, packed), fc.double({ min: 0, max: 0.999, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(part, async ([bytes, share]) => {
        const cut = bytes.subarray(0, Math.floor(share * bytes.length));
        await expect(read(cut)).rejects.toBeInstanceOf(HeadroomError);
      }),
      { numRuns: 60 },
    );
  });

  it('ends in an error of its own for any damaged byte', async () => {
    const whole = fixture('lm.ort.json.gz');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const damaged = whole.slice();
        damaged[at] ^= by;
        await read(damaged).catch((error: unknown) => expect(error).toBeInstanceOf(HeadroomError));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a gzip bomb at the limit, without unpacking more', async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(2 ** 24)));
    expect(bomb.length).toBeLessThan(2 ** 15);
    await expect(gunzip(bomb, 2 ** 20, uncontrolled)).rejects.toMatchObject({ code: 'limit-exceeded' });
    expect(await gunzip(bomb, 2 ** 24, uncontrolled)).toHaveLength(2 ** 24);
  });

  it('refuses an event of megabytes', async () => {
    const bomb = text(`{"traceEvents": [{"name": "${'a'.repeat(5 * 2 ** 20)}"}]}`);
    await expect(read(bomb)).rejects.toMatchObject({ code: 'limit-exceeded' });
  });

  it('can be cancelled', async () => {
    const job = new ControlledJob();
    job.cancel();
    const reading = readMeasurements(fixture('lm.trace.json.gz'), 'a', job);
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('eachJsonItem', () => {
  it('gives what JSON.parse gives, whatever is around', async () => {
    const items = fc.array(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.constant({})));
    await fc.assert(
      fc.asyncProperty(
        items,
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(undefined, 1),
        async (list, around, space) => {
          const document = { ...around, ['key']: list, after: [1] };
          const found: unknown[] = [];
          await eachJsonItem(text(JSON.stringify(document, undefined, space)), 'key', uncontrolled, (item) =>
            found.push(item),
          );
          expect(found).toEqual(JSON.parse(JSON.stringify(list)));
        },
      ),
      { numRuns: 100 },
    );
  });
});
