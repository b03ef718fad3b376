import { describe, expect, it } from 'vitest';
import { shortPlanName } from '../../../../webview/state/planFileName';

describe('the short name of a plan file', () => {
  it('leaves out the model that all its plans are called after', () => {
    expect(shortPlanName('resnet50.train.onnx.plan.json at HEAD', 'resnet50.train.onnx')).toBe(
      '….plan.json at HEAD',
    );
  });

  it('keeps both ends of a long name, and short names whole', () => {
    const one = shortPlanName('budget-of-twelve-gibibytes-a.plan.json', 'model.onnx');
    const other = shortPlanName('budget-of-twelve-gibibytes-b.plan.json', 'model.onnx');
    expect(one).not.toBe(other);
    expect(one.length).toBe(26);
    expect(one).toMatch(/^budget-of-twe…/);
    expect(shortPlanName('a.plan.json', 'model.onnx')).toBe('a.plan.json');
  });
});
