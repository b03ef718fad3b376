// @vitest-environment jsdom
import '../support/jsdom';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LayerRow, StepView } from '../../../../planner-core/session/types';
import { layerTree } from '../../../../webview/state/layerTree';
import { rowHeight, type RowContent } from '../../../../webview/layers/rowView';
import { VirtualRows } from '../../../../webview/layers/virtualRows';
import { defaultExpanded } from '../../../../webview/layers/visibleRows';

const count = 10_000;
/** More than are in sight without a layout (260 px), with what is drawn beyond both ends. */
const mostElements = 20;

function layer(id: number, parent: number): LayerRow {
  return {
    id,
    parent,
    kind: parent < 0 ? 'module' : 'operator',
    name: `layers.${id}`,
    label: String(id),
    type: 'Relu',
    output: '8×64 float32',
    parameterBytes: 0,
    savedBytes: 2048,
    macs: 0,
    trafficBytes: 4096,
    forwardMs: 0.01,
    backwardMs: 0.01,
    bound: 'memory',
    forwardNodes: [id],
    checkpointable: false,
  };
}

const contentAt = (position: number): RowContent => ({
  row: layer(position, 0),
  call: undefined,
  freezable: false,
  frozenBy: undefined,
  measured: undefined,
  swap: undefined,
  pinPrice: undefined,
  together: undefined,
  runsOn: undefined,
  position,
  depth: 1,
  expanded: undefined,
  selected: false,
  active: false,
  hovered: false,
  decision: { choice: 'keep', pinned: false, device: 'gpu0' },
  other: undefined,
  otherName: '',
  keptShare: 0.5,
  forwardShare: 0.5,
  backwardShare: 0.5,
  devices: [],
  blocked: { keep: undefined, recompute: undefined, offload: undefined },
});

describe('the layer table with 10,000 rows', () => {
  let scroller: HTMLElement;
  let body: HTMLElement;
  let asked: number[];
  let rows: VirtualRows;

  beforeEach(() => {
    scroller = document.createElement('div');
    body = document.createElement('div');
    scroller.append(body);
    document.body.replaceChildren(scroller);
    vi.useFakeTimers();
    asked = [];
    const ignore = (): void => undefined;
    rows = new VirtualRows(scroller, body, { toggle: ignore, choose: ignore, freeze: ignore, place: ignore });
    rows.draw(count, (position) => {
      asked.push(position);
      return contentAt(position);
    });
  });

  afterEach(() => vi.useRealTimers());

  const scrollTo = (top: number): void => {
    scroller.scrollTop = top;
    scroller.dispatchEvent(new Event('scroll'));
  };

  it('is as tall as all rows, with elements and contents for those in sight only', () => {
    expect(body.style.height).toBe(`${count * rowHeight}px`);
    expect(body.childElementCount).toBeLessThan(mostElements);
    expect(asked.length).toBe(body.childElementCount);
  });

  it('uses its elements again wherever it is scrolled', () => {
    const elements = new Set(body.children);
    for (const position of [5_000, 9_000, 100, 7_777]) {
      scrollTo(position * rowHeight);
      expect(body.childElementCount).toBeLessThan(mostElements);
      for (const element of body.children) elements.add(element);
      expect(rows.elementAt(position)?.style.top).toBe(`${position * rowHeight}px`);
    }
    expect(elements.size).toBeLessThan(mostElements);
  });

  const positions = (): number[] =>
    [...body.children].map((element) => Number(element.getAttribute('aria-rowindex')) - 2);

  const rest = (): Promise<void> => vi.advanceTimersByTimeAsync(1000).then(() => undefined);

  it('has a row for each position in sight, and leaves those that stay there what they are', () => {
    const at = fc.oneof(fc.nat(count - 1), fc.integer({ min: 4_980, max: 5_020 }));
    fc.assert(
      fc.property(fc.array(at, { minLength: 1, maxLength: 12 }), (stops) => {
        for (const stop of stops) {
          const before = new Map(positions().map((position) => [position, rows.elementAt(position)]));
          scrollTo(stop * rowHeight);
          const shown = positions().sort((a, b) => a - b);
          expect(shown).toEqual(shown.map((_, i) => shown[0] + i));
          expect(shown).toContain(stop);
          for (const position of shown) {
            if (before.has(position)) expect(rows.elementAt(position)).toBe(before.get(position));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has them in the order in which they are read, once scrolling rests, and the focus where it was', async () => {
    for (const stop of [3, 9, 4, 2_000, 1_995]) scrollTo(stop * rowHeight);
    const focused = rows.elementAt(1_997)?.querySelector('button');
    focused?.focus();
    expect(positions()).not.toEqual([...positions()].sort((a, b) => a - b));
    await rest();
    expect(positions()).toEqual([...positions()].sort((a, b) => a - b));
    expect(document.activeElement).toBe(focused);
  });

  it('draws what lies beyond the sight after a jump too, once scrolling rests', async () => {
    scrollTo(6_000 * rowHeight);
    expect(rows.elementAt(5_999)).toBeUndefined();
    await rest();
    expect(rows.elementAt(5_999)).toBeDefined();
  });

  it('scrolls the last row into sight', () => {
    rows.scrollIntoView(count - 1);
    scrollTo(scroller.scrollTop);
    expect(rows.elementAt(count - 1)).toBeDefined();
    expect(rows.elementAt(0)).toBeUndefined();
  });
});

it('opens by default a module with more sub-modules than a call takes arguments', () => {
  const many = 130_000;
  const layers = [{ ...layer(0, -1), name: 'layers' }];
  for (let id = 1; layers.length < 2 * many; id += 2) layers.push(layer(id, 0), layer(id + 1, id));
  const step = { nodeCount: 0, nodeOperator: new Int32Array(0) };
  const tree = layerTree({ layers, step } as unknown as StepView);
  expect(tree.children[0]).toHaveLength(many);
  expect(defaultExpanded(tree)).toEqual(['module layers']);
});
