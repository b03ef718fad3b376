import { LinearProgramBuilder, type LinearProgram } from '../../../solvers/linearProgram';
import type { LatencyWindows } from '../bounds/latencyWindows';
import { deviceClasses } from '../deviceClasses';
import type { Placement } from '../problem';
import { GroupFlows } from './groupFlows';
import type { LatencyModel } from './latencyModel';
import { precedence } from './precedence';
import { derive, durationTerms, negated, summed, type ProgramColumns, type Term } from './programColumns';
import { latencyTimeline } from './timeline';
import { TransferConflicts, type TransferConflict } from './transferConflicts';

/** The best makespan known is this long in the program. */
const scaledMakespan = 100;

/**
 * The least makespan as a mixed-integer program (planners for unlike devices: after DiviML, ICCAD 2023): a device for each
 * group, a start for each task, transfers as delays between devices, and for pairs of tasks of which neither depends on
 * the other, which goes first where they share a device. Starts keep to the windows that the paths leave them, which
 * also tightens the big-M. Transfers share channels only in the pairs given as conflicts, so the optimum is a bound on
 * every schedule, and the makespan of a schedule with the same placement may be longer. Only placements faster than
 * `upperMs` are looked for. With listed transfers there are no starts: all times add up.
 */
export class LatencyProgram {
  readonly program: LinearProgram;
  readonly unitsPerMs: number;
  private readonly builder = new LinearProgramBuilder();
  private readonly makespan: number;
  /** By group and device; −1 where it may not be. */
  private readonly place: Int32Array;
  private readonly start: number[] = [];
  private readonly earliest: Float64Array;
  private readonly latest: Float64Array;
  /** How columns beside placement and starts follow from the others. */
  private readonly derived: ProgramColumns['derived'] = [];
  private readonly columns: ProgramColumns;
  private readonly flows: GroupFlows;
  private readonly conflicts: TransferConflicts;
  private readonly sequence?: Int32Array;

  /** `sequence`: the order that devices keep to; without one it is free. */
  constructor(
    private readonly model: LatencyModel,
    private readonly windows: LatencyWindows,
    private readonly upperMs: number,
    sequence: Int32Array | undefined,
    conflicts: readonly TransferConflict[] = [],
  ) {
    this.sequence = sequence;
    this.unitsPerMs = scaledMakespan / (upperMs > 0 ? upperMs : 1);
    const { builder } = this;
    this.makespan = builder.column(1, 0, upperMs * this.unitsPerMs);
    this.place = new Int32Array(model.groupCount * model.deviceCount).fill(-1);
    this.earliest = new Float64Array(model.taskCount);
    this.latest = new Float64Array(model.taskCount);
    const { place, start, derived, unitsPerMs } = this;
    this.columns = { model, builder, place, start, derived, unitsPerMs, upperMs };
    this.flows = new GroupFlows(this.columns);
    this.conflicts = new TransferConflicts(this.columns);
    this.addPlaces();
    this.addMemory();
    this.addSymmetry();
    if (model.isSerial) this.addSum();
    else {
      this.addStarts();
      this.addLoads();
      this.addPrecedence();
      this.addOrders();
      for (const conflict of conflicts) this.conflicts.add(conflict);
    }
    this.program = builder.build();
  }

  placementOf(point: Float64Array): Placement {
    const { model, place } = this;
    const { deviceCount, allowed } = model;
    const columnOf = (group: number, device: number): number => place[group * deviceCount + device];
    return Uint8Array.from(allowed, (devices, group) =>
      devices.reduce((a, b) => (point[columnOf(group, b)] > point[columnOf(group, a)] ? b : a)),
    );
  }

  /** The tasks by their starts. */
  sequenceOf(point: Float64Array): Int32Array {
    const { order } = this.model.problem;
    if (this.sequence || this.model.isSerial) return this.sequence ?? order;
    const position = new Int32Array(order.length);
    order.forEach((task, at) => (position[task] = at));
    // Rounding must not put a task before what it reads.
    const isReady = (a: number, b: number): number => {
      const difference = point[this.start[a]] - point[this.start[b]];
      return Math.abs(difference) > 1e-6 ? difference : position[a] - position[b];
    };
    return repairOrder(this.model, order.slice().sort(isReady));
  }

  /** The point that a schedule is: a start for the engine. */
  pointOf(placement: Placement, sequence: Int32Array): Float64Array {
    const { model, unitsPerMs } = this;
    const canonical = canonicalPlacement(model, placement);
    const point = new Float64Array(this.builder.columnCount);
    canonical.forEach((device, group) => (point[this.place[group * model.deviceCount + device]] = 1));
    const { operations, makespanMs } = latencyTimeline(model, canonical, sequence);
    point[this.makespan] = makespanMs * unitsPerMs;
    for (const { kind, task, result, from, device, startMs } of operations) {
      if (kind === 'task') {
        if (!model.isSerial) point[this.start[task]] = startMs * unitsPerMs;
      } else {
        const column = this.conflicts.startOf({ result, from, to: device });
        if (column !== undefined) point[column] = startMs * unitsPerMs;
      }
    }
    for (const { column, of } of this.derived) point[column] = of(point);
    return point;
  }

  private addPlaces(): void {
    const { model, builder, place } = this;
    model.allowed.forEach((devices, group) => {
      const terms: Term[] = [];
      for (const device of devices) {
        const column = builder.binary(0);
        place[group * model.deviceCount + device] = column;
        terms.push([column, 1]);
      }
      builder.row(terms, 1, 1);
    });
  }

  private addMemory(): void {
    const { groupBytes, memoryBytes } = this.model.problem;
    memoryBytes.forEach((limit, device) => {
      if (limit === Infinity || limit === 0) return;
      const terms: Term[] = [];
      groupBytes.forEach((bytes, group) => {
        const column = this.place[group * this.model.deviceCount + device];
        if (column >= 0 && bytes > 0) terms.push([column, bytes / limit]);
      });
      this.builder.row(terms, -Infinity, 1);
    });
  }

  /** Of devices that are alike, a later one is taken only after those before it. */
  private addSymmetry(): void {
    const { model, builder, place } = this;
    const classes = deviceClasses(model.problem);
    for (let device = 0; device < model.deviceCount; device++) {
      let before = device - 1;
      while (before >= 0 && classes[before] !== classes[device]) before--;
      if (before < 0) continue;
      const earlier: Term[] = [];
      for (let group = 0; group < model.groupCount; group++) {
        const column = place[group * model.deviceCount + device];
        if (column >= 0) builder.row([[column, 1], ...earlier], -Infinity, 0);
        const twin = place[group * model.deviceCount + before];
        if (twin >= 0) earlier.push([twin, -1]);
      }
    }
  }

  private addSum(): void {
    const { model, builder } = this;
    const terms: Term[] = [[this.makespan, -1]];
    for (let task = 0; task < model.taskCount; task++) {
      terms.push(...durationTerms(this.columns, task, 1));
      model.forEachProducer(task, (producer, entry) => {
        const { groupOf } = model.problem;
        terms.push(...this.delayTerms(entry, groupOf[producer], groupOf[task], 1));
      });
    }
    builder.row(summed(terms), -Infinity, 0);
  }

  private addStarts(): void {
    const { model, builder, windows, unitsPerMs, upperMs, earliest, latest } = this;
    const { taskCount, deviceCount, problem } = model;
    for (let task = 0; task < taskCount; task++) {
      const group = problem.groupOf[task];
      earliest[task] = Infinity;
      latest[task] = 0;
      const heads: Term[] = [];
      const rests: Term[] = [];
      for (const device of model.allowed[group]) {
        const slot = task * deviceCount + device;
        const head = windows.headMs[slot];
        const rest = problem.durationMs[device * taskCount + task] + windows.tailMs[slot];
        const column = this.place[group * deviceCount + device];
        if (head === Infinity || rest === Infinity) {
          builder.row([[column, 1]], 0, 0);
          continue;
        }
        earliest[task] = Math.min(earliest[task], head);
        latest[task] = Math.max(latest[task], upperMs - rest);
        heads.push([column, -head * unitsPerMs]);
        rests.push([column, rest * unitsPerMs]);
      }
      earliest[task] = Math.min(earliest[task], latest[task]);
      const start = builder.column(0, earliest[task] * unitsPerMs, latest[task] * unitsPerMs);
      this.start.push(start);
      builder.row([[start, 1], ...heads], 0, Infinity);
      builder.row([[this.makespan, 1], [start, -1], ...negated(rests)], 0, Infinity);
    }
  }

  /** A device works for at most the makespan. */
  private addLoads(): void {
    const { model, builder, unitsPerMs } = this;
    const { taskCount, deviceCount, problem } = model;
    for (let device = 0; device < deviceCount; device++) {
      const loadMs = new Float64Array(model.groupCount);
      for (let task = 0; task < taskCount; task++)
        loadMs[problem.groupOf[task]] += problem.durationMs[device * taskCount + task];
      const terms: Term[] = [[this.makespan, -1]];
      loadMs.forEach((ms, group) => {
        const column = this.place[group * deviceCount + device];
        if (column >= 0 && ms > 0) terms.push([column, ms * unitsPerMs]);
      });
      builder.row(terms, -Infinity, 0);
    }
  }

  private addPrecedence(): void {
    const { model, builder, start } = this;
    const { groupOf } = model.problem;
    for (let task = 0; task < model.taskCount; task++) {
      model.forEachProducer(task, (producer, entry) => {
        const terms: Term[] = [
          [start[task], 1],
          [start[producer], -1],
          ...durationTerms(this.columns, producer, -1),
          ...this.delayTerms(entry, groupOf[producer], groupOf[task], -1),
        ];
        builder.row(summed(terms), 0, Infinity);
      });
    }
  }

  /** Tasks of which neither depends on the other do not run at once on one device. */
  private addOrders(): void {
    const { model, sequence } = this;
    const isBefore = precedence(model);
    const tasks = sequence ?? model.problem.order;
    for (let i = 0; i < tasks.length; i++) {
      for (let j = i + 1; j < tasks.length; j++) {
        const [a, b] = [tasks[i], tasks[j]];
        if (isBefore(a, b) || isBefore(b, a)) continue;
        const together = this.togetherColumn(a, b);
        if (together === undefined) continue;
        if (sequence) this.addAfter(a, b, [[together, 1]], 1);
        else {
          const order = this.builder.binary(0);
          const { start } = this;
          this.derived.push({ column: order, of: (point) => (point[start[a]] <= point[start[b]] ? 1 : 0) });
          this.addAfter(a, b, [[together, 1], [order, 1]], 2); // prettier-ignore
          this.addAfter(b, a, [[together, 1], [order, -1]], 1); // prettier-ignore
        }
      }
    }
  }

  /** `later` starts after `first` has ended where the terms sum to `full`. */
  private addAfter(first: number, later: number, terms: readonly Term[], full: number): void {
    const { model, builder, start, latest, earliest, unitsPerMs } = this;
    const { problem, taskCount } = model;
    let longest = 0;
    for (const device of model.allowed[problem.groupOf[first]])
      longest = Math.max(longest, problem.durationMs[device * taskCount + first]);
    const big = Math.max(0, latest[first] + longest - earliest[later]) * unitsPerMs;
    builder.row(
      summed([
        [start[later], 1],
        [start[first], -1],
        ...durationTerms(this.columns, first, -1),
        ...terms.map(([column, sign]): Term => [column, -big * sign]),
      ]),
      -big * full,
      Infinity,
    );
  }

  /** A column that is 1 where two tasks share a device; undefined when they never do. */
  private togetherColumn(a: number, b: number): number | undefined {
    const { model, builder, place } = this;
    const { deviceCount, problem, allowed } = model;
    const [groupA, groupB] = [problem.groupOf[a], problem.groupOf[b]];
    if (groupA === groupB) {
      const always = builder.column(0, 1, 1);
      derive(this.columns, () => 1);
      return always;
    }
    const shared = allowed[groupA].filter((device) => allowed[groupB].includes(device));
    if (shared.length === 0) return undefined;
    const together = builder.column(0, 0, 1);
    const pairs = Array.from(shared, (device): [number, number] => [
      place[groupA * deviceCount + device],
      place[groupB * deviceCount + device],
    ]);
    for (const [x, y] of pairs) builder.row([[x, 1], [y, 1], [together, -1]], -Infinity, 1); // prettier-ignore
    derive(this.columns, (point) => Math.max(0, ...pairs.map(([x, y]) => point[x] + point[y] - 1)));
    return together;
  }

  /** What the transfer of an entry between two groups takes. */
  private delayTerms(entry: number, from: number, to: number, sign: number): Term[] {
    if (from === to) return [];
    const { model, unitsPerMs } = this;
    const { transfers } = model.problem;
    const flows = this.flows.between(from, to);
    if (transfers.kind === 'through-host') {
      const ms = transfers.resultMs[model.entryResult[entry]];
      return flows.map(([, , column]): Term => [column, sign * ms * unitsPerMs]);
    }
    return flows.flatMap(([a, b, column]): Term[] => {
      const ms = model.delayMs(entry, a, b);
      if (ms === Infinity) this.builder.row([[column, 1]], 0, 0);
      return ms === 0 || ms === Infinity ? [] : [[column, sign * ms * unitsPerMs]];
    });
  }
}

/** The same placement with like devices renamed in the order in which groups take them. */
function canonicalPlacement(model: LatencyModel, placement: Placement): Placement {
  const classes = deviceClasses(model.problem);
  const renamed = new Map<number, number>();
  const taken = new Set<number>();
  return placement.map((device) => {
    let name = renamed.get(device);
    if (name === undefined) {
      name = classes.findIndex((like, other) => like === classes[device] && !taken.has(other));
      taken.add(name);
      renamed.set(device, name);
    }
    return name;
  });
}

/** The order, with every task after those that it reads from. */
function repairOrder(model: LatencyModel, order: Int32Array): Int32Array {
  const done = new Uint8Array(model.taskCount);
  const repaired: number[] = [];
  const visit = (task: number): void => {
    if (done[task]) return;
    done[task] = 1;
    model.forEachProducer(task, visit);
    repaired.push(task);
  };
  order.forEach((task) => visit(task));
  return Int32Array.from(repaired);
}
