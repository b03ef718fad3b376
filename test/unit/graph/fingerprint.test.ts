import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../planner-core/graph/fingerprint';
import type { ModelSpec } from '../../fixtures/onnx-builder/onnx';
import { open, openFileAt, samples } from '../formats/support';

const base = (): ModelSpec => ({
  inputs: [{ name: 'x', dims: ['batch', 8] }],
  initializers: [
    { name: 'fc.weight', dims: [8, 2], raw: new Uint8Array(64) },
    { name: 'shape', type: 'int64', dims: [2], int64s: [-1, 2] },
  ],
  nodes: [
    { type: 'Gemm', name: '/fc/Gemm', inputs: ['x', 'fc.weight'], outputs: ['h'], attributes: { transB: 0 } },
    { type: 'Reshape', name: '/Reshape', inputs: ['h', 'shape'], outputs: ['y'] },
  ],
  outputs: [{ name: 'y', dims: ['batch', 2] }],
});

const of = (change: (spec: ModelSpec) => ModelSpec): string => fingerprint(open(change(base())));
const original = of((spec) => spec);
const renamed = (spec: ModelSpec, from: string, to: string): ModelSpec =>
  JSON.parse(JSON.stringify(spec).replaceAll(`"${from}"`, `"${to}"`)) as ModelSpec;
/** Bytes do not survive JSON. */
const withoutWeights = (spec: ModelSpec): ModelSpec => ({
  ...spec,
  initializers: spec.initializers?.map(({ raw: _, ...rest }) => rest),
});

describe('fingerprint', () => {
  it('is 64 bits in hexadecimal', () => {
    expect(original).toMatch(/^[0-9a-f]{16}$/);
    expect(of((spec) => spec)).toBe(original);
  });

  it.each<[string, (spec: ModelSpec) => ModelSpec]>([
    [
      'weights',
      (spec) => ({
        ...spec,
        initializers: [{ ...spec.initializers![0], raw: new Uint8Array(64).fill(1) }, spec.initializers![1]],
      }),
    ],
    [
      'weights kept elsewhere',
      (spec) => ({
        ...spec,
        initializers: [
          { name: 'fc.weight', dims: [8, 2], external: { location: 'w' } },
          spec.initializers![1],
        ],
      }),
    ],
    ['names of computed values', (spec) => renamed(withoutWeights(spec), 'h', 'hidden')],
    ['the order of initializers', (spec) => ({ ...spec, initializers: [...spec.initializers!].reverse() })],
    [
      'initializers that nothing reads',
      (spec) => ({
        ...spec,
        initializers: [...spec.initializers!, { name: 'steps', type: 'int64', dims: [], int64s: [9] }],
      }),
    ],
    ['the producer', (spec) => ({ ...spec, producer: ['someone', 'else'] })],
    ['the graph name and metadata', (spec) => ({ ...spec, name: 'other', metadata: { path: '/home/me' } })],
  ])('does not depend on %s', (_, change) => {
    expect(of(change)).toBe(original);
  });

  it.each<[string, (spec: ModelSpec) => ModelSpec]>([
    ['an operator type', (spec) => renamed(withoutWeights(spec), 'Gemm', 'MatMul')],
    [
      'an attribute',
      (spec) => ({ ...spec, nodes: [{ ...spec.nodes![0], attributes: { transB: 1 } }, spec.nodes![1]] }),
    ],
    ['a shape', (spec) => ({ ...spec, inputs: [{ name: 'x', dims: ['batch', 9] }] })],
    ['a dimension name', (spec) => ({ ...spec, inputs: [{ name: 'x', dims: ['n', 8] }] })],
    [
      'an element type',
      (spec) => ({ ...spec, inputs: [{ name: 'x', type: 'float16', dims: ['batch', 8] }] }),
    ],
    [
      'an integer constant',
      (spec) => ({
        ...spec,
        initializers: [spec.initializers![0], { ...spec.initializers![1], int64s: [2, -1] }],
      }),
    ],
    ['wiring', (spec) => ({ ...spec, nodes: [{ ...spec.nodes![0], inputs: ['x', 'x'] }, spec.nodes![1]] })],
    [
      'an operator name',
      (spec) => ({ ...spec, nodes: [spec.nodes![0], { ...spec.nodes![1], name: '/other' }] }),
    ],
    [
      'a module name',
      (spec) => renamed(renamed(withoutWeights(spec), 'fc.weight', 'f.weight'), '/fc/Gemm', '/f/Gemm'),
    ],
    ['an operator set', (spec) => ({ ...spec, opsets: { '': 18 } })],
    [
      'an operator more',
      (spec) => ({ ...spec, nodes: [...spec.nodes!, { type: 'Relu', inputs: ['y'], outputs: ['z'] }] }),
    ],
    [
      'an absent input',
      (spec) => ({ ...spec, nodes: [{ ...spec.nodes![0], inputs: ['x', 'fc.weight', ''] }, spec.nodes![1]] }),
    ],
  ])('depends on %s', (_, change) => {
    expect(of(change)).not.toBe(original);
  });

  it('looks into subgraphs', () => {
    const body = (type: string): ModelSpec => ({
      inputs: [{ name: 'c' }],
      nodes: [
        {
          type: 'If',
          name: 'if',
          inputs: ['c'],
          outputs: ['y'],
          attributes: {
            then_branch: {
              graph: { nodes: [{ type, name: 'n', outputs: ['t'] }], outputs: [{ name: 't' }] },
            },
          },
        },
      ],
    });
    expect(fingerprint(open(body('A')))).not.toBe(fingerprint(open(body('B'))));
  });

  it('differs between the samples', () => {
    const files = readdirSync(samples).filter((file) => file.endsWith('.onnx'));
    const all = files.map((file) => fingerprint(openFileAt(join(samples, file))));
    expect(new Set(all).size).toBe(files.length);
  });
});
