/** One direction of a link, as one device sees it. */
export interface ClusterLink {
  readonly bytesPerMs: number;
  readonly latencyMs: number;
}

/** Like servers with like devices. Every device has a way of its own out of its server. */
export interface Cluster {
  readonly servers: number;
  readonly devicesPerServer: number;
  /** What one device can hold. */
  readonly memoryBytes: number;
  readonly withinServer: ClusterLink;
  readonly betweenServers: ClusterLink;
}

/** Devices that work together: `servers` of them with `perServer` each. */
export interface Group {
  readonly servers: number;
  readonly perServer: number;
}

/**
 * The group of `size` devices that are `stride` apart in a cluster numbered server by server: as many in each server as
 * fit in a row.
 */
export function groupOf({ devicesPerServer }: Cluster, size: number, stride: number): Group {
  const perServer = Math.min(size, Math.max(1, Math.floor(devicesPerServer / stride)));
  return { servers: Math.ceil(size / perServer), perServer };
}

/**
 * Time until everybody has the sum of everybody's bytes. Rings: each of n devices sends 2 (n - 1) / n of the bytes, in
 * 2 (n - 1) rounds (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms", JPDC 2009). Over several servers a
 * reduce-scatter within each, an all-reduce of every device's share between them, an all-gather within.
 */
export const allReduceMs = (cluster: Cluster, group: Group, bytes: number): number =>
  2 * gatherMs(cluster, group, bytes);

/** Time until everybody has all parts of `bytes`; a reduce-scatter takes the same. */
export function gatherMs({ withinServer, betweenServers }: Cluster, group: Group, bytes: number): number {
  const { servers, perServer } = group;
  return (
    ringMs(perServer, bytes, withinServer) + ringMs(servers, bytes / Math.max(1, perServer), betweenServers)
  );
}

/** Share of a link that rings reach: busy bandwidths NCCL prints on NVLink machines. A starting point. */
const ringShare = 0.8;

const ringMs = (count: number, bytes: number, { bytesPerMs, latencyMs }: ClusterLink): number =>
  count < 2 ? 0 : (count - 1) * (bytes / count / (ringShare * bytesPerMs) + latencyMs);

export const sendMs = (bytes: number, { bytesPerMs, latencyMs }: ClusterLink): number =>
  bytes === 0 ? 0 : latencyMs + bytes / bytesPerMs;
