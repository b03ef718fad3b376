import { StepBuilder } from '../../../../planner-core/step/stepBuilder';
import { Phase, ValueKind, type StepGraph } from '../../../../planner-core/step/stepGraph';
import { Random } from '../../support/random';
import { randomStep } from '../../support/randomStep';

/** Shapes of the small steps that exhaustive search can solve. */
export const smallShapes = ['layered', 'chain', 'diamond', 'outputs', 'training'] as const;
export type SmallShape = (typeof smallShapes)[number];

/** A random step of at most 9 nodes; undefined when the draw is larger than that. */
export function smallStep(shape: SmallShape, seed: number): StepGraph | undefined {
  const random = new Random(seed);
  switch (shape) {
    case 'layered':
      return layered(random);
    case 'chain':
      return chain(random);
    case 'diamond':
      return diamonds(random);
    case 'outputs':
      return severalOutputs(random);
    case 'training': {
      const step = randomStep(seed, { forwardNodes: 1 + (seed % 4) });
      return step.nodeCount <= 9 ? step : undefined;
    }
  }
}

interface SmallNode {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A step in which every node may run again, with random sizes and times. */
class SmallStep {
  private readonly builder = new StepBuilder();
  private nodes = 0;

  constructor(
    private readonly random: Random,
    private readonly maxBytes = random.pick([3, 20]),
  ) {}

  value(residentAtStart = false): number {
    const kind = residentAtStart ? ValueKind.input : ValueKind.activation;
    const bytes = this.random.chance(0.05) ? 0 : this.random.int(1, this.maxBytes);
    const value = this.builder.value({ name: 'v', kind, bytes, residentAtStart });
    if (!residentAtStart && this.random.chance(0.05)) this.builder.keepToEnd(value);
    return value;
  }

  node({ inputs, outputs }: SmallNode): void {
    const { random } = this;
    this.builder.node({
      name: `n${this.nodes}`,
      phase: Phase.forward,
      operator: this.nodes++,
      module: 0,
      inputs,
      outputs,
      workspaceBytes: random.chance(0.2) ? random.int(0, this.maxBytes) : 0,
      durationMs: [random.chance(0.1) ? 0 : random.int(1, 9)],
      recomputable: random.chance(0.97),
    });
  }

  build(): StepGraph {
    return this.builder.build(['d0'], new Float64Array(4), []);
  }
}

/** Random layered graphs as those of Moccasin: edges lead to any later node. */
function layered(random: Random): StepGraph {
  const small = new SmallStep(random);
  const values: number[] = random.chance(0.3) ? [small.value(true)] : [];
  const count = random.int(4, 9);
  for (let node = 0; node < count; node++) {
    const inputs = random.some(values, 0.35);
    if (inputs.length === 0 && values.length > 0) inputs.push(values[values.length - 1]);
    const output = small.value();
    small.node({ inputs, outputs: [output] });
    values.push(output);
  }
  return small.build();
}

/** A forward chain and its mirror, which reads what the forward pass made. */
function chain(random: Random): StepGraph {
  const small = new SmallStep(random);
  const length = random.int(2, 4);
  const forward: number[] = [];
  for (let node = 0; node < length; node++) {
    const output = small.value();
    small.node({ inputs: forward.slice(-1), outputs: [output] });
    forward.push(output);
  }
  let gradient: number | undefined;
  for (let node = length - 1; node >= 0; node--) {
    const saved = random.some(forward.slice(Math.max(0, node - 1), node + 1), 0.8);
    const next = small.value();
    small.node({
      inputs: gradient === undefined ? forward.slice(-1) : [gradient, ...saved],
      outputs: [next],
    });
    gradient = next;
  }
  return small.build();
}

/** Forks that join, one after the other, with a reader of everything far away. */
function diamonds(random: Random): StepGraph {
  const small = new SmallStep(random);
  let top = small.value();
  small.node({ inputs: [], outputs: [top] });
  const seen = [top];
  for (let diamond = 0; diamond < 2; diamond++) {
    const left = small.value();
    const right = small.value();
    const bottom = small.value();
    small.node({ inputs: [top], outputs: [left] });
    small.node({ inputs: random.chance(0.5) ? [top] : [top, left], outputs: [right] });
    small.node({ inputs: [left, right], outputs: [bottom] });
    seen.push(left, right, bottom);
    top = bottom;
  }
  small.node({ inputs: [top, ...random.some(seen, 0.3)], outputs: [small.value()] });
  small.node({ inputs: random.some(seen, 0.4), outputs: [small.value()] });
  return small.build();
}

/** Nodes with one to three results each, read by any later node. */
function severalOutputs(random: Random): StepGraph {
  const small = new SmallStep(random);
  const values: number[] = [];
  const count = random.int(3, 7);
  for (let node = 0; node < count; node++) {
    const inputs = random.some(values, 0.4);
    const outputs = Array.from({ length: random.int(1, 3) }, () => small.value());
    small.node({ inputs, outputs });
    values.push(...outputs);
  }
  return small.build();
}
