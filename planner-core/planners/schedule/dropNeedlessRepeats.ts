import type { Job } from '../../base/job';
import type { ValueId } from '../../step/stepGraph';
import type { InsertionState } from './insertionState';

/** Repeats looked at between checkpoints: long sequences take long for each. */
const repeatsAtOnce = 64;

/**
 * Takes out repeats while memory stays within the budget: dead ones, then the most expensive first. Whenever the job
 * ends it, the state is one that fits.
 */
export async function dropNeedlessRepeats(state: InsertionState, budget: number, job: Job): Promise<void> {
  const { durationMs } = state.step;
  let changed = true;
  while (changed) {
    changed = false;
    const repeats = state.repeats();
    repeats.sort((a, b) => durationMs[state.nodeAt(b)] - durationMs[state.nodeAt(a)] || a - b);
    for (let i = 0; i < repeats.length; i++) {
      if (i % repeatsAtOnce === 0) await job.checkpoint();
      const position = repeats[i];
      if (!fitsWithout(state, position, budget)) continue;
      state.remove(position);
      changed = true;
      for (let j = i + 1; j < repeats.length; j++) if (repeats[j] > position) repeats[j]--;
    }
  }
}

/** A life that begins or ends elsewhere when a repeat is taken out. */
interface Change {
  readonly at: number;
  readonly bytes: number;
}

/** Would memory stay within the budget without the repeat at `position`? */
function fitsWithout(state: InsertionState, position: number, budget: number): boolean {
  const { step, liveBytes } = state;
  const node = state.nodeAt(position);
  let from = position;
  const changes: Change[] = [];
  const change = (value: ValueId, sign: number): void => {
    const at = state.lastEventBefore(value, position) + 1;
    if (sign > 0) from = Math.min(from, at);
    if (at < position) changes.push({ at, bytes: sign * step.valueBytes[value] });
  };
  for (let i = step.outputs.offsets[node]; i < step.outputs.offsets[node + 1]; i++) {
    const value = step.outputs.items[i];
    if (!state.isPermanent(value) && state.nextUseFrom(value, position + 1) >= 0) change(value, 1);
  }
  if (changes.length === 0) return true;
  for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++) {
    const value = step.inputs.items[i];
    if (!state.isPermanent(value) && state.nextUseFrom(value, position + 1) < 0) change(value, -1);
  }
  let added = 0;
  for (const { bytes } of changes) added += bytes;
  for (let at = position - 1; at >= from; at--) {
    if (liveBytes[at] + added > budget) return false;
    for (const { at: start, bytes } of changes) if (start === at) added -= bytes;
  }
  return true;
}
