import { LinearProgramBuilder, type LinearProgram } from '../../../solvers/linearProgram';
import type { LatencyWindows } from '../bounds/latencyWindows';
import { deviceClasses } from '../deviceClasses';
import type { Placement } from '../problem';
import { linkMs, type LatencyModel } from './latencyModel';
import { precedence } from './precedence';
import { latencyTimeline } from './timeline';

/** The best makespan known is this long in the program. */
const scaledMakespan = 100;

type Term = readonly [column: number, coefficient: number];

/** Two transfers that one channel cannot carry at once. */
export interface TransferConflict {
  readonly first: Transfer;
  readonly second: Transfer;
}

/** A result on its way from a device to another. */
export interface Transfer {
  readonly result: number;
  readonly from: number;
  readonly to: number;
}

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
  /** By pair of groups: columns by pair of devices (flows), or for what leaves and enters accelerators. */
  private readonly flows = new Map<number, (readonly [from: number, to: number, column: number])[]>();
  /** How columns beside placement and starts follow from the others. */
  private readonly derived: { readonly column: number; readonly of: (point: Float64Array) => number }[] = [];
  private readonly sent = new Map<string, { readonly start: number; readonly isSent: number }>();
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
    this.addPlaces();
    this.addMemory();
    this.addSymmetry();
    if (model.isSerial) this.addSum();
    else {
      this.addStarts();
      this.addLoads();
      this.addPrecedence();
      this.addOrders();
      for (const conflict of conflicts) this.addConflict(conflict);
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
        const known = this.sent.get(keyOf({ result, from, to: device }));
        if (known) point[known.start] = startMs * unitsPerMs;
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
      terms.push(...this.durationTerms(task, 1));
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
          ...this.durationTerms(producer, -1),
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
        ...this.durationTerms(first, -1),
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
      this.derive(() => 1);
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
    this.derive((point) => Math.max(0, ...pairs.map(([x, y]) => point[x] + point[y] - 1)));
    return together;
  }

  /** Notes how the column added last follows from others. */
  private derive(of: (point: Float64Array) => number): void {
    this.derived.push({ column: this.builder.columnCount - 1, of });
  }

  private durationTerms(task: number, sign: number): Term[] {
    const { model, place, unitsPerMs } = this;
    const group = model.problem.groupOf[task];
    return Array.from(model.allowed[group], (device): Term => [
      place[group * model.deviceCount + device],
      sign * model.problem.durationMs[device * model.taskCount + task] * unitsPerMs,
    ]);
  }

  /** What the transfer of an entry between two groups takes. */
  private delayTerms(entry: number, from: number, to: number, sign: number): Term[] {
    if (from === to) return [];
    const { model, unitsPerMs } = this;
    const { transfers } = model.problem;
    const flows = this.flowsBetween(from, to);
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

  private flowsBetween(from: number, to: number): (readonly [number, number, number])[] {
    const key = from * this.model.groupCount + to;
    let flows = this.flows.get(key);
    if (flows) return flows;
    flows =
      this.model.problem.transfers.kind === 'through-host' ? this.addHops(from, to) : this.addFlows(from, to);
    this.flows.set(key, flows);
    return flows;
  }

  /** For each pair of devices: are the two groups there? Sums over either end are the other's column. */
  private addFlows(from: number, to: number): (readonly [number, number, number])[] {
    const { model, builder, place } = this;
    const { deviceCount, allowed } = model;
    const flows: (readonly [number, number, number])[] = [];
    for (const a of allowed[from]) {
      for (const b of allowed[to]) {
        flows.push([a, b, builder.column(0, 0, 1)]);
        const [x, y] = [place[from * deviceCount + a], place[to * deviceCount + b]];
        this.derive((point) => point[x] * point[y]);
      }
    }
    const sumTo = (end: 0 | 1, device: number, column: number): void => {
      const terms = flows.filter((flow) => flow[end] === device).map((flow): Term => [flow[2], 1]);
      builder.row([...terms, [column, -1]], 0, 0);
    };
    for (const a of allowed[from]) sumTo(0, a, place[from * deviceCount + a]);
    for (const b of allowed[to]) sumTo(1, b, place[to * deviceCount + b]);
    return flows;
  }

  /** Two columns: a result leaves an accelerator; it enters one. */
  private addHops(from: number, to: number): (readonly [number, number, number])[] {
    const { model, builder, place } = this;
    const { transfers } = model.problem;
    if (transfers.kind !== 'through-host') return [];
    return [[from, to] as const, [to, from] as const].map(([here, there]) => {
      const hop = builder.column(0, 0, 1);
      const pairs: [number, number][] = [];
      for (const device of model.allowed[here]) {
        if (!transfers.isAccelerator[device]) continue;
        const x = place[here * model.deviceCount + device];
        const y = place[there * model.deviceCount + device];
        pairs.push([x, y]);
        builder.row(y < 0 ? [[hop, 1], [x, -1]] : [[hop, 1], [x, -1], [y, 1]], 0, Infinity); // prettier-ignore
      }
      this.derive((point) => Math.max(0, ...pairs.map(([x, y]) => point[x] - (y < 0 ? 0 : point[y]))));
      return [0, 0, hop] as const;
    });
  }

  private addConflict({ first, second }: TransferConflict): void {
    const a = this.sentColumns(first);
    const b = this.sentColumns(second);
    const order = this.builder.binary(0);
    this.derived.push({ column: order, of: (point) => (point[a.start] <= point[b.start] ? 1 : 0) });
    const { builder, upperMs, unitsPerMs } = this;
    const big = 2 * upperMs * unitsPerMs;
    const after = (x: typeof a, y: typeof a, ms: number, sign: number, full: number): void =>
      builder.row(
        [
          [y.start, 1],
          [x.start, -1],
          [x.isSent, -big],
          [y.isSent, -big],
          [order, -big * sign],
        ],
        ms * unitsPerMs - big * full,
        Infinity,
      );
    after(a, b, this.transferMs(first), 1, 3);
    after(b, a, this.transferMs(second), -1, 2);
  }

  private transferMs({ result, from, to }: Transfer): number {
    const { transfers, resultBytes } = this.model.problem;
    if (transfers.kind !== 'links') return 0;
    const pair = from * this.model.deviceCount + to;
    return linkMs(transfers.latencyMs[pair], transfers.msPerByte[pair], resultBytes[result]);
  }

  /** Start of a transfer, and whether it takes place: after the result is there, and before its readers start. */
  private sentColumns(transfer: Transfer): { start: number; isSent: number } {
    const known = this.sent.get(keyOf(transfer));
    if (known) return known;
    const { model, builder, place, start, unitsPerMs, upperMs } = this;
    const { resultProducer, resultReaders, groupOf } = model.problem;
    const { result, from, to } = transfer;
    const producer = resultProducer[result];
    const source = place[groupOf[producer] * model.deviceCount + from];
    const sent = { start: builder.column(0, 0, upperMs * unitsPerMs), isSent: 0 };
    const { derived } = this;
    derived.push({
      column: sent.start,
      of: (point) => (point[sent.start] > 0 ? point[sent.start] : endOf(point)),
    });
    const durations = this.durationTerms(producer, 1);
    const endOf = (point: Float64Array): number =>
      durations.reduce((sum, [column, ms]) => sum + ms * point[column], point[start[producer]]);
    const isSent = builder.column(0, 0, 1);
    const targets: number[] = [];
    builder.row(summed([[sent.start, 1], [start[producer], -1], ...negated(durations)]), 0, Infinity);
    const big = 2 * upperMs * unitsPerMs;
    const ms = this.transferMs(transfer) * unitsPerMs;
    for (let i = resultReaders.offsets[result]; i < resultReaders.offsets[result + 1]; i++) {
      const reader = resultReaders.items[i];
      const target = place[groupOf[reader] * model.deviceCount + to];
      if (target < 0) continue;
      targets.push(target);
      builder.row([[isSent, 1], [source, -1], [target, -1]], -1, Infinity); // prettier-ignore
      builder.row(
        [
          [start[reader], 1],
          [sent.start, -1],
          [source, -big],
          [target, -big],
        ],
        ms - 2 * big,
        Infinity,
      );
    }
    derived.push({
      column: isSent,
      of: (point) => Math.max(0, ...targets.map((target) => point[source] + point[target] - 1)),
    });
    const columns = { start: sent.start, isSent };
    this.sent.set(keyOf(transfer), columns);
    return columns;
  }
}

const keyOf = ({ result, from, to }: Transfer): string => `${result} ${from} ${to}`;

const negated = (terms: readonly Term[]): Term[] => terms.map(([column, value]): Term => [column, -value]);

/** Terms with the same column as one: a row must not name a column twice. */
function summed(terms: readonly Term[]): Term[] {
  const sums = new Map<number, number>();
  for (const [column, value] of terms) sums.set(column, (sums.get(column) ?? 0) + value);
  return [...sums];
}

/** The same placement with like devices renamed in the order in which groups take them. */
export function canonicalPlacement(model: LatencyModel, placement: Placement): Placement {
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
