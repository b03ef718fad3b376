import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { defaultMergePercent } from '../../planner-core/plan/sizePlan';
import { usualDimensions } from '../../planner-core/planners/input-sizes/readSizes';
import {
  defaultSizesRequest,
  type SizesFileRole,
  type SizesRequest,
} from '../../planner-core/protocol/sizeQuestions';
import { isBatchDimension } from '../../planner-core/step/dimensions';
import { el, setAttributes, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import { t } from '../base/l10n';
import type { View } from '../state/view';
import { dropdown, textField } from '../ui/controls';
import { counted } from '../ui/names';
import type { QuestionFields } from '../ui/questionPanel';
import { smallButton } from '../ui/smallButton';
import { emptyHistogram, histogramOf, histogramText, type DrawnHistogram } from './drawnHistogram';
import { histogramField } from './histogramField';

/** Where files come from: the host asks for them, and asks the question with what is in them. */
export type ChooseFile = (role: SizesFileRole, question: SizesRequest) => void;

const automatic = '';
const separator = '\n';

/** The question: sizes as text or from a file, of which dimensions, how many plans, and what to compare with. */
export function sizesFields(onChooseFile: ChooseFile): QuestionFields<SizesRequest> {
  let question = defaultSizesRequest;
  let shown: View | undefined;
  const change = (changes: Partial<SizesRequest>): void => {
    question = { ...question, ...changes };
    if (shown) render(shown);
  };
  const text = el('textarea', {
    id: 'sizes-text',
    rows: '2',
    spellcheck: 'false',
    'aria-label': t('Sizes and how common they are'),
    'aria-errormessage': 'sizes-refusal',
    placeholder: t('128:0.3 256:0.5 512:0.2, or one length a line'),
  });
  text.addEventListener('input', () =>
    change({ sizes: text.value.trim() === '' ? undefined : { text: text.value } }),
  );
  const histogram = histogramField((drawn) => {
    text.value = histogramText(drawn);
    drawnText = text.value;
    change({ sizes: drawnText === '' ? undefined : { text: drawnText } });
  });
  /** What was drawn, as text: its bars are on screen already, those that are empty too. */
  let drawnText: string | undefined;
  const histogramFor = memoizeLast(
    (
      written: string | undefined,
      model: View['host']['model'],
      dims: PlanInputs['workload']['dims'],
      dimensions: readonly string[] | undefined,
    ): DrawnHistogram | undefined => {
      const names = (model?.dims ?? []).map(({ name }) => name);
      if (written !== undefined) return histogramOf(written, names, dimensions);
      if (names.length === 0 || (dimensions?.length ?? 1) > 1) return undefined;
      const [name] = dimensions ?? usualDimensions(names, 1);
      return emptyHistogram(name, dims[name] ?? model!.dims.find((dim) => dim.name === name)!.assumed);
    },
  );
  const file = el('span', { class: 'sizes-file' });
  const fileName = el('span', {});
  file.append(
    fileName,
    smallButton('×', t('Take the file away'), () => {
      change({ sizes: undefined });
      text.focus();
    }),
  );
  const choose = smallButton(
    t('File…'),
    t('Take the sizes from a file: a histogram, CSV, JSON, or tokenised lengths'),
    () => onChooseFile('sizes', question),
  );
  const dimensions = dropdown(t('Dimensions that the sizes are of'), (value) =>
    change({ dimensions: value === automatic ? undefined : value.split(separator) }),
  );
  const merge = textField({
    label: t('Percent of the step time that a plan may be slower than the best one known'),
    size: 3,
    onCommit(typed) {
      const percent = Number(typed);
      const isValid = typed.trim() !== '' && Number.isFinite(percent) && percent >= 0;
      merge.setInvalid(isValid ? undefined : t('A percentage of at least 0'));
      if (isValid) change({ mergePercent: percent });
    },
  });
  const compare = el('input', { type: 'checkbox', id: 'sizes-compare' });
  compare.addEventListener('change', () => change({ compare: compare.checked }));
  const measurements = el('span', { class: 'sizes-file' });
  const measured = el('span', {});
  measurements.append(
    measured,
    smallButton('×', t('Take the measurements away'), () => change({ measurements: undefined })),
  );
  const measure = smallButton(
    t('Measurements…'),
    t(
      'Fit memory and time to what was measured at a few sizes, as Mimose does online: tables, profiler traces',
    ),
    () => onChooseFile('measurements', question),
  );
  const field = (...parts: readonly (Node | string)[]): HTMLElement =>
    el('span', { class: 'goal-field' }, ...parts);
  const dimensionsField = field(t('of'), dimensions.element);

  const optionsOf = memoizeLast((model: View['host']['model']) => {
    const names = (model?.dims ?? []).map(({ name }) => name);
    const others = names.filter((name) => !isBatchDimension(name));
    const pairs = others.flatMap((first, i) => others.slice(i + 1).map((second) => [first, second]));
    return [
      { value: automatic, label: t('as the text says') },
      ...names.map((name) => ({ value: name, label: name })),
      ...pairs.map((pair) => ({ value: pair.join(separator), label: pair.join(' × ') })),
    ];
  });
  const render = (view: View): void => {
    shown = view;
    const options = optionsOf(view.host.model);
    const { sizes } = question;
    const isFile = sizes?.name !== undefined;
    text.hidden = isFile;
    file.hidden = !isFile;
    if (isFile) setText(fileName, `${sizes.name}, ${counted(lineCount(sizes.text), 'line')}`);
    else if (document.activeElement !== text && text.value !== (sizes?.text ?? ''))
      text.value = sizes?.text ?? '';
    const written = sizes?.text;
    const asked = view.host.sizes;
    const isRefused = asked?.error !== undefined && asked.question.sizes?.text === written;
    setAttributes(text, { 'aria-invalid': String(isRefused) });
    if (drawnText === undefined || (written ?? '') !== drawnText) {
      drawnText = undefined;
      histogram.render(
        histogramFor(written, view.host.model, view.inputs.workload.dims, question.dimensions),
      );
    }
    dimensionsField.hidden = options.length <= 2;
    dimensions.update(options, question.dimensions?.join(separator) ?? automatic);
    merge.update(String(question.mergePercent ?? defaultMergePercent));
    compare.checked = question.compare === true;
    const files = question.measurements ?? [];
    measurements.hidden = files.length === 0;
    setText(measured, files.map(({ name }) => name ?? t('measurements')).join(', '));
  };
  return {
    element: el(
      'div',
      { class: 'goal-question sizes-question' },
      text,
      file,
      choose,
      dimensionsField,
      field(t('one plan within'), merge.element, '%'),
      el('label', { class: 'goal-field' }, compare, t('compare with others')),
      measure,
      measurements,
      histogram.element,
    ),
    get question() {
      return question;
    },
    get isComplete() {
      return question.sizes !== undefined || shown?.inputs.sizes !== undefined;
    },
    set(asked) {
      question = asked;
    },
    render,
  };
}

const lineCount = (text: string): number => text.trimEnd().split('\n').length;
