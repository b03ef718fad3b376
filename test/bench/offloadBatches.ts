import { readFileSync } from 'node:fs';
import path from 'node:path';
import { uncontrolled } from '../../planner-core/base/job';
import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { deviceNamed } from '../../planner-core/devices/catalogue';
import { layerIndexOf } from '../../planner-core/plan/layerIndex';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { deltaPlan } from '../../planner-core/planners/baselines/delta';
import { PlanningContext } from '../../planner-core/planners/context';
import { offloadPlans } from '../../planner-core/planners/offload/offloadPlans';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { resNet } from './lib/resNet';
import { printTable } from './lib/table';

/** What DELTA prints of the largest batch beside that of keeping everything; its limit of time is not stated. */
const published = { 50: 2.04, 101: 2.25 } as const;

const deviceName = 'V100 SXM2 16GB';
const mostOverheadPercent = 50;
/** Batches are whole multiples of this. */
const grain = 8;

/** Added time of a way of saving memory at a batch, in per cent; undefined where nothing fits. */
type Way = (batch: number) => Promise<number | undefined>;

/** The largest batches of ResNet-50 on one GPU under four ways of saving memory, beside what DELTA prints. */
export const benchResNet50 = (repoRoot: string): Promise<void> =>
  benchNetwork(50, readFileSync(path.join(repoRoot, 'samples/resnet50.train.onnx')));

/** The same of ResNet-101, built like the sample. */
export const benchResNet101 = (): Promise<void> => benchNetwork(101, onnxFile(resNet(101)));

async function benchNetwork(depth: 50 | 101, bytes: Uint8Array): Promise<void> {
  const session = PlannerSession.open(new MemoryByteSource(bytes), `resnet${depth}.train.onnx`);
  const { memoryBytes } = deviceNamed(deviceName);
  const base = session.defaultInputs([{ id: 'gpu0', name: deviceName, memoryBytes }]);
  const inputsAt = (batch: number, changes: Partial<PlanInputs> = {}): PlanInputs => ({
    ...{ ...base, ...changes, strategy: 'schedule' },
    workload: { ...base.workload, dims: { batch, height: 224, width: 224 }, optimizer: 'momentum' },
  });
  const offload = { to: 'host' } as const;
  let keepAll = grain;
  while (session.configure(inputsAt(keepAll + grain)).keepAllPeakBytes <= memoryBytes) keepAll += grain;

  const planned =
    (changes: Partial<PlanInputs>): Way =>
    async (batch) => {
      const { plan, infeasible } = await session.plan(inputsAt(batch, changes));
      return infeasible ? undefined : plan.prediction.overheadPercent;
    };
  const contextAt = (batch: number): PlanningContext => {
    const built = session.configure(inputsAt(batch, { offload })).step;
    // Schedules know no modules.
    const step = { ...built, nodeModule: new Int32Array(built.nodeCount) };
    const layers = layerIndexOf([{ id: 0, name: '', parent: 0, children: [] }], step);
    return new PlanningContext({ step, layers, pins: [], offload: { memoryBytes: Infinity } });
  };
  const overKeepAll = ({ stepTimeMs }: { stepTimeMs: number }, context: PlanningContext): number =>
    100 * (stepTimeMs / context.evaluate(new Int32Array(0)).stepTimeMs - 1);
  const offloadAlone: Way = async (batch) => {
    const context = contextAt(batch);
    const keep = { ...context.evaluate(new Int32Array(0)), planner: '', recomputations: new Int32Array(0) };
    const plans = await offloadPlans(context, [keep], memoryBytes, uncontrolled);
    return plans.length > 0 ? Math.min(...plans.map((plan) => overKeepAll(plan, context))) : undefined;
  };
  const delta: Way = async (batch) => {
    const context = contextAt(batch);
    const plan = deltaPlan(context, memoryBytes);
    return plan && overKeepAll(plan, context);
  };
  const ways: readonly (readonly [string, Way])[] = [
    ['recompute', planned({})],
    ['offload', offloadAlone],
    ['recompute and offload', planned({ offload })],
    ['DELTA, simulated here', delta],
  ];
  const percent = (value: number | undefined): string =>
    value === undefined ? 'none fits' : `+${value.toFixed(1)} %`;
  const rows = [['keep everything', String(keepAll), '1.00 ×', '+0.0 %', '']];
  const asPublished = Math.round(published[depth] * keepAll);
  for (const [name, way] of ways) {
    const { batch, overheadPercent } = await largest(way, keepAll);
    const times = `${(batch / keepAll).toFixed(2)} ×`;
    rows.push([name, String(batch), times, percent(overheadPercent), percent(await way(asPublished))]);
    console.log(rows[rows.length - 1].join('  '));
  }
  printTable(
    `ResNet-${depth}, ${deviceName}, SGD with momentum: largest batch at no more than ${mostOverheadPercent} % of added time (DELTA prints ${published[depth]} ×)`,
    ['way', 'batch', 'of keeping everything', 'added time', `added at ${published[depth]} ×`],
    rows,
  );
}

/** Doubles the batch as long as it fits within the time, then halves what is left. */
async function largest(way: Way, from: number): Promise<{ batch: number; overheadPercent: number }> {
  let best = { batch: from, overheadPercent: 0 };
  const fits = async (batch: number): Promise<boolean> => {
    const overheadPercent = await way(batch);
    if (overheadPercent === undefined || overheadPercent > mostOverheadPercent) return false;
    best = { batch, overheadPercent };
    return true;
  };
  let step = from;
  while (await fits(best.batch + step));
  for (step /= 2; step >= grain; step /= 2) await fits(best.batch + Math.round(step / grain) * grain);
  return best;
}
