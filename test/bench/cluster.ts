import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { formatMemory } from '../../planner-core/base/format';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import type { ScaleQuestion } from '../../planner-core/session/machines/scaleModel';
import { decoderOfLayers, type DecoderShape } from '../fixtures/generatedModels/decoderTransformer';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { printTable } from './lib/table';
import { ms } from './lib/timing';

const gpt = { vocabulary: 51_200, context: 2048 };

interface Published {
  readonly name: string;
  readonly layers: number;
  readonly shape: DecoderShape;
  readonly tensor: number;
  readonly stages: number;
  readonly replicas: number;
  readonly globalBatch: number;
  /** Seconds of a step as printed; absent: only the share of the peak is. */
  readonly stepS?: number;
  readonly mfu: number;
}

/** GPT-shaped models on A100s, sequence length 2048, micro-batch 1: see docs/cluster.md. */
const published: readonly Published[] = [
  {
    ...{ name: 'GPT 22B', layers: 48, shape: { hidden: 6144, heads: 64, ...gpt } },
    ...{ tensor: 8, stages: 1, replicas: 1, globalBatch: 4, stepS: 1.1, mfu: 41.5 },
  },
  {
    ...{ name: 'GPT 175B', layers: 96, shape: { hidden: 12_288, heads: 96, ...gpt } },
    ...{ tensor: 8, stages: 8, replicas: 1, globalBatch: 64, stepS: 13.75, mfu: 51.4 },
  },
  {
    ...{ name: 'GPT 530B', layers: 105, shape: { hidden: 20_480, heads: 128, ...gpt } },
    ...{ tensor: 8, stages: 35, replicas: 8, globalBatch: 2240, mfu: 54.2 },
  },
];

/** How long it takes to scale a decoder of 70 billion parameters, and how estimates compare with published steps. */
export async function benchCluster(): Promise<void> {
  await scaleLarge();
  const rows: string[][] = [];
  for (const model of published) {
    const { name, layers, shape, tensor, stages, replicas, globalBatch, stepS, mfu } = model;
    const session = decoderSession(layers, shape);
    const answer = await session.scale({
      inputs: bf16Inputs(session, 'A100 SXM 80GB', shape.context),
      servers: (tensor * stages * replicas) / 8,
      devicesPerServer: 8,
      serverLink: 'infiniband-hdr',
      ...{ globalBatch, microBatches: [1], maxSharding: 1 },
    });
    const option = answer.options.find(
      (way) => way.tensor === tensor && way.stages === stages && way.replicas === replicas,
    );
    rows.push([
      name,
      `${tensor} × ${stages} × ${replicas}`,
      option ? `${(option.stepMs / 1000).toFixed(2)} s` : 'does not fit',
      stepS === undefined ? '' : `${stepS} s`,
      option ? `${(100 * option.utilisation).toFixed(1)} %` : '',
      `${mfu} %`,
      option ? `${(100 * option.bubbleShare).toFixed(1)} %` : '',
      option ? formatMemory(option.peakBytes) : '',
    ]);
  }
  printTable(
    'Estimated steps beside published ones (Korthikanti et al., 2022)',
    ['model', 'tensor × pipeline × data', 'step', 'published', 'MFU', 'published', 'idle', 'memory'],
    rows,
  );
}

async function scaleLarge(): Promise<void> {
  const shape = { hidden: 8192, heads: 64, vocabulary: 32_000, context: 4096 };
  const rows: string[][] = [];
  for (const microBatches of [[1], [1, 2, 4]]) {
    const start = process.cpuUsage();
    const session = decoderSession(80, shape);
    const opened = process.cpuUsage(start);
    const answer = await session.scale({
      inputs: bf16Inputs(session, 'H100 SXM', shape.context),
      ...{ servers: 4, devicesPerServer: 8, globalBatch: 256, microBatches },
    });
    const all = process.cpuUsage(start);
    const [best] = answer.options;
    rows.push([
      `${(session.summary.parameterCount / 1e9).toFixed(1)} B`,
      microBatches.join(),
      ms((opened.user + opened.system) / 1000),
      ms((all.user + all.system - opened.user - opened.system) / 1000),
      String(answer.options.length),
      String(answer.rejected.length),
      `${best.tensor} × ${best.stages} × ${best.replicas}, ZeRO ${best.sharding}`,
      `${(best.stepMs / 1000).toFixed(2)} s`,
      `${(answer.boundMs / 1000).toFixed(2)} s`,
    ]);
  }
  printTable(
    'A decoder of 80 layers with hidden size 8192 over 4 servers of 8 H100, processor time',
    ['parameters', 'micro-batches', 'open, ms', 'scale, ms', 'fit', 'do not', 'fastest', 'step', 'bound'],
    rows,
  );
}

function decoderSession(layers: number, shape: DecoderShape): PlannerSession {
  return PlannerSession.open(new MemoryByteSource(onnxFile(decoderOfLayers(layers, shape))), 'decoder.onnx');
}

function bf16Inputs(session: PlannerSession, device: string, seq: number): ScaleQuestion['inputs'] {
  const base: PlanInputs = session.defaultInputs([{ id: 'gpu0', name: device, memoryBytes: 80 * 1024 ** 3 }]);
  return {
    ...base,
    workload: {
      ...base.workload,
      ...{ precision: 'bf16', optimizer: 'adamw', optimizerUpdate: 'fused', loss: 'cross-entropy' },
      dims: { batch: 1, seq },
    },
  };
}
