import { describe, expect, it } from 'vitest';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { holdsCheckpointable, reasonAgainst } from '../../../../webview/layers/choiceRules';
import { effectiveChoices } from '../../../../webview/layers/effectiveChoice';
import { changedSelection } from '../../../../webview/layers/selection';
import { opens } from '../../../../webview/layers/rowContent';
import {
  defaultExpanded,
  expandedRows,
  filteredRows,
  wantedRows,
} from '../../../../webview/layers/visibleRows';
import { alikeRows, displayLabel, rowKey, rowsInside } from '../../../../webview/state/layerTree';
import { rowNamed, sampleState, viewOf } from '../support/sample';

const host = await sampleState();
const { step: model } = viewOf(host);
if (!model) throw new Error('the sample has no step');
const { tree, view } = model;
const row = (name: string) => rowNamed(view, name);
const block = row('transformer.h.1');

describe('rows in sight', () => {
  it('open what keeps most by default, without a table too long', () => {
    const expanded = defaultExpanded(tree);
    expect(expanded).toContain('module transformer');
    expect(expanded).toContain('module transformer.h');
    expect(expandedRows(tree, new Set(expanded)).length).toBeLessThanOrEqual(30);
  });

  it('list open modules in order, parents first', () => {
    const rows = expandedRows(tree, new Set(['module transformer']));
    expect(rows.map((id) => view.layers[id].name)).toEqual([
      'transformer',
      'transformer.wte',
      'transformer.h',
      'lm_head',
    ]);
  });

  it('keep the modules around a match', () => {
    const found = (closed: readonly string[]): string[] => {
      const open = tree.keys.filter((key) => !closed.includes(key));
      const wanted = wantedRows(tree, ({ name }) => name === 'transformer.h.1.attn');
      const rows = filteredRows(tree, wanted, new Set(open));
      return rows.map((id) => view.layers[id].name);
    };
    const all = ['transformer', 'transformer.h', 'transformer.h.1', 'transformer.h.1.attn'];
    expect(found([])).toEqual(all);
    expect(found([rowKey(row('transformer.h'))])).toEqual(all.slice(0, 2));
  });

  it('open only where there is something inside to show', () => {
    const step = { tree };
    const wanted = wantedRows(tree, ({ name }) => name === 'transformer.h.1.attn');
    const names = ['transformer.h.1', 'transformer.h.1.attn'];
    expect(names.map((name) => opens({ step }, row(name).id))).toEqual([true, true]);
    expect(names.map((name) => opens({ step, wanted }, row(name).id))).toEqual([true, false]);
  });
});

describe('effective choices', () => {
  // What leaves the block is kept, as a checkpoint does.
  const nodes = block.forwardNodes.slice(0, -1);
  const choose = (recomputed: readonly number[], pins = host.inputs.pins, decisions = host.inputs.pins) => {
    const pairs = recomputed.flatMap((node) => [view.step.nodeCount - 1, node]);
    const directives = { ...keepEverything, recomputations: Int32Array.from(pairs) };
    return effectiveChoices(view.step, tree, directives, decisions, pins);
  };

  it('are "keep" where nothing is recomputed', () => {
    expect(new Set(choose([]).map(({ choice }) => choice))).toEqual(new Set(['keep']));
  });

  it('are read off the recomputed nodes, mixed above them', () => {
    const choices = choose(nodes);
    expect(choices[block.id].choice).toBe('recompute');
    expect(choices[row('transformer.h').id].choice).toBe('mixed');
    expect(choices[row('transformer.h.2').id].choice).toBe('keep');
  });

  it('follow the nearest decision of the plan', () => {
    const decisions = [
      { target: block.name, kind: 'module', choice: 'recompute' },
      { target: `${block.name}.mlp`, kind: 'module', choice: 'offload' },
    ] as const;
    const choices = choose([], [], decisions);
    expect(choices[row(`${block.name}.attn`).id].choice).toBe('recompute');
    expect(choices[row(`${block.name}.mlp`).id].choice).toBe('offload');
  });

  it('show a pin at once, for its own row only', () => {
    const choices = choose([], [{ target: block.name, kind: 'module', choice: 'recompute', pinned: true }]);
    expect(choices[block.id]).toMatchObject({ choice: 'recompute', pinned: true });
    expect(choices[row(`${block.name}.attn`).id].pinned).toBe(false);
  });

  it('read offloaded values back to the operators whose backward needs them', () => {
    const gelu = view.layers.find(({ type }) => type === 'Gelu');
    if (!gelu) throw new Error('no Gelu');
    const [node] = gelu.forwardNodes;
    const input = view.step.inputs.items[view.step.inputs.offsets[node]];
    const directives = { ...keepEverything, offloads: Int32Array.of(input) };
    const choices = effectiveChoices(view.step, tree, directives, [], []);
    expect(choices[gelu.id].choice).toBe('offload');
  });
});

it('tells where a row runs, and that a module is spread', () => {
  const placement = new Uint8Array(view.step.nodeCount);
  for (const node of row('transformer.h.1').forwardNodes) placement[node] = 1;
  const two = { ...view.step, devices: ['gpu0', 'gpu1'] };
  const choices = effectiveChoices(two, tree, { ...keepEverything, placement }, [], []);
  expect(choices[block.id].device).toBe('gpu1');
  expect(choices[row('lm_head').id].device).toBe('gpu0');
  expect(choices[row('transformer').id].device).toBe('several');
});

describe('what can be chosen', () => {
  const operator = view.layers.find(({ kind }) => kind === 'operator');
  it('is modules only when whole modules are checkpointed', () => {
    if (!operator) throw new Error('no operator');
    expect(reasonAgainst(operator, 'keep', 'module-checkpoint', false)).toContain('Whole modules');
    expect(reasonAgainst(operator, 'keep', 'selective', false)).toBeUndefined();
    expect(reasonAgainst(block, 'recompute', 'module-checkpoint', true)).toBeUndefined();
  });

  it('is recompute only where a checkpoint can be', () => {
    const holds = holdsCheckpointable(tree);
    expect(holds[row('transformer').id]).toBe(1);
    expect(holds[row('lm_head').id]).toBe(0);
    expect(reasonAgainst(row('lm_head'), 'recompute', 'module-checkpoint', false)).toContain('wrapped');
    expect(reasonAgainst(row('lm_head'), 'offload', 'module-checkpoint', false)).toBeUndefined();
  });
});

describe('selection', () => {
  const order = ['a', 'b', 'c', 'd'];
  it('replaces, toggles and extends from its anchor', () => {
    expect(changedSelection(['a', 'b'], 'c', 'only', order)).toEqual(['c']);
    expect(changedSelection(['a', 'b'], 'b', 'toggle', order)).toEqual(['a']);
    expect(changedSelection(['b'], 'd', 'range', order)).toEqual(['b', 'c', 'd']);
    expect(changedSelection(['c'], 'a', 'range', order)).toEqual(['c', 'b', 'a']);
    expect(changedSelection([], 'c', 'range', order)).toEqual(['c']);
  });
});

describe('the tree', () => {
  it('finds alike layers by their path with other numbers', () => {
    expect(alikeRows(view.layers, block).map(({ name }) => name)).toEqual(
      [0, 1, 2, 3].map((i) => `transformer.h.${i}`),
    );
  });

  it('calls a numbered layer by its list', () => expect(displayLabel(block)).toBe('h.1'));

  it('holds a row and everything in it', () => {
    const inside = rowsInside(tree, block.id);
    expect(inside).toContain(block.id);
    expect(
      inside.every((id) => rowKey(view.layers[id]).includes('h.1') || /h\/1\//.test(view.layers[id].name)),
    ).toBe(true);
  });

  it('gives every node of an operator to its row, backward too', () => {
    const count = Array.from(tree.rowOfNode).filter((of) => of >= 0).length;
    const operators = view.layers.filter(({ kind }) => kind === 'operator').length;
    expect(count).toBe(2 * operators);
  });
});
