import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EditLog, type LoggedEdit } from '../../../../extension/document/editLog';
import { someInputs, withBudget } from '../fakePlanner';

describe('EditLog', () => {
  it('follows any sequence of edits, undos and redos as a list of states would', () => {
    const step = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom('undo' as const, 'redo' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const log = new EditLog(withBudget(0), () => undefined);
        // VS Code's undo stack, and what the states should be.
        let stack: LoggedEdit[] = [];
        let states = [0];
        let at = 0;
        for (const step of steps) {
          if (step === 'undo') {
            if (at > 0) stack[--at].undo();
          } else if (step === 'redo') {
            if (at < stack.length) stack[at++].redo();
          } else {
            const edit = log.change(withBudget(step));
            expect(edit === undefined).toBe(step === states[at]);
            if (edit) {
              stack = [...stack.slice(0, at), edit];
              states = [...states.slice(0, ++at), step];
            }
          }
          expect(log.inputs).toEqual(withBudget(states[at]));
          expect(log.isDirty).toBe(states[at] !== 0);
        }
      }),
    );
  });

  it('tells every change of state once, undo and redo included', () => {
    const seen: unknown[] = [];
    const log: EditLog = new EditLog(withBudget(1), () => seen.push(log.inputs.budgetBytes));
    const edit = log.change(withBudget(2));
    log.change(withBudget(2));
    edit?.undo();
    edit?.redo();
    expect(seen).toEqual([2, 1, 2].map((gib) => withBudget(gib).budgetBytes));
  });

  it('knows what is on disk', () => {
    const log = new EditLog(withBudget(1), () => undefined);
    const edit = log.change(withBudget(2));
    log.markSaved(log.inputs);
    expect(log.isDirty).toBe(false);
    edit?.undo();
    expect(log.isDirty).toBe(true);
    log.reset(withBudget(3));
    expect(log.isDirty).toBe(false);
    expect(log.inputs).toEqual(withBudget(3));
  });

  it('takes a member that is undefined for one that is absent, as the plan file does', () => {
    const log = new EditLog(someInputs, () => undefined);
    expect(log.change({ ...someInputs, budgetBytes: undefined })).toBeUndefined();
  });
});
