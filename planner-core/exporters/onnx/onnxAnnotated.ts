import { HeadroomError } from '../../base/errors';
import type { ByteSource } from '../../bytes/byteSource';
import type { ModelGraph } from '../../graph/modelGraph';
import { resolveDecisions } from '../../plan/resolveDecisions';
import type { Recognition } from '../../recognition/recognise';
import { Phase } from '../../step/stepGraph';
import { counted } from '../counted';
import type { ExportContext } from '../exportContext';
import { leftOut, listed, planFacts } from '../planFacts';
import { notCarriedLines, type Export, type NotCarried } from '../targets';
import { annotateModel, type NodeNotes } from './annotateModel';

/** The model as its file has it. */
export interface ModelFile {
  readonly graph: ModelGraph;
  readonly recognitions: readonly Recognition[];
  /** Where there is one, copies can be made. */
  readonly source?: ByteSource;
}

/**
 * A copy of the ONNX file with the plan in it: metadata of nodes says what is kept, recomputed and offloaded, a device
 * configuration (IR version 11) where nodes run. Weights are copied as they are. Throws 'bad-usage' for other formats.
 */
export function onnxAnnotated(context: ExportContext, file: ModelFile): Export {
  const { plan, step } = context;
  if (file.graph.format !== 'onnx')
    throw new HeadroomError(
      'bad-usage',
      `${plan.model.file} is no ONNX file: it cannot carry annotations.`,
      'Use the export "pytorch".',
    );
  if (!file.source)
    throw new HeadroomError('bad-usage', 'A copy needs the bytes of the model.', 'Open the model again.');
  const facts = planFacts(context);
  const devices = facts.devicesUsed.length > 1 ? step.devices : [];
  const { nodes, operators } = nodeNotes(context, file, devices.length > 0);
  const notCarried: NotCarried[] = [...leftOut(facts, 'a device configuration', ['replicas'])];
  if (plan.strategy === 'schedule' && plan.recomputations?.length)
    notCarried.push({
      decision: 'the moments at which operators run again',
      why: 'a note on a node has no place for when it runs a second time',
      instead: 'keep the plan JSON with the model',
    });
  if (plan.lateTransfers && devices.length > 0)
    notCarried.push({
      decision: 'transfers just before they are needed',
      why: 'a device configuration says where, not when',
      instead: 'the runtime decides',
    });
  const external = new Set(file.graph.tensors.flatMap((tensor) => tensor.external?.location ?? []));
  if (external.size > 0)
    notCarried.push({
      decision: `weights in ${counted(external.size, 'other file')}: ${listed([...external])}`,
      why: 'they are not part of the model file',
      instead: 'write the copy beside the model, or copy them along',
    });
  const metadata = (lines: readonly string[]): [string, string][] => [
    ['plan', plan.format],
    ['fingerprint', plan.model.fingerprint],
    ['strategy', plan.strategy],
    ['budget_bytes', String(plan.budgetBytes)],
    ['peak_bytes', String(plan.prediction.peakBytes)],
    ['checkpoint', JSON.stringify(facts.checkpointed)],
    ['not_carried', lines.join('\n')],
  ];
  if (plan.offloads?.length)
    notCarried.push({
      decision: `when ${counted(plan.offloads.length, 'offloaded value')} leave and come back`,
      why: 'notes on nodes say that a result is offloaded, not when it moves, and state has no node',
      instead: 'the plan file says when, by computation; the export "pytorch" moves results so',
    });
  // Once to see which nodes the file has, once with what it has not written into it.
  const first = annotateModel(file.source, { nodes, metadata: [], devices });
  const lost = [...operators].filter(([, outputs]) => !outputs.some((name) => first.found.has(name)));
  if (lost.length > 0)
    notCarried.push({
      decision: `notes on ${counted(lost.length, 'operator')}: ${listed(lost.map(([name]) => name))}`,
      why: 'they are not nodes of the main graph (they lie in functions of the file)',
      instead: 'export the model with its functions inlined',
    });
  const notes = { nodes, metadata: metadata(notCarriedLines(notCarried)), devices };
  const { splice, irVersion } = annotateModel(file.source, notes);
  return {
    files: [],
    copy: { suffix: '.annotated.onnx', mediaType: 'application/octet-stream', pieces: splice.pieces },
    carried: [
      `notes on ${counted(operators.size - lost.length, 'operator')}, as metadata: no runtime acts on it by itself.`,
      ...(devices.length > 0 ? [`a configuration of ${devices.length} devices.`] : []),
      ...(irVersion.before === irVersion.after
        ? []
        : [`IR version ${irVersion.after} instead of ${irVersion.before}, which has these fields.`]),
    ],
    notCarried,
  };
}

/** By output name what to note, and by operator of the file the names of its outputs. */
function nodeNotes(
  { graph, step, layers, plan, directives }: ExportContext,
  file: ModelFile,
  withDevices: boolean,
): { nodes: Map<string, NodeNotes>; operators: Map<string, string[]> } {
  const { choice } = resolveDecisions(step, layers, plan.decisions);
  const again = new Uint8Array(step.nodeCount);
  for (let i = 1; i < directives.recomputations.length; i += 2) again[directives.recomputations[i]] = 1;
  const offloads = new Set(directives.offloads);
  const noteOf = new Map<string, NodeNotes>();
  for (let node = 0; node < step.nodeCount; node++) {
    const operator = step.nodeOperator[node];
    if (step.nodePhase[node] !== Phase.forward || operator < 0) continue;
    const made = step.outputs.items.subarray(step.outputs.offsets[node], step.outputs.offsets[node + 1]);
    const what = again[node]
      ? 'recompute'
      : made.some((value) => offloads.has(value))
        ? 'offload'
        : choice[node];
    const device = withDevices ? (directives.placement?.[node] ?? 0) : undefined;
    if (what === undefined && device === undefined) continue;
    const metadata: [string, string][] = [
      ...(what === undefined ? [] : ([['choice', what]] as [string, string][])),
      ...(device === undefined ? [] : ([['device', step.devices[device]]] as [string, string][])),
    ];
    noteOf.set(graph.operators[operator].name, { metadata, device });
  }
  // Pieces of a call that is read as one share what is decided for it.
  const calls = new Map(
    file.recognitions.flatMap(({ pieces, operator }) => pieces.map((piece) => [piece, operator])),
  );
  const nodes = new Map<string, NodeNotes>();
  const operators = new Map<string, string[]>();
  for (const { name, outputs } of file.graph.operators) {
    const note = noteOf.get(name) ?? noteOf.get(calls.get(name) ?? '');
    if (!note) continue;
    const names = outputs.filter((output) => output >= 0).map((output) => file.graph.tensors[output].name);
    operators.set(name, names);
    for (const output of names) nodes.set(output, note);
  }
  return { nodes, operators };
}
