import { benchAllocator } from './allocator';
import { benchCluster } from './cluster';
import { benchDepth } from './depth';
import { benchFrames } from './frames';
import { benchFrontier } from './frontier';
import { benchJoint } from './joint';
import { benchNetworks } from './networks';
import { benchOffload } from './offload';
import { benchResNet50, benchResNet101 } from './offloadBatches';
import { benchOpening } from './opening';
import { benchPeers } from './peers';
import { benchPlacement } from './placement';
import { benchPlanning } from './planning';
import { benchScaling } from './scaling';
import { benchSizes } from './sizes';
import { benchSplitting } from './splitting';
import { benchStructureRead } from './structureRead';

const benches: Readonly<Record<string, (repoRoot: string) => void | Promise<void>>> = {
  opening: benchOpening,
  'structure-read': benchStructureRead,
  scaling: benchScaling,
  frames: benchFrames,
  allocator: benchAllocator,
  frontier: benchFrontier,
  depth: benchDepth,
  cluster: benchCluster,
  networks: benchNetworks,
  planning: benchPlanning,
  placement: benchPlacement,
  splitting: benchSplitting,
  sizes: benchSizes,
  peers: benchPeers,
  joint: benchJoint,
  'offload-poet': benchOffload,
  'offload-resnet50': benchResNet50,
  'offload-resnet101': benchResNet101,
};

/** Runs the benches whose name contains the filter. */
export async function runBenches(repoRoot: string, filter: string): Promise<void> {
  for (const [name, bench] of Object.entries(benches)) {
    if (name.includes(filter)) await bench(repoRoot);
  }
}
