import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { planText } from '../../../planner-core/plan/writePlan';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { simulate } from '../../../planner-core/simulator/simulate';

const file = path.resolve(import.meta.dirname, '../../../samples/tiny_transformer.train.pt2');
const session = PlannerSession.open(new MemoryByteSource(readFileSync(file)), path.basename(file));
const inputs = session.defaultInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * 2 ** 30 }]);

test('a stored plan is what its file says, simulated on its own step', async () => {
  const { keepAllPeakBytes } = session.configure(inputs);
  const { plan } = await session.plan({ ...inputs, budgetBytes: Math.floor(keepAllPeakBytes * 0.95) });
  const stored = session.storedPlan(planText(plan));
  const { step } = stored.step;
  const simulation = simulate(step, compileSchedule(step, stored.plan.directives));
  expect(simulation.peakBytes).toBe(plan.prediction.peakBytes);
  expect(simulation.stepTimeMs).toBe(plan.prediction.stepTimeMs);
  expect(stored.plan.plan.decisions).toEqual(plan.decisions);
});

test('a stored plan of another workload leaves the step on screen where it is', async () => {
  const shown = session.configure(inputs);
  const other = { ...inputs, workload: { ...inputs.workload, optimizer: 'adamw' as const } };
  const { plan } = await PlannerSession.open(
    new MemoryByteSource(readFileSync(file)),
    path.basename(file),
  ).plan(other);
  const stored = session.storedPlan(planText(plan));
  expect(stored.step.optimizerBytes).not.toBe(shown.optimizerBytes);
  expect(session.configure(inputs)).toBe(shown);
});

test('a plan for another structure, and what is no plan, are refused', async () => {
  const { plan } = await session.plan(inputs);
  const foreign = planText({ ...plan, model: { ...plan.model, fingerprint: 'other' } });
  expect(() => session.storedPlan(foreign)).toThrow(expect.objectContaining({ code: 'stale-plan' }));
  expect(() => session.storedPlan('{}')).toThrow(expect.objectContaining({ code: 'bad-plan' }));
});
