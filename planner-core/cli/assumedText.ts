import type { PlanInputs } from '../plan/planInputs';
import type { ModelSummary } from '../session/types';
import { ownPrecision } from '../step/ownPrecision';
import type { Workload } from '../step/workload';
import type { Options } from './options';
import { table } from './output';
import { workloadRows } from './workloadText';

/** What moves the peak of a training step most, by the names of the options. */
const decisive = ['optimizer', 'loss', 'precision'] as const;

/** The types that a model brings along. */
type OwnTypes = Pick<ModelSummary, 'weightType' | 'autocast'>;

/** Settings that were not typed and move the peak, as a row of a table; none where all were. */
export function assumedRows(
  workload: Workload,
  options: Pick<Options, (typeof decisive)[number]>,
  model: OwnTypes,
): string[][] {
  const names = workload.mode === 'training' ? decisive : (['precision'] as const);
  const assumed = names.filter((name) => options[name] === undefined);
  return assumed.length > 0
    ? [
        [
          'assumed',
          assumed
            .map(
              (name) => `${name} ${name === 'precision' ? precisionText(workload, model) : workload[name]}`,
            )
            .join(', '),
        ],
      ]
    : [];
}

/** fp32 changes nothing: a program that switches autocast on runs in it, and a file of other types is computed in those. */
function precisionText({ precision }: Workload, model: OwnTypes): string {
  const own = ownPrecision(model, precision);
  if (own !== precision) return `of the program (${own})`;
  return precision === 'fp32' && model.weightType !== 'float32'
    ? `of the file (${model.weightType})`
    : precision;
}

/** What an answer is about, as rows of its table: sizes, devices, what was not told. */
export const aboutRows = (
  model: OwnTypes & Pick<ModelSummary, 'dims'>,
  inputs: Pick<PlanInputs, 'workload' | 'devices'>,
  options: Options,
): string[][] => [...workloadRows(model, inputs), ...assumedRows(inputs.workload, options, model)];

/** What an answer is about, above it. */
export const aboutText = (...about: Parameters<typeof aboutRows>): string => table(aboutRows(...about));
