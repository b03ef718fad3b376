import { isDeepEqual } from './deepEqual';
import type { PlanInputs } from '../../planner-core/plan/planInputs';

/** An undoable change: both functions set a whole state, so they hold whatever happened in between. */
export interface LoggedEdit {
  readonly undo: () => void;
  readonly redo: () => void;
}

/**
 * What a person has decided about one model, as a sequence of immutable states. VS Code keeps the undo stack; this
 * keeps the current state and which state is on disk.
 */
export class EditLog {
  private saved: PlanInputs;

  /** `onChange` is called after every change of state, also by undo and redo. */
  constructor(
    private current: PlanInputs,
    private readonly onChange: () => void,
  ) {
    this.saved = current;
  }

  get inputs(): PlanInputs {
    return this.current;
  }

  get isDirty(): boolean {
    return !isDeepEqual(this.current, this.saved);
  }

  /** Makes `next` the current state. undefined when that changes nothing, so that no empty step lands on the undo stack. */
  change(next: PlanInputs): LoggedEdit | undefined {
    const before = this.current;
    if (isDeepEqual(before, next)) return undefined;
    this.set(next);
    return { undo: () => this.set(before), redo: () => this.set(next) };
  }

  /** The state `saved` is on disk; edits made while it was being written stay unsaved. */
  markSaved(saved: PlanInputs): void {
    this.saved = saved;
  }

  /** Takes over what is on disk, without a step on the undo stack. */
  reset(saved: PlanInputs): void {
    this.saved = saved;
    this.set(saved);
  }

  private set(next: PlanInputs): void {
    if (isDeepEqual(this.current, next)) return;
    this.current = next;
    this.onChange();
  }
}
