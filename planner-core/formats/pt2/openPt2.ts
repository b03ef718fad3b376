import type { Diagnostic } from '../../base/diagnostic';
import type { ByteSource } from '../../bytes/byteSource';
import type { ModelGraph, Operator } from '../../graph/modelGraph';
import { moduleTree, parentName } from '../../graph/moduleTree';
import { readPt2Archive, type Pt2Archive } from './archive';
import { dimensionNames } from './dimensionNames';
import { badProgram } from './json';
import { ProgramBuilder, type OperatorRecord } from './programBuilder';
import { readProgram, type Program } from './program';
import { tiedNames } from './tiedWeights';

/** The ONNX operator set whose meaning the calls are given: the newest, where arguments are as PyTorch has them. */
const vocabulary = 23;

/** Reads an archive that torch.export.save wrote, structure only. */
export function openPt2(source: ByteSource): ModelGraph {
  const archive = readPt2Archive(source);
  const names = dimensionNames(archive.program);
  const program = readProgram(archive.program, (symbol) => names.get(symbol) ?? symbol);
  const builder = new ProgramBuilder();
  const values = builder.addInputs(program.graph, program.inputs, tiedNames(archive.weights));
  const inputs = program.inputs.filter(({ kind }) => kind === 'input').map(({ value }) => values.get(value)!);
  builder.addGraph(program.graph, values);
  const outputs = program.outputs.map((value) => {
    const id = values.get(value);
    if (id === undefined) throw badProgram(`the result ${value}`, 'is never made');
    return id;
  });
  const parameters = builder.tensors.filter(({ role }) => role === 'parameter' || role === 'buffer');
  const { modules, operators } = placed(
    builder.records,
    parameters.map(({ name }) => name),
  );
  return {
    format: 'pt2',
    isTraced: true,
    producer: `pytorch ${program.torchVersion}`,
    opsets: new Map([
      ['', vocabulary],
      ['aten', program.opset],
    ]),
    tensors: builder.tensors,
    operators,
    inputs,
    outputs,
    modules,
    ranges: program.ranges,
    autocast: builder.autocast,
    diagnostics: diagnosticsOf(archive, program, names),
    declared: new Map(
      parameters.map(({ name, role }) => [name, role === 'parameter' ? 'parameter' : 'buffer']),
    ),
  };
}

/** The module tree, and the operators with their places in it. */
function placed(
  records: readonly OperatorRecord[],
  stateNames: readonly string[],
): Pick<ModelGraph, 'modules' | 'operators'> {
  const classPaths = new Map<string, string>();
  const called = new Set<string>();
  for (const { modules } of records) {
    for (const { name, classPath } of modules) {
      called.add(name);
      if (!classPaths.has(name)) classPaths.set(name, classPath);
    }
  }
  const owners = stateNames.map(parentName);
  const { modules, idOf } = moduleTree([...called, ...owners], classPaths, called);
  const operators = records.map(({ operator, modules: stack }): Operator => ({
    ...operator,
    module: idOf.get(stack.at(-1)?.name ?? '') ?? 0,
  }));
  return { modules, operators };
}

function diagnosticsOf(
  archive: Pt2Archive,
  program: Program,
  names: ReadonlyMap<string, string>,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const [symbol, name] of names) {
    const range = program.ranges.get(name);
    if (!range) continue;
    const upTo = Number.isFinite(range.most) ? ` to ${range.most}` : ' or more';
    diagnostics.push({
      severity: 'info',
      code: 'dimension-range',
      message: `The program was exported for ${name} (${symbol} in it) from ${range.least}${upTo}.`,
    });
  }
  if (archive.weights === undefined)
    diagnostics.push({
      severity: 'info',
      code: 'ties-unknown',
      message:
        'The archive has the layout of PyTorch 2.7 and older, which does not say which parameters are tied: each is counted.',
    });
  for (const other of archive.otherPrograms)
    diagnostics.push({
      severity: 'info',
      code: 'other-program',
      message: `The archive also holds ${other}, which is not read.`,
    });
  return diagnostics;
}
