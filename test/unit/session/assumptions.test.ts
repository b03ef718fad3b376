import { describe, expect, test } from 'vitest';
import { assumptionsOf } from '../../../planner-core/session/assumptions';
import { defaultWorkload, type Workload } from '../../../planner-core/step/workload';

const said = (changes: Partial<Workload>): string =>
  assumptionsOf({ ...defaultWorkload, ...changes }, 'times').join('; ');

describe('the assumptions say', () => {
  test.each<[Partial<Workload>, RegExp]>([
    [{}, /all parameters trained/],
    [{ frozen: ['encoder', 'embed'] }, /frozen: encoder, embed/],
    [{ frozen: [''] }, /frozen: everything/],
    [{}, /gradients freed before the step/],
    [{ zeroGrad: 'zero' }, /gradients zeroed/],
    [{ microBatches: 4 }, /last of 4 micro-batches/],
    [{ optimizer: 'none' }, /no optimizer/],
    [{ optimizer: 'sgd' }, /sgd without state, updated as PyTorch chooses/],
    [{ optimizer: 'adamw', optimizerUpdate: 'fused' }, /adamw, state allocated by earlier steps, .*fused/],
    [{ optimizer: 'adam', stepKind: 'first' }, /adam, state allocated by this first step/],
  ])('%o', (changes, sentence) => {
    expect(said(changes)).toMatch(sentence);
  });

  test('nothing of optimizers and gradients in inference', () => {
    expect(said({ mode: 'inference', optimizer: 'adamw' })).not.toMatch(/adamw|gradient/);
  });
});
