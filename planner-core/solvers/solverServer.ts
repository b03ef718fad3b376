import { toErrorValue } from '../base/errors';
import type { MilpEngine } from './engine';
import type { SolverReply, SolverRequest } from './solverThread';

/** The thread's end: solves what arrives and answers every request once. */
export class SolverServer {
  constructor(
    private readonly engine: MilpEngine,
    private readonly reply: (reply: SolverReply) => void,
  ) {}

  async receive({ program, options }: SolverRequest): Promise<void> {
    try {
      const result = await this.engine.solve(program, {
        ...options,
        onProgress: (progress) => this.reply({ kind: 'progress', progress }),
      });
      this.reply({ kind: 'result', result });
    } catch (thrown) {
      this.reply({ kind: 'failed', error: toErrorValue(thrown) });
    }
  }
}
