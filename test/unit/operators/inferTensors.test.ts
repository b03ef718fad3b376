import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bind } from '../../../planner-core/graph/dim';
import type { AttributeValue, ModelGraph, Operator, Subgraph } from '../../../planner-core/graph/modelGraph';
import { inferTensors } from '../../../planner-core/operators/inferTensors';
import { profiledOperators } from '../../../planner-core/operators/registry';
import {
  ints,
  scalar,
  single,
  SmallGraph,
  stepOf,
  weight,
  x,
  type NodeSpec,
  type TensorSpec,
} from './smallGraph';

const indices = (...shape: (number | string)[]): TensorSpec => ({ dtype: 'int64', shape, role: 'input' });

/** Heads split the way exporters write it: sizes are taken from the tensor, multiplied, and joined to a shape. */
const splitHeads: NodeSpec[] = [
  { type: 'Shape', inputs: ['x'], outputs: ['shape'] },
  { type: 'Gather', inputs: ['shape', 'zero'], outputs: ['batch'] },
  { type: 'Gather', inputs: ['shape', 'one'], outputs: ['length'] },
  { type: 'Gather', inputs: ['shape', 'two'], outputs: ['hidden'] },
  { type: 'Div', inputs: ['hidden', 'heads'], outputs: ['size'] },
  { type: 'Mul', inputs: ['batch', 'length'], outputs: ['rows'] },
  { type: 'Unsqueeze', inputs: ['rows', 'axis'], outputs: ['rows1'] },
  { type: 'Unsqueeze', inputs: ['heads', 'axis'], outputs: ['heads1'] },
  { type: 'Unsqueeze', inputs: ['size', 'axis'], outputs: ['size1'] },
  { type: 'Concat', inputs: ['rows1', 'heads1', 'size1'], outputs: ['target'], attributes: { axis: 0 } },
  { type: 'Reshape', inputs: ['x', 'target'], outputs: ['y'] },
];

const splitHeadsGraph = (): SmallGraph =>
  new SmallGraph({
    tensors: {
      x: x('b', 's', 768),
      zero: scalar(0, 'int64'),
      one: scalar(1, 'int64'),
      two: scalar(2, 'int64'),
      heads: scalar(12, 'int64'),
      axis: ints(0),
    },
    nodes: splitHeads,
  });

describe('folding of shape arithmetic', () => {
  it('follows sizes through arithmetic, with and without bindings', () => {
    const graph = splitHeadsGraph();
    expect(graph.describe(graph.infer(), 'y')).toBe('float32 [b*s, 12, 64]');
    expect(graph.describe(graph.infer({ b: 2, s: 5 }), 'y')).toBe('float32 [10, 12, 64]');
  });

  it('follows masks that turn -1 into 1 before an Expand', () => {
    const graph = new SmallGraph({
      tensors: { x: x('b', 1, 4), wanted: ints(-1, 6, -1), minus: ints(-1, -1, -1), ones: ints(1, 1, 1) },
      nodes: [
        { type: 'Equal', inputs: ['wanted', 'minus'], outputs: ['open'] },
        { type: 'Where', inputs: ['open', 'ones', 'wanted'], outputs: ['sizes'] },
        { type: 'Expand', inputs: ['x', 'sizes'], outputs: ['y'] },
      ],
    });
    expect(graph.describe(graph.infer(), 'y')).toBe('float32 [b, 6, 4]');
  });

  it('follows sizes scaled by a fraction once they are numbers, and gives up quietly before', () => {
    const graph = new SmallGraph({
      tensors: { x: x(1, 3, 'h', 'h'), scale: scalar(0.3) },
      nodes: [
        { type: 'Shape', inputs: ['x'], outputs: ['shape'], attributes: { start: 2 } },
        { type: 'Cast', inputs: ['shape'], outputs: ['sizes'], attributes: { to: 1 } },
        { type: 'Mul', inputs: ['sizes', 'scale'], outputs: ['scaled'] },
        { type: 'Floor', inputs: ['scaled'], outputs: ['whole'] },
        { type: 'Cast', inputs: ['whole'], outputs: ['target'], attributes: { to: 7 } },
        { type: 'Resize', inputs: ['x', '', '', 'target'], outputs: ['y'], attributes: { axes: [2, 3] } },
      ],
    });
    expect(graph.describe(graph.infer({ h: 15 }), 'y')).toBe('float32 [1, 3, 4, 4]');
    expect(graph.infer().diagnostics).toEqual([]);
    expect(graph.describe(graph.infer(), 'y')).toContain('Resize_5:size');
  });

  it('counts elements of a shape and the indices of a constant mask', () => {
    const graph = new SmallGraph({
      tensors: { x: x(2, 3, 4), mask: ints(1, 0, 1) },
      nodes: [
        { type: 'Shape', inputs: ['x'], outputs: ['shape'] },
        { type: 'ReduceProd', inputs: ['shape'], outputs: ['count'] },
        { type: 'Reshape', inputs: ['x', 'count'], outputs: ['flat'] },
        { type: 'NonZero', inputs: ['mask'], outputs: ['places'] },
      ],
    });
    const table = graph.infer();
    expect(graph.describe(table, 'flat')).toBe('float32 [24]');
    expect(table.facts[graph.id('places')]?.elements).toEqual([0, 2]);
  });

  it('gives the same answer symbolically as with numbers', () => {
    const graph = splitHeadsGraph();
    const symbolic = graph.infer().facts;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 64 }), (b, s) => {
        const bound = graph.infer({ b, s }).facts;
        for (const { id } of graph.graph.tensors) {
          expect(symbolic[id]?.shape?.map((dim) => bind(dim, { b, s }))).toEqual(bound[id]?.shape);
          expect(symbolic[id]?.elements?.map((dim) => bind(dim, { b, s }))).toEqual(bound[id]?.elements);
        }
      }),
    );
  });
});

describe('host operators', () => {
  it('puts the arithmetic of sizes on the host', () => {
    const graph = splitHeadsGraph();
    const table = graph.infer({ b: 2, s: 5 });
    expect(graph.graph.operators.filter((_, i) => !table.isHost(i)).map(({ type }) => type)).toEqual([
      'Reshape',
    ]);
  });

  it('leaves positions that index an embedding on the device, and their bounds on the host', () => {
    const graph = new SmallGraph({
      tensors: { x: x('b', 's'), table: weight(1024, 8), zero: scalar(0, 'int64'), one: scalar(1, 'int64') },
      nodes: [
        { type: 'Shape', inputs: ['x'], outputs: ['shape'] },
        { type: 'Gather', inputs: ['shape', 'one'], outputs: ['length'] },
        { type: 'Range', inputs: ['zero', 'length', 'one'], outputs: ['positions'] },
        { type: 'Gather', inputs: ['table', 'positions'], outputs: ['y'] },
      ],
    });
    const table = graph.infer({ b: 2, s: 5 });
    expect([0, 1, 2, 3].map(table.isHost)).toEqual([true, true, false, false]);
  });

  it('takes a single number for a Python scalar, unless it is trained or random', () => {
    const scaled = (scale: TensorSpec, type: string): SmallGraph =>
      new SmallGraph({
        tensors: { x: x('b', 4), scale },
        nodes: [
          { type, inputs: ['scale'], outputs: ['factor'] },
          { type: 'Mul', inputs: ['x', 'factor'], outputs: ['y'] },
        ],
      });
    expect(scaled(scalar(64), 'Sqrt').infer().isHost(0)).toBe(true);
    expect(scaled(weight(1), 'Exp').infer().isHost(0)).toBe(false);
    expect(scaled(scalar(1), 'RandomNormalLike').infer().isHost(0)).toBe(false);
  });

  it('computes a model output on the device', () => {
    expect(
      single('Shape', [x('b', 's')])
        .infer()
        .isHost(0),
    ).toBe(false);
  });
});

describe('what the file declares', () => {
  const relu = (declared: TensorSpec): SmallGraph =>
    new SmallGraph({
      tensors: { x: x('b', 4), y: declared },
      nodes: [{ type: 'Relu', inputs: ['x'], outputs: ['y'] }],
    });

  it('is overruled, with a note, where inference knows better', () => {
    const shape = relu({ dtype: 'float32', shape: [2, 5] });
    const table = shape.infer();
    expect(shape.describe(table, 'y')).toBe('float32 [b, 4]');
    expect(table.diagnostics.map(({ code, node }) => [code, node])).toEqual([
      ['declaration-conflict', 'Relu_0'],
    ]);
    expect(relu({ dtype: 'float16', shape: ['b', 4] }).infer().diagnostics).toHaveLength(1);
  });

  it('passes without a note where it only names a size differently', () => {
    const graph = relu({ dtype: 'float32', shape: ['Relu_dim_0', 4] });
    expect(graph.infer().diagnostics).toEqual([]);
    expect(graph.describe(graph.infer(), 'y')).toBe('float32 [b, 4]');
  });

  it('fills what depends on data', () => {
    const nonZero = (declared: TensorSpec): SmallGraph =>
      new SmallGraph({
        tensors: { x: x('b', 4), y: declared },
        nodes: [{ type: 'NonZero', inputs: ['x'], outputs: ['y'] }],
      });
    const known = nonZero({ dtype: 'int64', shape: [2, 12] });
    expect(known.describe(known.infer(), 'y')).toBe('int64 [2, 12]');
    const meaningless = nonZero({ dtype: 'int64', shape: [2, 'NonZero_dim_1'] });
    expect(meaningless.describe(meaningless.infer(), 'y')).toBe('int64 [2, NonZero_0:count]');
    expect(meaningless.describe(meaningless.infer({ 'NonZero_0:count': 7 }), 'y')).toBe('int64 [2, 7]');
  });

  it('stands for operators without a rule, which are named', () => {
    const graph = new SmallGraph({
      tensors: { x: x('b', 4), y: { dtype: 'float32', shape: ['b', 2] } },
      nodes: [
        { type: 'Frobnicate', domain: 'acme', inputs: ['x'], outputs: ['y'] },
        { type: 'Relu', inputs: ['y'], outputs: ['z'] },
        { type: 'Unheard', inputs: ['z'], outputs: ['w'] },
      ],
    });
    const table = graph.infer();
    expect(table.unprofiledOperators).toEqual(['Unheard', 'acme::Frobnicate']);
    expect(graph.describe(table, 'z')).toBe('float32 [b, 2]');
    expect(graph.describe(table, 'w')).toBe('?');
  });
});

describe('what cannot be', () => {
  const impossible: [what: string, graph: SmallGraph, code: string][] = [
    ['sizes that do not broadcast', single('Add', [x(2), x(3)]), 'shape-mismatch'],
    ['inner sizes that differ', single('MatMul', [x(2, 3), x(4, 5)]), 'shape-mismatch'],
    ['channels that do not fit', single('Conv', [x(1, 3, 8, 8), weight(4, 5, 3, 3)]), 'shape-mismatch'],
    ['a kernel larger than the input', single('Conv', [x(1, 3, 2, 2), weight(4, 3, 5, 5)]), 'shape-mismatch'],
    ['a reshape to another count', single('Reshape', [x(2, 3), ints(4)]), 'shape-mismatch'],
    ['a reshape with two open sizes', single('Reshape', [x(2, 3), ints(-1, -1)]), 'shape-mismatch'],
    ['an axis out of range', single('Softmax', [x(2, 3)], { attributes: { axis: 2 } }), 'shape-mismatch'],
    ['a squeeze of a size that is not 1', single('Squeeze', [x(2, 3), ints(0)]), 'shape-mismatch'],
    [
      'a permutation of the wrong length',
      single('Transpose', [x(2, 3)], { attributes: { perm: [0] } }),
      'bad-attribute',
    ],
    [
      'an attribute of the wrong kind',
      single('Softmax', [x(2)], { attributes: { axis: 'last' } }),
      'bad-attribute',
    ],
    [
      'a stride of 0',
      single('MaxPool', [x(1, 1, 4)], { attributes: { kernel_shape: [2], strides: [0] } }),
      'bad-attribute',
    ],
    ['a negative pad beyond the size', single('Pad', [x(2), ints(-3, 0)]), 'shape-mismatch'],
    ['pieces that are too many', single('Split', [x(2), ints(1, 2)], { outputs: 2 }), 'shape-mismatch'],
  ];

  it.each(impossible)('%s is a diagnostic and leaves the output unknown', (_, graph, code) => {
    const table = graph.infer();
    expect(table.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
    expect(graph.describe(table, 'out0')).toBe('?');
  });

  it('does not stop the operators behind it', () => {
    const graph = new SmallGraph({
      tensors: { a: x(2), b: x(3), c: x('n', 4) },
      nodes: [
        { type: 'Add', inputs: ['a', 'b'], outputs: ['broken'] },
        { type: 'Relu', inputs: ['broken'], outputs: ['unknown'] },
        { type: 'Relu', inputs: ['c'], outputs: ['fine'] },
      ],
    });
    const table = graph.infer();
    expect(graph.describe(table, 'unknown')).toBe('?');
    expect(graph.describe(table, 'fine')).toBe('float32 [n, 4]');
  });
});

describe('bodies', () => {
  /** A graph whose last operator has bodies made of tensors and operators that are written beside it. */
  function withBodies(
    graph: SmallGraph,
    type: string,
    inputs: readonly string[],
    bodies: Readonly<Record<string, { inputs: string[]; outputs: string[]; nodes: number[] }>>,
    outputs: readonly string[],
  ): ModelGraph {
    const all = graph.graph.operators;
    const used = new Set(Object.values(bodies).flatMap(({ nodes }) => nodes));
    const attributes = new Map(
      Object.entries(bodies).map(([name, body]): [string, AttributeValue] => {
        const value: Subgraph = {
          name,
          inputs: body.inputs.map((tensor) => graph.id(tensor)),
          outputs: body.outputs.map((tensor) => graph.id(tensor)),
          operators: body.nodes.map((node) => all[node]),
        };
        return [name, { kind: 'graph', value }];
      }),
    );
    const control: Operator = {
      name: type,
      domain: '',
      type,
      inputs: inputs.map((tensor) => graph.id(tensor)),
      outputs: outputs.map((tensor) => graph.id(tensor)),
      attributes,
      module: 0,
    };
    return { ...graph.graph, operators: [...all.filter((_, i) => !used.has(i)), control] };
  }

  const describeIn = (graph: SmallGraph, model: ModelGraph, name: string): string =>
    graph.describe(inferTensors(model, {}), name);

  it('If gives what both branches have in common, or the branch that runs', () => {
    const build = (condition: TensorSpec): [SmallGraph, ModelGraph] => {
      const graph = new SmallGraph({
        tensors: { x: x('b', 4), condition, two: ints(1, 2) },
        nodes: [
          { type: 'Relu', inputs: ['x'], outputs: ['small'] },
          { type: 'Tile', inputs: ['x', 'two'], outputs: ['large'] },
        ],
      });
      const bodies = {
        then_branch: { inputs: [], outputs: ['small'], nodes: [0] },
        else_branch: { inputs: [], outputs: ['large'], nodes: [1] },
      };
      return [graph, withBodies(graph, 'If', ['condition'], bodies, ['y'])];
    };
    const open = build({ dtype: 'bool', shape: [], role: 'input' });
    expect(describeIn(...open, 'y')).toBe('float32 [b, If:size]');
    expect(describeIn(...build(scalar(1, 'bool')), 'y')).toBe('float32 [b, 4]');
    expect(describeIn(...build(scalar(0, 'bool')), 'y')).toBe('float32 [b, 8]');
  });

  it.each<[string, TensorSpec, string, string]>([
    [
      'opens sizes that grow while the trip count is not known',
      indices(),
      '[Loop:size, 3]',
      '[Loop:iterations2, b]',
    ],
    ['follows the few iterations of a known count', scalar(5, 'int64'), '[7, 3]', '[5, b]'],
    ['gives nothing to stack in no iteration', scalar(0, 'int64'), '[2, 3]', '[0, b]'],
    ['opens them where iterations are many', scalar(500, 'int64'), '[Loop:size, 3]', '[500, b]'],
  ])('Loop %s', (_, trips, grown, scan) => {
    const graph = new SmallGraph({
      tensors: { trips, grows: x(2, 3), stays: x('b'), one: x(1, 3) },
      nodes: [
        { type: 'Identity', inputs: ['go_in'], outputs: ['go_out'] },
        { type: 'Concat', inputs: ['grows_in', 'one'], outputs: ['grows_out'], attributes: { axis: 0 } },
        { type: 'Relu', inputs: ['stays_in'], outputs: ['stays_out'] },
      ],
    });
    const body = {
      inputs: ['iteration', 'go_in', 'grows_in', 'stays_in'],
      outputs: ['go_out', 'grows_out', 'stays_out', 'stays_out'],
      nodes: [0, 1, 2],
    };
    const model = withBodies(graph, 'Loop', ['trips', '', 'grows', 'stays'], { body }, ['g', 's', 'scan']);
    expect(describeIn(graph, model, 'g')).toBe(`float32 ${grown}`);
    expect(describeIn(graph, model, 's')).toBe('float32 [b]');
    expect(describeIn(graph, model, 'scan')).toBe(`float32 ${scan}`);
    // Inside the body it holds for every iteration.
    expect(describeIn(graph, model, 'grows_in')).toMatch(/^float32 \[Loop:size\d*, 3\]$/);
  });

  it('Loop without a count ends when its condition, known in every iteration, says so', () => {
    const graph = new SmallGraph({
      tensors: { go: scalar(1, 'bool'), limit: scalar(3, 'int64'), grows: x(2, 3), one: x(1, 3) },
      nodes: [
        { type: 'Less', inputs: ['iteration', 'limit'], outputs: ['go_out'] },
        { type: 'Concat', inputs: ['grows_in', 'one'], outputs: ['grows_out'], attributes: { axis: 0 } },
      ],
    });
    const body = {
      inputs: ['iteration', 'go_in', 'grows_in'],
      outputs: ['go_out', 'grows_out'],
      nodes: [0, 1],
    };
    const model = withBodies(graph, 'Loop', ['', 'go', 'grows'], { body }, ['g']);
    expect(describeIn(graph, model, 'g')).toBe('float32 [6, 3]');
  });

  it('Scan cuts its sequence and stacks its results', () => {
    const graph = new SmallGraph({
      tensors: { state: x('b', 4), sequence: x('t', 'b', 4) },
      nodes: [{ type: 'Add', inputs: ['state_in', 'slice'], outputs: ['sum'] }],
    });
    const body = { inputs: ['state_in', 'slice'], outputs: ['sum', 'sum'], nodes: [0] };
    const model = withBodies(graph, 'Scan', ['state', 'sequence'], { body }, ['final', 'all']);
    const [scan] = model.operators.slice(-1);
    const attributes = new Map([...scan.attributes, ['num_scan_inputs', { kind: 'int', value: 1 } as const]]);
    const complete = { ...model, operators: [...model.operators.slice(0, -1), { ...scan, attributes }] };
    expect(describeIn(graph, complete, 'final')).toBe('float32 [b, 4]');
    expect(describeIn(graph, complete, 'all')).toBe('float32 [t, b, 4]');
  });
});

describe('any graph', () => {
  const attributeNames = [
    'axis', 'axes', 'perm', 'kernel_shape', 'strides', 'pads', 'dilations', 'group', 'keepdims', 'to', 'equation',
    'blocksize', 'num_outputs', 'split', 'starts', 'ends', 'scales', 'shape', 'dtype', 'hidden_size', 'transA', 'k',
    'mode', 'auto_pad', 'ceil_mode', 'output_shape', 'batch_dims', 'q_num_heads', 'kv_num_heads', 'num_groups',
    'num_scan_inputs', 'body', 'then_branch', 'value', 'layout', 'allowzero', 'reduction', 'N', 'K',
    'num_heads', 'update_rule', 'targets', 'n_targets', 'groups', 'channels_last', 'size', 'step', 'dim', 'direction',
    'ngram_indexes', 'cats_int64s', 'classlabels_ints', 'bits', 'gather_axis', 'inputdimensions', 'qkv_hidden_sizes',
    'state_window', 'new_axis', 'position', 'scales', 'signal_ndim', 'transBatchA', 'noop_with_empty_axes', 'onesided',
  ]; // prettier-ignore
  const size = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('b', 's'));
  const attribute = fc.oneof(
    fc.integer({ min: -5, max: 9 }),
    fc.array(fc.integer({ min: -5, max: 9 }), { maxLength: 5 }),
    fc.constantFrom('ij,jk', 'constant', 'SAME_UPPER', '...ij->ji', ''),
  );
  const tensor: fc.Arbitrary<TensorSpec | undefined> = fc.oneof(
    fc.constant(undefined),
    fc.array(size, { maxLength: 5 }).map((shape) => x(...shape)),
    fc.array(fc.integer({ min: -3, max: 9 }), { maxLength: 5 }).map((elements) => ints(...elements)),
    fc.constant<TensorSpec>({ role: 'input', dtype: 'float32' }),
    fc.array(size, { maxLength: 3 }).map((shape) => indices(...shape)),
  );

  it('is inferred without an exception, into sizes that tensors can have', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...profiledOperators()),
        fc.array(tensor, { maxLength: 7 }),
        fc.dictionary(fc.constantFrom(...attributeNames), attribute),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(1, 5, 6, 9, 10, 13, 18, 20, 24, 27),
        ({ domain, type }, inputs, attributes, outputs, opset) => {
          const graph = single(type, inputs, { domain, attributes, outputs, opset });
          for (const facts of graph.infer({ s: 3 }).facts) {
            for (const dim of facts?.shape ?? []) {
              if (typeof dim === 'number') expect(Number.isInteger(dim) && dim >= 0).toBe(true);
            }
          }
        },
      ),
      { numRuns: 3000, seed: 1 },
    );
  });

  it('has costs that are numbers', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...profiledOperators()),
        fc.array(tensor, { maxLength: 7 }),
        fc.dictionary(fc.constantFrom(...attributeNames), attribute),
        fc.constantFrom<'cuda' | 'cpu'>('cuda', 'cpu'),
        ({ domain, type }, inputs, attributes, semantics) => {
          const { rule, context } = stepOf(single(type, inputs, { domain, attributes }), { semantics });
          rule.storage?.(context);
          const kept = (rule.saves?.(context).extra ?? []).map(({ bytes }) => bytes);
          const copied = (rule.copies?.(context) ?? []).map(({ bytes }) => bytes);
          for (const amount of [...kept, ...copied, rule.macs?.(context) ?? 0]) {
            expect(Number.isFinite(amount) && amount >= 0).toBe(true);
          }
        },
      ),
      { numRuns: 3000, seed: 1 },
    );
  });
});
