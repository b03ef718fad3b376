import { Clusters, joinedModel, type JoinedModel } from './clusters';
import type { LoadModel } from './loadModel';

/**
 * The model that is left when only placements with a period below `belowMs` count: devices on which a group alone takes
 * longer are out, and groups are joined where the transfer between them alone would. undefined: no
 * placement is faster. Every placement below `belowMs` is one of the reduced model, with the same loads.
 */
export function reduceBelow(model: LoadModel, belowMs: number): JoinedModel | undefined {
  let current: JoinedModel = {
    model: withoutSlowDevices(model, belowMs),
    clusterOf: Int32Array.from({ length: model.groupCount }, (_, group) => group),
  };
  for (;;) {
    const { model: reduced } = current;
    if (!everyGroupRuns(reduced)) return undefined;
    const clusters = new Clusters(reduced.groupCount);
    if (!joinForced(reduced, belowMs, clusters)) return current;
    const next = joinedModel(reduced, clusters);
    current = {
      model: withoutSlowDevices(next.model, belowMs),
      clusterOf: Int32Array.from(current.clusterOf, (cluster) => next.clusterOf[cluster]),
    };
  }
}

function withoutSlowDevices(model: LoadModel, belowMs: number): LoadModel {
  const { groupCount, bytes, memoryBytes } = model;
  const timeMs = model.timeMs.map((time, at) =>
    time >= belowMs || bytes[at % groupCount] > memoryBytes[Math.floor(at / groupCount)] ? Infinity : time,
  );
  return { ...model, timeMs };
}

function everyGroupRuns({ groupCount, deviceCount, timeMs }: LoadModel): boolean {
  for (let group = 0; group < groupCount; group++) {
    let runs = false;
    for (let device = 0; device < deviceCount; device++)
      runs ||= timeMs[device * groupCount + group] < Infinity;
    if (!runs) return false;
  }
  return true;
}

/** Joins what cannot be apart; says whether there was any. */
function joinForced(model: LoadModel, belowMs: number, clusters: Clusters): boolean {
  const { source, readers } = model;
  let any = false;
  for (let flow = 0; flow < source.length; flow++) {
    for (let i = readers.offsets[flow]; i < readers.offsets[flow + 1]; i++)
      if (!canPart(model, flow, readers.items[i], belowMs))
        any = clusters.join(source[flow], readers.items[i]) || any;
  }
  return any;
}

/** Are there two devices for the source of a flow and one of its readers such that no load gets too long by that alone? */
function canPart(model: LoadModel, flow: number, reader: number, belowMs: number): boolean {
  const { groupCount, deviceCount, timeMs, source, amount, results, transfers } = model;
  for (let home = 0; home < deviceCount; home++) {
    const sourceMs = timeMs[home * groupCount + source[flow]];
    if (sourceMs === Infinity) continue;
    for (let target = 0; target < deviceCount; target++) {
      const readerMs = timeMs[target * groupCount + reader];
      if (target === home || readerMs === Infinity) continue;
      if (transfers.kind === 'through-host') {
        const outMs = transfers.isAccelerator[home] ? amount[flow] : 0;
        const inMs = transfers.isAccelerator[target] ? amount[flow] : 0;
        if (sourceMs + outMs < belowMs && readerMs + inMs < belowMs) return true;
      } else {
        const pair = home * deviceCount + target;
        const msPerByte = transfers.msPerByte[pair];
        if (msPerByte === Infinity) continue;
        if (results[flow] * transfers.latencyMs[pair] + amount[flow] * msPerByte < belowMs) return true;
      }
    }
  }
  return false;
}
