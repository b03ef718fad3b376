import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatFileSize, formatMemory } from '../../planner-core/base/format';
import { generatedModels } from '../fixtures/generatedModels';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { scalingStages, type ScalingMeasurement, type ScalingStage } from './lib/scalingMeasurement';
import { printTable } from './lib/table';
import { ms } from './lib/timing';

const sizes = [1_000, 10_000, 100_000];
/** Small models take more runs before the engine has compiled everything. */
const warmRuns = (operators: number): number => Math.max(4, Math.round(40_000 / operators));

interface Measured {
  readonly model: string;
  readonly fileBytes: number;
  readonly result: ScalingMeasurement;
}

/**
 * How the work before the first picture grows with the model, each size in a process of its own: once in a fresh process
 * and then warm.
 */
export function benchScaling(repoRoot: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'headroom-bench-'));
  try {
    const program = path.join(repoRoot, 'node_modules/.cache/headroom/test/bench/scalingProcess.mjs');
    const measured = Object.entries(generatedModels).flatMap(([model, make]) =>
      sizes.map((operators): Measured => {
        const file = path.join(folder, 'model.onnx');
        const bytes = onnxFile(make(operators));
        writeFileSync(file, bytes);
        const output = execFileSync(process.execPath, [program, file, String(warmRuns(operators))], {
          encoding: 'utf8',
        });
        return { model, fileBytes: bytes.length, result: JSON.parse(output) as ScalingMeasurement };
      }),
    );
    printTimes(measured, 'coldMs', 'Growth with the model, ms, first run of a process');
    printTimes(measured, 'warmMs', 'Growth with the model, ms, fastest of further runs in the same process');
    printLinearity(measured);
    printMessages(measured);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const planning = scalingStages.filter((stage) => stage !== 'JSON' && stage !== 'clone');

function printTimes(measured: readonly Measured[], kind: 'coldMs' | 'warmMs', title: string): void {
  const rows = measured.map(({ model, fileBytes, result }) => {
    const times = result[kind];
    const perSecond = Math.round(result.operators / (times['step (with shapes)'] / 1000) / 1000);
    return [
      model,
      String(result.operators),
      ...planning.map((stage) => ms(times[stage])),
      `${perSecond} k`,
      formatFileSize(fileBytes),
      formatMemory(result.addedPeakBytes),
    ];
  });
  printTable(title, ['model', 'operators', ...planning, 'step: operators/s', 'file', 'memory added'], rows);
}

/** Warm time an operator, against the same for the smallest size of the model. */
function printLinearity(measured: readonly Measured[]): void {
  const each = (result: ScalingMeasurement, stage: ScalingStage): number =>
    result.warmMs[stage] / result.operators;
  const rows = measured.map(({ model, result }) => {
    const smallest = measured.find((other) => other.model === model)!.result;
    const ratio = (stage: ScalingStage): string =>
      `× ${(each(result, stage) / Math.max(each(smallest, stage), 1e-9)).toFixed(2)}`;
    return [model, String(result.operators), ...scalingStages.map(ratio)];
  });
  printTable(
    'Time an operator against that at the smallest size (× 1 is linear), warm',
    ['model', 'operators', ...scalingStages],
    rows,
  );
}

function printMessages(measured: readonly Measured[]): void {
  const rows = measured.map(({ model, result }) => [
    model,
    String(result.operators),
    formatFileSize(result.jsonBytes),
    formatFileSize(result.arrayBytes),
    ms(result.warmMs.JSON),
    ms(result.warmMs.clone),
  ]);
  printTable(
    'Step and layers on their way to the view: JSON with typed arrays beside it (webview), structured clone (worker)',
    ['model', 'operators', 'JSON', 'arrays', 'JSON ms', 'clone ms'],
    rows,
  );
}
