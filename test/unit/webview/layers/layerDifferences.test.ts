import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layerDifferences } from '../../../../webview/layers/layerDifferences';
import { effectiveChoices, type RowDecision } from '../../../../webview/layers/effectiveChoice';
import { otherPlan } from '../../../../webview/state/comparedWith';
import { gib, sampleState, viewOf } from '../support/sample';

const host = await sampleState({ budgetBytes: 4.5 * gib });
const { step, shown } = viewOf(host);
if (!step || !shown) throw new Error('the sample has no plan');
const { tree } = step;
const own = effectiveChoices(step.view.step, tree, shown.evaluation.directives, shown.decisions, []);
const sources = { step, before: undefined, stored: undefined, frontier: host.frontier };
const keepAll = otherPlan('keep-all', 0, sources);
if (!keepAll) throw new Error('there is nothing to compare with');

it('marks what the plan recomputes, against keeping everything', () => {
  const { name, others, changed } = layerDifferences(tree, own, keepAll);
  expect(name).toBe('keeping everything');
  const marked = tree.layers.filter(({ id }) => changed[id] === 1);
  expect(marked.length).toBeGreaterThan(0);
  for (const { id } of marked) {
    expect(own[id].choice).toBe('recompute');
    expect(others[id]?.choice).toBe('keep');
  }
});

it('finds nothing between a plan and itself', () => {
  const same = { ...keepAll, evaluation: shown.evaluation, decisions: shown.decisions };
  const { others, changed } = layerDifferences(tree, own, same);
  expect(others.every((other) => other === undefined)).toBe(true);
  expect(changed.includes(1)).toBe(false);
});

it('marks exactly one row on the way to every layer that differs, and none to others', () => {
  const other = effectiveChoices(step.view.step, tree, keepAll.evaluation.directives, [], []);
  const choice = fc.constantFrom('keep' as const, 'recompute' as const, 'offload' as const);
  const perLeaf = fc.array(choice, { minLength: tree.layers.length, maxLength: tree.layers.length });
  fc.assert(
    fc.property(perLeaf, (choices) => {
      const mine = withChoices(choices);
      const { changed } = layerDifferences(tree, mine, keepAll);
      for (const { id, kind } of tree.layers) {
        if (kind === 'module') continue;
        let marks = 0;
        for (let at = id; at >= 0; at = tree.layers[at].parent) marks += changed[at];
        expect(marks).toBe(mine[id].choice === other[id].choice ? 0 : 1);
      }
    }),
  );
});

/** Operators as given, modules what all in them have in common, else mixed. */
function withChoices(choices: readonly RowDecision['choice'][]): RowDecision[] {
  const decided = choices.map((choice): RowDecision => ({ choice, pinned: false, device: 'gpu0' }));
  for (let id = tree.layers.length - 1; id >= 0; id--) {
    const inside = tree.children[id].map((child) => decided[child].choice);
    if (inside.length === 0) continue;
    const [first] = inside;
    const common = inside.every((choice) => choice === first) ? first : 'mixed';
    decided[id] = { ...decided[id], choice: common };
  }
  return decided;
}
