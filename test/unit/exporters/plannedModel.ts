import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import type { Plan, PlanDevice } from '../../../planner-core/plan/plan';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../planner-core/session/plannerSession';

const samples = path.resolve(import.meta.dirname, '../../../samples');

export const bytesOf = (name: string): Uint8Array => readFileSync(path.join(samples, name));
export const openSample = (name: string): PlannerSession =>
  PlannerSession.open(new MemoryByteSource(bytesOf(name)), name);

/** So many RTX 4090, with ids gpu0, gpu1 … */
export const cards = (count: number): PlanDevice[] =>
  Array.from({ length: count }, (_, i) => ({ id: `gpu${i}`, name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 }));

/** A plan of a small step of the model, at a share of the way from the least peak to the peak of keeping everything. */
export async function planned(
  session: PlannerSession,
  changes: Partial<PlanInputs> = {},
  dims: Readonly<Record<string, number>> = { batch: 2, seq: 128 },
): Promise<Plan> {
  const base = session.defaultInputs(changes.devices ?? cards(1));
  const inputs = { ...base, workload: { ...base.workload, dims }, ...changes };
  return (await session.plan(inputs)).plan;
}
