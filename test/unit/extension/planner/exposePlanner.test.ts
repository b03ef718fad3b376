import { MessageChannel } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { afterEach, expect, it } from 'vitest';
import { exposePlanner } from '../../../../extension/planner/exposePlanner';
import { remotePlanner } from '../../../../extension/planner/plannerWorker';
import type { Progress } from '../../../../planner-core/session/types';
import { FakePlanner, failure, someInputs } from '../fakePlanner';

let close: () => void;
afterEach(() => close());

/** A planner behind real message ports, as between two threads. */
function remoteOf(planner: FakePlanner) {
  const { port1, port2 } = new MessageChannel();
  close = () => port1.close();
  exposePlanner(planner, nodeEndpoint(port1));
  return remotePlanner(nodeEndpoint(port2));
}

it('carries results and error values, code included', async () => {
  const planner = new FakePlanner();
  const remote = remoteOf(planner);
  expect(await remote.open({ kind: 'path', path: '/m.onnx' })).toMatchObject({
    ok: true,
    value: { fingerprint: 'f1' },
  });
  planner.configureResult = failure('bad-workload', 'batch is missing');
  expect(await remote.configure(someInputs)).toEqual(failure('bad-workload', 'batch is missing'));
});

it('carries progress while a job runs, and releases the callback afterwards', async () => {
  const planner = new FakePlanner();
  let callback: (progress: Progress) => void = () => undefined;
  const report = planner.frontier.bind(planner);
  planner.frontier = (inputs, job, onProgress) => {
    callback = onProgress;
    return report(inputs, job, onProgress);
  };
  const remote = remoteOf(planner);
  const stages: string[] = [];
  const result = await remote.frontier(someInputs, 1, ({ stage }) => stages.push(stage));
  expect(result.ok).toBe(true);
  await expect.poll(() => stages).toEqual(['frontier']);
  expect(() => callback({ stage: 'frontier' })).toThrow(/released/);
});

it('carries cancellations while a job runs', async () => {
  const planner = new FakePlanner();
  const remote = remoteOf(planner);
  planner.planResult = new Promise((resolve) => {
    planner.cancel = async () => resolve(failure('cancelled'));
  });
  const plan = remote.plan(someInputs, 5);
  await remote.cancel(5);
  expect(await plan).toEqual(failure('cancelled'));
});
