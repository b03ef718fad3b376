import { readdirSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../shapesData';
import type { TruthModel, TruthPoint } from './point';

interface Point {
  readonly batch: number;
  readonly size: number;
  readonly size_name: 'image' | 'seq';
  readonly precision: 'fp32' | 'bf16_autocast';
  readonly dropout: 'model default' | '0';
  readonly dropout_p: readonly number[];
  readonly plan: string;
  /** Absent for inference. */
  readonly checkpointed?: readonly string[];
  readonly param_bytes: number;
  readonly grad_bytes?: number;
  readonly optim_bytes?: number;
  readonly buffer_bytes: number;
  readonly saved_bytes?: number;
  readonly saved_loss_bytes?: number;
  readonly saved_by_module?: Readonly<Record<string, number>>;
  readonly peak_bytes: number;
  readonly phase_peaks?: Readonly<Record<string, number>>;
  readonly macs?: number;
}

interface Peer {
  readonly batch: number;
  readonly size: number;
  readonly plan: string;
  readonly dropout?: string;
  readonly peak_bytes?: number;
  readonly time_s: number;
}

interface Truth {
  readonly model: string;
  readonly files: Readonly<
    Record<string, { readonly file?: string; readonly placeholders?: [string, string[]][] }>
  >;
  readonly points: readonly Point[];
  readonly peers: { readonly memtracker?: readonly Peer[] };
}

/** The PyTorch 2.13 set: non-reentrant checkpoints, cross-entropy, AdamW. */
export function readPyTorch2(folder: string): TruthModel[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const truth = readJson<Truth>(path.join(folder, name));
      const exports = Object.values(truth.files)
        .map((entry) => entry?.file)
        .filter((file): file is string => file?.endsWith('.onnx') === true)
        .map((file) => path.join(folder, file));
      const unfolded = exports.find((file) => file.includes('.noopt.'));
      return {
        release: '2.13',
        model: truth.model,
        trainFile: unfolded ?? exports[0],
        evalFiles: exports.filter((file) => file !== (unfolded ?? exports[0])),
        archives: archivesOf(truth, folder),
        points: truth.points.filter(({ plan }) => plan !== selective).map((point) => pointOf(truth, point)),
        selectivePoints: truth.points
          .filter(({ plan }) => plan === selective)
          .map((point) => pointOf(truth, point)),
        memTracker: (truth.peers.memtracker ?? []).flatMap((peer) =>
          peer.peak_bytes === undefined
            ? []
            : [{ label: labelOf(peer), peakBytes: peer.peak_bytes, timeMs: 1000 * peer.time_s }],
        ),
      };
    });
}

/** The plan under which the results of products are saved and all else in the blocks runs again. */
const selective = 'sac_matmul';

function archivesOf({ files }: Truth, folder: string): TruthModel['archives'] {
  const [train, evaluation] = ['pt2_train', 'pt2_eval'].map((key) => files[key]?.file);
  if (train === undefined || evaluation === undefined) return undefined;
  return { train: path.join(folder, train), evaluation: path.join(folder, evaluation) };
}

function pointOf(truth: Truth, point: Point): TruthPoint {
  const inference = point.plan === 'inference';
  const perInput = Object.values(truth.files).find((entry) => entry?.placeholders)?.placeholders ?? [];
  const shape =
    point.size_name === 'seq' ? [point.batch, point.size] : [point.batch, 3, point.size, point.size];
  const savedByModule = withoutLoss(point.saved_by_module);
  return {
    release: '2.13',
    model: truth.model,
    label: labelOf(point),
    inputShapes: perInput.map(() => shape),
    workload: {
      mode: inference ? 'inference' : 'training',
      loss: 'cross-entropy',
      semantics: 'cpu',
      modelOutput: 'dropped',
      optimizer: inference ? 'none' : 'adamw',
      precision: point.precision === 'fp32' ? 'fp32' : 'bf16-autocast',
      dropout: point.dropout === '0' ? 'none' : 'as-exported',
    },
    plan: point.plan,
    checkpointed: point.checkpointed ?? [],
    parameterBytes: point.param_bytes,
    gradientBytes: point.grad_bytes ?? 0,
    optimizerBytes: point.optim_bytes ?? 0,
    bufferBytes: point.buffer_bytes,
    lossIsInSaved: false,
    savedBytes: (point.saved_bytes ?? 0) - (point.saved_loss_bytes ?? 0),
    savedByModule,
    hasDropout: point.dropout !== '0' && point.dropout_p.some((p) => p > 0),
    peakBytes: point.peak_bytes,
    phasePeakBytes: point.phase_peaks,
    macs: point.macs,
  };
}

const labelOf = (point: Omit<Peer, 'time_s'> & { readonly precision?: string }): string =>
  [
    point.plan,
    `${point.batch}×${point.size}`,
    point.precision ?? 'fp32',
    `dropout ${point.dropout ?? 'model default'}`,
  ].join(' ');

function withoutLoss(bytes: Point['saved_by_module']): Point['saved_by_module'] {
  return bytes && Object.fromEntries(Object.entries(bytes).filter(([module]) => module !== '<loss>'));
}
