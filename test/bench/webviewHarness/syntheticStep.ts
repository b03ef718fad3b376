import { StepBuilder } from '../../../planner-core/step/stepBuilder';
import { Phase, ValueKind, type StepGraph } from '../../../planner-core/step/stepGraph';
import type { LayerRow } from '../../../planner-core/session/types';
import type { ModuleNode } from '../../../planner-core/graph/modelGraph';

/** A transformer-like training step made up for trying the view: bytes and times are plausible, not measured. */
export interface SyntheticStep {
  readonly step: StepGraph;
  readonly layers: readonly LayerRow[];
  readonly modules: readonly ModuleNode[];
  /** Forward nodes of each block in order, and the first backward node of the block. */
  readonly blocks: readonly { readonly forward: readonly number[]; readonly firstBackward: number }[];
}

interface OperatorSketch {
  /** Module inside the block. */
  readonly module: string;
  readonly name: string;
  readonly type: string;
  /** Output size in units of the hidden state. */
  readonly units: number;
  /** Weights in MiB; 0 for none. */
  readonly weightMiB: number;
  readonly forwardMs: number;
  /** What backward reads. */
  readonly saves: 'input' | 'output' | 'nothing';
}

// prettier-ignore
const blockSketch: readonly OperatorSketch[] = [
  { module: '',     name: 'ln_1',      type: 'LayerNormalization', units: 1, weightMiB: 0.01, forwardMs: 0.04, saves: 'input' },
  { module: 'attn', name: 'c_attn',    type: 'MatMul',             units: 3, weightMiB: 6.8,  forwardMs: 0.95, saves: 'input' },
  { module: 'attn', name: 'split',     type: 'Split',              units: 3, weightMiB: 0,    forwardMs: 0.02, saves: 'nothing' },
  { module: 'attn', name: 'sdpa',      type: 'Attention',          units: 1, weightMiB: 0,    forwardMs: 0.6,  saves: 'input' },
  { module: 'attn', name: 'c_proj',    type: 'MatMul',             units: 1, weightMiB: 2.3,  forwardMs: 0.33, saves: 'input' },
  { module: '',     name: 'add_1',     type: 'Add',                units: 1, weightMiB: 0,    forwardMs: 0.05, saves: 'nothing' },
  { module: '',     name: 'ln_2',      type: 'LayerNormalization', units: 1, weightMiB: 0.01, forwardMs: 0.04, saves: 'input' },
  { module: 'mlp',  name: 'c_fc',      type: 'MatMul',             units: 4, weightMiB: 9,    forwardMs: 1.25, saves: 'input' },
  { module: 'mlp',  name: 'act',       type: 'Gelu',               units: 4, weightMiB: 0,    forwardMs: 0.11, saves: 'input' },
  { module: 'mlp',  name: 'c_proj',    type: 'MatMul',             units: 1, weightMiB: 9,    forwardMs: 1.25, saves: 'input' },
  { module: '',     name: 'dropout',   type: 'Dropout',            units: 1, weightMiB: 0,    forwardMs: 0.05, saves: 'output' },
  { module: '',     name: 'add_2',     type: 'Add',                units: 1, weightMiB: 0,    forwardMs: 0.05, saves: 'nothing' },
];

const mib = 1024 ** 2;

export function syntheticStep(
  blockCount: number,
  hiddenMiB: number,
  devices: readonly string[],
): SyntheticStep {
  const builder = new StepBuilder();
  const modules: ModuleNode[] = [];
  const layers: (LayerRow & { forwardNodes: number[] })[] = [];
  const forwardOperators: {
    sketch: OperatorSketch;
    input: number;
    output: number;
    weight: number;
    operator: number;
    module: number;
    row: number;
    block: number;
    node: number;
  }[] = [];
  const addModule = (name: string, className: string, parent: number, parentRow: number) => {
    const id = modules.length;
    modules.push({ id, name, className, parent, children: [] });
    if (id > 0) modules[parent].children.push(id);
    const row = id > 0 ? addRow(name, className, 'module', parentRow, className === 'Block') : -1;
    return { id, row };
  };
  const addRow = (
    name: string,
    type: string,
    kind: LayerRow['kind'],
    parent: number,
    checkpointable = false,
  ) => {
    const id = layers.length;
    layers.push({
      id,
      parent,
      kind,
      name,
      label: name.split(kind === 'module' ? '.' : '/').at(-1) ?? name,
      type,
      output: '',
      parameterBytes: 0,
      savedBytes: 0,
      macs: 0,
      trafficBytes: 0,
      forwardMs: 0,
      backwardMs: 0,
      bound: 'none',
      forwardNodes: [],
      checkpointable,
    });
    return id;
  };
  const times = (ms: number): number[] => devices.map((_, device) => ms * (1 + 0.6 * device));

  const root = addModule('', 'GPT', 0, -1);
  const transformer = addModule('transformer', 'Transformer', root.id, -1);
  let current = builder.value({
    name: 'tokens',
    bytes: 0.125 * mib,
    kind: ValueKind.input,
    residentAtStart: true,
  });
  const addOperator = (
    sketch: OperatorSketch,
    path: string,
    module: { id: number; row: number },
    block: number,
  ) => {
    const name = `/${path.replaceAll('.', '/')}/${sketch.type}`;
    const operator = forwardOperators.length;
    const row = addRow(`${name}_${operator}`, sketch.type, 'operator', module.row);
    const weight =
      sketch.weightMiB > 0
        ? builder.value({
            name: `${path}.weight`,
            bytes: sketch.weightMiB * mib,
            kind: ValueKind.parameter,
            residentAtStart: true,
          })
        : -1;
    if (weight >= 0) builder.keepToEnd(weight);
    const output = builder.value({
      name: `${name}_output_0`,
      bytes: sketch.units * hiddenMiB * mib,
      kind: ValueKind.activation,
    });
    const node = builder.node({
      name: `${name}_${operator}`,
      phase: Phase.forward,
      operator,
      module: module.id,
      inputs: weight >= 0 ? [current, weight] : [current],
      outputs: [output],
      workspaceBytes: sketch.type === 'MatMul' ? 8 * mib : 0,
      durationMs: times(sketch.forwardMs),
      recomputable: true,
    });
    forwardOperators.push({
      sketch,
      input: current,
      output,
      weight,
      operator,
      module: module.id,
      row,
      block,
      node,
    });
    Object.assign(layers[row], {
      output: `16×1024×${768 * sketch.units} bfloat16`,
      forwardMs: sketch.forwardMs,
      backwardMs: 2 * sketch.forwardMs,
      forwardNodes: [node],
      parameterBytes: sketch.weightMiB * mib,
      macs: sketch.type === 'MatMul' ? sketch.forwardMs * 4e10 : 0,
    });
    current = output;
  };
  const wte = addModule('transformer.wte', 'Embedding', transformer.id, transformer.row);
  addOperator(
    { module: '', name: 'wte', type: 'Gather', units: 1, weightMiB: 147, forwardMs: 0.1, saves: 'nothing' },
    'transformer.wte',
    wte,
    -1,
  );
  const list = addModule('transformer.h', 'ModuleList', transformer.id, transformer.row);
  for (let block = 0; block < blockCount; block++) {
    const path = `transformer.h.${block}`;
    const of = addModule(path, 'Block', list.id, list.row);
    const inside = new Map<string, { id: number; row: number }>();
    for (const sketch of blockSketch) {
      if (sketch.module !== '' && !inside.has(sketch.module)) {
        inside.set(
          sketch.module,
          addModule(`${path}.${sketch.module}`, sketch.module.toUpperCase(), of.id, of.row),
        );
      }
      const module = inside.get(sketch.module) ?? of;
      addOperator(sketch, [path, sketch.module, sketch.name].filter(Boolean).join('.'), module, block);
    }
  }
  const head = addModule('lm_head', 'Linear', root.id, -1);
  addOperator(
    { module: '', name: 'lm_head', type: 'MatMul', units: 33, weightMiB: 0, forwardMs: 6, saves: 'input' },
    'lm_head',
    head,
    -1,
  );

  const loss = builder.value({ name: '<loss>', bytes: 4, kind: ValueKind.activation });
  const logSoftmax = builder.value({
    name: 'log_softmax',
    bytes: 33 * hiddenMiB * mib,
    kind: ValueKind.activation,
  });
  builder.node({
    name: 'cross-entropy',
    phase: Phase.loss,
    operator: -1,
    module: 0,
    inputs: [current],
    outputs: [logSoftmax, loss],
    durationMs: times(1),
    recomputable: false,
  });
  let gradient = builder.value({
    name: 'gradient of logits',
    bytes: 33 * hiddenMiB * mib,
    kind: ValueKind.activationGradient,
  });
  builder.node({
    name: 'cross-entropy backward',
    phase: Phase.backward,
    operator: -1,
    module: 0,
    inputs: [logSoftmax, loss],
    outputs: [gradient],
    durationMs: times(1.2),
    recomputable: false,
  });
  const weights: { weight: number; gradient: number; path: string }[] = [];
  const firstBackward = new Map<number, number>();
  for (const forward of [...forwardOperators].reverse()) {
    const { sketch, input, output, weight, operator, module, row, block } = forward;
    const saved = sketch.saves === 'input' ? input : sketch.saves === 'output' ? output : -1;
    if (saved >= 0) {
      Object.assign(layers[row], { savedBytes: builder.bytesOf(saved) });
    }
    const outputs: number[] = [];
    const passedOn = builder.value({
      name: `gradient of ${layers[row].name}_input`,
      bytes: builder.bytesOf(input),
      kind: ValueKind.activationGradient,
    });
    outputs.push(passedOn);
    if (weight >= 0) {
      const weightGradient = builder.value({
        name: `gradient of ${layers[row].name}.weight`,
        bytes: sketch.weightMiB * mib,
        kind: ValueKind.parameterGradient,
      });
      builder.keepToEnd(weightGradient);
      outputs.push(weightGradient);
      weights.push({ weight, gradient: weightGradient, path: layers[row].name });
    }
    const node = builder.node({
      name: `${layers[row].name} backward`,
      phase: Phase.backward,
      operator,
      module,
      inputs: [gradient, ...(saved >= 0 ? [saved] : []), ...(weight >= 0 ? [weight] : [])],
      outputs,
      workspaceBytes: sketch.type === 'MatMul' ? 8 * mib : 0,
      durationMs: times(2 * sketch.forwardMs),
      recomputable: false,
    });
    if (block >= 0 && !firstBackward.has(block)) firstBackward.set(block, node);
    gradient = passedOn;
  }
  for (const { weight, gradient: of, path } of weights.reverse()) {
    const state = builder.value({
      name: `adamw state of ${path}`,
      bytes: 2 * builder.bytesOf(weight),
      kind: ValueKind.optimizerState,
      residentAtStart: true,
    });
    builder.keepToEnd(state);
    builder.node({
      name: `adamw update of ${path}`,
      phase: Phase.optimizer,
      operator: -1,
      module: 0,
      inputs: [of],
      outputs: [],
      updates: [weight, state],
      durationMs: times((builder.bytesOf(weight) / mib) * 0.012),
      recomputable: false,
    });
  }
  for (const row of [...layers].reverse()) {
    if (row.parent < 0) continue;
    const parent = layers[row.parent];
    Object.assign(parent, {
      savedBytes: parent.savedBytes + row.savedBytes,
      forwardMs: parent.forwardMs + row.forwardMs,
      backwardMs: parent.backwardMs + row.backwardMs,
      parameterBytes: parent.parameterBytes + row.parameterBytes,
      macs: parent.macs + row.macs,
      forwardNodes: [...row.forwardNodes, ...parent.forwardNodes],
    });
  }
  const count = devices.length + 1;
  const links = new Float64Array(count * count).map((_, i) => (i % (count + 1) === 0 ? 0 : 24e6));
  return {
    step: builder.build(devices, links, [
      {
        severity: 'warning',
        code: 'assumed-dimension',
        message: 'The dimension "seq" has no value: 1024 is assumed.',
      },
      {
        severity: 'info',
        code: 'synthetic',
        message: 'This step is made up for trying the view.',
        node: '/transformer/wte/Gather',
      },
    ]),
    layers,
    modules,
    blocks: Array.from({ length: blockCount }, (_, block) => ({
      forward: forwardOperators.filter((of) => of.block === block).map((of) => of.node),
      firstBackward: firstBackward.get(block) ?? 0,
    })),
  };
}
