import { beforeAll, describe, expect, it } from 'vitest';
import { readMeasurements } from '../../../../planner-core/measurements/readMeasurements';
import { uncontrolled } from '../../../../planner-core/base/job';
import { evaluate, quadraticFit } from '../../../../planner-core/planners/input-sizes/quadraticFit';
import {
  readSizeMeasurements,
  type LayerMeasurement,
} from '../../../../planner-core/planners/input-sizes/readSizeMeasurements';
import { cpuInputs, fixture, openFixture, text, unpacked } from '../../measurements/support';

/** Those of `make_sizes.py`, in the order of the trace's steps. */
const lengths = [16, 32, 64, 96, 128, 48, 112];
const heldOut = [48, 112];

const session = openFixture('sizes');
const inputs = cpuInputs(session);
const trace = fixture('sizes.trace.json.gz');

interface Event {
  readonly name: string;
  readonly args: Record<string, unknown>;
}
const altered = (alter: (event: Event) => Event | undefined): Uint8Array => {
  const { traceEvents } = JSON.parse(new TextDecoder().decode(unpacked('sizes.trace.json.gz'))) as {
    traceEvents: Event[];
  };
  return text(JSON.stringify({ traceEvents: traceEvents.flatMap((event) => alter(event) ?? []) }));
};
const withoutShapes = altered(({ args: { 'Input Dims': _, ...args }, ...event }) => ({ ...event, args }));

describe('a trace of steps of several sizes', () => {
  let rows: LayerMeasurement[];
  beforeAll(async () => {
    const { text: table } = await session.sizeTable(inputs, { name: 'run.json.gz', bytes: trace });
    rows = readSizeMeasurements(table, 'run.json.gz', ['seq']);
  });

  it('has its sizes read from the shapes of its calls', () => {
    expect([...new Set(rows.map(({ size }) => size[0]))]).toEqual(lengths);
  });

  it('has what PyTorch holds of every layer when it returns, which is what is computed here', async () => {
    const answer = await session.sizes({
      inputs,
      sizes: { text: lengths.join(' ') },
      measurements: [{ text: (await session.sizeTable(inputs, { name: 'run', bytes: trace })).text }],
      compare: false,
    });
    const { layers, worstError, worstLeftOutError, refused } = answer.predictor!;
    expect(layers.map(({ layer }) => layer)).toContain('blocks.0.attention');
    // Eager PyTorch makes a scalar of 8 bytes of the scores' divisor.
    for (const { errorToExact } of layers) expect(errorToExact).toBeLessThan(2e-4);
    expect(worstError).toBeLessThan(1e-6);
    expect(worstLeftOutError).toBeLessThan(1e-6);
    expect(refused).toEqual([]);
  });

  it('is read whatever other dimensions a workload names', async () => {
    const workload = { ...inputs.workload, dims: { seq: 64, batch: 4 } };
    const { text: table } = await session.sizeTable({ ...inputs, workload }, { name: 'run', bytes: trace });
    expect(table.split('\n')[0]).toBe('seq,layer,bytes,ms');
  });

  it('predicts sizes that were not fitted within 1 %', () => {
    const layers = [...new Set(rows.map(({ layer }) => layer))];
    expect(layers.length).toBeGreaterThan(10);
    for (const layer of layers) {
      const of = rows
        .filter((row) => row.layer === layer)
        .map(({ size, bytes }) => ({ x: size[0], y: bytes }));
      const fit = quadraticFit(of.filter(({ x }) => !heldOut.includes(x)));
      for (const { x, y } of of.filter((point) => heldOut.includes(point.x)))
        expect(Math.abs(evaluate(fit, x) / y - 1)).toBeLessThan(0.01);
    }
  });

  it('without shapes has its sizes from its name', async () => {
    const named = await session.sizeTable(inputs, {
      name: `run@seq=${lengths.join(',')}.json`,
      bytes: withoutShapes,
    });
    expect(readSizeMeasurements(named.text, named.name!, ['seq']).map(({ bytes }) => bytes)).toEqual(
      rows.map(({ bytes }) => bytes),
    );
  });

  it('is refused where sizes or memory are missing, or do not go with the steps', async () => {
    const table = (name: string, bytes: Uint8Array): Promise<unknown> =>
      session.sizeTable(inputs, { name, bytes });
    await expect(table('run.json', withoutShapes)).rejects.toThrow('tells the size of seq');
    await expect(table('run@seq=64,128.json', trace)).rejects.toThrow('the trace has 7 steps');
    await expect(
      table(
        'run.json',
        altered((event) => (event.name === '[memory]' ? undefined : event)),
      ),
    ).rejects.toMatchObject({ code: 'bad-measurements' });
    await expect(table('other.json', fixture('resnet.trace.json.gz'))).rejects.toThrow();
    await expect(table('lm.ort.json', fixture('lm.ort.json.gz'))).rejects.toMatchObject({
      code: 'bad-sizes',
    });
  });
});

describe('allocations', () => {
  it('of a span count until they are released', async () => {
    const { allocations, steps } = await readMeasurements(trace, 'run', uncontrolled);
    const spans = steps[0].map(({ span }) => span!);
    const [first, last] = [spans[0].start, spans[spans.length - 1].end];
    const held = allocations!.heldFrom(first, last, last);
    const { heldBytes } = allocations!.between(first, last);
    // What was there before and went meanwhile makes the difference.
    expect(held).toBeGreaterThanOrEqual(heldBytes);
    expect(allocations!.heldFrom(first, first, last)).toBe(0);
  });
});
