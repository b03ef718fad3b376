import path from 'node:path';
import { defaultDeviceName, findDevice } from '../../planner-core/devices/catalogue';
import { openFile } from '../../planner-core/node/fileByteSource';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { defaultAllocatorConfig } from '../../planner-core/simulator/allocator/allocatorConfig';
import { replayAllocator } from '../../planner-core/simulator/allocator/replayAllocator';
import { compileSchedule } from '../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../planner-core/simulator/schedule';
import { simulate } from '../../planner-core/simulator/simulate';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { layeredStep } from '../unit/support/layeredStep';
import { sampleModels } from './lib/samples';
import { printTable } from './lib/table';
import { medianMs, ms } from './lib/timing';

/** A step of 10,000 nodes: a chain of 1667 blocks of three operators. */
const chainBlocks = 1667;

/** What replaying two steps through the caching allocator costs beside one simulation, and what it adds in bytes. */
export function benchAllocator(repoRoot: string): void {
  const steps = sampleModels(repoRoot).map((file) => [path.basename(file), stepOf(file)] as const);
  printTable(
    'Caching allocator: ms (median of 9), and bytes over what tensors request; after "/" with expandable segments',
    ['model', 'nodes', 'simulate', 'replay', 'expandable', 'allocated', 'reserved'],
    [...steps, ['chain of blocks', layeredStep(chainBlocks, 3 * 2 ** 20)] as const].map(([name, step]) =>
      row(name, step),
    ),
  );
}

function stepOf(file: string): StepGraph {
  const source = openFile(file);
  const session = PlannerSession.open(source, path.basename(file));
  source.close();
  const { name, memoryBytes } = findDevice(defaultDeviceName)!;
  const inputs = session.defaultInputs([{ id: 'gpu0', name, memoryBytes }]);
  return session.configure({ ...inputs, workload: { ...inputs.workload, optimizer: 'adamw' } }).step;
}

function row(name: string, step: StepGraph): string[] {
  const schedule = compileSchedule(step, keepEverything);
  const replay = (expandableSegments: boolean) =>
    replayAllocator(step, schedule, {
      config: { ...defaultAllocatorConfig, expandableSegments },
      warmUp: true,
    });
  const [ordinary] = replay(false).devices;
  const [expandable] = replay(true).devices;
  const over = (bytes: number): string => `+${(100 * (bytes / ordinary.requested.bytes - 1)).toFixed(1)} %`;
  return [
    name,
    String(step.nodeCount),
    ms(medianMs(9, () => simulate(step, schedule))),
    ms(medianMs(9, () => replay(false))),
    ms(medianMs(9, () => replay(true))),
    `${over(ordinary.allocated.bytes)} / ${over(expandable.allocated.bytes)}`,
    `${over(ordinary.reserved.bytes)} / ${over(expandable.reserved.bytes)}`,
  ];
}
