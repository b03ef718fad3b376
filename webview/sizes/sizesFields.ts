import { defaultMergePercent } from '../../planner-core/plan/sizePlan';
import {
  defaultSizesRequest,
  type SizesFileRole,
  type SizesRequest,
} from '../../planner-core/protocol/sizeQuestions';
import { isBatchDimension } from '../../planner-core/step/dimensions';
import { el, setText } from '../base/dom';
import { memoizeLast } from '../base/memoize';
import type { View } from '../state/view';
import { dropdown, textField } from '../ui/controls';
import { counted } from '../ui/names';
import type { QuestionFields } from '../ui/questionPanel';
import { smallButton } from '../ui/smallButton';

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
    'aria-label': 'Sizes and how common they are',
    placeholder: '128:0.3 256:0.5 512:0.2, or one length a line',
  });
  text.addEventListener('input', () =>
    change({ sizes: text.value.trim() === '' ? undefined : { text: text.value } }),
  );
  const file = el('span', { class: 'sizes-file' });
  const fileName = el('span', {});
  file.append(
    fileName,
    smallButton('×', 'Take the file away', () => {
      change({ sizes: undefined });
      text.focus();
    }),
  );
  const choose = smallButton(
    'File…',
    'Take the sizes from a file: a histogram, CSV, JSON, or tokenised lengths',
    () => onChooseFile('sizes', question),
  );
  const dimensions = dropdown('Dimensions that the sizes are of', (value) =>
    change({ dimensions: value === automatic ? undefined : value.split(separator) }),
  );
  const merge = textField({
    label: 'Percent of the step time that a plan may be slower than the best one known',
    size: 3,
    onCommit(typed) {
      const percent = Number(typed);
      const isValid = typed.trim() !== '' && Number.isFinite(percent) && percent >= 0;
      merge.setInvalid(isValid ? undefined : 'A percentage of at least 0');
      if (isValid) change({ mergePercent: percent });
    },
  });
  const compare = el('input', { type: 'checkbox', id: 'sizes-compare' });
  compare.addEventListener('change', () => change({ compare: compare.checked }));
  const measurements = el('span', { class: 'sizes-file' });
  const measured = el('span', {});
  measurements.append(
    measured,
    smallButton('×', 'Take the measurements away', () => change({ measurements: undefined })),
  );
  const measure = smallButton(
    'Measurements…',
    'Fit memory and time to what was measured at a few sizes, as Mimose does online',
    () => onChooseFile('measurements', question),
  );
  const field = (...parts: readonly (Node | string)[]): HTMLElement =>
    el('span', { class: 'goal-field' }, ...parts);
  const dimensionsField = field('of', dimensions.element);

  const optionsOf = memoizeLast((model: View['host']['model']) => {
    const names = (model?.dims ?? []).map(({ name }) => name);
    const others = names.filter((name) => !isBatchDimension(name));
    const pairs = others.flatMap((first, i) => others.slice(i + 1).map((second) => [first, second]));
    return [
      { value: automatic, label: 'as the text says' },
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
    dimensionsField.hidden = options.length <= 2;
    dimensions.update(options, question.dimensions?.join(separator) ?? automatic);
    merge.update(String(question.mergePercent ?? defaultMergePercent));
    compare.checked = question.compare === true;
    const files = question.measurements ?? [];
    measurements.hidden = files.length === 0;
    setText(measured, files.map(({ name }) => name ?? 'measurements').join(', '));
  };
  return {
    element: el(
      'div',
      { class: 'goal-question sizes-question' },
      text,
      file,
      choose,
      dimensionsField,
      field('one plan within', merge.element, '%'),
      el('label', { class: 'goal-field' }, compare, 'compare with others'),
      measure,
      measurements,
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
