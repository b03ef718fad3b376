import { appendTo } from '../../base/groups';
import { naturalOrder } from '../../base/naturalOrder';
import { architectureOf } from '../../devices/architecture';
import { eachDevice } from '../../devices/machine';
import type { ModelGraph } from '../../graph/modelGraph';
import { mergeRecomputations, RegionCompiler } from '../../plan/compileRegions';
import { directivesOf, recomputeFlags, wrappedModules } from '../../plan/directives';
import type { LayerIndex } from '../../plan/layerIndex';
import type { Plan } from '../../plan/plan';
import type { RegionRecomputation } from '../../plan/regionRecomputation';
import { pagingOfPlan } from '../../plan/plannedOffloads';
import { resolveDecisions, type ResolvedDecisions } from '../../plan/resolveDecisions';
import { keptValues } from '../../simulator/keptValues';
import type { Directives } from '../../simulator/schedule';
import type { NodeId, StepGraph } from '../../step/stepGraph';
import type { NotCarried } from '../targets';
import { CallNames } from './callNames';
import { carriedOffloads, type CarriedOffloads } from './carriedOffloads';
import { placedModules } from './placedModules';
import { selectionOf, type Selection } from './selection';

/** What PyTorch's own means do of a plan, what it comes to, and what they cannot do. */
export interface CarriedPlan {
  /** Modules to wrap in a checkpoint; a selection says which results inside are kept nevertheless. */
  readonly checkpoints: readonly ({ readonly module: string } & Selection)[];
  /** What waits in host memory; absent: nothing does. */
  readonly offload?: CarriedOffloads;
  /** Parameters whose optimizer state waits there between steps. */
  readonly state: readonly string[];
  /** Module -> id of the device it runs on. */
  readonly place: Readonly<Record<string, string>>;
  /** Device id -> cpu or cuda. */
  readonly devices: Readonly<Record<string, 'cpu' | 'cuda'>>;
  /** The carried plan for the simulator. */
  readonly directives: Directives;
  /** What of the plan is done otherwise, or not at all. */
  readonly notCarried: readonly NotCarried[];
}

/** A model, a step of it and its layers. */
export interface PlannedModel {
  readonly graph: ModelGraph;
  readonly step: StepGraph;
  readonly layers: LayerIndex;
}

const nothingKept: Selection = { save: {}, calls: {} };

/**
 * Finds what `torch.utils.checkpoint`, saved tensor hooks and moved modules do of a plan. `whole`: regions to recompute
 * as a whole, whatever the plan keeps in them.
 */
export function carriedPlan(
  model: PlannedModel,
  plan: Plan,
  whole: ReadonlySet<number> = new Set(),
): CarriedPlan {
  const { graph, step, layers } = model;
  const notes: NotCarried[] = [];
  const resolved = resolveDecisions(step, layers, plan.decisions);
  const flagged = recomputeFlags(resolved);
  const asModules = plan.strategy === 'module-checkpoint' ? wrappedModules(layers, resolved, flagged) : [];
  const regions = regionsToSelect(model, flagged, asModules, notes);
  for (const region of whole) regions.set(region, []);
  const compiler = new RegionCompiler(step, layers, keptFlags(resolved));
  const single = Uint8Array.from(flagged, (flag, node) =>
    Number(flag && regions.has(layers.regionOfNode[node])),
  );
  const wanted = {
    ...directivesOf(step, layers, plan.decisions, plan.strategy),
    ...(plan.offloads ? pagingOfPlan(step, plan.offloads) : {}),
    recomputations: compiler.compile(asModules, single),
  };
  const kept = keptValues(step, wanted);
  const again = new Uint8Array(step.nodeCount);
  for (let i = 1; i < wanted.recomputations.length; i += 2) again[wanted.recomputations[i]] = 1;

  const checkpoints: CarriedPlan['checkpoints'][number][] = [];
  const parts: RegionRecomputation[] = [];
  for (const id of asModules) {
    const { name, recomputation } = layers.layers[id];
    if (recomputation) parts.push(recomputation);
    checkpoints.push({ module: name, ...nothingKept });
  }
  for (const [region, nodes] of regions) {
    const { name: module, recomputation } = layers.layers[region];
    if (!recomputation) continue;
    if (whole.has(region)) {
      parts.push(recomputation);
      checkpoints.push({ module, ...nothingKept });
      continue;
    }
    if (!nodes.some((node) => again[node])) continue;
    const selected = selectionOf(model, region, again, kept, new Set(recomputation.nodes));
    if ('unknown' in selected) {
      notes.push({
        decision: `single operators of ${module}`,
        why: `the result of its ${selected.unknown} has to be kept, which runs as kernels that no policy can tell apart`,
        instead: 'the whole module is recomputed',
      });
      parts.push(recomputation);
      checkpoints.push({ module, ...nothingKept });
      continue;
    }
    // A selective checkpoint begins and ends to recompute when a whole one does, and runs all that is not saved.
    const rerun = recomputation.nodes.filter((node) => !selected.saved.has(node));
    parts.push({ before: recomputation.before, nodes: rerun });
    checkpoints.push({ module, ...selected.selection });
  }
  if (plan.strategy === 'schedule' && plan.recomputations?.length) {
    notes.push({
      decision: 'the moments of the schedule',
      why: 'PyTorch recomputes what a module dropped when its backward pass begins, never at another moment',
      instead: 'the same operators run again, but then',
    });
  }
  if (plan.workload.checkpointing === 'reentrant') {
    notes.push({
      decision: 'reentrant checkpoints',
      why: 'they need inputs that require gradients, and PyTorch advises against them',
      instead: 'non-reentrant ones, which keep no more and stop recomputing early',
    });
  }
  for (const { device, replicas } of plan.replicas ?? [])
    notes.push({
      decision: `a stage that ${[device, ...replicas].join(', ')} share`,
      why: 'the file moves each module to one device',
      instead: `it runs on ${device}; the export "pipelining" says how often each stage is there`,
    });
  const placed = placedModules(model, resolved.device);
  const recomputations = mergeRecomputations(parts);
  const isInside = insideOf(model, new Set(checkpoints.map(({ module }) => module)));
  const away = carriedOffloads(graph, new CallNames(graph, step), wanted, { recomputations, isInside });
  notes.push(...placed.notes, ...away.notes, ...elsewhere(plan, away.carried));
  return {
    checkpoints: checkpoints.sort((a, b) => naturalOrder(a.module, b.module)),
    offload: away.carried,
    state: away.state,
    place: placed.place,
    devices: Object.fromEntries(
      eachDevice(plan.devices).map(({ id, name }) => [id, architectureOf(name) ? 'cuda' : 'cpu']),
    ),
    directives: { placement: wanted.placement, recomputations, ...away.paging },
    notCarried: notes,
  };
}

/** By node: 1 for computations of modules with one of these names, and of all in them. */
export function insideOf(
  { graph: { modules }, step }: Pick<PlannedModel, 'graph' | 'step'>,
  checkpointed: ReadonlySet<string>,
): Uint8Array {
  const isInside: boolean[] = [];
  for (const { id, name, parent } of modules)
    isInside[id] = checkpointed.has(name) || (id !== 0 && isInside[parent]);
  return Uint8Array.from(step.nodeModule, (module) => Number(isInside[module] ?? false));
}

/** PyTorch copies between memories: what should go to storage waits in host memory. */
function elsewhere({ offload }: Plan, carried: CarriedOffloads | undefined): NotCarried[] {
  if (offload?.to !== 'storage' || !carried) return [];
  return [
    {
      decision: 'storage as the place for what is offloaded',
      why: 'the file copies between memories and writes nothing to disk',
      instead: 'what leaves waits in host memory, and so takes as much of it, over the link to the host',
    },
  ];
}

/** Regions with single operators to recompute, with those operators; none around or inside a wrapped module. */
function regionsToSelect(
  { layers }: PlannedModel,
  flagged: Uint8Array,
  wrapped: readonly number[],
  notes: NotCarried[],
): Map<number, NodeId[]> {
  const covered = new Set(wrapped.flatMap((id) => layers.layers[id].forwardNodes));
  const touched = new Set([...covered].map((node) => layers.regionOfNode[node]));
  const regions = new Map<number, NodeId[]>();
  flagged.forEach((flag, node) => {
    const region = layers.regionOfNode[node];
    if (!flag || covered.has(node) || region < 0) return;
    appendTo(regions, region, node);
  });
  for (const region of regions.keys()) {
    if (!touched.has(region)) continue;
    notes.push({
      decision: `recomputing single operators of ${layers.layers[region].name}`,
      why: 'modules inside it have checkpoints of their own',
      instead: 'they are kept',
    });
    regions.delete(region);
  }
  return regions;
}

const keptFlags = ({ choice }: ResolvedDecisions): Uint8Array =>
  Uint8Array.from(choice, (one) => Number(one === 'keep' || one === 'offload'));
