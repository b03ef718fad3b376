import { describe, expect, it } from 'vitest';
import { defaultWorkload, type Workload } from '../../../../planner-core/step/workload';
import {
  changedCount,
  choiceSettings,
  countSettings,
  resetChanges,
  settingFields,
} from '../../../../webview/settings/choices';

/** What the bar above the panel edits. */
const inBar = ['mode', 'dims', 'precision', 'optimizer', 'loss'];

/** A workload without a setting at its default. */
const changedWorkload: Workload = {
  ...defaultWorkload,
  optimizer: 'adamw',
  ...Object.fromEntries(
    choiceSettings.map(({ field, options }) => [
      field,
      options.find(({ value }) => value !== defaultWorkload[field])?.value,
    ]),
  ),
  ...Object.fromEntries(countSettings.map(({ field, least }) => [field, least + 5])),
  frozen: ['a', 'b'],
  asExported: ['gelu', 'linear'],
};

describe('step settings', () => {
  it('are every field of the workload that the bar does not edit', () => {
    expect([...inBar, ...settingFields].sort()).toEqual(Object.keys(defaultWorkload).sort());
  });

  it('say of every choice in a sentence what it means', () => {
    for (const { options } of choiceSettings)
      for (const { hint } of options) expect(hint).toMatch(/^.{20,120}\.$/);
  });

  it('offer the default of every choice', () => {
    for (const { field, options } of choiceSettings)
      expect(options.map(({ value }) => value)).toContain(defaultWorkload[field]);
  });

  it('count what is not at its default and is shown', () => {
    expect(changedCount(defaultWorkload)).toBe(0);
    expect(changedCount({ ...defaultWorkload, microBatches: 4, frozen: ['a', 'b'] })).toBe(2);
    // Training: all but liveness, in-place and the cache.
    expect(changedCount(changedWorkload)).toBe(settingFields.length - 3);
    // Inference: kernels, attention, liveness, in-place, the cache, and what operators are read as.
    expect(changedCount({ ...changedWorkload, mode: 'inference' })).toBe(6);
    expect(changedCount({ ...defaultWorkload, optimizerUpdate: 'fused' })).toBe(0);
  });

  it('reset everything, and nothing of the bar', () => {
    expect({ ...changedWorkload, ...resetChanges() }).toEqual({ ...defaultWorkload, optimizer: 'adamw' });
  });
});
