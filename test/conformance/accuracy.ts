import { errorBar, exactBar, type Bar } from './bar';
import { adamBytes, compare, type Comparison } from './comparison';
import { errorPercent } from './statistics';
import type { TruthModel } from './truth/point';

export const isTraining = ({ point }: Comparison): boolean => point.plan !== 'inference';
export const keepsAll = ({ point }: Comparison): boolean => point.plan === 'none';

/** Errors of saved bytes, in percent. */
export const savedErrors = (comparisons: readonly Comparison[]): number[] =>
  comparisons.map(({ savedBytes, point }) => errorPercent(savedBytes, point.savedBytes));

export const peakErrors = (comparisons: readonly Comparison[]): number[] =>
  comparisons.map(({ predicted, point }) => errorPercent(predicted.peakBytes, point.peakBytes));

/** Parameters, gradients, buffers and products of every point. */
export function stateBars(section: string, comparisons: readonly Comparison[]): Bar[] {
  const training = comparisons.filter(isTraining);
  const multiplied = training.filter(
    ({ point }) => point.macs !== undefined && keepsAll({ point } as Comparison),
  );
  return [
    exactBar(
      section,
      'parameter bytes',
      comparisons.map(({ predicted, point }) => errorPercent(predicted.parameterBytes, point.parameterBytes)),
    ),
    exactBar(
      section,
      'gradient bytes',
      training.map(({ predicted, point }) => errorPercent(predicted.gradientBytes, point.gradientBytes)),
    ),
    exactBar(
      section,
      'buffer bytes',
      comparisons.map(({ predicted, point }) => errorPercent(predicted.bufferBytes, point.bufferBytes)),
    ),
    exactBar(
      section,
      'multiply-accumulates of convolutions and matrix products',
      multiplied.map(({ predicted, point }) => errorPercent(predicted.macs, point.macs!)),
    ),
  ];
}

/** Sums of a table by qualified module name over the first part of the names. */
function byTopLevelModule(bytes: Readonly<Record<string, number>>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, value] of Object.entries(bytes)) {
    const top = name.split('.')[0];
    if (value > 0) sums.set(top, (sums.get(top) ?? 0) + value);
  }
  return sums;
}

/** One error for every point and top-level module that keeps something. */
function moduleErrors(comparisons: readonly Comparison[]): number[] {
  return comparisons.flatMap(({ predicted, point }) => {
    if (!point.savedByModule) return [];
    const predictedBytes = Object.fromEntries(
      Object.entries(predicted.modules).map(([name, { savedBytes }]) => [name, savedBytes]),
    );
    const measured = byTopLevelModule(point.savedByModule);
    const ours = byTopLevelModule(predictedBytes);
    const names = new Set([...measured.keys(), ...ours.keys()]);
    return [...names].map((name) => errorPercent(ours.get(name) ?? 0, measured.get(name) ?? 0));
  });
}

/** PyTorch 1.13, files exported in training mode. */
export function trainingExports(models: readonly TruthModel[]): Bar[] {
  const section = 'PyTorch 1.13, training-mode exports';
  const all = models.flatMap((model) => compare(model, model.trainFile).comparisons);
  const training = all.filter(isTraining);
  const plain = training.filter(keepsAll);
  const planned = training.filter((comparison) => !keepsAll(comparison));
  return [
    ...stateBars(section, all),
    exactBar(
      section,
      'optimizer state (Adam)',
      models.map((model) => errorPercent(adamBytes(model), model.points[0].optimizerBytes)),
    ),
    errorBar(section, 'bytes kept for backward', savedErrors(training), { median: 0.5, worst: 3, exact: 60 }),
    errorBar(section, 'bytes kept for backward, by top-level module', moduleErrors(plain), { median: 1 }),
    errorBar(section, 'peak of the step', peakErrors(plain), { median: 2, worst: 8 }),
    errorBar(section, 'peak under checkpoint plans', peakErrors(planned), { median: 3, worst: 10 }),
    errorBar(section, 'peak of inference', peakErrors(all.filter((c) => !isTraining(c))), { median: 3 }),
  ];
}

/** PyTorch 2.13, files of the torch.export-based exporter; points with dropout that the export lost are left out. */
export function programExports(models: readonly TruthModel[]): Bar[] {
  const section = 'PyTorch 2.13, torch.export-based exports';
  const all = models
    .flatMap((model) => compare(model, model.trainFile).comparisons)
    .filter(({ point }) => !point.hasDropout);
  const training = all.filter(isTraining);
  const phaseErrors = training.flatMap(({ predicted, point }) =>
    Object.entries(point.phasePeakBytes ?? {}).map(([phase, bytes]) =>
      errorPercent(predicted.phasePeakBytes[phase] ?? 0, bytes),
    ),
  );
  return [
    ...stateBars(section, all),
    exactBar(
      section,
      'optimizer state (AdamW)',
      training.map(({ predicted, point }) => errorPercent(predicted.optimizerBytes, point.optimizerBytes)),
    ),
    // Under plans, the measurement misses what a block is handed by keyword; it is comparable without them.
    errorBar(section, 'bytes kept for backward', savedErrors(training.filter(keepsAll)), {
      median: 1,
      worst: 8,
    }),
    errorBar(section, 'peaks by phase, with and without checkpoint plans', phaseErrors, { median: 3 }),
    errorBar(section, 'peak of inference', peakErrors(all.filter((c) => !isTraining(c))), { median: 3 }),
  ];
}

/** The same models exported for evaluation: norms folded, dropout gone. */
export function evaluationExports(models: readonly TruthModel[]): Bar[] {
  const section = 'Exports for evaluation';
  const all = models.flatMap((model) => model.evalFiles.flatMap((file) => compare(model, file).comparisons));
  const plain = all.filter((comparison) => isTraining(comparison) && keepsAll(comparison));
  const errors = savedErrors(plain);
  const unexplained = plain.filter(
    ({ predicted }, at) =>
      errors[at] > 5 && !predicted.diagnostics.some(({ code }) => code === 'exported-for-evaluation'),
  ).length;
  return [
    errorBar(section, 'bytes kept for backward', errors, { median: 5 }),
    {
      section,
      what: 'off by more than 5 % without a diagnostic that says what the export lost',
      count: plain.length,
      result: String(unexplained),
      limit: '0',
      isMet: unexplained === 0,
    },
  ];
}
