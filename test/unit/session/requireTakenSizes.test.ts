import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { requireTakenSizes } from '../../../planner-core/session/requireTakenSizes';
import { boundDimensions } from '../../../planner-core/step/dimensions';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { ints, SmallGraph, weight, x, type NodeSpec, type TensorSpec } from '../operators/smallGraph';

type Dims = Record<string, number>;

const add: NodeSpec = { type: 'Add', inputs: ['a', 'b'], outputs: ['sum'] };
const graphOf = (tensors: Record<string, TensorSpec>, ...nodes: NodeSpec[]): SmallGraph =>
  new SmallGraph({ tensors, nodes });

/** What is said of sizes that a workload gives; undefined where they are let through. */
function refusal(small: SmallGraph, dims: Dims): HeadroomError | undefined {
  const { diagnostics } = small.infer(boundDimensions(small.graph, { dims, kvCacheTokens: 0 }).bindings);
  try {
    requireTakenSizes(small.graph, { ...defaultWorkload, dims }, diagnostics);
    return undefined;
  } catch (error) {
    if (error instanceof HeadroomError) return error;
    throw error;
  }
}

describe('sizes that a model does not take', () => {
  const positions = graphOf({ a: x('batch', 'seq'), b: weight(1024) }, add);

  test('are refused with the operator and a size that it takes', () => {
    expect(refusal(positions, { batch: 4, seq: 2048 })).toMatchObject({
      code: 'bad-workload',
      message: 'The model does not take seq 2048: Add: Sizes 2048 and 1024 cannot be broadcast together.',
      hint: 'It takes seq 1024.',
      where: { node: 'Add_0' },
    });
    expect(refusal(positions, { seq: 1024 })).toBeUndefined();
  });

  test('of several dimensions are mended together, or one after the other', () => {
    const pieces = graphOf(
      { a: x('height', 'width'), shape: ints(-1, 32, 32) },
      { type: 'Reshape', inputs: ['a', 'shape'], outputs: ['tiles'] },
    );
    expect(refusal(pieces, { height: 33, width: 31 })?.hint).toBe('It takes height 224, width 224.');
    const pair = graphOf({ a: x('left'), b: x('right') }, add);
    expect(refusal(pair, { left: 4, right: 7 })?.hint).toBe('It takes right 4.');
  });

  test('are let through where no size helps, and where nobody gave them', () => {
    const broken = graphOf({ a: x('n', 2), b: weight(3) }, add);
    expect(refusal(broken, { n: 5 })).toBeUndefined();
    const assumed = graphOf({ a: x('batch', 'seq'), b: weight(100) }, add);
    expect(refusal(assumed, { batch: 5 })).toBeUndefined();
    expect(refusal(assumed, { seq: 512 })?.hint).toBe('It takes seq 100.');
  });

  test('of a file that is broken elsewhere are told apart from what is broken', () => {
    const both = graphOf(
      { a: x('n'), b: weight(64), c: x(2), d: weight(3) },
      { type: 'Add', inputs: ['c', 'd'], outputs: ['broken'] },
      add,
    );
    expect(refusal(both, { n: 100 })).toMatchObject({ hint: 'It takes n 64.', where: { node: 'Add_1' } });
    expect(refusal(both, { n: 64 })).toBeUndefined();
  });

  test('are refused exactly where inference refuses, and what is named instead is taken', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 1, max: 5000 }), (limit, size) => {
        const small = graphOf({ a: x('n'), b: weight(limit) }, add);
        const refused = refusal(small, { n: size });
        expect(refused === undefined).toBe(size === limit || size === 1);
        expect(refused?.hint ?? `It takes n ${limit}.`).toBe(
          `It takes n ${size < limit && size > 1 ? 1 : limit}.`,
        );
      }),
    );
  });
});

test('a session neither profiles nor plans such sizes, and goes on with others', async () => {
  const file = 'gpt2_small.train.onnx';
  const bytes = readFileSync(path.resolve(import.meta.dirname, '../../../samples', file));
  const session = PlannerSession.open(new MemoryByteSource(bytes), file);
  const base = session.defaultInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 }]);
  const ofLength = (seq: number) => ({ ...base, workload: { ...base.workload, dims: { batch: 1, seq } } });
  const refused = expect.objectContaining({ code: 'bad-workload', hint: 'It takes seq 1024.' }) as Error;
  expect(() => session.configure(ofLength(2048))).toThrow(refused);
  expect(() => session.profile(ofLength(2048), 'none')).toThrow(refused);
  await expect(session.plan(ofLength(2048))).rejects.toEqual(refused);
  expect(session.configure(ofLength(1024)).diagnostics).not.toContainEqual(
    expect.objectContaining({ code: 'shape-mismatch' }),
  );
});
