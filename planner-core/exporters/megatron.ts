import { HeadroomError } from '../base/errors';
import { Phase, ValueKind, type NodeId } from '../step/stepGraph';
import { BlockRecomputation } from './blockRecomputation';
import { commented } from './comments';
import {
  alternative,
  comparedWithPlan,
  headLines,
  isAsPlanned,
  type Alternative,
  type ExportContext,
} from './exportContext';
import { leftOut, planFacts } from './planFacts';
import { notCarriedLines, type Export, type NotCarried } from './targets';

interface Setting extends Alternative {
  readonly flags: readonly string[];
  /** Runs again exactly what the plan does. */
  readonly isAsPlanned: boolean;
}

/**
 * Megatron-LM recomputation flags. Megatron knows no lists of layers: of what it can say (nothing; core attention;
 * the first N layers; every N layers from their first input) the fastest that keeps the peak under the budget is
 * taken, each simulated. Throws 'bad-usage' for a model without a stack of blocks.
 */
export function megatron(context: ExportContext): Export {
  const { layers, plan } = context;
  const count = layers.blocks.length;
  if (count < 2) {
    throw new HeadroomError(
      'bad-usage',
      'The model has no stack of blocks that Megatron could count.',
      'Use the export "pytorch".',
    );
  }
  const chosen = fastestThatFits(settingsOf(context));
  const facts = planFacts(context);
  const carried = [
    `${chosen.flags.length > 0 ? chosen.flags.join(' ') : 'no recomputation'}.`,
    `simulated: ${comparedWithPlan(chosen, plan)}.`,
  ];
  const notCarried: NotCarried[] = [...leftOut(facts, 'Megatron', ['offload', 'devices'])];
  if (!chosen.isAsPlanned)
    notCarried.push({
      decision: 'which modules and operators run again',
      why: 'Megatron takes a count of layers, the same on every stage, or core attention',
      instead: 'the nearest that it can say, simulated above',
    });
  if (!chosen.fits)
    notCarried.push({
      decision: 'the budget',
      why: 'no setting of Megatron keeps the simulated peak under it',
      instead: 'this is the one with the least peak; add tensor or pipeline parallelism ("headroom scale")',
    });
  const text = [
    '#!/usr/bin/env bash',
    commented([
      ...headLines(context, 'Recomputation flags for Megatron-LM'),
      'Simulated on the model as it is in the file, without tensor or pipeline parallelism.',
      '',
      ...carried.map((line) => `Carried: ${line}`),
      ...notCarriedLines(notCarried),
    ]),
    `RECOMPUTE_ARGS=(${chosen.flags.join(' ')})`,
    '',
  ].join('\n');
  return { files: [{ suffix: '.megatron.sh', mediaType: 'text/x-shellscript', text }], carried, notCarried };
}

function settingsOf(context: ExportContext): Setting[] {
  const blocks = new BlockRecomputation(context);
  const count = blocks.forward.length;
  const setting = (recomputations: Int32Array, ...flags: string[]): Setting => ({
    ...alternative(context, recomputations),
    flags,
    isAsPlanned: isAsPlanned(context, recomputations),
  });
  const full = (method: string, layers: number): string[] => [
    '--recompute-granularity full',
    `--recompute-method ${method}`,
    `--recompute-num-layers ${layers}`,
  ];
  const single = (at: number): readonly [number, number] => [at, at + 1];
  const settings = [setting(new Int32Array(0))];
  const attention = coreAttention(context, blocks);
  if (attention.includes(1))
    settings.push(
      setting(
        blocks.operators(attention),
        '--recompute-granularity selective',
        '--recompute-modules core_attn',
      ),
    );
  for (let layers = 1; layers <= count; layers++) {
    const first = Array.from({ length: layers }, (_, at) => single(at));
    settings.push(setting(blocks.chunks(first), ...full('block', layers)));
    const chunks: (readonly [number, number])[] = [];
    for (let at = 0; at < count; at += layers) chunks.push([at, Math.min(count, at + layers)]);
    settings.push(setting(blocks.chunks(chunks), ...full('uniform', layers)));
  }
  return settings;
}

/** Where none fits, the one with the least peak. */
function fastestThatFits(settings: readonly Setting[]): Setting {
  const fitting = settings.filter(({ fits }) => fits);
  const order =
    fitting.length > 0
      ? (a: Setting, b: Setting) => a.stepTimeMs - b.stepTimeMs || a.peakBytes - b.peakBytes
      : (a: Setting, b: Setting) => a.peakBytes - b.peakBytes || a.stepTimeMs - b.stepTimeMs;
  return [...(fitting.length > 0 ? fitting : settings)].sort(order)[0];
}

/**
 * Core attention of each block: products of two activations, and what lies on a path from one to the next (scores,
 * softmax, dropout); one node where attention is one call.
 */
function coreAttention({ step, layers }: ExportContext, { forward }: BlockRecomputation): Uint8Array {
  const again = new Uint8Array(step.nodeCount);
  const reads = (node: NodeId, test: (value: number) => boolean): boolean => {
    for (let i = step.inputs.offsets[node]; i < step.inputs.offsets[node + 1]; i++)
      if (test(step.inputs.items[i])) return true;
    return false;
  };
  const isParameter = (value: number): boolean => step.valueKind[value] === ValueKind.parameter;
  for (const nodes of forward) {
    const products = nodes.filter((node) => step.macs[node] > 0 && !reads(node, isParameter));
    const after = new Set<NodeId>();
    for (const node of nodes)
      if (products.includes(node) || reads(node, (value) => after.has(step.producer[value]))) after.add(node);
    const before = new Set<NodeId>(products);
    for (const node of [...nodes].reverse()) {
      if (!before.has(node)) continue;
      reads(node, (value) => {
        if (after.has(step.producer[value])) before.add(step.producer[value]);
        return false;
      });
    }
    for (const node of nodes)
      if (before.has(node) && after.has(node) && layers.recomputable[node]) again[node] = 1;
  }
  return again.map((flag, node) => Number(flag && step.nodePhase[node] === Phase.forward));
}
