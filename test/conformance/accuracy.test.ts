import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluationExports, programExports, trainingExports } from './accuracy';
import { archiveExports } from './archives';
import type { Bar } from './bar';
import { dataFolder, hasTruth } from './shapesData';
import { readPyTorch1 } from './truth/pytorch1';
import { readPyTorch2 } from './truth/pytorch2';

const missed = (bars: readonly Bar[]): string[] =>
  bars.filter(({ isMet }) => !isMet).map(({ what, result, limit }) => `${what}: ${result}, not ${limit}`);

describe.skipIf(!hasTruth)('memory as PyTorch measured it (needs ../shared/data)', () => {
  const truth = path.join(dataFolder, 'truth');

  it('of training-mode exports, PyTorch 1.13', () => {
    expect(missed(trainingExports(readPyTorch1(path.join(truth, 'pytorch-1.13'))))).toEqual([]);
  });

  it('of torch.export-based exports, PyTorch 2.13', () => {
    expect(missed(programExports(readPyTorch2(path.join(truth, 'pytorch-2.13'))))).toEqual([]);
  });

  it('of torch.export archives, PyTorch 2.13', () => {
    expect(missed(archiveExports(readPyTorch2(path.join(truth, 'pytorch-2.13'))))).toEqual([]);
  });

  it('of exports for evaluation', () => {
    const models = [
      ...readPyTorch1(path.join(truth, 'pytorch-1.13')),
      ...readPyTorch2(path.join(truth, 'pytorch-2.13')),
    ];
    expect(missed(evaluationExports(models))).toEqual([]);
  });
});
