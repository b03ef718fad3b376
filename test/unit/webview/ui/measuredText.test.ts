import { describe, expect, it } from 'vitest';
import type { MeasuredLayer } from '../../../../planner-core/session/measuredLayers';
import { measuredDifference, measuredMs, measuredRatio } from '../../../../webview/ui/measuredText';

const layer = (parts: Partial<MeasuredLayer>): MeasuredLayer => ({
  forwardMs: NaN,
  backwardMs: NaN,
  predictedMs: NaN,
  heldBytes: NaN,
  predictedBytes: NaN,
  ownShare: 1,
  ...parts,
});

describe('measuredMs', () => {
  it('adds up what was measured', () => {
    expect(measuredMs(layer({ forwardMs: 1, backwardMs: 2 }))).toBe(3);
    expect(measuredMs(layer({ forwardMs: 1 }))).toBe(1);
    expect(measuredMs(layer({ backwardMs: 2 }))).toBe(2);
    expect(measuredMs(layer({}))).toBeNaN();
  });
});

describe('measuredRatio', () => {
  it.each([
    [{ forwardMs: 1, backwardMs: 2, predictedMs: 2 }, '×1.5'],
    [{ forwardMs: 300, predictedMs: 1 }, '×300'],
    [{ forwardMs: 1, predictedMs: 0 }, ''],
    [{}, ''],
  ])('%j: %s', (parts, text) => expect(measuredRatio(layer(parts))).toBe(text));
});

describe('measuredDifference', () => {
  it.each([
    [{ heldBytes: 64, predictedBytes: 64 }, 'exact'],
    [{ heldBytes: 66, predictedBytes: 64 }, '+3.1 %'],
    [{ heldBytes: 32, predictedBytes: 64 }, '−50 %'],
    [{ heldBytes: 1, predictedBytes: 0 }, ''],
    [{}, ''],
  ])('%j: %s', (parts, text) => expect(measuredDifference(layer(parts))).toBe(text));
});
