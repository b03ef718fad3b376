import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { findDevice } from '../../../../planner-core/devices/catalogue';
import { uncalibrated } from '../../../../planner-core/devices/roofline';
import { openModel } from '../../../../planner-core/formats/openModel';
import { findModel } from '../../../../planner-core/planners/input-sizes/findModel';
import { MemoryProfile } from '../../../../planner-core/planners/memoryProfile';
import { runsOfNode } from '../../../../planner-core/step/accumulation';
import { buildStep, type BuiltStep } from '../../../../planner-core/step/buildStep';
import { defaultWorkload } from '../../../../planner-core/step/workload';

const samples = path.resolve(import.meta.dirname, '../../../../samples');
const spec = findDevice('T4')!;

function sized(
  file: string,
  dimensions: readonly string[],
  sizes: readonly (readonly number[])[],
  microBatches = 1,
) {
  const graph = openModel(new MemoryByteSource(readFileSync(path.join(samples, file))), file);
  const build = (size: readonly number[]): BuiltStep => {
    const dims = Object.fromEntries(dimensions.map((name, axis) => [name, size[axis]]));
    const workload = {
      ...defaultWorkload,
      optimizer: 'adamw' as const,
      microBatches,
      dims: { batch: 2, ...dims },
    };
    return buildStep(graph, workload, [{ id: 'gpu0', spec }], undefined, { keepsWork: true });
  };
  const { model } = findModel(sizes, build, uncalibrated(spec), (step) =>
    Uint16Array.from({ length: step.nodeCount }, (_, node) => runsOfNode(step, node, microBatches)),
  );
  return { model, build };
}

/** A repetition of some forward computations, each before the first backward one. */
function someRepeats({ step }: BuiltStep): Int32Array {
  const before = step.nodePhase.indexOf(2);
  const nodes = [...step.recomputable.keys()].filter(
    (node) => node < before && step.recomputable[node] && node % 3 === 0,
  );
  return Int32Array.from(nodes.slice(0, 40).flatMap((node) => [before, node]));
}

describe('a model at many sizes', () => {
  it.each([
    ['tiny_transformer.train.pt2', ['seq'], [[5], [9], [17], [30]], [[6], [13], [29]]],
    ['llama_8l_d1024.train.onnx', ['seq'], [[7], [64], [300]], [[8], [65], [211]]],
    [
      'resnet50.train.onnx',
      ['height', 'width'],
      [
        [64, 96],
        [96, 64],
        [160, 224],
      ],
      [
        [128, 96],
        [160, 160],
      ],
    ],
  ] as const)('of %s is to the byte what is built', (file, dimensions, sizes, others) => {
    const { model, build } = sized(file, dimensions, sizes, 2);
    expect(model.kind).toBe('polynomial');
    for (const size of [...sizes, ...others]) {
      const built = build(size);
      const step = model.stepAt(size);
      expect([...step.valueBytes]).toEqual([...built.step.valueBytes]);
      expect([...step.workspaceBytes]).toEqual([...built.step.workspaceBytes]);
      step.durationMs.forEach((ms, node) => expect(ms).toBeCloseTo(built.step.durationMs[node], 9));
      const repeats = someRepeats(built);
      const peaks = model.peaks(repeats);
      expect(peaks.at(size)).toBe(new MemoryProfile(built.step).ofRecomputations(repeats).peakBytes);
      expect(peaks.isMonotone).toBe(true);
    }
  });

  it('builds every size where what the model does changes between them', () => {
    const { model, build } = sized(
      'resnet50.train.onnx',
      ['height', 'width'],
      [
        [65, 67],
        [90, 101],
        [128, 127],
      ],
    );
    expect(model.kind).toBe('built');
    const peak = new MemoryProfile(build([90, 101]).step).ofRecomputations(new Int32Array(0)).peakBytes;
    expect(model.peaks(new Int32Array(0)).at([90, 101])).toBe(peak);
  });
});
