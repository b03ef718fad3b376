import type { Job } from '../../../base/job';
import type { Placement } from '../problem';
import { likeDevices } from '../deviceClasses';
import type { IdealLattice } from './idealLattice';
import type { LoadModel } from './loadModel';
import { RunLoad } from './runLoad';

/** More combinations of devices than this are not kept apart: then devices are used in their order. */
const mostStates = 128;

/** Which devices have been given something: what each state becomes when a device of a class is added. */
interface DeviceStates {
  readonly count: number;
  /** By state: classes that have a device left, that device, and the state it leads to. */
  readonly steps: readonly (readonly {
    readonly kind: number;
    readonly device: number;
    readonly to: number;
  }[])[];
}

/**
 * Cuts the groups into runs along a lattice of sets (differences of a set and one it contains) and gives each run a
 * device so that the largest load is least: the dynamic programme of Tarnawski et al. (NeurIPS 2020), where devices are
 * told apart by class only. With the lattice of all downward-closed sets it is exact among contiguous splits; with
 * that of one order, the usual split of a chain. undefined when nothing below `belowMs` fits.
 */
export async function splitLattice(
  model: LoadModel,
  lattice: IdealLattice,
  belowMs: number,
  job: Job,
): Promise<Placement | undefined> {
  const classes = likeDevices(model);
  const programme = new SplitProgramme(model, lattice, classes, belowMs);
  for (let set = 0; set < lattice.count - 1; set++) {
    programme.runsFrom(set);
    if (set % 32 === 0) await job.checkpoint();
  }
  return programme.placement();
}

class SplitProgramme {
  private readonly states: DeviceStates;
  private readonly runs: readonly RunLoad[];
  /** [set * states + state]: the least largest load, and where it came from. */
  private readonly best: Float64Array;
  private readonly cameFrom: Int32Array;
  private readonly cameBy: Int16Array;
  private readonly visited: Int32Array;

  constructor(
    private readonly model: LoadModel,
    private readonly lattice: IdealLattice,
    classes: readonly (readonly number[])[],
    private readonly belowMs: number,
  ) {
    this.states = deviceStates(classes, model.deviceCount);
    const kinds = 1 + Math.max(...this.states.steps.flat().map(({ kind }) => kind));
    this.runs = Array.from({ length: kinds }, (_, kind) => {
      const device = this.states.steps.flat().find((step) => step.kind === kind)!.device;
      return new RunLoad(model, device);
    });
    const size = lattice.count * this.states.count;
    this.best = new Float64Array(size).fill(Infinity);
    this.cameFrom = new Int32Array(size).fill(-1);
    this.cameBy = new Int16Array(size).fill(-1);
    this.best[0] = 0;
    this.visited = new Int32Array(lattice.count).fill(-1);
  }

  /** Tries every run that begins where a set ends. */
  runsFrom(start: number): void {
    const { best, states, belowMs } = this;
    const from: number[] = [];
    for (let state = 0; state < states.count; state++)
      if (best[start * states.count + state] < belowMs) from.push(state);
    if (from.length === 0) return;
    this.runs.forEach((run, kind) => {
      const steps = from.flatMap((state) =>
        states.steps[state].filter((step) => step.kind === kind).map((step) => ({ state, ...step })),
      );
      if (steps.length > 0) this.walk(start, run, kind, steps);
    });
  }

  /** Depth first over the sets that contain `start`, the run growing and shrinking along. */
  private walk(
    start: number,
    run: RunLoad,
    kind: number,
    steps: readonly { state: number; device: number; to: number }[],
  ): void {
    const { lattice, best, cameFrom, cameBy, visited, states, belowMs } = this;
    const { offsets, items } = lattice.next;
    const stamp = start * this.runs.length + kind;
    const path: { set: number; edge: number; group: number }[] = [
      { set: start, edge: offsets[start], group: -1 },
    ];
    while (path.length > 0) {
      const top = path[path.length - 1];
      if (top.edge === offsets[top.set + 1]) {
        path.pop();
        if (top.group >= 0) run.remove(top.group);
        continue;
      }
      const edge = top.edge++;
      const set = items[edge];
      const group = lattice.added[edge];
      if (visited[set] === stamp || !run.canRun(group)) continue;
      visited[set] = stamp;
      run.add(group);
      if (!run.fits || run.timeMs >= belowMs) {
        run.remove(group);
        continue;
      }
      path.push({ set, edge: offsets[set], group });
      const load = run.loadMs;
      for (const { state, device, to } of steps) {
        const value = Math.max(best[start * states.count + state], load);
        const at = set * states.count + to;
        if (value >= best[at] || value >= belowMs) continue;
        best[at] = value;
        cameFrom[at] = start * states.count + state;
        cameBy[at] = device;
      }
    }
  }

  placement(): Placement | undefined {
    const { lattice, states, best, cameFrom, cameBy } = this;
    const last = (lattice.count - 1) * states.count;
    let at = last;
    for (let state = 0; state < states.count; state++) if (best[last + state] < best[at]) at = last + state;
    if (best[at] === Infinity) return undefined;
    const placement = new Uint8Array(this.model.groupCount);
    while (cameFrom[at] >= 0) {
      const set = Math.floor(at / states.count);
      const start = Math.floor(cameFrom[at] / states.count);
      for (const group of this.between(start, set)) placement[group] = cameBy[at];
      at = cameFrom[at];
    }
    return placement;
  }

  /** The groups by which one set is larger than another that it contains. */
  private between(start: number, end: number): number[] {
    const { offsets, items } = this.lattice.next;
    const cameBy = new Map<number, { set: number; group: number }>();
    const stack = [start];
    for (let set = stack.pop(); set !== undefined && set !== end; set = stack.pop()) {
      for (let edge = offsets[set]; edge < offsets[set + 1]; edge++) {
        if (cameBy.has(items[edge])) continue;
        cameBy.set(items[edge], { set, group: this.lattice.added[edge] });
        stack.push(items[edge]);
      }
    }
    const groups: number[] = [];
    for (let set = end; set !== start; set = cameBy.get(set)!.set) groups.push(cameBy.get(set)!.group);
    return groups;
  }
}

function deviceStates(classes: readonly (readonly number[])[], deviceCount: number): DeviceStates {
  const combinations = classes.reduce((product, devices) => product * (devices.length + 1), 1);
  if (combinations > mostStates) {
    // In the order of the devices, any of which may be left out.
    const steps = Array.from({ length: deviceCount + 1 }, (_, used) =>
      Array.from({ length: deviceCount - used }, (_, i) => ({
        kind: used + i,
        device: used + i,
        to: used + i + 1,
      })),
    );
    return { count: deviceCount + 1, steps };
  }
  const strides = classes.map((_, kind) =>
    classes.slice(0, kind).reduce((product, devices) => product * (devices.length + 1), 1),
  );
  const steps = Array.from({ length: combinations }, (_, state) =>
    classes.flatMap((devices, kind) => {
      const used = Math.floor(state / strides[kind]) % (devices.length + 1);
      return used === devices.length ? [] : [{ kind, device: devices[used], to: state + strides[kind] }];
    }),
  );
  return { count: combinations, steps };
}
