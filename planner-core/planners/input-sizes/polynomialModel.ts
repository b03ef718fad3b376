import type { DeviceTiming } from '../../devices/roofline';
import type { Size } from '../../plan/sizePlan';
import type { BuiltStep } from '../../step/buildStep';
import type { StepGraph } from '../../step/stepGraph';
import { MemoryProfile } from '../memoryProfile';
import { BuiltSizes, type SizeBuilder } from './builtSizes';
import { LatticePolynomials } from './latticePolynomials';
import { PeakEnvelope } from './peakEnvelope';
import type { SizedModel } from './sizedModel';
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
    this.work = { numbers: new Float64Array(fitted.work[0].length), shape: fitted.shape };
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
    const fitted = fit(
      polynomials,
      nodes.map((size) => others.builtAt(size)),
    );
    const checkedSizes = sizesToCheck(moved, largest);
    const model = new PolynomialModel(
      top.step,
      checkedSizes,
      moved,
      polynomials,
      fitted,
      timing,
      runs(top.step),
      others,
    );
    return checkedSizes.every((size) => has(size) && model.agreesAt(size)) ? model : undefined;
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
      macs: column(fitted.macs),
      trafficBytes: column(fitted.trafficBytes),
      durationMs: this.durationsAt(size).slice(),
    };
  }

  durationsAt(size: Size): Float64Array {
    const steps = stepsTo(this.lattice, size);
    if (!steps) return this.others.builtAt(size).step.durationMs;
    this.polynomials.evaluate(this.fitted.work, steps, this.work.numbers);
    return durationsOf(this.work, this.timing, this.runs, this.durations);
  }

  peaks(recomputations: Int32Array): PeakEnvelope {
    const live = this.profiles.map((profile) => profile.ofRecomputations(recomputations).liveBytes);
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

/** Coefficients by term. */
interface Fitted {
  readonly valueBytes: readonly Float64Array[];
  readonly workspaceBytes: readonly Float64Array[];
  readonly macs: readonly Float64Array[];
  readonly trafficBytes: readonly Float64Array[];
  readonly work: readonly Float64Array[];
  readonly shape: WorkShape;
}

function fit(polynomials: LatticePolynomials, built: readonly BuiltStep[]): Fitted {
  const of = (pick: (step: StepGraph) => Float64Array): Float64Array[] =>
    polynomials.fit(built.map(({ step }) => pick(step)));
  const works = built.map(({ work = [] }) => workColumns(work));
  return {
    valueBytes: of((step) => step.valueBytes),
    workspaceBytes: of((step) => step.workspaceBytes),
    macs: of((step) => step.macs),
    trafficBytes: of((step) => step.trafficBytes),
    work: polynomials.fit(works.map(({ numbers }) => numbers)),
    shape: works[0].shape,
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
