import { naturalOrder } from '../base/naturalOrder';
import { Phase } from '../step/stepGraph';
import type { ExportContext } from './exportContext';

export interface DeviceMap {
  /** Module or parameter -> index of its device. Prefixes: every parameter lies below exactly one. */
  readonly map: Readonly<Record<string, number>>;
  /** Modules that the plan has on several devices and the map on one. */
  readonly together: readonly string[];
}

/**
 * A placement as the coarsest map of modules: a module that is on one device as a whole is one entry; one that is not
 * is opened, unless it is a block (it adds its input to its result: a residual connection would cross) or runs
 * operators of its own. Parameters and buffers outside of every entry get their own.
 */
export function deviceMap({ graph, step, layers, directives }: ExportContext): DeviceMap {
  const { placement } = directives;
  if (!placement || placement.every((device) => device === placement[0]))
    return { map: { '': placement?.[0] ?? 0 }, together: [] };
  const map: Record<string, number> = {};
  const together: string[] = [];
  const blocks = new Set(layers.blocks);
  const ownOf = layers.layers.map((): number[] => []);
  for (let node = 0; node < step.nodeCount; node++)
    if (step.nodePhase[node] === Phase.forward && step.nodeModule[node] >= 0)
      ownOf[step.nodeModule[node]].push(node);
  const visit = (id: number, inherited: number): void => {
    const { name, forwardNodes, children } = layers.layers[id];
    const devices = new Set(forwardNodes.map((node) => placement[node]));
    const isWhole = devices.size <= 1;
    const isOne = isWhole || children.length === 0 || blocks.has(id);
    const device = forwardNodes.length === 0 ? inherited : most(forwardNodes, placement, step.durationMs);
    if (isOne && id !== 0) {
      map[name] = device;
      if (!isWhole) together.push(name);
    } else for (const child of children) visit(child, device);
  };
  visit(0, 0);
  const covered = (tensor: string): boolean =>
    tensor in map || prefixesOf(tensor).some((prefix) => prefix in map);
  for (const [name, device] of devicesOfState(graph, step, placement)) if (!covered(name)) map[name] = device;
  return {
    map: Object.fromEntries(Object.entries(map).sort(([a], [b]) => naturalOrder(a, b))),
    together,
  };
}

/** The device that spends most time on the nodes, by what the first device would take. */
function most(nodes: readonly number[], placement: Uint8Array, durationMs: Float64Array): number {
  const spent = new Map<number, number>();
  // A launch each, so that work without time counts as well.
  for (const node of nodes)
    spent.set(placement[node], (spent.get(placement[node]) ?? 0) + durationMs[node] + 1e-6);
  return [...spent].sort(([a, x], [b, y]) => y - x || a - b)[0][0];
}

function prefixesOf(name: string): string[] {
  const parts = name.split('.');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('.'));
}

/** Parameters and buffers by the names the program has, each with the device of the first operator that reads it. */
function devicesOfState(
  graph: ExportContext['graph'],
  step: ExportContext['step'],
  placement: Uint8Array,
): Map<string, number> {
  const deviceOfOperator = new Map<number, number>();
  for (let node = 0; node < step.nodeCount; node++) {
    const operator = step.nodeOperator[node];
    if (step.nodePhase[node] === Phase.forward && operator >= 0 && !deviceOfOperator.has(operator))
      deviceOfOperator.set(operator, placement[node]);
  }
  const modules = new Set(graph.modules.map(({ name }) => name));
  // Exporters fold and rename: a name counts where the file lists it, or where it lies in a module.
  const isOfProgram = (name: string): boolean =>
    graph.declared
      ? graph.declared.has(name)
      : /^[A-Za-z_][\w.]*$/.test(name) && modules.has(name.slice(0, Math.max(0, name.lastIndexOf('.'))));
  const state = new Map<string, number>();
  graph.operators.forEach(({ inputs }, operator) => {
    for (const input of inputs) {
      const tensor = graph.tensors[input];
      if (!tensor || (tensor.role !== 'parameter' && tensor.role !== 'buffer')) continue;
      if (isOfProgram(tensor.name) && !state.has(tensor.name))
        state.set(tensor.name, deviceOfOperator.get(operator) ?? 0);
    }
  });
  for (const name of graph.declared?.keys() ?? []) if (!state.has(name)) state.set(name, 0);
  return state;
}
