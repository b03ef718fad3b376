import { expect, test } from 'vitest';
import type { CallNames } from '../../../../planner-core/exporters/pytorch/callNames';
import { carriedOffloads } from '../../../../planner-core/exporters/pytorch/carriedOffloads';
import type { ModelGraph } from '../../../../planner-core/graph/modelGraph';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { tinyTraining } from '../../planners/offload/tinyTraining';

test('a plan without offloads hands on nothing of what it recomputes: that is what the file carries', () => {
  const planned = { ...keepEverything, recomputations: Int32Array.of(1, 2) };
  const again = { recomputations: new Int32Array(0), isInside: new Uint8Array(0) };
  const names = { step: tinyTraining(1) } as CallNames;
  const graph = { modules: [], tensors: [], operators: [] } as unknown as ModelGraph;
  const { paging, state } = carriedOffloads(graph, names, planned, again);
  expect(Object.keys(paging)).toEqual(['offloads']);
  expect(paging.offloads).toHaveLength(0);
  expect(state).toEqual([]);
});
