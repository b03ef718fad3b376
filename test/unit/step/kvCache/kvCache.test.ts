import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundDimensions, freeDimensions, resized } from '../../../../planner-core/step/dimensions';
import { symbol } from '../../../../planner-core/graph/dim';
import type { ModelGraph } from '../../../../planner-core/graph/modelGraph';
import type { KvCache } from '../../../../planner-core/step/kvCache/kvCache';
import { ValueKind } from '../../../../planner-core/step/stepGraph';
import type { Workload } from '../../../../planner-core/step/workload';
import '../../support/seedProperties';
import { ModelBuilder } from '../../support/modelBuilder';
import { build, bytesAtEnd, liveBytesOf } from '../stepProbe';
import { decoder, fused, smallDecoder, writtenOut, type DecoderSizes } from './decoder';

const run = (
  graph: ReturnType<typeof decoder>,
  tokens: number,
  batch = 1,
  changes: Partial<Workload> = {},
): ReturnType<typeof build> =>
  build(graph, { mode: 'inference', dims: { batch }, kvCacheTokens: tokens, ...changes });

const cacheOf = (...parameters: Parameters<typeof run>): KvCache | undefined => run(...parameters).kvCache;

/** Both kinds of attention with the least they can have: one layer's keys and values for one token. */
const perToken = ({ layers, keyValueHeads, headSize }: DecoderSizes): number =>
  2 * layers * keyValueHeads * headSize * 4;

describe('the key-value cache', () => {
  test.each([
    ['written out', writtenOut('triangle')],
    ['fused, causal by attribute', fused({ is_causal: 1 })],
    ['fused, causal by mask', fused({}, 'triangle')],
  ])('attention %s: heads of keys and values count, not those of the query', (_, attention) => {
    const cache = cacheOf(decoder(smallDecoder, attention), 100, 3)!;
    expect(
      cache.layers.map(({ keyValueHeads, keyHeadSize, valueHeadSize }) => [
        keyValueHeads,
        keyHeadSize,
        valueHeadSize,
      ]),
    ).toEqual([
      [2, 4, 4],
      [2, 4, 4],
    ]);
    expect(cache.bytesPerToken).toBe(perToken(smallDecoder));
    expect(cache.bytes).toBe(perToken(smallDecoder) * 100 * 3);
  });

  test.each([
    ['no mask', writtenOut(undefined)],
    ['a padding mask', writtenOut('padding')],
    ['a fused call without a mask', fused({})],
  ])('an encoder has none: %s', (_, attention) => {
    const { kvCache, step } = run(decoder(smallDecoder, attention), 100);
    expect(kvCache).toBeUndefined();
    expect(step.diagnostics.map(({ code }) => code)).toContain('no-kv-cache');
  });

  test('is found with one new token too, where a causal mask has one row', () => {
    const one = { ...smallDecoder, newTokens: 1 };
    expect(cacheOf(decoder(one, fused({ is_causal: 1 })), 10)!.bytes).toBe(perToken(one) * 10);
  });

  test('half precision halves it', () => {
    const graph = decoder(smallDecoder, fused({ is_causal: 1 }));
    expect(cacheOf(graph, 100, 1, { precision: 'bf16' })!.bytes).toBe((perToken(smallDecoder) * 100) / 2);
  });

  test('training has none', () => {
    const graph = decoder(smallDecoder, fused({ is_causal: 1 }));
    expect(build(graph, { dims: { batch: 1 }, kvCacheTokens: 100 }).kvCache).toBeUndefined();
  });

  test('its bytes are linear in tokens and in sequences, and exactly the formula', () => {
    const sizes = fc.record({
      layers: fc.integer({ min: 1, max: 3 }),
      keyValueHeads: fc.integer({ min: 1, max: 4 }),
      groups: fc.integer({ min: 1, max: 3 }),
      headSize: fc.integer({ min: 2, max: 16 }),
      newTokens: fc.integer({ min: 2, max: 6 }),
    });
    const attention = fc.constantFrom(writtenOut('triangle'), fused({ is_causal: 1 }));
    const tokens = fc.integer({ min: 1, max: 100_000 });
    const batch = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(sizes, attention, tokens, batch, (decoderSizes, kind, count, sequences) => {
        const graph = decoder(decoderSizes, kind);
        const cache = cacheOf(graph, count, sequences)!;
        expect(cache.bytes).toBe(perToken(decoderSizes) * count * sequences);
        expect(cacheOf(graph, 2 * count, sequences)!.bytes).toBe(2 * cache.bytes);
        expect(cacheOf(graph, count, 3 * sequences)!.bytes).toBe(3 * cache.bytes);
      }),
      { numRuns: 40 },
    );
  });
});

describe('attention of ONNX Runtime', () => {
  /** One operator of com.microsoft over [2, 5, ...] inputs named in order. */
  const contrib = (
    type: string,
    inputs: readonly (readonly number[])[],
    attributes: Record<string, number>,
  ): ModelGraph => {
    const builder = new ModelBuilder();
    const names = inputs.map((_, index) => `past_${index}`);
    inputs.forEach((shape, index) => builder.input(names[index], shape));
    const graph = builder.operator(type, names, ['y'], attributes).build('y');
    return { ...graph, operators: graph.operators.map((one) => ({ ...one, domain: 'com.microsoft' })) };
  };
  const x = [2, 5, 64];

  test.each([
    [
      'GroupQueryAttention',
      contrib('GroupQueryAttention', [x, [2, 5, 16], [2, 5, 16]], { num_heads: 8, kv_num_heads: 2 }),
      2,
      8,
    ],
    [
      'the same with a packed query',
      contrib('GroupQueryAttention', [[2, 5, 96]], { num_heads: 8, kv_num_heads: 2 }),
      2,
      8,
    ],
    [
      'MultiHeadAttention',
      contrib('MultiHeadAttention', [x, x, x], { num_heads: 8, unidirectional: 1 }),
      8,
      8,
    ],
    [
      'Attention with a packed weight',
      contrib('Attention', [x, [64, 192]], { num_heads: 8, unidirectional: 1 }),
      8,
      8,
    ],
  ])('%s', (_, graph, heads, headSize) => {
    const { kvCache } = build(graph, { mode: 'inference', kvCacheTokens: 10 });
    expect(kvCache?.bytes).toBe(2 * heads * headSize * 4 * 10 * 2);
  });

  test('without a direction it is an encoder', () => {
    const graph = contrib('MultiHeadAttention', [x, x, x], { num_heads: 8 });
    expect(build(graph, { mode: 'inference', kvCacheTokens: 10 }).kvCache).toBeUndefined();
  });
});

describe('appending to the cache', () => {
  const sizes = { ...smallDecoder, layers: 3 };
  const graph = decoder(sizes, fused({ is_causal: 1 }));
  const layerBytes = (tokens: number): number => (perToken(sizes) / 3) * tokens;

  test('leaves the grown cache behind, and the old one only where nothing was appended', () => {
    const { step } = run(graph, 100);
    const without = run(graph, 0);
    expect(bytesAtEnd(step) - bytesAtEnd(without.step)).toBe(3 * layerBytes(108));
  });

  test('needs one tensor of one layer twice: keys are replaced before values grow', () => {
    const { step } = run(graph, 1000, 1, { liveness: 'ideal' });
    const live = liveBytesOf(step);
    const [first, second] = [...live.keys()].filter((name) => name.endsWith('cache/cat'));
    expect(first).toContain('key cache');
    expect(second).toContain('value cache');
    // Growing the keys: all old caches and the grown keys. Growing the values: the old keys are gone.
    expect(live.get(second)! - live.get(first)!).toBe(layerBytes(1008) / 2 - layerBytes(1000) / 2);
  });

  test('makes scores and repeated heads as long as the context', () => {
    const written = decoder(sizes, writtenOut('triangle'));
    const bytesOf = (tokens: number, name: string): number => {
      const { step } = run(written, tokens);
      return step.valueBytes[step.valueName.indexOf(name)];
    };
    expect(bytesOf(0, 'p0')).toBe(4 * 4 * 8 * 8);
    expect(bytesOf(92, 'p0')).toBe(4 * 4 * 8 * 100);
    expect(bytesOf(92, 'k0_repeated')).toBe(4 * 4 * 100 * 4);
    expect(bytesOf(92, 'k0_flat')).toBe(4 * 2 * 8 * 4);
  });
});

describe('a file that takes its cache as inputs', () => {
  const withPast = (past: 'past' | number) =>
    new ModelBuilder()
      .input('q', [1, 2, 1, 4])
      .input('past_key_values.0.key', [1, 2, past === 'past' ? symbol('past_length') : past, 4])
      .input('past_key_values.0.value', [1, 2, past === 'past' ? symbol('past_length') : past, 4])
      .parameter('w', [4, 4])
      .operator('MatMul', ['q', 'w'], ['k'])
      .operator('Concat', ['past_key_values.0.key', 'k'], ['present_k'], { axis: 2 })
      .operator('Concat', ['past_key_values.0.value', 'k'], ['present_v'], { axis: 2 })
      .operator('Attention', ['q', 'present_k', 'present_v'], ['y'], { is_causal: 1 })
      .build('y', 'present_k', 'present_v');

  test('counts these inputs, once', () => {
    const { kvCache, step } = build(withPast(50), { mode: 'inference', kvCacheTokens: 7 });
    expect([kvCache?.tokens, kvCache?.bytes]).toEqual([50, 2 * 2 * 4 * 4 * 50]);
    expect(step.valueName.filter((name) => name.includes('cache'))).toEqual([]);
    const inputs = step.valueBytes.filter((_, value) => step.valueKind[value] === ValueKind.input);
    expect(inputs.reduce((sum, bytes) => sum + bytes, 0)).toBe(32 + kvCache!.bytes);
  });

  test('the number of cached tokens is the size of their axis', () => {
    const { kvCache } = build(withPast('past'), { mode: 'inference', kvCacheTokens: 300 });
    expect(kvCache?.tokens).toBe(300);
    const given = build(withPast('past'), {
      mode: 'inference',
      kvCacheTokens: 300,
      dims: { past_length: 9 },
    });
    expect(given.kvCache?.tokens).toBe(9);
  });
});

describe('a mask that counts earlier and new tokens under a name of its own', () => {
  const decoderWithMask = (tokens: 'new' | number) =>
    new ModelBuilder()
      .input('input_ids', [symbol('batch'), tokens === 'new' ? symbol('new') : tokens])
      .input('attention_mask', [symbol('batch'), symbol('total')])
      .input('past_key_values.0.key', [symbol('batch'), 2, symbol('past'), 4])
      .operator('Cast', ['attention_mask'], ['y'], { to: 1 })
      .build('y');
  const sizes = (
    tokens: 'new' | number,
    { dims = {}, kvCacheTokens = 0 }: { dims?: Record<string, number>; kvCacheTokens?: number },
  ) => boundDimensions(decoderWithMask(tokens), { dims, kvCacheTokens });

  test('is their sum, however they are given', () => {
    expect(sizes('new', {}).bindings.total).toBe(
      sizes('new', {}).bindings.past + sizes('new', {}).bindings.new,
    );
    expect(sizes('new', { dims: { past: 4096, new: 1 } }).bindings.total).toBe(4097);
    expect(sizes('new', { dims: { new: 3 }, kvCacheTokens: 70 }).bindings).toMatchObject({
      past: 70,
      total: 73,
    });
    expect(sizes(5, { dims: { past: 70 } }).bindings.total).toBe(75);
    expect(freeDimensions(decoderWithMask('new')).find(({ name }) => name === 'total')?.sumOf).toEqual([
      'past',
      'new',
    ]);
  });

  test('is what is given, with a warning where it cannot be', () => {
    const contradictory = sizes('new', { dims: { past: 4096, new: 1, total: 12 } });
    expect(contradictory.bindings.total).toBe(12);
    expect(contradictory.diagnostics.map(({ code }) => code)).toEqual(['sizes-contradict']);
    expect(sizes('new', { dims: { past: 11, new: 1, total: 12 } }).diagnostics).toEqual([]);
  });

  test('follows when one of them is changed', () => {
    const free = freeDimensions(decoderWithMask('new'));
    expect(resized(free, { past: 11, new: 1, total: 12 }, 'past', 20)).toEqual({ past: 20, new: 1 });
    expect(resized(free, { past: 11, new: 1, total: 12 }, 'batch', 20)).toEqual({
      past: 11,
      new: 1,
      total: 12,
      batch: 20,
    });
  });
});
