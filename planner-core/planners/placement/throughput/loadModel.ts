import { HeadroomError } from '../../../base/errors';
import type { Rows } from '../../../step/stepGraph';
import type { PlacementProblem, Transfers } from '../problem';

/**
 * What the period of a pipeline depends on: groups with their times, and flows between them. Results with the same
 * source and the same reading groups are one flow. Groups can be joined (`joinGroups`), which gives another model.
 */
export interface LoadModel {
  readonly groupCount: number;
  readonly deviceCount: number;
  /** timeMs[device * groupCount + group]; Infinity where the group cannot run or may not, being pinned. */
  readonly timeMs: Float64Array;
  readonly bytes: Float64Array;
  readonly memoryBytes: Float64Array;

  /** By flow: the group it comes from; the other groups that read it, each once. */
  readonly source: Int32Array;
  readonly readers: Rows;
  /** By flow. Through the host: time for each end; over links: bytes. */
  readonly amount: Float64Array;
  /** By flow: how many results it is made of. */
  readonly results: Float64Array;
  /** By group: flows from it, and flows it reads. */
  readonly flowsFrom: Rows;
  readonly flowsInto: Rows;
  readonly transfers: LoadTransfers;
}

/** How flows load devices and channels; resources are the devices, then the channels. */
export type LoadTransfers = Exclude<Transfers, { kind: 'listed' }>;

/** A flow before it is merged with others like it. */
interface Flow {
  readonly source: number;
  readonly readers: readonly number[];
  amount: number;
  results: number;
}

/** The load model of a problem. Throws 'bad-usage' where transfers are only listed: nothing overlaps there. */
export function loadModelOf(problem: PlacementProblem): LoadModel {
  const { taskCount, deviceCount, groups, groupOf, durationMs, pinnedDevice, transfers } = problem;
  if (transfers.kind === 'listed')
    throw new HeadroomError('bad-usage', 'Throughput needs transfers that overlap computations.');
  const groupCount = groups.offsets.length - 1;
  const timeMs = new Float64Array(deviceCount * groupCount);
  for (let device = 0; device < deviceCount; device++) {
    for (let task = 0; task < taskCount; task++)
      timeMs[device * groupCount + groupOf[task]] += durationMs[device * taskCount + task];
    for (let group = 0; group < groupCount; group++) {
      const pinned = pinnedDevice[group];
      if (pinned >= 0 && pinned !== device) timeMs[device * groupCount + group] = Infinity;
    }
  }
  const { resultProducer, resultReaders, resultBytes } = problem;
  const flows = Array.from(resultProducer, (producer, result): Flow => {
    const [start, end] = [resultReaders.offsets[result], resultReaders.offsets[result + 1]];
    return {
      source: groupOf[producer],
      readers: Array.from(resultReaders.items.subarray(start, end), (task) => groupOf[task]),
      amount: transfers.kind === 'through-host' ? transfers.resultMs[result] : resultBytes[result],
      results: 1,
    };
  });
  const { memoryBytes } = problem;
  return modelOf(
    { groupCount, deviceCount, timeMs, bytes: problem.groupBytes, memoryBytes, transfers },
    flows,
  );
}

/** The model in which groups with the same number in `clusterOf` (0 .. clusterCount - 1) share a device. */
export function joinGroups(model: LoadModel, clusterOf: Int32Array, clusterCount: number): LoadModel {
  const { groupCount, deviceCount, memoryBytes, transfers, readers } = model;
  const timeMs = new Float64Array(deviceCount * clusterCount);
  const bytes = new Float64Array(clusterCount);
  for (let group = 0; group < groupCount; group++) {
    bytes[clusterOf[group]] += model.bytes[group];
    for (let device = 0; device < deviceCount; device++)
      timeMs[device * clusterCount + clusterOf[group]] += model.timeMs[device * groupCount + group];
  }
  const flows = Array.from(model.source, (source, flow): Flow => {
    const own = readers.items.subarray(readers.offsets[flow], readers.offsets[flow + 1]);
    return {
      source: clusterOf[source],
      readers: Array.from(own, (group) => clusterOf[group]),
      amount: model.amount[flow],
      results: model.results[flow],
    };
  });
  return modelOf({ groupCount: clusterCount, deviceCount, timeMs, bytes, memoryBytes, transfers }, flows);
}

type Groups = Pick<
  LoadModel,
  'groupCount' | 'deviceCount' | 'timeMs' | 'bytes' | 'memoryBytes' | 'transfers'
>;

function modelOf(groups: Groups, flows: readonly Flow[]): LoadModel {
  const merged = new Map<string, Flow>();
  for (const { source, readers, amount, results } of flows) {
    const others = [...new Set(readers)].filter((group) => group !== source).sort((a, b) => a - b);
    const isFree = groups.transfers.kind === 'through-host' && amount === 0;
    if (others.length === 0 || isFree) continue;
    const key = `${source}:${others.join()}`;
    const known = merged.get(key);
    if (known) {
      known.amount += amount;
      known.results += results;
    } else merged.set(key, { source, readers: others, amount, results });
  }
  const all = [...merged.values()];
  const from: number[][] = Array.from({ length: groups.groupCount }, () => []);
  const into: number[][] = Array.from({ length: groups.groupCount }, () => []);
  all.forEach(({ source, readers }, flow) => {
    from[source].push(flow);
    for (const reader of readers) into[reader].push(flow);
  });
  return {
    ...groups,
    source: Int32Array.from(all, ({ source }) => source),
    readers: rowsOf(all.map(({ readers }) => readers)),
    amount: Float64Array.from(all, ({ amount }) => amount),
    results: Float64Array.from(all, ({ results }) => results),
    flowsFrom: rowsOf(from),
    flowsInto: rowsOf(into),
  };
}

function rowsOf(rows: readonly (readonly number[])[]): Rows {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i] + row.length));
  return { offsets, items: Int32Array.from(rows.flat()) };
}

/** How many resources there are: devices, then channels. */
export function resourceCount({ deviceCount, transfers }: LoadModel): number {
  return deviceCount + (transfers.kind === 'links' ? transfers.channelCount : 0);
}
