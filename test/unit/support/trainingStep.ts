import { StepBuilder } from '../../../planner-core/step/stepBuilder';
import { Phase, ValueKind, type StepGraph } from '../../../planner-core/step/stepGraph';
import { Random } from './random';

/**
 * A chain of layers trained with Adam on a device, with a host beside it: every layer has up to two parameters, a gradient
 * and two moments for each; some are shared with the layer before or not trained.
 */
export function trainingStep(seed: number, layers: number): StepGraph {
  const random = new Random(seed);
  const builder = new StepBuilder();
  const value = (name: string, kind: ValueKind, bytes: number, residentAtStart = false): number =>
    builder.value({ name, kind, bytes, residentAtStart });
  const durations = (): number[] => [random.int(1, 9), random.int(1, 30)];
  const node = (
    name: string,
    phase: Phase,
    parts: { inputs: number[]; outputs: number[]; updates?: number[] },
  ): void =>
    void builder.node({
      ...{ name, phase, operator: -1, module: 0, ...parts, durationMs: durations() },
      workspaceBytes: random.chance(0.3) ? random.int(0, 9) : 0,
      recomputable: phase === Phase.forward,
    });
  const activations = [value('input', ValueKind.input, random.int(1, 9), true)];
  const parametersOf: number[][] = [];
  const isFrozen = new Set<number>();
  const bytesOf = new Map<number, number>();
  for (let layer = 0; layer < layers; layer++) {
    const own = layer > 0 && random.chance(0.15) ? [...parametersOf[layer - 1]] : [];
    for (let i = random.int(0, 2); i > 0 && own.length === 0; i--) {
      const bytes = random.int(1, 8);
      const parameter = value(`p${layer}.${i}`, ValueKind.parameter, bytes, true);
      bytesOf.set(parameter, bytes);
      if (random.chance(0.15)) isFrozen.add(parameter);
      own.push(parameter);
    }
    parametersOf.push(own);
    const made = value(`a${layer}`, ValueKind.activation, random.int(0, 20));
    node(`n${layer}`, Phase.forward, { inputs: [activations[layer], ...own], outputs: [made] });
    activations.push(made);
  }
  let incoming = value('gradient of output', ValueKind.activationGradient, random.int(1, 9));
  node('loss', Phase.loss, { inputs: [activations[layers]], outputs: [incoming] });
  const gradients = new Map<number, number>();
  for (let layer = layers - 1; layer >= 0; layer--) {
    const outgoing = value(`gradient of a${layer}`, ValueKind.activationGradient, random.int(1, 9));
    const outputs = [outgoing];
    const updates: number[] = [];
    for (const parameter of parametersOf[layer]) {
      if (isFrozen.has(parameter)) continue;
      if (gradients.has(parameter)) updates.push(gradients.get(parameter)!);
      else {
        const gradient = value(
          `gradient of ${parameter}`,
          ValueKind.parameterGradient,
          bytesOf.get(parameter)!,
        );
        builder.keepToEnd(gradient);
        gradients.set(parameter, gradient);
        outputs.push(gradient);
      }
    }
    const inputs = [incoming, activations[layer], ...(random.chance(0.7) ? parametersOf[layer] : [])];
    node(`n${layer} backward`, Phase.backward, { inputs, outputs, updates });
    incoming = outgoing;
  }
  for (const [parameter, gradient] of gradients) {
    const state = value(`state of ${parameter}`, ValueKind.optimizerState, 2 * bytesOf.get(parameter)!, true);
    builder.keepToEnd(state);
    node(`update of ${parameter}`, Phase.optimizer, {
      inputs: [gradient],
      outputs: [],
      updates: [parameter, state],
    });
  }
  for (const parameter of bytesOf.keys()) builder.keepToEnd(parameter);
  const links = Float64Array.of(0, random.int(1, 8), 1, random.int(1, 8), 0, 1, 1, 1, 0);
  const step = builder.build(['gpu', 'host'], links, []);
  return {
    ...step,
    linkLatencyMs: Float64Array.from(links, () => 0.25),
    linkChannel: Int32Array.of(-1, 0, -1, 1, -1, -1, -1, -1, -1),
    channels: ['out', 'back'],
  };
}
