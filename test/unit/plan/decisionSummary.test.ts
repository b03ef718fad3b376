import { describe, expect, test } from 'vitest';
import { decisionSummary, everyDecision, type NamedLayer } from '../../../planner-core/plan/decisionSummary';
import type { Decision } from '../../../planner-core/plan/plan';

/** Twelve blocks of three operators, and an operator before them. */
const layers: NamedLayer[] = [{ id: 0, parent: -1, kind: 'operator', name: '/Embed' }];
for (let block = 0; block < 12; block++) {
  const id = layers.length;
  layers.push({ id, parent: -1, kind: 'module', name: `h.${block}` });
  layers.push({ id: id + 1, parent: id, kind: 'module', name: `h.${block}.mlp` });
  for (const operator of ['Add', 'MatMul', 'Tanh', 'Mul', 'Div'])
    layers.push({ id: layers.length, parent: id + 1, kind: 'operator', name: `/h.${block}/mlp/${operator}` });
}

const recompute = (target: string): Decision => ({ target, kind: 'module', choice: 'recompute' });
const offload = (target: string): Decision => ({ target, kind: 'operator', choice: 'offload' });

describe('decisionSummary', () => {
  test('says how many of the like modules there are', () => {
    const some = ['h.10.mlp', 'h.2.mlp', 'h.3.mlp'].map(recompute);
    expect(decisionSummary(some, layers)).toEqual([
      { what: 'recompute', layers: 'h.{2,3,10}.mlp (3 of 12)' },
    ]);
    const all = layers.filter(({ name }) => /^h\.\d+$/.test(name)).map(({ name }) => recompute(name));
    expect(decisionSummary(all, layers)).toEqual([{ what: 'recompute', layers: 'h.{0-11} (all 12)' }]);
    expect(decisionSummary([recompute('')], layers)).toEqual([
      { what: 'recompute', layers: 'the whole model' },
    ]);
  });

  test('tells many operators by the blocks they are in, few by name', () => {
    const inBlocks = layers.filter(({ kind, name }) => kind === 'operator' && /^.h\.[0-3]\//.test(name));
    const many = [...inBlocks.map(({ name }) => offload(name)), offload('/Embed')];
    expect(decisionSummary(many, layers)).toEqual([
      { what: 'offload', layers: '20 operators in h.{0-3} (4 of 12)' },
      { what: 'offload', layers: '/Embed' },
    ]);
    expect(decisionSummary([offload('/h.1/mlp/Add'), offload('/h.0/mlp/Add')], layers)).toEqual([
      { what: 'offload', layers: '/h.{0,1}/mlp/Add' },
    ]);
  });

  test('keeps apart what is decided otherwise, and by whom', () => {
    const decisions: Decision[] = [
      recompute('h.0'),
      { ...recompute('h.1'), pinned: true },
      { ...recompute('h.2'), device: 'gpu1' },
      { target: 'h.3', kind: 'module', device: 'gpu1' },
    ];
    expect(decisionSummary(decisions, layers)).toEqual([
      { what: 'recompute', layers: 'h.0' },
      { what: 'recompute (by hand)', layers: 'h.1' },
      { what: 'recompute on gpu1', layers: 'h.2' },
      { what: 'gpu1', layers: 'h.3' },
    ]);
  });
});

test('everyDecision lists modules, then operators, as people count', () => {
  const decisions = [offload('/h.1/mlp/Add'), recompute('h.10'), recompute('h.2')];
  expect(everyDecision(decisions).map((line) => line.layers)).toEqual(['h.2', 'h.10', '/h.1/mlp/Add']);
});
