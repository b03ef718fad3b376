import type { ValueId } from '../../step/stepGraph';

/** Shared by all values that nothing happens to. */
const noEvents: readonly number[] = [];

/**
 * For each value, the computations that use or make it, in the order of a sequence that changes. Events name elements
 * of the sequence, not positions, so that a shift of the sequence leaves them alone: an event is 2 x element, and one
 * more when the element makes the value. What a computation uses comes before what it makes.
 */
export class SequenceEvents {
  /** Where each element is. */
  position: Int32Array;
  private readonly lists: number[][];

  constructor(valueCount: number, elementCapacity: number) {
    this.position = new Int32Array(elementCapacity);
    this.lists = new Array<number[]>(valueCount).fill(noEvents as number[]);
  }

  /** Appends an event behind all others of its value. */
  append(value: ValueId, event: number): void {
    if (this.lists[value] === noEvents) this.lists[value] = [event];
    else this.lists[value].push(event);
  }

  of(value: ValueId): number[] {
    return this.lists[value];
  }

  /** Index of the first event of a value at or behind a position; the number of its events when there is none. */
  indexFrom(value: ValueId, at: number): number {
    const list = this.lists[value];
    const { position } = this;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (position[list[middle] >> 1] < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Position of an event of a value by index; -1 for index -1. */
  positionAt(value: ValueId, index: number): number {
    return index < 0 ? -1 : this.position[this.lists[value][index] >> 1];
  }

  /** Is the event with this index a use (rather than a computation of the value, or no event at all)? */
  isUse(value: ValueId, index: number): boolean {
    const list = this.lists[value];
    return index < list.length && (list[index] & 1) === 0;
  }

  /** Last position before `at` at which the value is made or used; -1 when there is none. */
  lastEventBefore(value: ValueId, at: number): number {
    return this.positionAt(value, this.indexFrom(value, at) - 1);
  }

  /** Next position from `at` on at which the value is used before it is made again; -1 when there is none. */
  nextUseFrom(value: ValueId, at: number): number {
    const index = this.indexFrom(value, at);
    return this.isUse(value, index) ? this.positionAt(value, index) : -1;
  }
}
