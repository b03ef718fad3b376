import { t } from '../base/l10n';

/** One and many of what the view counts; languages without plurals have the same words twice. */
const nouns = {
  assumption: [t('{0} assumption'), t('{0} assumptions')],
  computation: [t('{0} computation'), t('{0} computations')],
  device: [t('{0} device'), t('{0} devices')],
  layer: [t('{0} layer'), t('{0} layers')],
  line: [t('{0} line'), t('{0} lines')],
  'micro-batch': [t('{0} micro-batch'), t('{0} micro-batches')],
  module: [t('{0} module'), t('{0} modules')],
  note: [t('{0} note'), t('{0} notes')],
  operator: [t('{0} operator'), t('{0} operators')],
  other: [t('{0} other'), t('{0} others')],
  parameter: [t('{0} parameter'), t('{0} parameters')],
  pin: [t('{0} pin'), t('{0} pins')],
  place: [t('{0} place'), t('{0} places')],
  row: [t('{0} row'), t('{0} rows')],
  sequence: [t('{0} sequence'), t('{0} sequences')],
  size: [t('{0} size'), t('{0} sizes')],
  step: [t('{0} step'), t('{0} steps')],
  tensor: [t('{0} tensor'), t('{0} tensors')],
  transfer: [t('{0} transfer'), t('{0} transfers')],
  way: [t('{0} way'), t('{0} ways')],
} as const;

/** What the view counts. */
export type Noun = keyof typeof nouns;

const byCount = new Intl.PluralRules('en');

/** `3 layers`, `1 layer`, in the language of the view. */
export function counted(count: number, noun: Noun): string {
  const [one, many] = nouns[noun];
  return (byCount.select(count) === 'one' ? one : many).replace('{0}', count.toLocaleString('en'));
}
