import {
  allReduceMs,
  gatherMs,
  groupOf,
  sendMs,
  type Cluster,
  type ClusterLink,
  type Group,
} from './collectives';

/** What data-parallel replicas share out: nothing, optimizer states, gradients too, parameters too (ZeRO stages 0-3). */
export const shardings = [0, 1, 2, 3] as const;
export type Sharding = (typeof shardings)[number];

/** How the devices of a cluster work together. `tensor` × `stages` × `replicas` devices. */
export interface Parallelism {
  /** Devices that share every layer. */
  readonly tensor: number;
  /** Stages of the pipeline. */
  readonly stages: number;
  /** Replicas, each with its share of the batch. */
  readonly replicas: number;
  readonly sharding: Sharding;
  /** Which neighbours in the cluster are: replicas of a stage, or stages of a replica. Devices of a layer always are. */
  readonly innermost: 'replicas' | 'stages';
  /** Samples of a micro-batch. */
  readonly microBatch: number;
  readonly microBatches: number;
}

/** Prices of communication under a parallelism. */
export class Communication {
  private readonly tensorGroup: Group;
  private readonly replicaGroup: Group;
  private readonly stageStride: number;

  constructor(
    private readonly cluster: Cluster,
    private readonly parallelism: Parallelism,
  ) {
    const { tensor, stages, replicas, innermost } = parallelism;
    const replicasFirst = innermost === 'replicas';
    this.tensorGroup = groupOf(cluster, tensor, 1);
    this.replicaGroup = groupOf(cluster, replicas, replicasFirst ? tensor : tensor * stages);
    this.stageStride = replicasFirst ? tensor * replicas : tensor;
  }

  /** Sum of partial results among the devices of a layer. */
  reduceMs(bytes: number): number {
    return allReduceMs(this.cluster, this.tensorGroup, bytes);
  }

  /** Of gradients (or, in two halves, gradients and parameters) among replicas. */
  replicaReduceMs(bytes: number): number {
    return allReduceMs(this.cluster, this.replicaGroup, bytes);
  }

  replicaGatherMs(bytes: number): number {
    return gatherMs(this.cluster, this.replicaGroup, bytes);
  }

  /** From stage `stage` to the next one: each device of a layer sends its share. */
  handOnMs(stage: number, bytes: number): number {
    return sendMs(bytes / this.parallelism.tensor, this.linkAfter(stage));
  }

  private linkAfter(stage: number): ClusterLink {
    const { devicesPerServer, withinServer, betweenServers } = this.cluster;
    const server = (at: number): number => Math.floor((at * this.stageStride) / devicesPerServer);
    return server(stage) === server(stage + 1) ? withinServer : betweenServers;
  }
}
