import { isTraining, keepsAll, peakErrors, savedErrors, stateBars } from './accuracy';
import { errorBar, exactBar, type Bar } from './bar';
import { compare, type Comparison } from './comparison';
import { openSession } from './predict';
import { predictSelective } from './selective';
import { errorPercent } from './statistics';
import type { TruthModel } from './truth/point';

/** One error for every phase of every point. */
const phaseErrors = (comparisons: readonly Pick<Comparison, 'predicted' | 'point'>[]): number[] =>
  comparisons.flatMap(({ predicted, point }) =>
    Object.entries(point.phasePeakBytes ?? {}).map(([phase, bytes]) =>
      errorPercent(predicted.phasePeakBytes[phase] ?? 0, bytes),
    ),
  );

const isAutocast = ({ point }: Comparison): boolean => point.workload.precision === 'bf16-autocast';

/**
 * Archives of torch.export, PyTorch 2.13: programs exported in training mode, dropout included, whose loss is left out
 * on both sides.
 */
export function archiveExports(models: readonly TruthModel[]): Bar[] {
  const section = 'PyTorch 2.13, torch.export archives (.pt2)';
  const archived = models.flatMap((model) => (model.archives ? [{ model, ...model.archives }] : []));
  const all = archived.flatMap(({ model, train }) => compare(model, train).comparisons);
  const training = all.filter(isTraining);
  const plain = training.filter(keepsAll);
  const planned = training.filter((comparison) => !keepsAll(comparison));
  const selective = archived.flatMap(({ model, train }) =>
    model.selectivePoints.map((point) => ({ point, predicted: predictSelective(train, point) })),
  );
  return [
    ...stateBars(section, all),
    exactBar(
      section,
      'optimizer state (AdamW)',
      training.map(({ predicted, point }) => errorPercent(predicted.optimizerBytes, point.optimizerBytes)),
    ),
    errorBar(section, 'bytes kept for backward', savedErrors(plain), { median: 0.5, worst: 5 }),
    errorBar(section, 'peaks by phase', phaseErrors(plain), { median: 2 }),
    errorBar(section, 'peaks by phase under checkpoint plans', phaseErrors(planned), { median: 3 }),
    errorBar(section, 'peaks by phase under bf16 autocast', phaseErrors(training.filter(isAutocast)), {
      median: 3,
    }),
    errorBar(section, 'peaks by phase under selective checkpointing', phaseErrors(selective), {
      median: 3,
      worst: 5,
    }),
    errorBar(section, 'peak of inference', peakErrors(all.filter((c) => !isTraining(c))), { median: 3 }),
    evaluationBar(section, archived),
  ];
}

/** Programs exported for evaluation have the parameters of those for training. */
function evaluationBar(
  section: string,
  archived: readonly { readonly train: string; readonly evaluation: string }[],
): Bar {
  const differing = archived.filter(
    ({ train, evaluation }) =>
      openSession(train).summary.parameterBytes !== openSession(evaluation).summary.parameterBytes,
  ).length;
  return {
    section,
    what: 'programs exported for evaluation, with other parameters',
    count: archived.length,
    result: String(differing),
    limit: '0',
    isMet: archived.length > 0 && differing === 0,
  };
}
