import path from 'node:path';
import { openFile } from '../../planner-core/node/fileByteSource';
import { openModel } from '../../planner-core/formats/openModel';
import { inferTensors } from '../../planner-core/operators/inferTensors';
import { directivesOf } from '../../planner-core/plan/directives';
import type { Decision } from '../../planner-core/plan/plan';
import { recognise } from '../../planner-core/recognition/recognise';
import { profileOf, type Profile } from '../../planner-core/session/profile';
import { buildStepState, type StepState } from '../../planner-core/session/stepState';
import { openSession, planInputs } from './predict';
import type { TruthPoint } from './truth/point';

/**
 * A step under selective checkpointing as PyTorch's policies have it: in the checkpointed blocks, results of matrix
 * products, convolutions and attention are kept and everything else runs again.
 */
export function predictSelective(file: string, point: TruthPoint): Profile {
  const inputs = planInputs(openSession(file), point);
  if (!inputs) throw new Error(`${file} has other sizes built in than ${point.label}`);
  const source = openFile(file);
  const graph = openModel(source, path.basename(file));
  source.close();
  const state = buildStepState(recognise(graph, inferTensors(graph, {}).facts, []), inputs);
  const decisions = [
    ...point.checkpointed.map((target): Decision => ({ target, kind: 'module', choice: 'recompute' })),
    ...productsWithin(state, point.checkpointed),
  ];
  const directives = directivesOf(state.built.step, state.layers, decisions, 'selective');
  return profileOf(state, directives, []);
}

function productsWithin({ graph, built }: StepState, blocks: readonly string[]): Decision[] {
  return built.records.flatMap(({ operator, macs }): Decision[] => {
    const { name, module } = graph.operators[operator];
    const owner = graph.modules[module].name;
    const isWithin = blocks.some((block) => owner === block || owner.startsWith(`${block}.`));
    return macs > 0 && isWithin ? [{ target: name, kind: 'operator', choice: 'keep' }] : [];
  });
}
