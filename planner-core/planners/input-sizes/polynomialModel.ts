import type { DeviceTiming } from '../../devices/roofline';
import type { Size } from '../../plan/sizePlan';
import type { BuiltStep } from '../../step/buildStep';
import type { StepGraph } from '../../step/stepGraph';
import { MemoryProfile } from '../memoryProfile';
import { BuiltSizes, type SizeBuilder } from './builtSizes';
import { CappedColumns } from './cappedColumns';
import { LatticePolynomials } from './latticePolynomials';
import { PeakEnvelope } from './peakEnvelope';
import { withoutAway, type Away, type SizedModel } from './sizedModel';
import { compareSizes, sizeAt, sizeKey, stepsTo, type SizeLattice } from './sizeLattice';
import { structureText } from './structure';
import { durationsOf, workColumns, type WorkColumns, type WorkShape } from './workColumns';

/** The origin is moved up at most so far: a size of 1 is broadcast, which is another computation. */
const highestOrigin = 3;
/** Relative error of a time that is a sum of the same terms in another order. */
const rounding = 1e-9;

/**
 * A model on a lattice of sizes, from a few built steps. What values take and what computations work on is a product of
 * shapes, so a polynomial of the sizes; it is found by interpolation between the lattice's first points and checked at
 * others, the largest among them.
 */
export class PolynomialModel implements SizedModel {
  readonly kind = 'polynomial';
  private readonly profiles: readonly MemoryProfile[];
  private readonly work: WorkColumns;
  private readonly durations: Float64Array;

  private constructor(
    readonly template: StepGraph,
    readonly checkedSizes: readonly Size[],
    private readonly lattice: SizeLattice,
    private readonly polynomials: LatticePolynomials,
    private readonly fitted: Fitted,
    private readonly timing: DeviceTiming,
    private readonly runs: Uint16Array,
    private readonly others: BuiltSizes,
  ) {
    this.profiles = fitted.valueBytes.map(
      (valueBytes, term) =>
        new MemoryProfile({ ...template, valueBytes, workspaceBytes: fitted.workspaceBytes[term] }),
    );
    this.work = { numbers: new Float64Array(fitted.work.length), shape: fitted.shape };
    this.durations = new Float64Array(template.nodeCount);
  }

  /**
   * Throws what building a step throws. Returns undefined where bytes, work or the computations themselves do not
   * follow polynomials on the lattice.
   */
  static of(
    lattice: SizeLattice,
    largest: Size,
    build: SizeBuilder,
    timing: DeviceTiming,
    runs: (step: StepGraph) => Uint16Array,
  ): PolynomialModel | undefined {
    const others = new BuiltSizes(build);
    const top = others.builtAt(largest);
    const structure = structureText(top);
    const has = (size: Size): boolean => structureText(others.builtAt(size)) === structure;
    const moved = movedOrigin(lattice, largest, has);
    if (!moved) return undefined;
    const polynomials = new LatticePolynomials(moved.stride.map((stride) => stride > 0));
    const nodes = polynomials.nodes.map((steps) => sizeAt(moved, steps));
    if (!nodes.every(has)) return undefined;
    const checkedSizes = sizesToCheck(moved, largest);
    if (!checkedSizes.every(has)) return undefined;
    const built = (sizes: readonly Size[]): BuiltStep[] => sizes.map((size) => others.builtAt(size));
    const modelOf = (high?: Samples): PolynomialModel | undefined => {
      const low = { origin: moved.origin.map(() => 0), built: built(nodes) };
      const fitted = fit(polynomials, low, high);
      const { step } = top;
      const model = new PolynomialModel(
        step,
        checkedSizes,
        moved,
        polynomials,
        fitted,
        timing,
        runs(step),
        others,
      );
      return checkedSizes.every((size) => model.agreesAt(size)) ? model : undefined;
    };
    const plain = modelOf();
    if (plain) return plain;
    const last = stepsTo(moved, largest)!.map((k, axis) =>
      Math.max(0, k - Math.max(...polynomials.nodes.map((n) => n[axis]))),
    );
    const highNodes = polynomials.nodes.map((steps) =>
      sizeAt(
        moved,
        steps.map((k, axis) => k + last[axis]),
      ),
    );
    return highNodes.every(has) ? modelOf({ origin: last, built: built(highNodes) }) : undefined;
  }

  hasTemplate(size: Size): boolean {
    return stepsTo(this.lattice, size) !== undefined;
  }

  stepAt(size: Size): StepGraph {
    const steps = stepsTo(this.lattice, size);
    if (!steps) return this.others.builtAt(size).step;
    const column = (coefficients: readonly Float64Array[]): Float64Array =>
      this.polynomials.evaluate(coefficients, steps, new Float64Array(coefficients[0].length));
    const { fitted, template } = this;
    return {
      ...template,
      valueBytes: column(fitted.valueBytes),
      workspaceBytes: column(fitted.workspaceBytes),
      macs: fitted.macs.evaluate(steps, new Float64Array(template.nodeCount)),
      trafficBytes: fitted.trafficBytes.evaluate(steps, new Float64Array(template.nodeCount)),
      durationMs: this.durationsAt(size).slice(),
    };
  }

  durationsAt(size: Size): Float64Array {
    const steps = stepsTo(this.lattice, size);
    if (!steps) return this.others.builtAt(size).step.durationMs;
    this.fitted.work.evaluate(steps, this.work.numbers);
    return durationsOf(this.work, this.timing, this.runs, this.durations);
  }

  peaks(recomputations: Int32Array, away: readonly Away[] = []): PeakEnvelope {
    const live = this.profiles.map((profile, term) =>
      withoutAway(profile.ofRecomputations(recomputations).liveBytes, away, this.fitted.valueBytes[term]),
    );
    const { nodes, length } = this.profiles[0];
    return new PeakEnvelope(this.lattice, this.polynomials, live, nodes, length);
  }

  private agreesAt(size: Size): boolean {
    const computed = this.stepAt(size);
    const { step } = this.others.builtAt(size);
    const isSame = (a: Float64Array, b: Float64Array): boolean => a.every((bytes, i) => bytes === b[i]);
    return (
      isSame(computed.valueBytes, step.valueBytes) &&
      isSame(computed.workspaceBytes, step.workspaceBytes) &&
      isSame(computed.macs, step.macs) &&
      isSame(computed.trafficBytes, step.trafficBytes) &&
      computed.durationMs.every((ms, node) => Math.abs(ms - step.durationMs[node]) <= rounding * ms)
    );
  }
}

interface Fitted {
  /** Coefficients by term. */
  readonly valueBytes: readonly Float64Array[];
  readonly workspaceBytes: readonly Float64Array[];
  readonly macs: CappedColumns;
  readonly trafficBytes: CappedColumns;
  readonly work: CappedColumns;
  readonly shape: WorkShape;
}

/** Steps at the points of an interpolation that begins at `origin`. */
interface Samples {
  readonly origin: Size;
  readonly built: readonly BuiltStep[];
}

function fit(polynomials: LatticePolynomials, low: Samples, high: Samples | undefined): Fitted {
  const exact = (pick: (step: StepGraph) => Float64Array): Float64Array[] =>
    polynomials.fit(low.built.map(({ step }) => pick(step)));
  const capped = (pick: (built: BuiltStep) => Float64Array): CappedColumns => {
    const columns = ({ origin, built }: Samples) => ({
      origin,
      coefficients: polynomials.fit(built.map(pick)),
    });
    return new CappedColumns(polynomials, columns(low), high && columns(high));
  };
  return {
    valueBytes: exact((step) => step.valueBytes),
    workspaceBytes: exact((step) => step.workspaceBytes),
    macs: capped(({ step }) => step.macs),
    trafficBytes: capped(({ step }) => step.trafficBytes),
    work: capped(({ work = [] }) => workColumns(work).numbers),
    shape: workColumns(low.built[0].work ?? []).shape,
  };
}

/** The lattice from the first origin whose step has the computations of the largest one. */
function movedOrigin(
  lattice: SizeLattice,
  largest: Size,
  has: (size: Size) => boolean,
): SizeLattice | undefined {
  for (let k = 0; k < highestOrigin; k++) {
    const origin = lattice.origin.map((least, axis) =>
      Math.min(largest[axis], least + k * lattice.stride[axis]),
    );
    if (has(origin)) return { ...lattice, origin };
  }
  return undefined;
}

/** The largest, the middle, and what lies just beyond the points of the interpolation. */
function sizesToCheck(lattice: SizeLattice, largest: Size): Size[] {
  const last = largest.map((x, axis) =>
    lattice.stride[axis] === 0 ? 0 : (x - lattice.origin[axis]) / lattice.stride[axis],
  );
  const at = (part: (k: number) => number): Size => sizeAt(lattice, last.map(part));
  const wanted = [
    at((k) => Math.min(k, 3)),
    at((k) => Math.floor(k / 2)),
    at((k) => Math.floor((2 * k) / 3)),
    largest,
  ];
  return [...new Map(wanted.map((size) => [sizeKey(size), size])).values()].sort(compareSizes);
}
