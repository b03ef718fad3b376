import type { JointProblem } from './jointProblem';

/** A set of slots is the bits of one number. */
const mostSlots = 30;

/**
 * Where results can be, as bits: a slot for each result and device it can be on, and one for each device and reader
 * whose copy is priced unlike those of other readers: such a copy waits for the reader it was made for.
 */
export interface Slots {
  readonly task: readonly number[];
  readonly device: readonly number[];
  readonly bytes: readonly number[];
  /** slotOf[task * deviceCount + device]: bit of the result there, open to all readers. */
  readonly open: Int32Array;
  /** reserved[entry * deviceCount + device]: bit of a copy that waits for the entry's reader; 0 where readers are alike. */
  readonly reserved: Int32Array;
  /** By task and device: the bits of all slots of its result there. */
  readonly any: Int32Array;
}

/** The slots of a problem; undefined when there are more than fit one number. */
export function slotsOf(problem: JointProblem): Slots | undefined {
  const { taskCount, deviceCount, inputs, isKept, resultBytes } = problem;
  const entriesOf: number[][] = Array.from({ length: taskCount }, () => []);
  inputs.items.forEach((task, entry) => entriesOf[task].push(entry));
  const task: number[] = [];
  const device: number[] = [];
  const open = new Int32Array(taskCount * deviceCount);
  const reserved = new Int32Array(inputs.items.length * deviceCount);
  const any = new Int32Array(taskCount * deviceCount);
  const add = (result: number, where: number): number => {
    device.push(where);
    const bit = 1 << (task.push(result) - 1);
    any[result * deviceCount + where] |= bit;
    return bit;
  };
  for (let result = 0; result < taskCount; result++) {
    const entries = entriesOf[result];
    if (entries.length === 0 && !isKept[result]) continue;
    const isAlike = entries.every((entry) => haveLikePrices(problem, entries[0], entry));
    for (let where = 0; where < deviceCount; where++) {
      if (task.length + (isAlike ? 1 : 1 + entries.length) > mostSlots) return undefined;
      open[result * deviceCount + where] = add(result, where);
      if (isAlike) continue;
      for (const entry of entries) reserved[entry * deviceCount + where] = add(result, where);
    }
  }
  return { task, device, bytes: task.map((result) => resultBytes[result]), open, reserved, any };
}

function haveLikePrices({ deviceCount, copyMs }: JointProblem, one: number, other: number): boolean {
  const count = deviceCount * deviceCount;
  for (let i = 0; i < count; i++) if (copyMs[one * count + i] !== copyMs[other * count + i]) return false;
  return true;
}

/**
 * By next task: the slots that can still be of use: results that it or a later task may read, in any number of repeats,
 * and what must be there at the end.
 */
export function wantedSlots(
  { taskCount, deviceCount, inputs, isKept }: JointProblem,
  slots: Slots,
): Int32Array {
  const readers: { reader: number; entry: number }[][] = Array.from({ length: taskCount }, () => []);
  for (let reader = 0; reader < taskCount; reader++)
    for (let entry = inputs.offsets[reader]; entry < inputs.offsets[reader + 1]; entry++)
      readers[inputs.items[entry]].push({ reader, entry });
  const wanted = new Int32Array(taskCount + 1);
  for (let next = 0; next <= taskCount; next++) {
    // Readers come later than what they read: one pass from the end settles which results are wanted.
    const mayRun = new Uint8Array(taskCount).fill(1, next);
    for (let task = taskCount - 1; task >= 0; task--) {
      const isRead = readers[task].some(({ reader }) => mayRun[reader]);
      if (isRead || isKept[task]) mayRun[task] = 1;
      for (let device = 0; device < deviceCount; device++) {
        if (isRead || isKept[task]) wanted[next] |= slots.open[task * deviceCount + device];
        for (const { reader, entry } of readers[task])
          if (mayRun[reader]) wanted[next] |= slots.reserved[entry * deviceCount + device];
      }
    }
  }
  return wanted;
}
