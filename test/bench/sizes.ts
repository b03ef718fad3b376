import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { findDevice } from '../../planner-core/devices/catalogue';
import { uncalibrated } from '../../planner-core/devices/roofline';
import { openModel } from '../../planner-core/formats/openModel';
import { inferTensors } from '../../planner-core/operators/inferTensors';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { planForSize } from '../../planner-core/plan/sizePlan';
import { heldValues } from '../../planner-core/planners/input-sizes/layerHeldBytes';
import { evaluate, quadraticFit } from '../../planner-core/planners/input-sizes/quadraticFit';
import { findModel } from '../../planner-core/planners/input-sizes/findModel';
import { layerIndexOf } from '../../planner-core/plan/layerIndex';
import { recognise } from '../../planner-core/recognition/recognise';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { moduleTotals } from '../../planner-core/session/moduleTotals';
import type { SizeMethod, SizesAnswer } from '../../planner-core/session/sizes/sizesModel';
import { withSizes } from '../../planner-core/session/sizes/withSizes';
import { buildStep, type BuiltStep } from '../../planner-core/step/buildStep';
import { ValueKind } from '../../planner-core/step/stepGraph';
import { defaultWorkload } from '../../planner-core/step/workload';
import { imageTrace, textTraces, type SizeTrace } from './lib/sizeDistributions';
import { printTable } from './lib/table';
import { medianMs } from './lib/timing';

const models: readonly { file: string; traces: readonly SizeTrace[]; dimensions: readonly string[] }[] = [
  { file: 'bert_base', traces: textTraces, dimensions: ['seq'] },
  { file: 'gpt2_small', traces: textTraces, dimensions: ['seq'] },
  { file: 'llama_8l_d1024', traces: textTraces, dimensions: ['seq'] },
  { file: 'resnet50', traces: [imageTrace(8)], dimensions: ['height', 'width'] },
];
/** Budgets, as parts of the way from what the smallest size takes to what the largest does. */
const parts = [0.35, 0.6];

/**
 * Plans for sizes beside one plan for the largest, Mimose and DTR on the same batches; how long planning takes; how exact polynomials and
 * quadratics through a few sizes are.
 */
export async function benchSizes(repoRoot: string): Promise<void> {
  const rows: string[][] = [];
  for (const { file, traces, dimensions } of models) {
    const session = PlannerSession.open(sample(repoRoot, file), `${file}.train.onnx`);
    for (const trace of traces) {
      for (const part of parts) {
        const inputs = inputsOf(session, trace, dimensions, part);
        const answer = await session.sizes({ inputs, sizes: trace, dimensions }, undefined, () =>
          performance.now(),
        );
        rows.push(row(`${file}, ${trace.name}, ${Math.round(100 * part)} %`, answer));
      }
    }
  }
  printTable(
    'Plans for sizes: expected overhead over 1000 batches',
    [
      ...[
        'model, sizes, budget',
        'plans',
        'table',
        'best',
        'static',
        'less than static',
        'Mimose',
        'largest first',
        'DTR',
      ],
      ...['over budget', 'plan was there', 'new size ms', 'cached ms'],
    ],
    rows,
  );
  await exactness(repoRoot);
}

const sample = (repoRoot: string, file: string): MemoryByteSource =>
  new MemoryByteSource(readFileSync(path.join(repoRoot, 'samples', `${file}.train.onnx`)));

function inputsOf(
  session: PlannerSession,
  trace: SizeTrace,
  dimensions: readonly string[],
  part: number,
): PlanInputs {
  const devices = [{ id: 'gpu0', name: 'V100 SXM2 16GB', memoryBytes: 16 * 1024 ** 3 }];
  const workload = { ...defaultWorkload, optimizer: 'adamw' as const, dims: { batch: trace.batch } };
  const base = { ...session.defaultInputs(devices), workload };
  const sizes = trace.text.split('\n').map((line) => line.split('x').map(Number));
  const peaks = sizes
    .sort((a, b) => product(a) - product(b))
    .filter((_, i) => i === 0 || i === sizes.length - 1)
    .map((size) => session.configure(withSizes(base, dimensions, size)).keepAllPeakBytes);
  return { ...base, budgetBytes: Math.round(peaks[0] + part * (peaks[1] - peaks[0])) };
}

const product = (size: readonly number[]): number => size.reduce((all, x) => all * x, 1);

function row(label: string, { rows, comparison, edit, points }: SizesAnswer): string[] {
  const of = (id: SizeMethod['id']): SizeMethod => comparison.find((method) => method.id === id)!;
  const percent = ({ overheadPercent, overBudgetShare }: SizeMethod): string =>
    `${overheadPercent.toFixed(2)} %${overBudgetShare > 0 ? ` (${(100 * overBudgetShare).toFixed(1)} % over)` : ''}`;
  const table = of('table');
  const plans = edit.kind === 'sizes' ? (edit.sizes?.plans ?? []) : [];
  const cachedMs = medianMs(50, () => points.forEach(({ size }) => planForSize(plans, size))) / points.length;
  return [
    label,
    String(rows.length),
    ...[table, of('best'), of('static')].map(percent),
    `${(100 * (1 - table.overheadPercent / of('static').overheadPercent)).toFixed(0)} %`,
    ...[of('mimose'), of('mimose-largest-first'), of('dtr')].map(percent),
    `${(100 * table.overBudgetShare).toFixed(1)} %`,
    `${(100 * (table.hitRate ?? 0)).toFixed(1)} %`,
    (table.planningMs ?? 0).toFixed(2),
    cachedMs.toFixed(4),
  ];
}

interface TruthPoint {
  readonly input: readonly (readonly number[])[];
  readonly plan: string;
  readonly loss: string;
  readonly saved_by_module?: Readonly<Record<string, number>>;
}

/** Polynomials, and quadratics through four sizes, beside what PyTorch measured and beside steps that are built. */
async function exactness(repoRoot: string): Promise<void> {
  const truth = path.resolve(repoRoot, '../shared/data/truth/pytorch-1.13/truth');
  if (!existsSync(truth)) return console.log('sizes: measured points are not here (../shared/data/truth)');
  const rows = models.map(({ file, dimensions }) => {
    const read = JSON.parse(readFileSync(path.join(truth, `${file}.json`), 'utf8')) as {
      points: TruthPoint[];
      blocks: string[];
    };
    const points = read.points.filter(
      ({ plan, loss, saved_by_module }) => plan === 'none' && loss === 'sum' && saved_by_module,
    );
    const names = ['batch', ...dimensions];
    const sizeOf = ({ input }: TruthPoint): number[] =>
      dimensions.length > 1 ? [input[0][0], ...input[0].slice(2)] : [...input[0]];
    const raw = openModel(sample(repoRoot, file), file);
    const { graph } = recognise(raw, inferTensors(raw, {}).facts, []);
    const spec = findDevice('T4')!;
    const build = (size: readonly number[]): BuiltStep => {
      const dims = Object.fromEntries(names.map((name, axis) => [name, size[axis]]));
      return buildStep(
        graph,
        { ...defaultWorkload, semantics: 'cpu', dims },
        [{ id: 'gpu0', spec }],
        undefined,
        { keepsWork: true },
      );
    };
    const sizes = points.map(sizeOf);
    const { model } = findModel(sizes, build, uncalibrated(spec), ({ nodeCount }) =>
      new Uint16Array(nodeCount).fill(1),
    );
    const template = build(sizes[sizes.length - 1]);
    let [layers, exact, offBuilt, polynomial] = [0, 0, 0, 0];
    let worst = 0;
    points.forEach((point, i) => {
      const built = savedBy(graph, build(sizes[i]), read.blocks);
      // A batch of 1 is another computation, which is built.
      const isPolynomial = model.hasTemplate(sizes[i]);
      if (isPolynomial) polynomial++;
      const step = isPolynomial ? model.stepAt(sizes[i]) : undefined;
      const predicted = step ? savedBy(graph, { ...template, step }, read.blocks) : built;
      const measured = sums(point.saved_by_module!, read.blocks);
      read.blocks.forEach((_block, b) => {
        layers++;
        if (predicted[b] !== built[b]) offBuilt++;
        if (predicted[b] === measured[b]) exact++;
        worst = Math.max(worst, Math.abs(predicted[b] - measured[b]) / measured[b]);
      });
    });
    const index = layerIndexOf(graph.modules, model.template);
    return [
      file,
      `${points.length} × ${read.blocks.length}`,
      `${polynomial} of ${points.length}`,
      String(offBuilt),
      `${exact} of ${layers}`,
      `${(100 * worst).toFixed(3)} %`,
      `${(
        100 *
        fittedError(
          model,
          index.blocks.map((id) => index.layers[id]),
          dimensions.length,
        )
      ).toFixed(4)} %`,
    ];
  });
  printTable(
    'Bytes of layers at measured sizes',
    [
      'model',
      'points × blocks',
      'points by polynomials',
      'off from built',
      'to the byte as measured',
      'worst',
      'quadratic through 4 sizes, worst',
    ],
    rows,
  );
}

const sums = (bytes: Readonly<Record<string, number>>, blocks: readonly string[]): number[] =>
  blocks.map((block) =>
    Object.entries(bytes).reduce(
      (sum, [name, more]) => (name === block || name.startsWith(`${block}.`) ? sum + more : sum),
      0,
    ),
  );

function savedBy(
  graph: Parameters<typeof moduleTotals>[0],
  built: BuiltStep,
  blocks: readonly string[],
): number[] {
  const saved = new Uint8Array(built.step.valueCount);
  for (const record of built.records)
    for (const value of record.saved) {
      const kind = built.step.valueKind[value];
      saved[value] = Number(kind === ValueKind.activation || kind === ValueKind.temporary);
    }
  const totals = moduleTotals(graph, built, saved);
  return sums(
    Object.fromEntries(Object.entries(totals).map(([name, { savedBytes }]) => [name, savedBytes])),
    blocks,
  );
}

/** A quadratic of one size through four of them, as Mimose's estimator has it, against every size between. */
function fittedError(
  model: ReturnType<typeof findModel>['model'],
  layers: readonly { readonly forwardNodes: readonly number[] }[],
  dimensions: number,
): number {
  // The batch is fixed; of images both sides grow together.
  const at = (x: number): number[] => [2, ...Array.from({ length: dimensions }, () => x)];
  const known = (dimensions > 1 ? [64, 96, 160, 224] : [32, 64, 160, 256]).filter((x) =>
    model.hasTemplate(at(x)),
  );
  const between = (dimensions > 1 ? [128, 192] : [48, 96, 128, 192, 224]).filter((x) =>
    model.hasTemplate(at(x)),
  );
  return Math.max(
    ...layers.map((layer) => {
      const values = heldValues(layer, model.template);
      const point = (x: number) => {
        const { valueBytes } = model.stepAt(at(x));
        return { x: product(at(x).slice(1)), y: values.reduce((sum, value) => sum + valueBytes[value], 0) };
      };
      const fitted = quadraticFit(known.map(point));
      return Math.max(...between.map(point).map(({ x, y }) => Math.abs(evaluate(fitted, x) - y) / y));
    }),
  );
}
