import { linkMs } from './latencyModel';
import { durationTerms, negated, summed, type ProgramColumns } from './programColumns';

/** Two transfers that one channel cannot carry at once. */
export interface TransferConflict {
  readonly first: Transfer;
  readonly second: Transfer;
}

/** A result on its way from a device to another. */
export interface Transfer {
  readonly result: number;
  readonly from: number;
  readonly to: number;
}

/** The columns and rows of a latency program that keep transfers on one channel apart. */
export class TransferConflicts {
  private readonly sent = new Map<string, { readonly start: number; readonly isSent: number }>();

  constructor(private readonly columns: ProgramColumns) {}

  /** The column of a transfer's start; undefined for one that is in no conflict. */
  startOf(transfer: Transfer): number | undefined {
    return this.sent.get(keyOf(transfer))?.start;
  }

  /** Keeps two transfers apart where both take place. */
  add({ first, second }: TransferConflict): void {
    const a = this.sentColumns(first);
    const b = this.sentColumns(second);
    const { builder, derived, upperMs, unitsPerMs } = this.columns;
    const order = builder.binary(0);
    derived.push({ column: order, of: (point) => (point[a.start] <= point[b.start] ? 1 : 0) });
    const big = 2 * upperMs * unitsPerMs;
    const after = (x: typeof a, y: typeof a, ms: number, sign: number, full: number): void =>
      builder.row(
        [
          [y.start, 1],
          [x.start, -1],
          [x.isSent, -big],
          [y.isSent, -big],
          [order, -big * sign],
        ],
        ms * unitsPerMs - big * full,
        Infinity,
      );
    after(a, b, this.transferMs(first), 1, 3);
    after(b, a, this.transferMs(second), -1, 2);
  }

  private transferMs({ result, from, to }: Transfer): number {
    const { transfers, resultBytes } = this.columns.model.problem;
    if (transfers.kind !== 'links') return 0;
    const pair = from * this.columns.model.deviceCount + to;
    return linkMs(transfers.latencyMs[pair], transfers.msPerByte[pair], resultBytes[result]);
  }

  /** Start of a transfer, and whether it takes place: after the result is there, and before its readers start. */
  private sentColumns(transfer: Transfer): { start: number; isSent: number } {
    const known = this.sent.get(keyOf(transfer));
    if (known) return known;
    const { model, builder, derived, place, start, unitsPerMs, upperMs } = this.columns;
    const { resultProducer, resultReaders, groupOf } = model.problem;
    const { result, from, to } = transfer;
    const producer = resultProducer[result];
    const source = place[groupOf[producer] * model.deviceCount + from];
    const sent = { start: builder.column(0, 0, upperMs * unitsPerMs), isSent: 0 };
    derived.push({
      column: sent.start,
      of: (point) => (point[sent.start] > 0 ? point[sent.start] : endOf(point)),
    });
    const durations = durationTerms(this.columns, producer, 1);
    const endOf = (point: Float64Array): number =>
      durations.reduce((sum, [column, ms]) => sum + ms * point[column], point[start[producer]]);
    const isSent = builder.column(0, 0, 1);
    const targets: number[] = [];
    builder.row(summed([[sent.start, 1], [start[producer], -1], ...negated(durations)]), 0, Infinity);
    const big = 2 * upperMs * unitsPerMs;
    const ms = this.transferMs(transfer) * unitsPerMs;
    for (let i = resultReaders.offsets[result]; i < resultReaders.offsets[result + 1]; i++) {
      const reader = resultReaders.items[i];
      const target = place[groupOf[reader] * model.deviceCount + to];
      if (target < 0) continue;
      targets.push(target);
      builder.row([[isSent, 1], [source, -1], [target, -1]], -1, Infinity); // prettier-ignore
      builder.row(
        [
          [start[reader], 1],
          [sent.start, -1],
          [source, -big],
          [target, -big],
        ],
        ms - 2 * big,
        Infinity,
      );
    }
    derived.push({
      column: isSent,
      of: (point) => Math.max(0, ...targets.map((target) => point[source] + point[target] - 1)),
    });
    const columns = { start: sent.start, isSent };
    this.sent.set(keyOf(transfer), columns);
    return columns;
  }
}

const keyOf = ({ result, from, to }: Transfer): string => `${result} ${from} ${to}`;
