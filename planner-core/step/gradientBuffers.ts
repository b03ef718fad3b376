import type { Strides } from '../graph/strides';
import type { ValueId } from './stepGraph';

/** A gradient, as far as it has been summed, that waits for the operator that made its tensor. */
export interface Gradient {
  readonly value: ValueId;
  /** In elements, under the tensor's shape. */
  readonly strides: Strides;
  readonly isView: boolean;
}

/**
 * The input buffers of autograd's engine: for every tensor the gradient summed so far. Knows how many buffers hold a
 * storage, because the engine adds in place only to what nobody else holds (torch/csrc/autograd/input_buffer.cpp).
 */
export class GradientBuffers {
  private readonly waiting: (Gradient | undefined)[];
  private readonly owners = new Map<ValueId, number>();

  constructor(slots: number) {
    this.waiting = new Array<Gradient | undefined>(slots).fill(undefined);
  }

  get(slot: number): Gradient | undefined {
    return this.waiting[slot];
  }

  put(slot: number, gradient: Gradient): void {
    this.take(slot);
    this.waiting[slot] = gradient;
    this.owners.set(gradient.value, this.ownersOf(gradient.value) + 1);
  }

  take(slot: number): Gradient | undefined {
    const gradient = this.waiting[slot];
    if (gradient) this.owners.set(gradient.value, this.ownersOf(gradient.value) - 1);
    this.waiting[slot] = undefined;
    return gradient;
  }

  ownersOf(value: ValueId): number {
    return this.owners.get(value) ?? 0;
  }

  /** May `contribution` be added to what waits in the slot without a new buffer? */
  canAddInPlace(slot: number, contribution?: ValueId): boolean {
    const gradient = this.waiting[slot];
    return (
      gradient !== undefined &&
      !gradient.isView &&
      gradient.value !== contribution &&
      this.ownersOf(gradient.value) === 1
    );
  }
}
