import type { MilpEngine, SolveOptions, SolveResult } from './engine';
import type { LinearProgram } from './linearProgram';

/** How long a solve may block a thread that has other things to do: a cancellation waits as long. */
const longestSolveS = 0.15;

/** An engine that blocks its thread, for hosts that cannot start another one: only short solves, and room after each. */
export class BriefEngine implements MilpEngine {
  constructor(private readonly engine: MilpEngine) {}

  async solve(program: LinearProgram, options: SolveOptions): Promise<SolveResult> {
    // A macrotask, so that messages that came in meanwhile are heard first.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    if (options.signal?.aborted) return { status: 'stopped', bound: -Infinity };
    const timeLimitS = Math.min(options.timeLimitS, longestSolveS);
    return this.engine.solve(program, { ...options, timeLimitS });
  }

  dispose(): void {
    this.engine.dispose();
  }
}
