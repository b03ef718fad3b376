import type { Diagnostic } from '../../base/diagnostic';
import type { ByteSource } from '../../bytes/byteSource';
import { WireReader } from '../../bytes/wireReader';
import type { ModelGraph } from '../../graph/modelGraph';
import { assignModules } from './assignModules';
import { declaredState, exportSignature } from './exportSignature';
import { filePlacements, placementNote } from './filePlacements';
import { FunctionLibrary } from './functionLibrary';
import { correctRoles } from './initializerRoles';
import { OperatorBuilder } from './operatorBuilder';
import { makeNamesUnique } from './operatorNames';
import type { ModelProto } from './protoTypes';
import { readModel } from './readModel';
import { TensorTable } from './tensorTable';

/** The newest IR version whose fields are known. */
const newestIrVersion = 13;

/** Reads an ONNX file, structure only. */
export function openOnnx(source: ByteSource): ModelGraph {
  const model = readModel(WireReader.over(source));
  const diagnostics: Diagnostic[] = versionDiagnostics(model);
  const functions = new FunctionLibrary(model.functions, model.graph.valueInfos);
  functions.check(model.graph.nodes);
  const table = new TensorTable();
  const builder = new OperatorBuilder(table, functions, (diagnostic) => diagnostics.push(diagnostic));
  const { inputs, outputs, operators } = builder.graph(model.graph);
  makeNamesUnique(builder.records);
  const signature = exportSignature(model.graph);
  const modules = assignModules(builder.records, table.tensors, signature);
  correctRoles(table.tensors, builder.records, modules, signature);
  const placements = filePlacements(model, builder.records);
  for (const placement of placements ?? []) diagnostics.push(placementNote(placement));
  return {
    format: 'onnx',
    producer: [model.producerName, model.producerVersion].filter((text) => text !== '').join(' '),
    opsets: opsetsOf(model),
    tensors: table.tensors,
    operators,
    inputs,
    outputs,
    modules,
    diagnostics,
    declared: declaredState(signature),
    placements,
  };
}

/** The model's imports, and those that only its functions have. */
function opsetsOf(model: ModelProto): ReadonlyMap<string, number> {
  const opsets = new Map(model.opsetImports.map(({ domain, version }) => [domain, version]));
  for (const { domain, version } of model.functions.flatMap(({ opsetImports }) => opsetImports)) {
    if (!opsets.has(domain)) opsets.set(domain, version);
  }
  // Before IR version 3 there was one operator set, which needed no import.
  if (model.irVersion < 3 && !opsets.has('')) opsets.set('', 1);
  return opsets;
}

function versionDiagnostics({ irVersion }: ModelProto): Diagnostic[] {
  if (irVersion <= newestIrVersion) return [];
  return [
    {
      severity: 'info',
      code: 'newer-ir-version',
      message: `The file has ONNX IR version ${irVersion}; ${newestIrVersion} is the newest that is known. What is new in it is ignored.`,
    },
  ];
}
