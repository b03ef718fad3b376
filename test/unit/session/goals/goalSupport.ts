import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import type { Workload } from '../../../../planner-core/step/workload';

export const mib = 1024 ** 2;
export const gib = 1024 ** 3;

export function openSample(name: string): PlannerSession {
  const file = path.resolve(import.meta.dirname, '../../../../samples', `${name}.train.onnx`);
  return PlannerSession.open(new MemoryByteSource(readFileSync(file)), `${name}.train.onnx`);
}

/** Inputs on a GPU with 24 GiB. */
export function inputsOf(
  session: PlannerSession,
  workload: Partial<Workload>,
  others: Partial<PlanInputs> = {},
): PlanInputs {
  const base = session.defaultInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib }]);
  return { ...base, workload: { ...base.workload, ...workload }, ...others };
}
