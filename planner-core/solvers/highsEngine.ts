import type { HighsCallbackMap, Highs, Model, ModelData } from 'highs';
import { HeadroomError } from '../base/errors';
import type { Incumbent, MilpEngine, SolveOptions, SolveResult } from './engine';
import type { LinearProgram } from './linearProgram';

/** Makes the WebAssembly module of HiGHS: only the host knows where highs.wasm lies. */
export type LoadHighs = () => Promise<Highs>;

/**
 * HiGHS (MIT; Huangfu and Hall, "Parallelizing the dual revised simplex method", 2018) as WebAssembly, in the thread
 * that calls it: `solve` blocks that thread, and the signal is heeded only where HiGHS calls back. A broken module
 * (its memory is exhausted, it aborted) is replaced with the next call.
 */
export class HighsEngine implements MilpEngine {
  private highs?: Promise<Highs>;

  constructor(private readonly load: LoadHighs) {}

  async solve(program: LinearProgram, options: SolveOptions): Promise<SolveResult> {
    this.highs ??= this.load();
    try {
      const highs = await this.highs;
      return solveWith(highs, program, options);
    } catch (thrown) {
      this.highs = undefined;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new HeadroomError(
        'solver-failed',
        `The solver broke down: ${reason}`,
        'What was proven before holds.',
      );
    }
  }

  dispose(): void {
    this.highs = undefined;
  }
}

function solveWith(highs: Highs, program: LinearProgram, options: SolveOptions): SolveResult {
  const model = highs.createModel(modelData(highs, program, options.isRelaxed ?? false));
  try {
    model.options.set({
      output_flag: false,
      random_seed: 1,
      time_limit: Math.max(0.01, options.timeLimitS),
      mip_rel_gap: 0,
      mip_abs_gap: options.absoluteGap ?? 1e-6,
      mip_feasibility_tolerance: 1e-7,
      primal_feasibility_tolerance: 1e-8,
    });
    if (options.start) model.setSolution({ colValue: options.start });
    let incumbent: Incumbent | undefined;
    let bound = -Infinity;
    const note = (data: { mip_dual_bound?: number }): void => {
      if (data.mip_dual_bound !== undefined && data.mip_dual_bound > bound && data.mip_dual_bound < 1e29)
        bound = data.mip_dual_bound;
    };
    const { callbackType } = highs.constants;
    const callbacks: HighsCallbackMap = {
      [callbackType.mipImprovingSolution](event) {
        note(event.data);
        const { mip_solution: values, objective_function_value: objective } = event.data;
        if (values && objective !== undefined) incumbent = { objective, values };
        options.onProgress?.({ incumbent, bound });
      },
      [callbackType.mipInterrupt](event) {
        const before = bound;
        note(event.data);
        if (bound > before) options.onProgress?.({ bound });
        if (options.signal?.aborted) event.interrupt();
      },
    };
    model.run(callbacks);
    return resultOf(highs, model, program, options, incumbent, bound);
  } finally {
    model.dispose();
  }
}

function resultOf(
  highs: Highs,
  model: Model,
  program: LinearProgram,
  options: SolveOptions,
  seen: Incumbent | undefined,
  seenBound: number,
): SolveResult {
  const { modelStatus } = highs.constants;
  const status = model.getModelStatus();
  if (status === modelStatus.infeasible) return { status: 'infeasible', bound: Infinity };
  if (status === modelStatus.optimal) {
    const incumbent = { objective: model.getObjectiveValue(), values: model.getSolution().colValue };
    const isMip = !options.isRelaxed && program.integer.includes(1);
    const proven = isMip ? Number(model.info.get('mip_dual_bound')) : incumbent.objective;
    return { status: 'optimal', incumbent, bound: proven };
  }
  return { status: 'stopped', incumbent: seen, bound: seenBound };
}

function modelData(highs: Highs, program: LinearProgram, isRelaxed: boolean): ModelData {
  const finite = (bounds: Float64Array): Float64Array =>
    bounds.map((bound) =>
      bound === Infinity ? highs.infinity : bound === -Infinity ? -highs.infinity : bound,
    );
  const { integer: whole, continuous } = highs.constants.variableType;
  return {
    numCols: program.columnCount,
    numRows: program.rowCount,
    colCost: program.cost,
    colLower: finite(program.lower),
    colUpper: finite(program.upper),
    rowLower: finite(program.rowLower),
    rowUpper: finite(program.rowUpper),
    matrix: {
      format: 'csr',
      numRows: program.rowCount,
      numCols: program.columnCount,
      starts: program.starts,
      indices: program.indices,
      values: program.values,
    },
    integrality: isRelaxed
      ? undefined
      : Int32Array.from(program.integer, (flag) => (flag ? whole : continuous)),
  };
}
