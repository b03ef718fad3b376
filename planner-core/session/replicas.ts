import { HeadroomError } from '../base/errors';
import type { Plan, PlannedReplicas } from '../plan/plan';
import type { Directives } from '../simulator/schedule';
import { deviceOfNodes } from '../simulator/sequence';
import type { StepGraph } from '../step/stepGraph';

/** The replicas of directives as a plan names them; undefined where there are none. */
export function namedReplicas(
  { devices }: StepGraph,
  { replicas = [] }: Directives,
): readonly PlannedReplicas[] | undefined {
  const named = replicas.flatMap((others, device): PlannedReplicas[] =>
    others.length > 0
      ? [{ device: devices[device], replicas: others.map((replica) => devices[replica]) }]
      : [],
  );
  return named.length > 0 ? named : undefined;
}

/**
 * By device, the replicas that a plan names; undefined where it names none. `directives`: what else the plan means. Throws
 * 'bad-plan' for devices that it does not have, for one that would run two stages' layers, and without a stream or an
 * update of micro-batches to share out.
 */
export function replicasOfPlan(
  step: StepGraph,
  { replicas: named, objective }: Plan,
  directives: Directives,
): Directives['replicas'] {
  if (!named || named.length === 0) return undefined;
  if (objective !== 'throughput')
    throw bad('names replicas, which only plans with the objective "throughput" can have');
  const indexOf = (id: string): number => {
    const index = step.devices.indexOf(id);
    if (index < 0) throw bad(`names "${id}" among its replicas, which is none of its devices`);
    return index;
  };
  const busy = new Set(deviceOfNodes(step, directives));
  const replicas: number[][] = step.devices.map(() => []);
  for (const { device, replicas: others } of named) {
    const home = indexOf(device);
    busy.add(home);
    for (const id of others) {
      const replica = indexOf(id);
      if (busy.has(replica)) throw bad(`has "${id}" as a replica of "${device}", but it runs layers already`);
      busy.add(replica);
      replicas[home].push(replica);
    }
  }
  return replicas;
}

const bad = (what: string): HeadroomError =>
  new HeadroomError('bad-plan', `The plan ${what}.`, 'Plan again.');
