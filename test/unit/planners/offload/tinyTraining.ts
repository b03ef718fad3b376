import { StepBuilder } from '../../../../planner-core/step/stepBuilder';
import { Phase, ValueKind, type StepGraph } from '../../../../planner-core/step/stepGraph';
import { Random } from '../../support/random';

/** A chain of three layers, its mirror and an update: small enough for every plan, with something to win by each way. */
export function tinyTraining(seed: number): StepGraph {
  const random = new Random(seed);
  const builder = new StepBuilder();
  let operator = 0;
  const node = (phase: Phase, inputs: number[], outputs: number[], updates: number[] = []): void =>
    void builder.node({
      ...{ name: `n${operator}`, phase, operator: operator++, module: 0, inputs, outputs, updates },
      ...{ workspaceBytes: 0, durationMs: [random.int(1, 9)], recomputable: phase === Phase.forward },
    });
  const value = (kind: ValueKind, bytes: number, residentAtStart = false): number =>
    builder.value({ name: `v${operator}`, kind, bytes, residentAtStart });
  const layers = 3;
  const parameter = value(ValueKind.parameter, random.int(1, 12), true);
  builder.keepToEnd(parameter);
  const made: number[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const output = value(ValueKind.activation, random.int(4, 20));
    node(Phase.forward, layer === 0 ? [parameter] : [made[layer - 1]], [output]);
    made.push(output);
  }
  let gradient = value(ValueKind.activationGradient, 1);
  node(Phase.loss, [made[layers - 1]], [gradient]);
  for (let layer = layers - 1; layer >= 0; layer--) {
    const next = value(
      layer > 0 ? ValueKind.activationGradient : ValueKind.parameterGradient,
      random.int(1, 3),
    );
    node(Phase.backward, [gradient, made[layer]], [next]);
    gradient = next;
  }
  node(Phase.optimizer, [gradient], [], [parameter]);
  return builder.build(['d0'], new Float64Array(4), []);
}
