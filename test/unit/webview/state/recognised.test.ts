import { describe, expect, it } from 'vitest';
import {
  callOf,
  operatorsAsExported,
  recognitionsByOperator,
  shortCall,
} from '../../../../webview/state/recognised';
import { RecognisingPlanner } from '../support/recognisingPlanner';

const view = await new RecognisingPlanner().configure();
const byOperator = recognitionsByOperator(view);
const rowOfType = (type: string) => {
  const row = view.layers.find((layer) => layer.type === type);
  if (!row) throw new Error(`no ${type}`);
  return row;
};

describe('what operators were read as', () => {
  it('is named by the last part of the call, without its arguments', () => {
    expect(shortCall('torch.nn.functional.layer_norm')).toBe('layer_norm');
    expect(shortCall("torch.nn.functional.gelu(approximate='tanh')")).toBe('gelu');
    expect(shortCall('torch.rsqrt')).toBe('rsqrt');
    expect(shortCall('contiguous() of a piece')).toBe('contiguous');
    expect(shortCall('the table rotary computes')).toBe('the table rotary computes');
  });

  it('is a call where it was made of several operators', () => {
    expect(callOf(byOperator, rowOfType('Gelu'))).toBe('gelu');
    expect(callOf(byOperator, rowOfType('MatMul'))).toBeUndefined();
  });

  it('is the last reading, which builds on those before', () => {
    const { name } = rowOfType('Gelu');
    const [first] = byOperator.get(name) ?? [];
    const later = { ...first, readAs: 'torch.nn.functional.glu' };
    const readings = recognitionsByOperator({ ...view, recognitions: [first, later] });
    expect(readings.get(name)).toEqual([first, later]);
    expect(callOf(readings, rowOfType('Gelu'))).toBe('glu');
  });

  it('tells operators from patterns', () => {
    const { name } = rowOfType('Gelu');
    expect(operatorsAsExported(view, ['gelu', name])).toEqual([name]);
    expect(operatorsAsExported(view, [])).toEqual([]);
  });
});
