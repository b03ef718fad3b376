// node scalingProcess.mjs FILE REPEATS: opens a model and prints what each stage took, first once and then warm, as JSON.
import path from 'node:path';
import { defaultDeviceName, findDevice } from '../../planner-core/devices/catalogue';
import { openModel } from '../../planner-core/formats/openModel';
import { openFile } from '../../planner-core/node/fileByteSource';
import { inferTensors } from '../../planner-core/operators/inferTensors';
import { layerIndexOf } from '../../planner-core/plan/layerIndex';
import { defaultPlanInputs } from '../../planner-core/plan/planInputs';
import { recognise } from '../../planner-core/recognition/recognise';
import { layerRows } from '../../planner-core/session/layers';
import { buildStepState } from '../../planner-core/session/stepState';
import { compileSchedule } from '../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../planner-core/simulator/schedule';
import { simulate } from '../../planner-core/simulator/simulate';
import { buildStep } from '../../planner-core/step/buildStep';
import { defaultWorkload } from '../../planner-core/step/workload';
import { scalingStages, type ScalingMeasurement, type ScalingStage } from './lib/scalingMeasurement';

/** What stands for the typed arrays in a message to a webview: VS Code sends their buffers beside the JSON. */
function withoutArrays(arrays: ArrayBufferView[]) {
  return (_key: string, value: unknown): unknown => {
    if (!ArrayBuffer.isView(value)) return value;
    arrays.push(value);
    return arrays.length;
  };
}

function measure(file: string, repeats: number): ScalingMeasurement {
  const spec = findDevice(defaultDeviceName)!;
  const device = { id: 'gpu0', spec };
  const inputs = defaultPlanInputs([{ id: 'gpu0', name: spec.name, memoryBytes: spec.memoryBytes }]);
  const peakRss = (): number => process.resourceUsage().maxRSS * 1024;
  const basePeakBytes = peakRss();
  let jsonBytes = 0;
  let arrayBytes = 0;
  let operators = 0;

  const run = (): Record<ScalingStage, number> => {
    const times: Partial<Record<ScalingStage, number>> = {};
    const timed = <T>(stage: ScalingStage, work: () => T): T => {
      const start = performance.now();
      const result = work();
      times[stage] = performance.now() - start;
      return result;
    };
    const graph = timed('parse', () => {
      const source = openFile(file);
      try {
        return openModel(source, path.basename(file));
      } finally {
        source.close();
      }
    });
    const table = timed('shapes', () => inferTensors(graph, {}));
    const built = timed('step (with shapes)', () => buildStep(graph, defaultWorkload, [device]));
    const recognised = timed('patterns', () => recognise(graph, table.facts, []));
    const index = timed('layer index', () => layerIndexOf(graph.modules, built.step));
    const checkpointable = new Set(index.layers.filter((layer) => layer.checkpointable).map(({ id }) => id));
    timed('layer rows', () => layerRows(graph, built, checkpointable));
    timed('simulate', () => simulate(built.step, compileSchedule(built.step, keepEverything)));
    const { view } = buildStepState(recognised, inputs);
    const arrays: ArrayBufferView[] = [];
    jsonBytes = Buffer.byteLength(timed('JSON', () => JSON.stringify(view, withoutArrays(arrays))));
    arrayBytes = arrays.reduce((sum, array) => sum + array.byteLength, 0);
    timed('clone', () => structuredClone(view));
    operators = graph.operators.length;
    return times as Record<ScalingStage, number>;
  };

  const coldMs = run();
  const addedPeakBytes = peakRss() - basePeakBytes;
  const runs = Array.from({ length: repeats }, run);
  const warmMs = Object.fromEntries(
    scalingStages.map((stage) => [stage, Math.min(...runs.map((times) => times[stage]))]),
  ) as Record<ScalingStage, number>;
  return { operators, coldMs, warmMs, jsonBytes, arrayBytes, addedPeakBytes };
}

const [file, repeats] = process.argv.slice(2);
console.log(JSON.stringify(measure(file, Number(repeats))));
