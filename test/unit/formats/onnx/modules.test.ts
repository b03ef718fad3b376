import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelGraph } from '../../../../planner-core/graph/modelGraph';
import type { ModelSpec, NodeSpec } from '../../../fixtures/onnx-builder/onnx';
import { data, hasData, open, openFileAt, operatorNamed, samples, tensorNamed } from '../support';

const moduleOf = (graph: ModelGraph, operator: string): string =>
  graph.modules[operatorNamed(graph, operator).module].name;

const moduleNames = (graph: ModelGraph): string[] => graph.modules.map(({ name }) => name);

describe('module trees from node names (tracing exporter)', () => {
  const node = (name: string, inputs: string[], output: string): NodeSpec => ({
    type: 'Conv',
    name,
    inputs,
    outputs: [output],
  });

  it('follow scopes and weights', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      initializers: [
        { name: 'net.layer1.0.conv1.weight', dims: [4] },
        { name: 'net.scale', dims: [4] },
        { name: 'onnx::Conv_12', dims: [4] },
      ],
      nodes: [
        node('/layer1/layer1.0/conv1/Conv', ['x', 'net.layer1.0.conv1.weight'], 'a'),
        node('/layer1/layer1.0/relu/Relu', ['a'], 'b'),
        node('/layer1/layer1.0/relu_1/Relu', ['b'], 'c'),
        node('/Conv', ['c', 'onnx::Conv_12'], 'd'),
      ],
    });
    expect(graph.operators.map((operator) => graph.modules[operator.module].name)).toEqual([
      'net.layer1.0.conv1',
      'net.layer1.0.relu',
      'net.layer1.0.relu',
      '',
    ]);
    expect(moduleNames(graph)).toEqual([
      '',
      'net',
      'net.layer1',
      'net.layer1.0',
      'net.layer1.0.conv1',
      'net.layer1.0.relu',
    ]);
  });

  it('place what an optimizer put in beside its neighbours', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      initializers: [{ name: 'a.fc1.bias', dims: [4] }],
      nodes: [
        { type: 'Identity', name: 'Identity_0', inputs: ['a.fc1.bias'], outputs: ['bias'] },
        node('/a/fc1/Gemm', ['x', 'a.fc1.bias'], 'h'),
        node('/b/fc2/Gemm', ['h', 'bias'], 'i'),
        { type: 'Cast', name: 'cast', inputs: ['i'], outputs: ['j'] },
        node('/b/fc3/Gemm', ['j'], 'y'),
      ],
    });
    expect(moduleOf(graph, 'Identity_0')).toBe('b.fc2');
    expect(moduleOf(graph, 'cast')).toBe('b');
  });

  it('are a root alone for files without scopes', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      initializers: [{ name: 'layer1.weight', dims: [4] }],
      nodes: [node('Conv_0', ['x', 'layer1.weight'], 'y'), node('model/a/Relu', ['y'], 'z')],
    });
    expect(graph.modules).toHaveLength(1);
    expect(graph.operators.map(({ module }) => module)).toEqual([0, 0]);
  });
});

describe('module trees from metadata (torch.export)', () => {
  const scopes = (list: string, more: Record<string, string> = {}) => ({
    'pkg.torch.onnx.name_scopes': list,
    ...more,
  });
  const spec: ModelSpec = {
    inputs: [{ name: 'x' }],
    nodes: [
      {
        type: 'Gelu',
        name: 'node_gelu',
        inputs: ['x'],
        outputs: ['a'],
        metadata: scopes("['', 'blocks.0', 'blocks.0.act', 'gelu']", {
          'pkg.torch.onnx.class_hierarchy':
            "['__main__.Net', 'torch.nn.modules.container.Sequential', 'torch.nn.modules.activation.GELU', 'aten.gelu.default']",
          'pkg.torch.onnx.stack_trace': 'File "net.py", line 3',
        }),
      },
      {
        type: 'Relu',
        name: 'node_relu',
        inputs: ['a'],
        outputs: ['b'],
        metadata: scopes("['', 'blocks.1', 'blocks.1@1.act@2', 'relu']", {
          namespace: ': __main__.Net/blocks.1: nn.Sequential/act: nn.ReLU/relu: aten.relu.default',
        }),
      },
      {
        type: 'Shape',
        name: 'node_shape',
        inputs: ['x'],
        outputs: ['s'],
        metadata: scopes("['_empty_nn_module_stack_from_metadata_hook', 'sym_size_int']"),
      },
      { type: 'Cast', name: 'node_cast', inputs: ['a'], outputs: ['d'] },
    ],
  };

  it('follow the scopes', () => {
    const graph = open(spec);
    expect(moduleOf(graph, 'node_gelu')).toBe('blocks.0.act');
    expect(moduleOf(graph, 'node_relu')).toBe('blocks.1.act');
    expect(moduleOf(graph, 'node_shape')).toBe('');
    expect(moduleOf(graph, 'node_cast')).toBe('blocks.0.act');
  });

  it('know the classes, from either record', () => {
    const graph = open(spec);
    const classes = Object.fromEntries(graph.modules.map(({ name, className }) => [name, className]));
    expect(classes).toEqual({
      '': 'Net',
      blocks: undefined,
      'blocks.0': 'Sequential',
      'blocks.0.act': 'GELU',
      'blocks.1': 'Sequential',
      'blocks.1.act': 'ReLU',
    });
  });

  it('come with the source of each operator', () => {
    const graph = open(spec);
    expect(operatorNamed(graph, 'node_gelu').source).toEqual({
      fxNode: 'gelu',
      target: 'aten.gelu.default',
      stackTrace: 'File "net.py", line 3',
    });
    expect(operatorNamed(graph, 'node_relu').source?.target).toBe('aten.relu.default');
    expect(operatorNamed(graph, 'node_cast').source).toBeUndefined();
  });

  it('give the operators of a function the module of the call', () => {
    const graph = open({
      inputs: [{ name: 'x' }],
      functions: [
        {
          name: 'aten_relu',
          domain: 'torchlib',
          inputs: ['a'],
          outputs: ['b'],
          nodes: [{ type: 'Relu', name: 'r', inputs: ['a'], outputs: ['b'] }],
        },
      ],
      nodes: [
        {
          type: 'aten_relu',
          name: 'n',
          domain: 'torchlib',
          inputs: ['x'],
          outputs: ['y'],
          metadata: scopes("['', 'act', 'relu']"),
        },
      ],
    });
    expect(moduleOf(graph, 'n/r')).toBe('act');
  });

  it('tell parameters from buffers', () => {
    const kind = 'pkg.torch.export.graph_signature.InputSpec.kind';
    const inModule = (module: string, name: string, inputs: string[]): NodeSpec => ({
      type: 'Mul',
      name,
      inputs,
      outputs: [`${name}_out`],
      metadata: scopes(`['', '${module}', '${name}']`),
    });
    const graph = open({
      inputs: [{ name: 'x' }],
      initializers: [
        { name: 'fc.weight', dims: [4, 4], metadata: { [kind]: 'PARAMETER' } },
        { name: 'rope.inv_freq', dims: [4], metadata: { [kind]: 'BUFFER' } },
        { name: 'bn.running_mean', dims: [4] },
        { name: 'bn.running_var', dims: [4], metadata: { [kind]: 'BUFFER' } },
        { name: 'val_1', dims: [4, 4] },
        { name: 'val_2', dims: [1, 4, 1] },
        { name: 'val_3', dims: [] },
      ],
      valueInfos: [{ name: 'bn.running_mean', metadata: { [kind]: 'BUFFER' } }],
      nodes: [inModule('fc', 'one', ['x', 'val_1', 'val_3']), inModule('rope', 'two', ['x', 'val_2'])],
      metadata: {
        'pkg.torch.export.ExportedProgram.graph_signature':
          "# inputs\np_fc_bias: PARAMETER target='fc.bias'\np_gone: PARAMETER target='folded.norm.weight'\nx: USER_INPUT\n# outputs\ngetitem_4: BUFFER_MUTATION target='bn.running_var'\n",
      },
    });
    const names = [
      'fc.weight',
      'rope.inv_freq',
      'bn.running_mean',
      'bn.running_var',
      'val_1',
      'val_2',
      'val_3',
    ];
    const roles = names.map((name) => tensorNamed(graph, name).role);
    // A scalar that the program does not name is a literal; what a training step writes back to stays a buffer.
    expect(roles).toEqual(['parameter', 'buffer', 'buffer', 'buffer', 'parameter', 'buffer', 'constant']);
    expect(moduleNames(graph)).toContain('folded.norm');
  });
});

/** What was measured in PyTorch. */
interface Truth {
  readonly module_tree: readonly (readonly [name: string, className: string, ownParameters: number])[];
  readonly macs_by_module_point0: Readonly<Record<string, number>>;
}

describe.skipIf(!hasData)('module trees of measured models (needs ../shared/data)', () => {
  const folder = join(data, 'truth/pytorch-1.13');
  const models = hasData ? readdirSync(join(folder, 'onnx')) : [];

  it.each(models)('%s', (file) => {
    const [name, mode] = file.split('.');
    const truth = JSON.parse(readFileSync(join(folder, 'truth', `${name}.json`), 'utf8')) as Truth;
    const graph = openFileAt(join(folder, 'onnx', file));
    const found = new Set(moduleNames(graph));
    const real = new Set(truth.module_tree.map(([module]) => module));
    expect([...found].filter((module) => !real.has(module))).toEqual([]);
    // Stochastic depth cannot be exported; evaluation files fold normalization into convolutions and drop dropout.
    const gone = mode === 'eval' ? /Dropout|BatchNorm|StochasticDepth/ : /^StochasticDepth$/;
    const missing = truth.module_tree.filter(
      ([module, className]) => !found.has(module) && !gone.test(className),
    );
    expect(missing).toEqual([]);
  });

  it.each(models)('%s: matrix products run in the modules where they were measured', (file) => {
    const path = join(folder, 'truth', `${file.split('.')[0]}.json`);
    const truth = JSON.parse(readFileSync(path, 'utf8')) as Truth;
    const graph = openFileAt(join(folder, 'onnx', file));
    const products = graph.operators.filter(({ type }) =>
      /^(Conv|ConvTranspose|Gemm|MatMul|LSTM)$/.test(type),
    );
    const found = new Set(products.map(({ module }) => graph.modules[module].name || '<root>'));
    const measured = Object.entries(truth.macs_by_module_point0).filter(([, macs]) => macs > 0);
    expect([...found].sort()).toEqual(measured.map(([module]) => module || '<root>').sort());
  });

  const newFolder = join(data, 'truth/pytorch-2.13');
  const newModels = hasData ? readdirSync(newFolder).filter((file) => file.endsWith('.onnx')) : [];

  it.each(newModels)('%s', (file) => {
    const path = join(newFolder, `${file.split('.')[0]}.json`);
    const { modules } = (
      JSON.parse(readFileSync(path, 'utf8')) as { meta: { modules: Record<string, string> } }
    ).meta;
    const graph = openFileAt(join(newFolder, file));
    for (const { name, className } of graph.modules) {
      expect(modules).toHaveProperty([name === '' ? '<root>' : name]);
      if (className) expect(className).toBe(modules[name === '' ? '<root>' : name]);
    }
    const found = new Set(moduleNames(graph));
    const missing = Object.keys(modules).filter((name) => name !== '<root>' && !found.has(name));
    for (const name of missing) expect(['Dropout', 'Identity', 'Embedding']).toContain(modules[name]);
  });
});

describe('module trees of the samples', () => {
  const modulesOf = (file: string): string[] => moduleNames(openFileAt(join(samples, `${file}.train.onnx`)));

  it.each([
    [
      'resnet50',
      ['conv1', 'layer1.0.bn1', 'layer1.0.relu', 'layer1.0.downsample.1', 'layer4.2.conv3', 'fc'],
      150,
    ],
    ['gpt2_small', ['transformer.wte', 'transformer.h.0.attn.c_attn', 'transformer.h.11.mlp.c_proj'], 100],
    ['dlrm', ['emb', 'emb.0', 'emb.7', 'bot.0', 'top.5'], 24],
    ['tiny_mlp', [], 4],
  ])('%s', (file, expected, atLeast) => {
    const found = modulesOf(file);
    expect(found.length).toBeGreaterThanOrEqual(atLeast);
    expect(new Set(found).size).toBe(found.length);
    for (const name of expected) expect(found).toContain(name);
  });
});
