import { expect, it } from 'vitest';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { evaluate } from '../../../../webview/state/evaluation';
import { syntheticStep } from '../../../bench/webviewHarness/syntheticStep';

it('simulates directives that come back only once', () => {
  const { step } = syntheticStep(2, 1, ['gpu0']);
  const points = Array.from({ length: 100 }, () => ({ ...keepEverything }));
  const first = points.map((directives) => evaluate(step, directives));
  points.forEach((directives, i) => expect(evaluate(step, directives)).toBe(first[i]));
});

it('forgets of a large step what was not shown for long', () => {
  const { step } = syntheticStep(1200, 1, ['gpu0']);
  const [one, two, ...others] = Array.from({ length: 20 }, () => ({ ...keepEverything }));
  const [ofOne, ofTwo] = [one, two].map((directives) => evaluate(step, directives));
  for (const directives of others) {
    evaluate(step, directives);
    expect(evaluate(step, one)).toBe(ofOne);
  }
  expect(evaluate(step, two)).not.toBe(ofTwo);
});
