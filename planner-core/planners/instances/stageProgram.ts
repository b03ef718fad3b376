import { LinearProgramBuilder, type LinearProgram } from '../../solvers/linearProgram';
import type { Return, Returns } from './pagingPlan';
import type { PagingProblem } from './pagingProblem';

/** The best plan known costs this much in the program. */
const scaledCost = 100;

type Term = readonly [column: number, coefficient: number];

/** The columns of a stage that are not fixed, by node. */
interface StageColumns {
  /** Is it in memory while the computation at the stage's end runs, and used later? */
  readonly held: Map<number, number>;
  /** Is it computed again in the stage? */
  readonly repeated: Map<number, number>;
  /** Is it fetched from storage in the stage? */
  readonly fetched: Map<number, number>;
}

/**
 * What to hold, to compute again and to fetch in each stage, for the least joules: POET's R, S_RAM and M_in (Patil et al.,
 * ICML 2022) with stages that end at chosen positions. Memory counts at those positions only, and neither the order nor
 * the memory of what comes back inside a stage, so every plan that computes for the first time in the order given is a
 * point, and what the program costs at least is proven. A result goes to storage at most once: nothing is gained by a
 * second time. Stronger than `pagingProgram`'s bound, as what is computed again must have its inputs; far larger.
 */
export class StageProgram {
  readonly program: LinearProgram;
  /** Of the objective; numbers near one suit solvers. */
  readonly costPerJ: number;
  private readonly stages: StageColumns[];
  private readonly stageOf: Int32Array;
  private readonly stored = new Map<number, number>();
  private readonly builder = new LinearProgramBuilder();

  /**
   * `ends`: ascending positions, the last one not among them. `mostJ`: what the best plan known takes beyond computing
   * once, above 0; only what can be part of a plan that takes no more is looked at.
   */
  constructor(
    private readonly problem: PagingProblem,
    private readonly ends: readonly number[],
    private readonly mostJ: number,
  ) {
    const { count } = problem;
    this.costPerJ = scaledCost / mostJ;
    this.stageOf = new Int32Array(count);
    for (let node = 0, stage = 0; node < count; node++) {
      while (stage < ends.length && ends[stage] < node) stage++;
      this.stageOf[node] = stage;
    }
    this.stages = Array.from({ length: ends.length + 1 }, () => ({
      ...{ held: new Map<number, number>(), repeated: new Map<number, number>() },
      fetched: new Map<number, number>(),
    }));
    this.addColumns();
    this.addSources();
    this.addMemory();
    this.addTime();
    this.program = this.builder.build();
  }

  /** What comes back at a point of the program, before what reads it first in its stage. */
  returnsOf(values: Float64Array): Returns {
    const { count, inputs } = this.problem;
    const returns: Return[][] = Array.from({ length: count }, () => []);
    this.stages.forEach(({ repeated, fetched }, stage) => {
      const start = stage === 0 ? 0 : this.ends[stage - 1] + 1;
      const end = this.ends[stage] ?? count - 1;
      for (const [how, columns] of [
        ['in', fetched],
        ['compute', repeated],
      ] as const) {
        for (const [node, column] of columns) {
          if (values[column] <= 0.5) continue;
          let position = start;
          while (position < end && !inputs[position].includes(node)) position++;
          returns[position].push([how, node]);
        }
      }
    });
    // In the order of first computations one can be computed from another.
    return returns.map((row) => row.sort((a, b) => a[1] - b[1]));
  }

  private addColumns(): void {
    const { builder, costPerJ, ends, stages } = this;
    const { count, energy, inputs } = this.problem;
    const users: number[][] = Array.from({ length: count }, () => []);
    inputs.forEach((reads, node) => reads.forEach((read) => users[read].push(node)));
    const wantedLater = new Uint8Array(count);
    for (let stage = ends.length; stage >= 0; stage--) {
      const start = stage === 0 ? 0 : ends[stage - 1] + 1;
      const { held, repeated, fetched } = stages[stage];
      for (let node = 0; node < count; node++)
        if (wantedLater[node] && this.stageOf[node] <= stage) held.set(node, builder.binary(0));
      // Least joules of a chain of repeats from the node to a use from this stage on.
      const reachJ = new Float64Array(count);
      for (let node = start - 1; node >= 0; node--) {
        const isUsed = users[node].some((user) => user >= start);
        const onJ = users[node].reduce(
          (least, user) => (user < start ? Math.min(least, reachJ[user]) : least),
          Infinity,
        );
        reachJ[node] = energy[node].computeJ + (isUsed ? 0 : onJ);
        const { computeJ, pageInJ, pageOutJ } = energy[node];
        if (reachJ[node] <= this.mostJ) repeated.set(node, builder.binary(computeJ * costPerJ));
        if (reachJ[node] - computeJ + pageInJ + pageOutJ <= this.mostJ) {
          fetched.set(node, builder.binary(pageInJ * costPerJ));
          if (!this.stored.has(node)) this.stored.set(node, builder.binary(pageOutJ * costPerJ));
        }
      }
      const end = stage < ends.length ? ends[stage] : count - 1;
      for (let node = start; node <= end; node++) for (const read of inputs[node]) wantedLater[read] = 1;
      for (const node of repeated.keys()) for (const read of inputs[node]) wantedLater[read] = 1;
    }
  }

  /** Ways in which a result made before the stage can be there in it; undefined when it is made in it or later. */
  private sources(stage: number, node: number): Term[] | undefined {
    if (this.stageOf[node] >= stage) return undefined;
    const columns = [
      this.stages[stage - 1].held.get(node),
      this.stages[stage].repeated.get(node),
      this.stages[stage].fetched.get(node),
    ];
    return columns.flatMap((column): Term[] => (column === undefined ? [] : [[column, 1]]));
  }

  private addSources(): void {
    const { builder, stages } = this;
    const { inputs } = this.problem;
    const asked = new Set<string>();
    inputs.forEach((reads, node) => {
      const stage = this.stageOf[node];
      for (const read of reads) {
        const terms = this.sources(stage, read);
        if (!terms || asked.has(`${stage} ${read}`)) continue;
        asked.add(`${stage} ${read}`);
        builder.row(terms, 1, Infinity);
      }
    });
    stages.forEach(({ held, repeated, fetched }, stage) => {
      const onlyWith = (column: number, terms: Term[] | undefined): void => {
        if (terms) builder.row([...terms, [column, -1]], 0, Infinity);
      };
      for (const [node, column] of held) onlyWith(column, this.sources(stage, node));
      for (const [node, column] of repeated)
        for (const read of inputs[node]) onlyWith(column, this.sources(stage, read));
      for (const [node, column] of fetched) onlyWith(column, [[this.stored.get(node)!, 1]]);
    });
  }

  private addMemory(): void {
    const { builder, ends, stages } = this;
    const { bytes, inputs, budgetBytes } = this.problem;
    ends.forEach((position, stage) => {
      const inUse = new Set([position, ...inputs[position]]);
      let spare = budgetBytes;
      for (const node of inUse) spare -= bytes[node];
      const terms: Term[] = [];
      let all = 0;
      for (const [node, column] of stages[stage].held) {
        if (inUse.has(node)) continue;
        terms.push([column, bytes[node] / budgetBytes]);
        all += bytes[node];
      }
      if (all > spare) builder.row(terms, -Infinity, spare / budgetBytes);
    });
  }

  private addTime(): void {
    const { builder } = this;
    const { timeMs, limitMs } = this.problem;
    const onceMs = timeMs.reduce((sum, ms) => sum + ms, 0);
    const terms = this.stages.flatMap(({ repeated }) =>
      [...repeated].map(([node, column]): Term => [column, timeMs[node] / onceMs]),
    );
    if (onceMs > 0) builder.row(terms, -Infinity, Math.max(0, limitMs / onceMs - 1));
  }
}
