import { describe, expect, it } from 'vitest';
import type { MeasuredModel } from '../../../../webview/state/measured';
import { nextSorting, orderOf } from '../../../../webview/layers/sorting';
import { expandedRows, filteredRows, wantedRows } from '../../../../webview/layers/visibleRows';
import { rowKey } from '../../../../webview/state/layerTree';
import type { Sorting } from '../../../../webview/state/uiState';
import { sampleState, viewOf } from '../support/sample';

const { step: model } = viewOf(await sampleState());
if (!model) throw new Error('the sample has no step');
const { tree } = model;
const everything = new Set(tree.layers.map(rowKey));
const largest: Sorting = { column: 'kept', direction: 'descending' };

describe('the order of layers', () => {
  it('goes through both directions and back to the model', () => {
    const first = nextSorting(undefined, 'kept');
    expect(first).toEqual(largest);
    const second = nextSorting(first, 'kept');
    expect(second).toEqual({ column: 'kept', direction: 'ascending' });
    expect(nextSorting(second, 'kept')).toBeUndefined();
    expect(nextSorting(second, 'layer')).toEqual({ column: 'layer', direction: 'ascending' });
    expect(orderOf(tree, undefined, undefined)).toBeUndefined();
  });

  it('is within each module: children stay below their parent', () => {
    const rows = expandedRows(tree, everything, orderOf(tree, largest, undefined));
    expect([...rows].sort((a, b) => a - b)).toEqual(tree.layers.map(({ id }) => id));
    const last = new Map<number, number>();
    rows.forEach((id, at) => {
      const { parent, savedBytes } = tree.layers[id];
      if (parent >= 0) expect(rows.indexOf(parent)).toBeLessThan(at);
      expect(savedBytes).toBeLessThanOrEqual(last.get(parent) ?? Infinity);
      last.set(parent, savedBytes);
    });
  });

  it('holds for what a filter leaves', () => {
    const order = orderOf(tree, { column: 'kept', direction: 'ascending' }, undefined);
    const wanted = wantedRows(tree, ({ kind }) => kind === 'operator');
    const operators = filteredRows(tree, wanted, new Set(tree.keys), order).map((id) => tree.layers[id]);
    const block = operators.filter(({ parent }) => tree.layers[parent]?.name === 'transformer.h.1.mlp');
    expect(block.length).toBeGreaterThan(1);
    block
      .slice(1)
      .forEach(({ savedBytes }, i) => expect(savedBytes).toBeGreaterThanOrEqual(block[i].savedBytes));
  });

  it('counts numbers in names, and puts what was not measured last either way', () => {
    const names = orderOf(tree, { column: 'layer', direction: 'descending' }, undefined);
    const blocks = tree.layers.filter(({ name }) => /^transformer\.h\.\d+$/.test(name)).map(({ id }) => id);
    expect([...blocks].sort(names)).toEqual([...blocks].reverse());
    const measured = {
      layers: tree.layers.map(({ id }) => ({ heldBytes: id % 2 === 0 ? id : NaN })),
    } as unknown as MeasuredModel;
    for (const direction of ['ascending', 'descending'] as const) {
      const order = orderOf(tree, { column: 'measured-bytes', direction }, measured);
      const found = [1, 2, 3, 4].sort(order);
      expect(found).toEqual([...(direction === 'ascending' ? [2, 4] : [4, 2]), 1, 3]);
    }
  });
});
