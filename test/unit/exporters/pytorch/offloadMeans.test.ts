import { expect, it } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import { defaultWorkload } from '../../../../planner-core/step/workload';
import { bytesOf } from '../plannedModel';

interface Case {
  readonly file: string;
  readonly dims: Record<string, number>;
  /** Of the peak of keeping everything. */
  readonly share: number;
  readonly optimizer?: 'adamw';
}

const cases: Case[] = [
  { file: 'gpt2_small.train.onnx', dims: { batch: 4, seq: 512 }, share: 0.7 },
  { file: 'gpt2_small.train.onnx', dims: { batch: 4, seq: 512 }, share: 0.45, optimizer: 'adamw' },
  { file: 'bert_base.train.onnx', dims: { batch: 16, seq: 256 }, share: 0.4 },
  { file: 'resnet50.train.onnx', dims: { batch: 32 }, share: 0.6 },
];

/** What the file's head predicts, percent. */
const stepOf = (text: string): number => Number(/"overhead_percent": ([\d.]+)/.exec(text)![1]);

it.each(cases)(
  '$file $optimizer: the file does what the plan says, and less than recomputing alone',
  async (one) => {
    const { file, dims, share, optimizer } = one;
    const source = new MemoryByteSource(bytesOf(file));
    const session = PlannerSession.open(source, file);
    const inputs = {
      ...session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 16 * 1024 ** 3 }]),
      strategy: 'module-checkpoint' as const,
      workload: { ...defaultWorkload, dims, ...(optimizer ? { optimizer } : {}) },
      offload: { to: 'host' as const },
    };
    const budgetBytes = Math.floor(share * session.configure(inputs).keepAllPeakBytes);
    const { plan } = await session.plan({ ...inputs, budgetBytes });
    const { notCarried, files } = session.export(plan, 'pytorch', source);
    expect(plan.offloads!.length).toBeGreaterThan(0);
    expect(notCarried).toEqual([]);
    expect(stepOf(files[0].text as string)).toBeCloseTo(plan.prediction.overheadPercent, 3);
    const { plan: alone } = await session.plan({ ...inputs, offload: undefined, budgetBytes });
    expect(plan.prediction.stepTimeMs).toBeLessThan(alone.prediction.stepTimeMs);
  },
);
