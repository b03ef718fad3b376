/** What of an instance file the checkers read. They know nothing of the planners' own code. */
export interface PlacementFile {
  readonly id: string;
  readonly kind: string;
  readonly devices: readonly {
    readonly id: string;
    readonly kind: string;
    readonly memory_bytes: number | null;
  }[];
  readonly nodes: readonly {
    readonly time_ms: Readonly<Record<string, number>>;
    readonly memory_bytes: number;
    readonly transfer_ms: number;
    readonly compat: readonly string[];
    readonly colocate?: number | null;
  }[];
  readonly edges: readonly (readonly [number, number])[];
  readonly reference: readonly {
    readonly method: string;
    readonly objective_ms: number | null;
    readonly status: string;
    readonly warning?: string;
  }[];
}

/** The best valid answer of a peer: none that breaks a memory limit, and for latencies none that is a largest load. */
export function bestPeerAnswer(file: PlacementFile): { objectiveMs: number; method: string } | undefined {
  return file.reference
    .filter(({ status, warning, method }) => status === 'ok' && !warning && !method.includes('not a latency'))
    .flatMap(({ objective_ms: objectiveMs, method }) =>
      objectiveMs === null ? [] : [{ objectiveMs, method }],
    )
    .sort((a, b) => a.objectiveMs - b.objectiveMs)
    .at(0);
}

/** The largest load of a placement (device ids by node) by the definition of the instances; throws where it is not valid. */
export function replayLoad(file: PlacementFile, placement: readonly string[]): number {
  check(file, placement);
  const load = new Map(file.devices.map(({ id }) => [id, 0]));
  const isAccelerator = new Map(file.devices.map(({ id, kind }) => [id, kind !== 'cpu']));
  const add = (device: string, ms: number): void => void load.set(device, load.get(device)! + ms);
  file.nodes.forEach((node, id) => {
    const home = placement[id];
    add(home, timeOn(file, id, home));
    const targets = new Set(file.edges.filter(([from]) => from === id).map(([, to]) => placement[to]));
    targets.delete(home);
    for (const target of targets) if (isAccelerator.get(target)) add(target, node.transfer_ms);
    if (targets.size > 0 && isAccelerator.get(home)) add(home, node.transfer_ms);
  });
  return Math.max(...load.values());
}

/** The latency of a schedule's computations in their order; throws where an input is missing or a node runs twice. */
export function replayLatency(
  file: PlacementFile,
  placement: readonly string[],
  sequence: readonly number[],
): number {
  check(file, placement);
  const isAccelerator = new Map(file.devices.map(({ id, kind }) => [id, kind !== 'cpu']));
  const inputs = file.nodes.map((): number[] => []);
  for (const [from, to] of file.edges) inputs[to].push(from);
  const end = new Map<number, number>();
  const free = new Map<string, number>();
  for (const id of sequence) {
    if (end.has(id)) throw new Error(`node ${id} runs twice`);
    const home = placement[id];
    let start = free.get(home) ?? 0;
    for (const input of inputs[id]) {
      const made = end.get(input);
      if (made === undefined) throw new Error(`node ${id} runs without ${input}`);
      const source = placement[input];
      const hops = source === home ? 0 : Number(isAccelerator.get(source)) + Number(isAccelerator.get(home));
      start = Math.max(start, made + hops * file.nodes[input].transfer_ms);
    }
    end.set(id, start + timeOn(file, id, home));
    free.set(home, end.get(id)!);
  }
  if (end.size !== file.nodes.length) throw new Error(`only ${end.size} nodes run`);
  return Math.max(...end.values());
}

function timeOn(file: PlacementFile, id: number, device: string): number {
  const { kind } = file.devices.find((candidate) => candidate.id === device)!;
  const { time_ms: times } = file.nodes[id];
  return times[device] ?? times[kind];
}

function check(file: PlacementFile, placement: readonly string[]): void {
  if (placement.length !== file.nodes.length) throw new Error('not every node is placed');
  const used = new Map<string, number>();
  const colours = new Map<number, string>();
  file.nodes.forEach(({ compat, colocate, memory_bytes: bytes }, id) => {
    const device = file.devices.find((candidate) => candidate.id === placement[id]);
    if (!device || !(compat.includes(device.kind) || compat.includes(device.id)))
      throw new Error(`node ${id} cannot run on ${placement[id]}`);
    used.set(device.id, (used.get(device.id) ?? 0) + bytes);
    if (colocate === undefined || colocate === null) return;
    if ((colours.get(colocate) ?? device.id) !== device.id)
      throw new Error(`colour ${colocate} is on two devices`);
    colours.set(colocate, device.id);
  });
  for (const { id, memory_bytes: limit } of file.devices)
    if (limit !== null && (used.get(id) ?? 0) > limit) throw new Error(`${id} holds more than it can`);
}
