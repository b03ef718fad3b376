import type { Directives } from '../../../planner-core/simulator/schedule';
import { StepBuilder } from '../../../planner-core/step/stepBuilder';
import { Phase, ValueKind, type StepGraph } from '../../../planner-core/step/stepGraph';
import { Random } from './random';

/** What a random step may contain. */
export interface RandomStepOptions {
  readonly forwardNodes: number;
  readonly devices?: number;
  /** Updates in place, values that end before the step does, results of several nodes. Default true. */
  readonly oddities?: boolean;
  /** Nodes belong to modules 1..modules in runs; default 0: all in the root. */
  readonly modules?: number;
}

/** A small training step with the shapes real ones have: skip connections, several outputs, accumulated gradients. */
export function randomStep(seed: number, options: RandomStepOptions): StepGraph {
  const random = new Random(seed);
  const { forwardNodes, devices = 1, oddities = true, modules = 0 } = options;
  const builder = new StepBuilder();
  const duration = (): number[] => Array.from({ length: devices }, () => random.int(0, 9));
  const value = (name: string, kind: ValueKind, residentAtStart = false): number =>
    builder.value({ name, kind, bytes: random.int(0, 20), residentAtStart });
  const moduleOf = (node: number): number =>
    modules === 0 ? 0 : 1 + Math.floor((node * modules) / forwardNodes);

  const input = value('input', ValueKind.input, true);
  const buffer = value('buffer', ValueKind.buffer, true);
  const parameters: number[] = [];
  const made: number[] = [input];
  const forward: { inputs: number[]; outputs: number[]; parameter: number }[] = [];
  for (let node = 0; node < forwardNodes; node++) {
    const parameter = random.chance(0.5) ? value(`p${node}`, ValueKind.parameter, true) : -1;
    if (parameter >= 0) parameters.push(parameter);
    const inputs = [made[made.length - 1], ...(random.chance(0.4) ? [random.pick(made)] : [])];
    const outputCount = random.chance(0.25) ? random.int(2, 3) : 1;
    const outputs = Array.from({ length: outputCount }, (_, i) =>
      value(`a${node}.${i}`, ValueKind.activation),
    );
    const updates = oddities && random.chance(0.1) ? [random.chance(0.5) ? buffer : random.pick(made)] : [];
    builder.node({
      name: `n${node}`,
      phase: Phase.forward,
      operator: node,
      module: moduleOf(node),
      inputs: parameter >= 0 ? [...inputs, parameter] : inputs,
      outputs,
      updates,
      workspaceBytes: random.chance(0.3) ? random.int(0, 15) : 0,
      durationMs: duration(),
      recomputable: random.chance(0.95),
    });
    forward.push({ inputs, outputs, parameter });
    made.push(outputs[0], ...random.some(outputs.slice(1), 0.7));
    if (random.chance(0.05)) builder.keepToEnd(outputs[0]);
  }

  const gradientOf = new Map<number, number>();
  const last = made[made.length - 1];
  const seed0 = value('gradient of output', ValueKind.activationGradient);
  gradientOf.set(last, seed0);
  builder.node({
    name: 'loss',
    phase: Phase.loss,
    operator: -1,
    module: 0,
    inputs: [last],
    outputs: [seed0],
    durationMs: duration(),
    recomputable: false,
  });

  for (let node = forwardNodes - 1; node >= 0; node--) {
    const { inputs, outputs, parameter } = forward[node];
    const incoming = outputs.flatMap((output) => gradientOf.get(output) ?? []);
    if (incoming.length === 0) continue;
    const saved = random.some([...new Set([...inputs, ...outputs])], 0.6);
    const results: number[] = [];
    const updates: number[] = [];
    for (const target of new Set(parameter >= 0 ? [...inputs, parameter] : inputs)) {
      if (target === input) continue;
      const known = gradientOf.get(target);
      if (known !== undefined) updates.push(known);
      else {
        const kind = target === parameter ? ValueKind.parameterGradient : ValueKind.activationGradient;
        const gradient = value(`gradient of ${target}`, kind);
        if (target === parameter) builder.keepToEnd(gradient);
        gradientOf.set(target, gradient);
        results.push(gradient);
      }
    }
    builder.node({
      name: `n${node} backward`,
      phase: Phase.backward,
      operator: node,
      module: moduleOf(node),
      inputs: [...incoming, ...saved],
      outputs: results,
      updates,
      workspaceBytes: random.chance(0.3) ? random.int(0, 15) : 0,
      durationMs: duration(),
      recomputable: false,
    });
  }
  for (const parameter of parameters) {
    const gradient = gradientOf.get(parameter);
    if (gradient === undefined || random.chance(0.3)) continue;
    builder.node({
      name: `update ${parameter}`,
      phase: Phase.optimizer,
      operator: -1,
      module: 0,
      inputs: [gradient],
      outputs: [],
      updates: [parameter],
      durationMs: duration(),
      recomputable: false,
    });
  }
  const links = Float64Array.from({ length: (devices + 1) ** 2 }, () => random.int(0, 4));
  const step = builder.build(
    Array.from({ length: devices }, (_, i) => `d${i}`),
    links,
    [],
  );
  if (oddities && random.chance(0.3)) step.residentAtEnd[input] = 0;
  return step;
}

/** Random directives that are valid for the step. */
export function randomDirectives(seed: number, step: StepGraph): Directives {
  const random = new Random(seed);
  const pairs: [number, number][] = [];
  for (let before = 1; before < step.nodeCount; before++) {
    while (random.chance(0.25)) {
      const node = random.int(0, before - 1);
      if (step.nodePhase[node] === Phase.forward && step.recomputable[node]) pairs.push([before, node]);
    }
  }
  const several = step.devices.length > 1;
  const activations = Array.from({ length: step.valueCount }, (_, value) => value).filter(
    (value) => step.valueKind[value] === ValueKind.activation,
  );
  const anyDevice = (): number => random.int(0, step.devices.length - 1);
  return {
    recomputations: Int32Array.from(pairs.flat()),
    offloads: Int32Array.from(random.chance(0.5) ? random.some(activations, 0.2) : []),
    placement: several ? Uint8Array.from({ length: step.nodeCount }, anyDevice) : undefined,
    recomputationDevices:
      several && random.chance(0.5) ? Uint8Array.from({ length: pairs.length }, anyDevice) : undefined,
  };
}
