import { beforeEach, describe, expect, it } from 'vitest';
import { GoalAsker } from '../../../../extension/document/goalAsker';
import type { Result } from '../../../../planner-core/base/result';
import type { GoalsState } from '../../../../planner-core/protocol/goals';
import type { GoalAnswer } from '../../../../planner-core/session/goals/goal';
import { deferred, failure, FakePlanner, settled, someInputs, withBudget } from '../fakePlanner';

const question = { maxOverheadPercent: 10 };
let planner: FakePlanner;
let states: GoalsState[];
let asker: GoalAsker;
let jobs: number;

beforeEach(() => {
  planner = new FakePlanner();
  states = [];
  jobs = 0;
  const host = {
    newJob: () => ++jobs,
    answer: planner.answer.bind(planner),
    cancel: (job: number) => planner.cancel(job),
  };
  asker = new GoalAsker(host, (goals) => states.push(goals));
});

describe('a question about what fits', () => {
  it('is asked goal by goal; every answer is published with the progress of all', async () => {
    await asker.ask(question, someInputs);
    expect(planner.calls).toEqual(['answer least-budget 1', 'answer largest-size 2', 'answer options 3']);
    expect(states[0]).toEqual({ run: 1, question, inputs: someInputs, progress: 0 });
    const fractions = states.map(({ progress }) => progress).filter((value) => value !== undefined);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(states.at(-1)).toMatchObject({
      leastBudget: { goal: 'least-budget' },
      largestSize: { goal: 'largest-size' },
      options: { goal: 'options' },
    });
    expect(states.at(-1)!.progress).toBeUndefined();
  });

  it('goes on after a goal that cannot be asked, and tells why', async () => {
    planner.answerResult = failure('bad-usage', 'No dimension.');
    await asker.ask(question, someInputs);
    expect(planner.calls).toHaveLength(3);
    expect(states.at(-1)).toMatchObject({ error: { code: 'bad-usage' } });
  });

  it('ends when it is cancelled; what is answered stays, what comes late does not', async () => {
    const first = deferred<Result<GoalAnswer>>();
    planner.answerResult = first.promise;
    const asked = asker.ask(question, someInputs);
    await settled();
    await asker.cancel();
    expect(planner.calls).toEqual(['answer least-budget 1', 'cancel 1']);
    const before = states.length;
    first.resolve({ ok: true, value: { goal: 'least-budget' } as GoalAnswer });
    await asked;
    expect(states).toHaveLength(before);
    expect(states.at(-1)).toEqual({ run: 1, question, inputs: someInputs, progress: undefined });
  });

  it('ends when the inputs change, and only then', async () => {
    planner.answerResult = deferred<Result<GoalAnswer>>().promise;
    void asker.ask(question, withBudget(4));
    await settled();
    asker.inputsChanged(withBudget(4));
    expect(planner.calls).toEqual(['answer least-budget 1']);
    asker.inputsChanged(withBudget(5));
    await settled();
    expect(planner.calls).toEqual(['answer least-budget 1', 'cancel 1']);
  });

  it('gives way to a newer one', async () => {
    planner.answerResult = deferred<Result<GoalAnswer>>().promise;
    void asker.ask(question, someInputs);
    await settled();
    planner.answerResult = undefined;
    await asker.ask({ maxOverheadPercent: 3 }, someInputs);
    expect(planner.calls[1]).toBe('cancel 1');
    expect(states.at(-1)).toMatchObject({ run: 2, question: { maxOverheadPercent: 3 } });
  });
});
