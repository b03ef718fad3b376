import path from 'node:path';
import { defaultDeviceName, findDevice } from '../../planner-core/devices/catalogue';
import { openModel } from '../../planner-core/formats/openModel';
import { openFile } from '../../planner-core/node/fileByteSource';
import { inferTensors } from '../../planner-core/operators/inferTensors';
import { compileSchedule } from '../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../planner-core/simulator/schedule';
import { simulate } from '../../planner-core/simulator/simulate';
import { timelineOf } from '../../planner-core/simulator/timeline';
import { buildStep } from '../../planner-core/step/buildStep';
import { defaultWorkload } from '../../planner-core/step/workload';
import { sampleModels } from './lib/samples';
import { printTable } from './lib/table';
import { medianMs, ms } from './lib/timing';

const repeats = 5;

/** From the bytes of a file to its first timeline, stage by stage, as the planner's worker does it. */
export function benchOpening(repoRoot: string): void {
  const rows = sampleModels(repoRoot).map((file) => {
    const parse = () => {
      const source = openFile(file);
      try {
        return openModel(source, path.basename(file));
      } finally {
        source.close();
      }
    };
    const model = parse();
    const device = { id: 'gpu0', spec: findDevice(defaultDeviceName)! };
    const infer = () => inferTensors(model, defaultWorkload.dims);
    const build = () => buildStep(model, defaultWorkload, [device]);
    const { step } = build();
    const show = () => {
      const schedule = compileSchedule(step, keepEverything);
      return { result: simulate(step, schedule), timeline: timelineOf(step, schedule) };
    };
    const [parsing, inference, building, simulation] = [parse, infer, build, show].map((stage) =>
      medianMs(repeats, stage),
    );
    const total = parsing + building + simulation;
    return [
      path.basename(file),
      String(model.operators.length),
      ...[parsing, inference, building, simulation, total].map(ms),
    ];
  });
  printTable(
    `Opening a model, ms (median of ${repeats})`,
    ['model', 'operators', 'parse', 'shapes', 'step (with shapes)', 'simulate', 'total'],
    rows,
  );
}
