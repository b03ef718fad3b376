import { derive, type ProgramColumns, type Term } from './programColumns';

/** A column that is 1 where two groups are on these devices; through the host the devices mean nothing. */
export type GroupFlow = readonly [from: number, to: number, column: number];

/** The columns of a latency program that say whether results of a group go to another one, made when first asked for. */
export class GroupFlows {
  private readonly flows = new Map<number, GroupFlow[]>();

  constructor(private readonly columns: ProgramColumns) {}

  /** Columns by pair of devices; through the host: for what leaves and enters accelerators. */
  between(from: number, to: number): GroupFlow[] {
    const key = from * this.columns.model.groupCount + to;
    let flows = this.flows.get(key);
    if (flows) return flows;
    flows =
      this.columns.model.problem.transfers.kind === 'through-host'
        ? this.addHops(from, to)
        : this.addFlows(from, to);
    this.flows.set(key, flows);
    return flows;
  }

  /** For each pair of devices: are the two groups there? Sums over either end are the other's column. */
  private addFlows(from: number, to: number): GroupFlow[] {
    const { model, builder, place } = this.columns;
    const { deviceCount, allowed } = model;
    const flows: GroupFlow[] = [];
    for (const a of allowed[from]) {
      for (const b of allowed[to]) {
        flows.push([a, b, builder.column(0, 0, 1)]);
        const [x, y] = [place[from * deviceCount + a], place[to * deviceCount + b]];
        derive(this.columns, (point) => point[x] * point[y]);
      }
    }
    const sumTo = (end: 0 | 1, device: number, column: number): void => {
      const terms = flows.filter((flow) => flow[end] === device).map((flow): Term => [flow[2], 1]);
      builder.row([...terms, [column, -1]], 0, 0);
    };
    for (const a of allowed[from]) sumTo(0, a, place[from * deviceCount + a]);
    for (const b of allowed[to]) sumTo(1, b, place[to * deviceCount + b]);
    return flows;
  }

  /** Two columns: a result leaves an accelerator; it enters one. */
  private addHops(from: number, to: number): GroupFlow[] {
    const { model, builder, place } = this.columns;
    const { transfers } = model.problem;
    if (transfers.kind !== 'through-host') return [];
    return [[from, to] as const, [to, from] as const].map(([here, there]) => {
      const hop = builder.column(0, 0, 1);
      const pairs: [number, number][] = [];
      for (const device of model.allowed[here]) {
        if (!transfers.isAccelerator[device]) continue;
        const x = place[here * model.deviceCount + device];
        const y = place[there * model.deviceCount + device];
        pairs.push([x, y]);
        builder.row(y < 0 ? [[hop, 1], [x, -1]] : [[hop, 1], [x, -1], [y, 1]], 0, Infinity); // prettier-ignore
      }
      derive(this.columns, (point) =>
        Math.max(0, ...pairs.map(([x, y]) => point[x] - (y < 0 ? 0 : point[y]))),
      );
      return [0, 0, hop] as const;
    });
  }
}
