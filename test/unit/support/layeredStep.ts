import { layerIndexOf } from '../../../planner-core/plan/layerIndex';
import type { Decision } from '../../../planner-core/plan/plan';
import type { PlanningProblem } from '../../../planner-core/planners/problem';
import { StepBuilder } from '../../../planner-core/step/stepBuilder';
import { Phase, ValueKind, type StepGraph } from '../../../planner-core/step/stepGraph';

/**
 * A training step like those of real nets, in small: `blocks` like blocks `layers.i`, each with `layers.i.linear` (8 ms,
 * keeps its input), `layers.i.norm` and `layers.i.act` (1 ms, keep what they read or make), all results `bytes` large.
 */
export function layeredStep(blocks: number, bytes = 100, devices = 1): StepGraph {
  const builder = new StepBuilder();
  const value = (name: string, kind: ValueKind, size = bytes): number =>
    builder.value({ name, kind, bytes: size, residentAtStart: kind === ValueKind.input });
  const durations = (ms: number): number[] =>
    Array.from({ length: devices }, (_, device) => ms * (device + 1));
  const input = value('input', ValueKind.input);
  const operators: { name: string; module: number; saved: number[]; ms: number }[] = [];
  let current = input;
  for (let block = 0; block < blocks; block++) {
    for (const [part, name] of ['linear', 'norm', 'act'].entries()) {
      const output = value(`layers.${block}.${name}/out`, ValueKind.activation);
      const ms = name === 'linear' ? 8 : 1;
      const module = 2 + 4 * block + 1 + part;
      const operator = operators.length;
      const operatorName = `/layers.${block}/${name}`;
      builder.node({
        name: operatorName,
        phase: Phase.forward,
        operator,
        module,
        inputs: [current],
        outputs: [output],
        durationMs: durations(ms),
        recomputable: true,
      });
      operators.push({ name: operatorName, module, saved: [name === 'act' ? output : current], ms });
      current = output;
    }
  }
  let gradient = value('gradient', ValueKind.activationGradient);
  builder.node({
    name: 'loss',
    phase: Phase.loss,
    operator: -1,
    module: 0,
    inputs: [current],
    outputs: [gradient],
    durationMs: durations(1),
    recomputable: false,
  });
  for (let operator = operators.length - 1; operator >= 0; operator--) {
    const { name, module, saved, ms } = operators[operator];
    const next = value(`gradient ${operator}`, ValueKind.activationGradient);
    builder.node({
      name: `${name} backward`,
      phase: Phase.backward,
      operator,
      module,
      inputs: [gradient, ...saved],
      outputs: [next],
      durationMs: durations(2 * ms),
      recomputable: false,
    });
    gradient = next;
  }
  const links = new Float64Array((devices + 1) ** 2).fill(10);
  return builder.build(
    Array.from({ length: devices }, (_, i) => `gpu${i}`),
    links,
    [],
  );
}

/** The layered step with its modules: layers, layers.i, layers.i.linear, .norm, .act. */
export function layeredProblem(blocks: number, pins: readonly Decision[] = [], devices = 1): PlanningProblem {
  const modules = [
    { id: 0, name: '', parent: 0, children: [1] },
    { id: 1, name: 'layers', parent: 0, children: [] as number[] },
  ];
  for (let block = 0; block < blocks; block++) {
    const id = 2 + 4 * block;
    modules[1].children.push(id);
    modules.push({ id, name: `layers.${block}`, parent: 1, children: [id + 1, id + 2, id + 3] });
    for (const [part, name] of ['linear', 'norm', 'act'].entries())
      modules.push({ id: id + 1 + part, name: `layers.${block}.${name}`, parent: id, children: [] });
  }
  const step = layeredStep(blocks, 100, devices);
  return { step, layers: layerIndexOf(modules, step), pins };
}
