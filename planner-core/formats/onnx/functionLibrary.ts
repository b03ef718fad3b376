import { HeadroomError } from '../../base/errors';
import { appendTo } from '../../base/groups';
import type { FunctionProto, NodeProto, ValueInfoProto } from './protoTypes';

/** A file may not grow beyond this many operators when its functions are expanded. */
export const maximumOperators = 1_000_000;
/** Functions may call functions this deep. */
const maximumCallDepth = 64;

/** The model-local functions of a file, and how large calling them makes the graph. */
export class FunctionLibrary {
  private readonly functions = new Map<string, FunctionProto>();
  private readonly graphInfos = new Map<string, ValueInfoProto[]>();
  private readonly sizes = new Map<FunctionProto, number>();

  /** `graphInfos`: the value_info of the main graph, where old files declare values of functions too. */
  constructor(functions: readonly FunctionProto[], graphInfos: readonly ValueInfoProto[] = []) {
    for (const body of functions) this.functions.set(key(body.domain, body.name, body.overload), body);
    if (functions.length > 0) for (const info of graphInfos) this.noteGraphInfo(info);
  }

  /**
   * What the file declares about values inside a function, for every call of it alike. Named sizes are left open: their
   * names are the function's own, not the model's.
   */
  valueInfos(body: FunctionProto): readonly ValueInfoProto[] {
    const known = [...body.valueInfos, ...(this.graphInfos.get(`${body.domain}::${body.name}`) ?? [])];
    return known.map((info) => ({
      ...info,
      dims: info.dims?.map((dim) => (typeof dim === 'number' ? dim : undefined)),
    }));
  }

  /** Before IR version 10, exporters named them "domain::Function/value" (onnxscript's ir.serde). */
  private noteGraphInfo(info: ValueInfoProto): void {
    const slash = info.name.indexOf('/');
    if (slash < 0 || !info.name.slice(0, slash).includes('::')) return;
    const owner = info.name.slice(0, slash);
    appendTo(this.graphInfos, owner, { ...info, name: info.name.slice(slash + 1) });
  }

  /** The function a node calls; undefined when it is an operator. */
  called(node: NodeProto): FunctionProto | undefined {
    if (this.functions.size === 0) return undefined;
    return this.functions.get(key(node.domain, node.type, node.overload));
  }

  /**
   * Refuses, before any work is done, what cannot be expanded: recursion is 'cyclic-graph', more than
   * `maximumOperators` operators are 'limit-exceeded'.
   */
  check(nodes: readonly NodeProto[]): void {
    const size = this.sizeOf(nodes, []);
    if (size <= maximumOperators) return;
    throw new HeadroomError(
      'limit-exceeded',
      `The model has ${size} operators once its functions are expanded; ${maximumOperators} are the limit.`,
      'Export a part of the model, or fewer repetitions of its blocks.',
    );
  }

  private sizeOf(nodes: readonly NodeProto[], callers: readonly FunctionProto[]): number {
    let size = 0;
    for (const node of nodes) {
      const body = this.called(node);
      // A call counts as well: functions without operators could otherwise call each other for ever.
      size += 1 + (body ? this.sizeOfFunction(body, node, callers) : 0);
      for (const { value } of node.attributes) {
        if (value.kind === 'graph') size += this.sizeOf(value.value.nodes, callers);
      }
    }
    return size;
  }

  private sizeOfFunction(body: FunctionProto, call: NodeProto, callers: readonly FunctionProto[]): number {
    const known = this.sizes.get(body);
    if (known !== undefined) return known;
    if (callers.includes(body)) {
      throw new HeadroomError(
        'cyclic-graph',
        `Function ${body.name} calls itself, at node "${call.name || call.type}".`,
        'ONNX functions must not be recursive: export the model again.',
        { node: call.name || call.type, byteOffset: call.byteOffset },
      );
    }
    if (callers.length >= maximumCallDepth) {
      throw new HeadroomError(
        'limit-exceeded',
        `Functions call functions more than ${maximumCallDepth} deep, at ${body.name}.`,
        'No exporter writes such files: it is damaged or made up.',
        { node: call.name || call.type, byteOffset: call.byteOffset },
      );
    }
    const size = this.sizeOf(body.nodes, [...callers, body]);
    this.sizes.set(body, size);
    return size;
  }
}

const key = (domain: string, name: string, overload: string): string => `${domain}\0${name}\0${overload}`;
