import type { MeasuredCall } from './measuredRun';
import type { MatchReport } from './measuredStep';

/** Counts what belongs to layers and what does not. */
export class Tally {
  private calls = 0;
  private matchedCalls = 0;
  private ms = 0;
  private matchedMs = 0;
  private readonly others = new Map<string, { count: number; ms: number }>();

  add({ name, ms, phase }: MeasuredCall, isMatched: boolean): void {
    const time = Number.isNaN(ms) ? 0 : ms;
    this.calls++;
    this.ms += time;
    if (isMatched) {
      this.matchedCalls++;
      this.matchedMs += time;
      return;
    }
    const key = phase === 'backward' ? `${name} (backward)` : name;
    const known = this.others.get(key) ?? { count: 0, ms: 0 };
    this.others.set(key, { count: known.count + 1, ms: known.ms + time });
  }

  copy(): Tally {
    return Object.assign(new Tally(), { ...this });
  }

  /** Share of the time since an earlier state; of the calls where there are no times. */
  shareSince(before: Tally): number {
    const ms = this.ms - before.ms;
    if (ms > 0) return (this.matchedMs - before.matchedMs) / ms;
    const calls = this.calls - before.calls;
    return calls > 0 ? (this.matchedCalls - before.matchedCalls) / calls : 0;
  }

  report(): Pick<MatchReport, 'calls' | 'matchedCalls' | 'timeShare' | 'otherCalls'> {
    const { calls, matchedCalls, ms, matchedMs } = this;
    const otherCalls = [...this.others]
      .map(([name, counted]) => ({ name, ...counted }))
      .sort((a, b) => b.ms - a.ms || (a.name < b.name ? -1 : 1));
    return { calls, matchedCalls, timeShare: ms > 0 ? matchedMs / ms : 0, otherCalls };
  }
}
