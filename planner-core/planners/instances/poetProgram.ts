import { LinearProgramBuilder, type LinearProgram } from '../../solvers/linearProgram';
import type { Return, Returns } from './pagingPlan';
import type { PagingProblem } from './pagingProblem';

type Term = readonly [column: number, coefficient: number];

/**
 * POET's program (Patil et al., ICML 2022), all of it: in stage t the computation at position t runs for the first time,
 * after others are repeated in order, each at most once. Binaries by stage and node: `computed`, `held` (in memory when
 * the stage begins), `stored` (in storage then), `fetched` and `sent`; `freed` by stage and edge. What is fetched in a
 * stage is in memory from the next one, what is sent was held when the stage began. Memory within a stage is Checkmate's
 * (Jain et al., MLSys 2020). A valid plan of ours, but not every plan of ours: a bound for POET's plans alone.
 * 5 T² + T E binaries for T computations and E edges: for small graphs.
 */
export class PoetProgram {
  readonly program: LinearProgram;
  private readonly builder = new LinearProgramBuilder();
  /** By stage, then node. */
  private readonly computed: readonly (readonly number[])[];
  private readonly held: readonly (readonly number[])[];
  private readonly fetched: readonly (readonly number[])[];

  constructor(private readonly problem: PagingProblem) {
    const { count, energy, inputs } = problem;
    const { builder } = this;
    const grid = (
      cost: (node: number) => number,
      isFixed: (stage: number, node: number) => boolean,
    ): number[][] =>
      Array.from({ length: count }, (_, stage) =>
        energy.map((_, node) => builder.column(cost(node), 0, isFixed(stage, node) ? 0 : 1, true)),
      );
    const free = (): number => 0;
    const isNotMade = (stage: number, node: number): boolean => node >= stage;
    this.computed = grid(
      (node) => energy[node].computeJ,
      (stage, node) => node > stage,
    );
    this.held = grid(free, isNotMade);
    this.fetched = grid((node) => energy[node].pageInJ, isNotMade);
    const stored = grid(free, isNotMade);
    const sent = grid((node) => energy[node].pageOutJ, isNotMade);
    const { computed, held, fetched } = this;
    /** The first is 1 only where one of the others is. */
    const onlyWith = (column: number, ...others: number[]): void =>
      builder.row([[column, -1], ...others.map((other): Term => [other, 1])], 0, Infinity);
    for (let stage = 0; stage < count; stage++) {
      builder.row([[computed[stage][stage], 1]], 1, 1);
      inputs.forEach((reads, node) => {
        for (const read of reads) onlyWith(computed[stage][node], computed[stage][read], held[stage][read]);
        onlyWith(fetched[stage][node], stored[stage][node]);
        onlyWith(sent[stage][node], held[stage][node]);
        if (stage + 1 === count) return;
        onlyWith(held[stage + 1][node], held[stage][node], computed[stage][node], fetched[stage][node]);
        onlyWith(stored[stage + 1][node], stored[stage][node], sent[stage][node]);
      });
      this.addMemory(stage);
    }
    this.addTime();
    this.program = builder.build();
  }

  /** What comes back where at a point of the program: fetches of a stage at the start of the next one. */
  returnsOf(values: Float64Array): Returns {
    return this.computed.map((row, stage): Return[] => [
      ...(this.fetched[stage - 1] ?? []).flatMap((column, node): Return[] =>
        values[column] > 0.5 ? [['in', node]] : [],
      ),
      ...row.flatMap((column, node): Return[] =>
        node < stage && values[column] > 0.5 ? [['compute', node]] : [],
      ),
    ]);
  }

  /** Memory after each computation of a stage, before what it needed last is freed. */
  private addMemory(stage: number): void {
    const { builder, computed, held } = this;
    const { budgetBytes, bytes, count, inputs } = this.problem;
    if (budgetBytes === Infinity) return;
    let inUse: Term[] = held[stage].map((column, node): Term => [column, bytes[node]]);
    for (let node = 0; node <= stage; node++) {
      inUse = [...inUse, [computed[stage][node], bytes[node]]];
      builder.row(
        inUse.map(([column, size]): Term => [column, size / budgetBytes]),
        -Infinity,
        1,
      );
      for (const read of inputs[node]) {
        const freed = builder.binary(0);
        inUse.push([freed, -bytes[read]]);
        // Freed only if the computation runs, and nothing reads it later in the stage or holds it on.
        builder.row([[freed, 1], [computed[stage][node], -1]], -Infinity, 0); // prettier-ignore
        const holders = inputs.flatMap((reads, user) =>
          user > node && user <= stage && reads.includes(read) ? [computed[stage][user]] : [],
        );
        if (stage + 1 < count) holders.push(held[stage + 1][read]);
        for (const holder of holders) builder.row([[freed, 1], [holder, 1]], -Infinity, 1); // prettier-ignore
      }
    }
  }

  private addTime(): void {
    const { timeMs, limitMs } = this.problem;
    const onceMs = timeMs.reduce((sum, ms) => sum + ms, 0);
    if (!(onceMs > 0)) return;
    const terms = this.computed.flatMap((row) =>
      row.map((column, node): Term => [column, timeMs[node] / onceMs]),
    );
    this.builder.row(terms, -Infinity, limitMs / onceMs);
  }
}
