import { expect, test } from 'vitest';
import type { Decision } from '../../../../planner-core/plan/plan';
import type { LayerRow } from '../../../../planner-core/session/types';
import { decidedRow } from '../../../../webview/layers/choiceRules';
import { effectsOf } from '../../../../webview/inspector/whatIf';
import { sampleState, viewOf } from '../support/sample';

const decide = ({ name, kind }: LayerRow): Decision => ({
  target: name,
  kind,
  choice: 'recompute',
  pinned: false,
});

test('where whole modules are checkpointed, an operator is priced with the module around it', async () => {
  const { step, shown } = viewOf(await sampleState());
  const { tree, view } = step!;
  const { layers } = tree;
  const operator = layers.find(
    ({ kind, parent }) => kind === 'operator' && parent >= 0 && layers[parent].checkpointable,
  )!;
  const module = layers[operator.parent];
  expect(decidedRow(tree, operator, 'module-checkpoint', [])).toBe(module);
  expect(decidedRow(tree, operator, 'module-checkpoint', [decide(module)])).toBe(module);
  const above = layers[module.parent];
  expect(decidedRow(tree, operator, 'module-checkpoint', [decide(above)])).toBe(above);
  // What is decided for operators, or for modules themselves, is theirs.
  expect(decidedRow(tree, operator, 'selective', [decide(module)])).toBe(operator);
  expect(decidedRow(tree, module, 'module-checkpoint', [decide(above)])).toBe(module);

  const prices = effectsOf(view.step, view.modules, tree, shown!, module);
  expect(prices.map(({ choice }) => choice)).toEqual(['keep', 'recompute', 'offload']);
  const [keep, recompute] = prices;
  expect(recompute.stepTimeMs).toBeGreaterThan(keep.stepTimeMs);
});
