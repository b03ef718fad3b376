import { HeadroomError } from './errors';

/** How a long computation reports progress, lets others run, and learns that it is no longer wanted. */
export interface Job {
  /** Call between steps: yields to the event loop now and then; throws HeadroomError 'cancelled' once cancelled. */
  checkpoint(): Promise<void>;
  progress(fraction: number): void;
}

/** A job that cannot be cancelled and reports nowhere (command line, tests). */
export const uncontrolled: Job = {
  checkpoint: () => Promise.resolve(),
  progress: () => undefined,
};

const yieldEveryMs = 20;

/** A job that another message on the same thread can cancel, because `checkpoint` lets it be delivered. */
export class ControlledJob implements Job {
  private cancelled = false;
  private lastYield = performance.now();

  constructor(private readonly onProgress: (fraction: number) => void = () => undefined) {}

  cancel(): void {
    this.cancelled = true;
  }

  progress(fraction: number): void {
    this.onProgress(fraction);
  }

  async checkpoint(): Promise<void> {
    if (performance.now() - this.lastYield > yieldEveryMs) {
      // A macrotask: promise callbacks alone would not let messages in.
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      this.lastYield = performance.now();
    }
    if (this.cancelled) throw new HeadroomError('cancelled', 'The computation was cancelled.');
  }
}

/** A job that also ends by itself: `checkpoint` throws 'cancelled' once the limit has passed. */
export class TimeLimitedJob implements Job {
  private readonly endsAt: number;

  constructor(
    private readonly inner: Job,
    limitS: number,
  ) {
    this.endsAt = performance.now() + 1000 * limitS;
  }

  get isOver(): boolean {
    return performance.now() >= this.endsAt;
  }

  progress(fraction: number): void {
    this.inner.progress(fraction);
  }

  async checkpoint(): Promise<void> {
    await this.inner.checkpoint();
    if (this.isOver) throw new HeadroomError('cancelled', 'The time limit has passed.');
  }
}
