import { describe, expect, it } from 'vitest';
import { keepEverything } from '../../../../planner-core/simulator/schedule';
import { bands } from '../../../../planner-core/simulator/timeline';
import { Evaluation } from '../../../../webview/state/evaluation';
import { pixelRuns } from '../../../../webview/timeline/painter';
import {
  tensorAt,
  tensorsThere,
  tensorStack,
  drawnEdges,
  outlineOf,
} from '../../../../webview/timeline/tensorStack';
import { tensorText, tensorWords } from '../../../../webview/timeline/tensorWords';
import { timeAxis } from '../../../../webview/timeline/timeAxis';
import { syntheticStep } from '../../../bench/webviewHarness/syntheticStep';
import { gib, sampleState, viewOf } from '../support/sample';

const { step: model, shown } = viewOf(await sampleState({ budgetBytes: 4.5 * gib }));
if (!model || !shown) throw new Error('the sample has no plan');
const { step } = model.view;
const timeline = shown.evaluation.timeline(0);
const lives = shown.evaluation.tensorLives(0);
const stack = tensorStack(step, timeline, lives);
const axis = timeAxis(timeline);
const everySample = Array.from({ length: timeline.length }, (_, sample) => sample);

describe('the stack of tensors', () => {
  it('fills every band at every sample, up to the workspace of what runs', () => {
    for (const sample of everySample) {
      const sum = tensorsThere(stack, sample).reduce((bytes, life) => bytes + stack.bytes[life], 0);
      expect(sum + step.workspaceBytes[timeline.node[sample]]).toBeCloseTo(timeline.liveBytes[sample], 3);
    }
  });

  it('finds the tensor at every height, and none in a workspace or above everything', () => {
    for (const sample of everySample) {
      let height = 0;
      for (const life of tensorsThere(stack, sample)) {
        expect(tensorAt(stack, sample, height + stack.bytes[life] / 2)).toBe(life);
        height += stack.bytes[life];
      }
      expect(tensorAt(stack, sample, timeline.liveBytes[sample])).toBe(-1);
      if (step.workspaceBytes[timeline.node[sample]] > 0)
        expect(tensorAt(stack, sample, height + 1)).toBe(-1);
    }
  });

  it('outlines a tensor where a pointer finds it', () => {
    const row = pixelRuns(timeline, axis, [0, axis.total], { left: 0, right: 300 }, 2);
    for (let life = 0; life < lives.count; life++) {
      if (stack.bytes[life] === 0) continue;
      const { runs, lowerBytes, bytes } = outlineOf(stack, life, row);
      runs.forEach(({ sample }, i) => {
        expect(tensorAt(stack, sample, lowerBytes[i] + bytes / 2)).toBe(life);
      });
    }
  });

  it('draws the largest one by one, of equals the first, below the rest of their band', () => {
    const many = syntheticStep(80, 1, ['gpu0']).step;
    const evaluation = new Evaluation(many, keepEverything);
    const of = tensorStack(many, evaluation.timeline(0), evaluation.tensorLives(0));
    const sized = [...of.bytes.keys()].filter((life) => of.bytes[life] > 0);
    expect(sized.length).toBeGreaterThan(800);
    const bySize = sized.sort((a, b) => of.bytes[b] - of.bytes[a] || a - b);
    const isLarge = new Set(bySize.slice(0, 400));
    of.order.forEach((order, band) => {
      const inBand = bySize.filter((life) => of.lives.band[life] === band).sort((a, b) => a - b);
      const isDrawn = (life: number): boolean => isLarge.has(life);
      const wanted = [...inBand.filter(isDrawn), ...inBand.filter((life) => !isDrawn(life))];
      expect([...order]).toEqual(wanted);
      expect(of.drawn[band]).toBe(inBand.filter(isDrawn).length);
    });
  });

  it('draws edges that lie on outlines', () => {
    const row = pixelRuns(timeline, axis, [0, axis.total], { left: 0, right: 300 }, 1);
    const drawn = stack.order.flatMap((order, band) => [...order.subarray(0, stack.drawn[band])]);
    let i = 0;
    for (const { runs, upperBytes } of drawnEdges(stack, row)) {
      while (outlineOf(stack, drawn[i], row).runs.length === 0) i++;
      const outline = outlineOf(stack, drawn[i++], row);
      expect(runs.map(({ sample }) => sample)).toEqual(outline.runs.map(({ sample }) => sample));
      upperBytes.forEach((upper, at) => expect(upper).toBeCloseTo(outline.lowerBytes[at] + outline.bytes, 3));
    }
    expect(i).toBeGreaterThan(20);
  });
});

describe('words about a tensor', () => {
  const wordsOf = (band: (typeof bands)[number]) => {
    const life = [...lives.band.keys()].find(
      (at) => bands[lives.band[at]] === band && stack.bytes[at] > 2 ** 20,
    );
    if (life === undefined) throw new Error(`nothing in ${band}`);
    return tensorWords(step, stack, life, lives.from[life]);
  };

  it('say for which backward an activation is kept, and until when', () => {
    const words = wordsOf('kept');
    expect(words.why).toMatch(/^kept for (backward|recompute) of /);
    expect(words.until).toMatch(/^until [\d.]+ \S+, after backward of /);
    expect(words.madeBy).not.toBe('');
    expect(tensorText(words)).toContain(`${words.name}, `);
  });

  it('tell weights, states and recomputed activations apart', () => {
    expect(wordsOf('parameters')).toMatchObject({
      madeBy: '',
      why: 'a weight: it always stays',
      until: 'until the end of the step',
    });
    expect(wordsOf('optimizerState').why).toContain('from step to step');
    expect(wordsOf('recomputed').why).toMatch(/^computed again for /);
  });
});
