// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { baselines } from '../../../../planner-core/planners/baselines/baselines';
import { baselineFamilies, type BaselineFamily } from '../../../../planner-core/planners/baselines/baseline';
import type { BaselinePoint, Frontier } from '../../../../planner-core/planners/frontier';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { baselineGroups, familyMark } from '../../../../webview/frontier/baselineFamilies';
import { baselineLegend } from '../../../../webview/frontier/baselineLegend';
import { baselineMarks } from '../../../../webview/frontier/baselineMarks';
import { frontierScale } from '../../../../webview/frontier/frontierScale';
import type { Connection } from '../../../../webview/state/connection';
import { Store } from '../../../../webview/state/store';

const point = (
  name: string,
  family: BaselineFamily,
  peakBytes: number,
  overheadPercent: number,
): BaselinePoint => ({
  name,
  family,
  peakBytes,
  overheadPercent,
  description: `what ${name} does`,
  stepTimeMs: 100 + overheadPercent,
  lowerBoundPercent: 0,
  planner: name,
  directives: keepEverything,
});
const rules = [
  point('keep all', 'modules', 100, 0),
  point('every block', 'modules', 40, 30),
  point('save matmuls', 'operators', 70, 10),
  point('save matmuls and attention', 'operators', 70, 10),
  point('DTR LRU 50 %', 'dtr', 70, 10),
];
const frontier: Frontier = {
  strategies: { 'module-checkpoint': rules.slice(0, 2), selective: [], schedule: [] },
  baselines: rules,
  floorBytes: 20,
  floorNode: 'head',
};
const area = { left: 10, top: 5, width: 200, height: 100 };
const scale = frontierScale(frontier, [0, 120], area);

describe('baselineGroups', () => {
  it('show rules of a family at the same place as one, by ascending peak', () => {
    expect(baselineGroups(rules, []).map(({ label }) => label)).toEqual([
      'every block',
      'save matmuls (+1)',
      'DTR LRU 50 %',
      'keep all',
    ]);
  });

  it('leave out what another setting of the family beats', () => {
    const slower = [
      ...rules,
      point('DTR largest 50 %', 'dtr', 75, 12),
      point('first half', 'modules', 75, 40),
    ];
    const labels = baselineGroups(slower, []).map(({ label }) => label);
    expect(labels).not.toContain('DTR largest 50 %');
    expect(labels).toContain('first half');
  });

  it('leave out hidden families', () => {
    expect(baselineGroups(rules, ['modules', 'dtr'])).toHaveLength(1);
  });

  it('have a shape of their own for every family there is', () => {
    expect(new Set(baselineFamilies.map(familyMark)).size).toBe(baselineFamilies.length);
    for (const { family } of baselines) expect(baselineFamilies).toContain(family);
  });
});

describe('baselineMarks', () => {
  const draw = () => {
    const edits: unknown[] = [];
    const connection = { edit: (edit: unknown) => edits.push(edit) } as unknown as Connection;
    const marks = baselineMarks(connection);
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.append(marks.element);
    document.body.replaceChildren(svg, marks.tip);
    marks.draw(baselineGroups(rules, []), scale, area);
    return { marks, edits, buttons: [...marks.element.children] as SVGPathElement[] };
  };
  const press = (key: string): boolean =>
    document.activeElement!.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
    );

  it('make their peak the budget when clicked', () => {
    const { edits, buttons } = draw();
    buttons[1].dispatchEvent(new MouseEvent('click'));
    expect(edits).toEqual([{ kind: 'budget', budgetBytes: 70 }]);
  });

  it('are one tab stop; arrows walk from peak to peak, Enter chooses', () => {
    const { edits, buttons } = draw();
    const stops = () => buttons.map((button) => button.getAttribute('tabindex'));
    expect(stops()).toEqual(['0', '-1', '-1', '-1']);
    buttons[0].focus();
    press('ArrowRight');
    press('ArrowRight');
    expect(document.activeElement).toBe(buttons[2]);
    expect(stops()).toEqual(['-1', '-1', '0', '-1']);
    press('ArrowLeft');
    press('Enter');
    expect(edits).toEqual([{ kind: 'budget', budgetBytes: 70 }]);
    expect(press('Tab')).toBe(true);
  });

  it('say what they are, under the pointer and with the focus', () => {
    const { marks, buttons } = draw();
    expect(buttons[1].getAttribute('aria-label')).toMatch(
      /^save matmuls = save matmuls and attention: 70 B, step \+10\.0 %/,
    );
    buttons[1].dispatchEvent(new Event('pointerenter'));
    expect(marks.tip.hidden).toBe(false);
    expect(marks.tip.textContent).toContain('what save matmuls does');
    buttons[1].dispatchEvent(new Event('pointerleave'));
    expect(marks.tip.hidden).toBe(true);
    buttons[3].focus();
    expect(marks.tip.textContent).toContain('keep all');
  });

  it('keep the focus when they are drawn anew', () => {
    const { marks, buttons } = draw();
    buttons[0].focus();
    press('ArrowRight');
    marks.draw(baselineGroups(rules, []), scale, area);
    expect(document.activeElement).toBe(marks.element.children[1]);
  });
});

it('the legend shows the families there are, and toggles them', () => {
  const store = new Store();
  const legend = baselineLegend(store);
  legend.render(frontier, store.state.ui.hiddenBaselines);
  const buttons = [...legend.element.querySelectorAll('button')];
  expect(buttons.filter((button) => !button.hidden).map((button) => button.textContent)).toEqual([
    'blocks',
    'operators',
    'DTR',
  ]);
  buttons[0].click();
  expect(store.state.ui.hiddenBaselines).toEqual(['modules']);
  legend.render(frontier, store.state.ui.hiddenBaselines);
  expect(buttons[0].getAttribute('aria-pressed')).toBe('false');
  buttons[0].click();
  expect(store.state.ui.hiddenBaselines).toEqual([]);
});
