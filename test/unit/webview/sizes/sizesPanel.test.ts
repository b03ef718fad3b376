// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultPlanInputs, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import type { SizesState } from '../../../../planner-core/protocol/sizeQuestions';
import { nextFrame } from '../support/jsdom';
import { openView, type OpenedView } from '../support/openView';
import { gib } from '../support/sample';
import { someImageSizes, someSizes } from './sample';

const base = defaultPlanInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib }]);
const inputs: PlanInputs = { ...base, workload: { ...base.workload, dims: { batch: 8, seq: 128 } } };
const state: SizesState = { run: 1, question: { sizes: { text: '128:1' } }, inputs, answer: someSizes() };

const find = <T extends Element>(selector: string): T => {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
};
const panel = (): HTMLElement => find('#sizes');
const chart = (): HTMLElement => find('#sizes .sizes-chart');
const button = (text: string): HTMLElement => {
  const found = [...panel().querySelectorAll<HTMLElement>('button')].find(
    (each) => each.textContent === text,
  );
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
const press = (key: string): boolean =>
  chart().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
const type = (text: string): void => {
  const field = find<HTMLTextAreaElement>('#sizes-text');
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
};

let view: OpenedView;
beforeEach(async () => {
  view = await openView(inputs);
});
afterEach(nextFrame);

describe('the panel of input sizes', () => {
  it('asks nothing before there are sizes, then what is typed, also by keyboard', () => {
    find<HTMLElement>('#sizes-button').click();
    expect(panel().hidden).toBe(false);
    expect(view.sent('ask-sizes')).toEqual([]);
    type('128:0.3 256:0.7');
    find('#sizes-text').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }),
    );
    expect(view.sent('ask-sizes')).toMatchObject([
      { question: { sizes: { text: '128:0.3 256:0.7' }, compare: true } },
    ]);
  });

  it('lets the host choose a file, and shows whose sizes they are', async () => {
    find<HTMLElement>('#sizes-button').click();
    button('File…').click();
    expect(view.sent('choose-sizes-file')).toMatchObject([{ role: 'sizes', question: { compare: true } }]);
    const sizes = { name: 'lengths.csv', text: 'length\n1\n2\n' };
    await view.show({ sizes: { ...state, run: 2, question: { sizes } } });
    expect(find<HTMLElement>('#sizes-text').hidden).toBe(true);
    expect(find('.sizes-file').textContent).toContain('lengths.csv, 3 lines');
  });

  it('keeps what was typed when it is wrong, and says why beside it', async () => {
    find<HTMLElement>('#sizes-button').click();
    type('128:-1');
    const error = { code: 'bad-sizes', message: 'Line 1: a negative weight.', hint: 'Correct it.' } as const;
    await view.show({ sizes: { run: 1, question: { sizes: { text: '128:-1' } }, inputs, error } });
    expect(find<HTMLTextAreaElement>('#sizes-text').value).toBe('128:-1');
    expect(find('#sizes .tone-error[role="status"]').textContent).toBe(
      'Line 1: a negative weight. Correct it.',
    );
  });

  it('draws what is typed as bars, and types what is drawn', async () => {
    find<HTMLElement>('#sizes-button').click();
    await nextFrame();
    const bars = (): HTMLElement[] => [...panel().querySelectorAll<HTMLElement>('.drawn-track')];
    // Nothing is written: bars up to the size there is, all empty.
    expect(bars().map((bar) => bar.getAttribute('aria-label'))).toContain('seq 128');
    type('64:10 128:30');
    expect(bars().map((bar) => [bar.getAttribute('aria-label'), bar.getAttribute('aria-valuetext')])).toEqual(
      [
        ['seq 64', '25.0 % of the batches'],
        ['seq 128', '75.0 % of the batches'],
      ],
    );
    const key = (bar: HTMLElement, name: string): boolean =>
      bar.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
    bars()[0].focus();
    key(bars()[0], 'ArrowUp');
    const text = find<HTMLTextAreaElement>('#sizes-text');
    expect(text.value).toBe('64:11 128:30');
    key(bars()[0], 'ArrowRight');
    expect(document.activeElement).toBe(bars()[1]);
    // An empty bar is no size of the text, and stays to be drawn again.
    key(bars()[1], 'Home');
    expect(text.value).toBe('64:11');
    expect(bars()).toHaveLength(2);
    key(bars()[1], 'PageUp');
    expect(text.value).toMatch(/^64:11 128:\d+$/);
    text.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true }));
    expect(view.sent('ask-sizes')).toMatchObject([{ question: { sizes: { text: text.value } } }]);
    // Sizes of several dimensions are written, not drawn.
    type('224x320:1');
    expect(find<HTMLElement>('.drawn-histogram').hidden).toBe(true);
  });

  it('says where plans change and draws each as a band, with the budget and the sizes that have none', async () => {
    await view.show({ sizes: state });
    find<HTMLElement>('#sizes-button').click();
    expect(find('.sizes-summary').textContent).toMatch(/^Up to seq 320 nothing/);
    expect(panel().querySelectorAll('.size-band')).toHaveLength(3);
    expect(panel().querySelectorAll('.size-band-none')).toHaveLength(1);
    expect(panel().querySelectorAll('.size-budget')).toHaveLength(1);
    expect(panel().querySelectorAll('.size-bar')).toHaveLength(36);
    expect(panel().textContent).toContain(
      'No plan was found under 4.00 GiB for 1 size (0.1 % of the batches)',
    );
  });

  it('says that a fit is one, and not as if it were proven', async () => {
    await view.show({ sizes: state });
    find<HTMLElement>('#sizes-button').click();
    const line = (start: RegExp): Element =>
      [...panel().querySelectorAll('.question-line')].find((each) => start.test(each.textContent ?? ''))!;
    expect(line(/^Bytes and times are exact/).className).toContain('tone-proof');
    const fitted = [{ dimension: 'u0', coefficients: [1, 2], sizes: 6, errorPercent: 12.34 }];
    const answer = { ...someSizes(), exactness: { kind: 'built' as const, checkedSizes: [], fitted } };
    await view.show({ sizes: { ...state, run: 2, answer } });
    const said = line(/^u0 depends on data/);
    expect(said.textContent).toBe(
      'u0 depends on data: fitted from 6 sizes, off by at most 12.3 %. Nothing here is exact or proven.',
    );
    expect(said.className).not.toContain('tone-proof');
  });

  it('puts plans together that hardly a batch needs, with the same counts everywhere', async () => {
    const [common, ...others] = someSizes().rows;
    const rows = [{ ...common, share: 0.9998 }, ...others.map((row, i) => ({ ...row, share: i * 0.0002 }))];
    await view.show({ sizes: { ...state, answer: { ...someSizes(), rows } } });
    find<HTMLElement>('#sizes-button').click();
    const plans = (): HTMLElement[] => [
      ...panel().querySelectorAll<HTMLTableElement>('.answer-table')[0].tBodies[0].rows,
    ];
    const shownPlans = (): number => plans().filter((row) => !row.hidden).length;
    expect(panel().querySelector('.answer-table caption')?.textContent).toBe(
      'Plans by seq: 3, of which these batches use 2',
    );
    expect(shownPlans()).toBe(2);
    const opener = find<HTMLElement>('.size-rare button');
    expect(opener.textContent).toBe('▸ 2 more, for 0.02 % of the batches');
    opener.click();
    expect(opener.getAttribute('aria-expanded')).toBe('true');
    expect(shownPlans()).toBe(4);
    opener.click();
    // The size that is looked at has a rare plan: it is not hidden.
    press('End');
    for (let step = 0; step < 10; step++) press('ArrowLeft');
    expect(panel().querySelector('tr[aria-current="true"]:not([hidden])')?.textContent).toContain('plan 3');
  });

  it('walks the sizes by keyboard, the commonest first', async () => {
    await view.show({ sizes: state });
    find<HTMLElement>('#sizes-button').click();
    expect(chart().getAttribute('aria-valuetext')).toMatch(/^seq 176: /);
    press('ArrowRight');
    expect(chart().getAttribute('aria-valuetext')).toMatch(/^seq 192: /);
    press('End');
    expect(chart().getAttribute('aria-valuetext')).toMatch(/^seq 640: .*no plan was found/);
    expect(find('.sizes-facts h3').textContent).toBe('seq 640');
    press('Home');
    expect(find('#sizes tr[aria-current]').textContent).toContain('plan 1');
  });

  it('shows the step of a plan, which leaves the answer valid for the others', async () => {
    await view.show({ sizes: state });
    find<HTMLElement>('#sizes-button').click();
    button('plan 2').click();
    button('plan 3').click();
    await nextFrame();
    expect(view.sent('edit')).toMatchObject([
      { edit: { changes: { dims: { batch: 8, seq: 416 } } } },
      { edit: { changes: { dims: { batch: 8, seq: 512 } } } },
    ]);
    expect(find('.sizes-facts h3').textContent).toBe('seq 512');
    expect(find<HTMLElement>('#sizes .question-stale').hidden).toBe(true);
  });

  it('keeps the table with the plan, and refuses once the answer is about another step', async () => {
    await view.show({ sizes: state });
    find<HTMLElement>('#sizes-button').click();
    button('Keep with the plan').click();
    await nextFrame();
    await nextFrame();
    expect(view.sent('edit')).toMatchObject([{ edit: { kind: 'sizes' } }]);
    expect(button('Kept with the plan').getAttribute('aria-disabled')).toBe('true');
    await view.show({ inputs: { ...inputs, budgetBytes: gib } });
    expect(find<HTMLElement>('#sizes .question-stale').hidden).toBe(false);
    expect(button('Keep with the plan').getAttribute('aria-disabled')).toBe('true');
    button('plan 2').click();
    expect(view.sent('edit')).toHaveLength(1);
  });

  it('compares with other ways, and names those that go over the budget', async () => {
    await view.show({ sizes: state });
    find<HTMLElement>('#sizes-button').click();
    const tables = [...panel().querySelectorAll('table')];
    const comparison = tables.find((table) => /12,000 batches/.test(table.caption?.textContent ?? ''));
    const rows = [...(comparison?.tBodies[0].rows ?? [])].map((row) => row.textContent);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^This table40\.4 ms\+0\.4 %none/);
    expect(rows[2]).toMatch(/2\.0 %/);
  });

  it('says what each plan sends away, where one does', async () => {
    const columns = (): string[] =>
      [...panel().querySelectorAll('table')[0].tHead!.rows[0].cells].map((cell) => cell.textContent);
    await view.show({ sizes: state });
    find<HTMLElement>('#sizes-button').click();
    expect(columns()).not.toContain('Sends away');
    const [first, second, ...others] = someSizes().rows;
    const offloading = {
      ...second,
      recomputed: [],
      offloaded: ['gelu', 'softmax'],
      offloadedBytes: 3 * 2 ** 20,
    };
    const answer = { ...someSizes(), rows: [first, offloading, ...others] };
    await view.show({ sizes: { ...state, run: 2, answer } });
    const at = columns().indexOf('Sends away');
    const { rows } = panel().querySelectorAll('table')[0].tBodies[0];
    expect([...rows].map((row) => row.cells[at].textContent)).toEqual([
      'nothing',
      '3.00 MiB of 2 operators',
      'nothing',
    ]);
    expect(rows[1].cells[at].title).toBe('gelu\nsoftmax');
    // A plan that only sends away is not coloured as one that keeps everything.
    const heat = [...rows].map((row) =>
      row.querySelector<HTMLElement>('.size-swatch')!.style.getPropertyValue('--heat'),
    );
    expect(heat[0]).toBe('0%');
    expect(heat[1]).not.toBe('0%');
  });

  it('maps sizes of two dimensions, a mark each', async () => {
    await view.show({ sizes: { ...state, answer: someImageSizes() } });
    find<HTMLElement>('#sizes-button').click();
    expect(panel().querySelectorAll('.size-mark')).toHaveLength(25);
    expect(panel().querySelectorAll('.size-mark-none').length).toBeGreaterThan(0);
    expect(chart().getAttribute('aria-valuetext')).toMatch(/^height × width 480 × 320/);
  });
});
