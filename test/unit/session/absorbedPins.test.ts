import path from 'node:path';
import { expect, test } from 'vitest';
import { openFile } from '../../../planner-core/node/fileByteSource';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { planText } from '../../../planner-core/plan/writePlan';
import { PlannerSession } from '../../../planner-core/session/plannerSession';

const file = path.resolve(import.meta.dirname, '../../../samples/gpt2_small.train.onnx');
const piece = '/transformer/h.0/ln_1/Sub';

test('a pin of an operator that is read as part of a call waits until it is taken apart again', async () => {
  const source = openFile(file);
  const session = PlannerSession.open(source, path.basename(file));
  source.close();
  const base = session.defaultInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * 1024 ** 3 }]);
  const inputs: PlanInputs = {
    ...base,
    workload: { ...base.workload, dims: { batch: 1, seq: 32 } },
    pins: [{ target: piece, kind: 'operator', choice: 'recompute', pinned: true }],
  };
  const { plan } = await session.plan(inputs);
  session.check(plan);
  expect(session.readPlan(planText(plan)).inputs.pins).toEqual(inputs.pins);

  const apart = { ...inputs, workload: { ...inputs.workload, asExported: ['layer-norm'] } };
  const { directives } = await session.plan(apart);
  const { step } = session.configure(apart);
  const again = [...directives.recomputations]
    .filter((_, i) => i % 2 === 1)
    .map((node) => step.nodeName[node]);
  expect(again).toEqual([piece]);
});
