import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../shapesData';
import type { TruthModel, TruthPoint } from './point';

interface Point {
  readonly input: readonly (readonly number[])[];
  readonly plan: string;
  readonly loss: 'sum' | 'ce';
  readonly param_bytes: number;
  readonly grad_bytes: number;
  readonly optim_bytes: number;
  readonly buffer_bytes: number;
  readonly saved_bytes_total: number;
  readonly saved_by_module?: Readonly<Record<string, number>>;
  readonly peak_bytes: number;
  readonly macs?: number;
}

interface Truth {
  readonly model: string;
  readonly blocks: readonly string[];
  readonly plans: Readonly<Record<string, readonly string[]>>;
  readonly points: readonly Point[];
}

/** The PyTorch 1.13 set: reentrant checkpoints, a plain sum as the loss, no optimizer in the peak. */
export function readPyTorch1(folder: string): TruthModel[] {
  return readdirSync(path.join(folder, 'truth'))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const truth = readJson<Truth>(path.join(folder, 'truth', name));
      const file = (mode: string): string => path.join(folder, 'onnx', `${truth.model}.${mode}.onnx`);
      const train = existsSync(file('train')) ? file('train') : file('eval');
      return {
        release: '1.13',
        model: truth.model,
        trainFile: train,
        evalFiles: [file('eval')].filter((eval_) => existsSync(eval_)),
        points: truth.points.map((point) => pointOf(truth, point)),
        selectivePoints: [],
        memTracker: [],
      };
    });
}

function pointOf(truth: Truth, point: Point): TruthPoint {
  const inference = point.plan === 'inference';
  const crossEntropy = point.loss === 'ce';
  return {
    release: '1.13',
    model: truth.model,
    label: `${point.plan} ${point.loss} ${point.input.map((shape) => shape.join('×')).join(' ')}`,
    inputShapes: point.input,
    workload: {
      mode: inference ? 'inference' : 'training',
      loss: crossEntropy ? 'cross-entropy' : 'sum',
      semantics: 'cpu',
      checkpointing: 'reentrant',
    },
    plan: point.plan,
    checkpointed: inference ? [] : (truth.plans[point.plan] ?? []),
    parameterBytes: point.param_bytes,
    gradientBytes: point.grad_bytes,
    optimizerBytes: point.optim_bytes,
    bufferBytes: point.buffer_bytes,
    lossIsInSaved: true,
    savedBytes: point.saved_bytes_total,
    savedByModule: point.saved_by_module,
    hasDropout: false,
    peakBytes: point.peak_bytes,
    macs: point.macs,
  };
}
