import { recomputeFlags, wrappedModules } from '../plan/directives';
import type { Decision } from '../plan/plan';
import { resolveDecisions } from '../plan/resolveDecisions';
import { counted } from './counted';
import type { ExportContext } from './exportContext';
import type { NotCarried } from './targets';

/** A plan in the words engines have: modules that are checkpointed whole, and what is left over. */
export interface PlanFacts {
  /** Modules whose backward pass starts from their inputs, in execution order; none is inside another. */
  readonly checkpointed: readonly string[];
  /** Operators that run again outside of those. */
  readonly loneOperators: readonly string[];
  /** What waits in host memory, as decided. */
  readonly offloaded: readonly Decision[];
  /** Parameters and optimizer state that wait there between their uses. */
  readonly offloadedState: readonly string[];
  /** Ids of devices that something runs on. */
  readonly devicesUsed: readonly string[];
  /** Devices that share a stage, each list with the one first that decisions name. */
  readonly shared: readonly (readonly string[])[];
}

/** Reads a plan by what runs again, whatever its strategy. */
export function planFacts({ step, layers, plan, directives }: ExportContext): PlanFacts {
  const resolved = resolveDecisions(step, layers, plan.decisions);
  const again = new Uint8Array(step.nodeCount);
  const { recomputations, placement } = directives;
  for (let i = 1; i < recomputations.length; i += 2) again[recomputations[i]] = 1;
  // Single operators may add up to what checkpointing their block does.
  const whole =
    plan.strategy === 'module-checkpoint'
      ? wrappedModules(layers, resolved, recomputeFlags(resolved))
      : layers.blocks.filter((block) =>
          layers.layers[block].recomputation?.nodes.every((node) => again[node]),
        );
  const covered = new Uint8Array(step.nodeCount);
  for (const id of whole) for (const node of layers.layers[id].forwardNodes) covered[node] = 1;
  const lone = new Set<string>();
  again.forEach((flag, node) => {
    if (flag && !covered[node]) lone.add(step.nodeName[node]);
  });
  const used = placement ? [...new Set(placement)].sort((a, b) => a - b) : [0];
  return {
    checkpointed: [...whole]
      .sort((a, b) => layers.layers[a].forwardNodes[0] - layers.layers[b].forwardNodes[0])
      .map((id) => layers.layers[id].name),
    loneOperators: [...lone],
    offloaded: plan.decisions.filter(({ choice }) => choice === 'offload'),
    offloadedState: [...directives.offloads]
      .filter((value) => step.producer[value] < 0)
      .map((value) => step.valueName[value]),
    devicesUsed: used.map((device) => step.devices[device]),
    shared: (plan.replicas ?? []).map(({ device, replicas }) => [device, ...replicas]),
  };
}

/** Of the decisions, those an engine has no words for; what an export does carry is left out of the list by it. */
export function leftOut(
  facts: PlanFacts,
  engine: string,
  kinds: readonly ('checkpoints' | 'operators' | 'offload' | 'devices' | 'replicas')[],
): NotCarried[] {
  const { checkpointed, loneOperators, offloaded, offloadedState, devicesUsed, shared } = facts;
  const found: NotCarried[] = [];
  if (kinds.includes('checkpoints') && checkpointed.length > 0)
    found.push({
      decision: `${counted(checkpointed.length, 'checkpointed module')}: ${listed(checkpointed)}`,
      why: `${engine} does not checkpoint modules by itself`,
      instead: 'wrap them in the program: the export "pytorch" does',
    });
  if (kinds.includes('operators') && loneOperators.length > 0)
    found.push({
      decision: `${counted(loneOperators.length, 'operator')} recomputed one by one: ${listed(loneOperators)}`,
      why: `${engine} recomputes modules as a whole`,
      instead: 'plan with the strategy module-checkpoint, or use the export "pytorch"',
    });
  if (kinds.includes('offload') && offloaded.length > 0)
    found.push({
      decision: `${counted(offloaded.length, 'offloaded result')}: ${listed(offloaded.map(({ target }) => target || 'the model'))}`,
      why: `${engine} has no setting that names which activations wait in host memory`,
      instead: 'use the export "pytorch", which moves them by saved-tensor hooks',
    });
  if (kinds.includes('offload') && offloadedState.length > 0)
    found.push({
      decision: `${counted(offloadedState.length, 'value')} of parameters and optimizer state offloaded: ${listed(offloadedState)}`,
      why: `${engine} has no setting that names whose state leaves the device, and when it comes back`,
      instead: 'use the export "pytorch", which keeps optimizer state in host memory between steps',
    });
  if (kinds.includes('devices') && devicesUsed.length > 1)
    found.push({
      decision: `layers on ${devicesUsed.join(', ')}`,
      why: `${engine} runs the same layers on every rank`,
      instead: 'use the export "pipelining" for stages, "accelerate" for a device map, or "pytorch"',
    });
  if (kinds.includes('devices') && devicesUsed.length === 1)
    for (const devices of shared)
      found.push({
        decision: `micro-batches in turn on ${devices.join(', ')}`,
        why: `how many ranks ${engine} has is given when the program starts`,
        instead: `start ${devices.length} processes, each with its share of the micro-batches`,
      });
  else if (kinds.includes('devices') || kinds.includes('replicas'))
    for (const devices of shared)
      found.push({
        decision: `a stage that ${devices.join(', ')} share`,
        why: `${engine} has each layer on one device, or all of them on every one`,
        instead: 'use the export "pipelining", which says how often each stage is there',
      });
  return found;
}

/** Up to three names; how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
