import type { NodeId, ValueId } from '../../step/stepGraph';
import type { Lifetimes } from './lifetimes';

/** What a value of the multipliers proves: at least `atZeroMs - msPerByte * budget` is added under any budget. */
export interface BoundLine {
  readonly atZeroMs: number;
  readonly msPerByte: number;
  /** The moment with the largest multiplier. */
  readonly node: NodeId;
}

/** Moments with a price of their own. */
export const maxPricedMoments = 16;

/**
 * The Lagrangian relaxation of the memory limit: while some base nodes ("moments") run, each byte that is there costs
 * a price, and the budget is paid back; what remains is separable, and its least cost is a bound for every budget at once.
 *
 * Why it is valid. Take any plan under budget M that runs base nodes in their order. For each value and each of its gaps
 * (see Lifetimes): at every priced moment in the gap the value is there and pays, or it is absent and its producer runs
 * again after the last moment of absence and before the gap ends. Runs in different gaps of a value are different runs;
 * runs of nodes with several results are shared out between the results, by shares that add up to at most the time of
 * the node. So the sum of least costs over the gaps is at most prices paid plus time added, and the prices paid are at
 * most the sum of price times M. Moments with disjoint gaps add up; one gap that spans several is charged once.
 *
 * Inputs. A run of a producer needs its inputs. One that no base node uses any more (its "tail") must have been kept
 * since its last event, paying at the moments since then, or must run again too. What that costs at least is charged
 * to a single gap, or a single other tail, of which it is an input: charged once, it cannot be counted double.
 */
export class LagrangianBound {
  /** Priced moments, ascending, and their prices in ms a byte. */
  readonly moments: number[] = [];
  readonly prices: number[] = [];
  /** By node: bytes there in the cheapest answer to the prices of the last evaluation. */
  readonly usedBytes: Float64Array;

  private timeScale = 1;
  private readonly change: Float64Array;
  /** By node n, 0..nodeCount: number of moments before it. */
  private readonly momentsBefore: Int32Array;
  private readonly priceSum = new Float64Array(maxPricedMoments + 1);
  /** By value: its part of its producer's time. */
  private readonly shareMs: Float64Array;
  /** Lists of the tails charged to a gap, and to a tail; -1 ends them. */
  private readonly firstOfGap: Int32Array;
  private readonly firstOfTail: Int32Array;
  private readonly nextTail: Int32Array;
  /** What a gap, or a charged tail, can still be charged with effect. */
  private readonly gapRoom: Float64Array;
  private readonly tailRoom: Float64Array;
  private readonly charged: ValueId[] = [];
  /** By charged tail and slot (the time between two moments): the least cost of having it there. */
  private readonly charge: Float64Array;
  private readonly runsAgain: Uint8Array;
  /** Values whose tail may be charged, from the last made to the first, with the nodes that read them. */
  private readonly tails: Int32Array;

  constructor(private readonly lifetimes: Lifetimes) {
    const { step, gapCount } = lifetimes;
    const { nodeCount, valueCount } = step;
    this.usedBytes = new Float64Array(nodeCount);
    this.change = new Float64Array(nodeCount + 1);
    this.momentsBefore = new Int32Array(nodeCount + 1);
    this.shareMs = new Float64Array(valueCount);
    this.firstOfGap = new Int32Array(gapCount);
    this.firstOfTail = new Int32Array(valueCount);
    this.nextTail = new Int32Array(valueCount);
    this.gapRoom = new Float64Array(gapCount);
    this.tailRoom = new Float64Array(valueCount);
    this.charge = new Float64Array(valueCount * (maxPricedMoments + 1));
    this.runsAgain = new Uint8Array(valueCount * (maxPricedMoments + 1));
    this.tails = tailsOf(lifetimes);
  }

  addMoment(node: NodeId, price: number): void {
    let at = 0;
    while (at < this.moments.length && this.moments[at] < node) at++;
    this.moments.splice(at, 0, node);
    this.prices.splice(at, 0, price);
  }

  removeMoment(index: number): void {
    this.moments.splice(index, 1);
    this.prices.splice(index, 1);
  }

  /** Do the present prices prove that no plan fits, whatever time it takes: is the bound positive if time is free? */
  provesInfeasible(budgetBytes: number): boolean {
    this.timeScale = 0;
    const { atZeroMs, msPerByte } = this.evaluate();
    this.timeScale = 1;
    // Prices may be large and their sums are rounded: a hair over the budget proves nothing.
    return atZeroMs > msPerByte * budgetBytes * (1 + 1e-9);
  }

  /** What the present prices prove; sets `usedBytes`. */
  evaluate(): BoundLine {
    const { moments, prices, priceSum, lifetimes, change } = this;
    const { step, certainBytes } = lifetimes;
    this.countMoments();
    this.shareTimes();
    this.chargeTails();
    change.fill(0);
    let atZeroMs = 0;
    for (let k = 0; k < moments.length; k++) atZeroMs += prices[k] * certainBytes[moments[k]];
    for (let gap = 0; gap < lifetimes.gapCount; gap++) atZeroMs += this.costOfGap(gap);
    for (let node = 0, live = 0; node < step.nodeCount; node++) {
      live += change[node];
      this.usedBytes[node] = live + certainBytes[node];
    }
    let largest = 0;
    for (let k = 1; k < moments.length; k++) if (prices[k] > prices[largest]) largest = k;
    return { atZeroMs, msPerByte: priceSum[moments.length], node: moments[largest] ?? -1 };
  }

  private countMoments(): void {
    const { moments, momentsBefore, prices, priceSum } = this;
    let at = 0;
    for (let node = 0; node < momentsBefore.length; node++) {
      momentsBefore[node] = at;
      if (at < moments.length && moments[at] === node) at++;
    }
    for (let k = 0; k < moments.length; k++) priceSum[k + 1] = priceSum[k] + prices[k];
  }

  /** What keeping the value through all of a gap pays. */
  private keepMs(gap: number): number {
    const { momentsBefore, priceSum, lifetimes } = this;
    const from = momentsBefore[lifetimes.gapStart[gap] + 1];
    const to = momentsBefore[lifetimes.gapEnd[gap]];
    return (priceSum[to] - priceSum[from]) * lifetimes.step.valueBytes[lifetimes.gapValue[gap]];
  }

  /** Shares each node's time out between its results, by what keeping them would pay. */
  private shareTimes(): void {
    const { step, gapCount, gapValue } = this.lifetimes;
    const { offsets, items } = step.outputs;
    const { shareMs, gapRoom } = this;
    shareMs.fill(0);
    for (let gap = 0; gap < gapCount; gap++) {
      gapRoom[gap] = this.keepMs(gap);
      shareMs[gapValue[gap]] = Math.max(shareMs[gapValue[gap]], gapRoom[gap]);
    }
    for (let node = 0; node < step.nodeCount; node++) {
      const count = offsets[node + 1] - offsets[node];
      let sum = 0;
      for (let i = offsets[node]; i < offsets[node + 1]; i++) sum += shareMs[items[i]];
      for (let i = offsets[node]; i < offsets[node + 1]; i++)
        shareMs[items[i]] =
          this.timeScale * step.durationMs[node] * (sum > 0 ? shareMs[items[i]] / sum : 1 / count);
    }
    for (let gap = 0; gap < gapCount; gap++) gapRoom[gap] -= shareMs[gapValue[gap]];
  }

  /** Charges tails to what has most room for them, and computes what they cost at least. */
  private chargeTails(): void {
    const { charged, firstOfGap, firstOfTail, nextTail, gapRoom, tailRoom, priceSum, momentsBefore } = this;
    const { step, lastEvent, canReturn } = this.lifetimes;
    charged.length = 0;
    firstOfGap.fill(-1);
    firstOfTail.fill(-1);
    tailRoom.fill(0);
    const count = this.moments.length;
    const { offsets, items } = this.lifetimes.readersAgain;
    for (const value of this.tails) {
      const from = momentsBefore[lastEvent[value] + 1];
      if (from === count) continue;
      let room = 0;
      let bestGap = -1;
      let bestTail = -1;
      for (let u = offsets[value]; u < offsets[value + 1]; u++) {
        const { outputs } = step;
        for (let i = outputs.offsets[items[u]]; i < outputs.offsets[items[u] + 1]; i++) {
          const made = outputs.items[i];
          if (tailRoom[made] > room) {
            room = tailRoom[made];
            bestGap = -1;
            bestTail = made;
          }
          const gaps = this.lifetimes.gapsOfValue;
          for (let g = gaps.offsets[made]; g < gaps.offsets[made + 1]; g++) {
            const gap = gaps.items[g];
            if (gapRoom[gap] <= room || this.lifetimes.gapEnd[gap] <= lastEvent[value]) continue;
            room = gapRoom[gap];
            bestGap = gap;
            bestTail = -1;
          }
        }
      }
      if (room <= 0) continue;
      const keepMs = (priceSum[count] - priceSum[from]) * step.valueBytes[value];
      const againMs = canReturn[value] ? this.shareMs[value] : Infinity;
      tailRoom[value] = canReturn[value] ? Math.min(room, keepMs) - againMs : 0;
      charged.push(value);
      if (bestTail >= 0) {
        nextTail[value] = firstOfTail[bestTail];
        firstOfTail[bestTail] = value;
        tailRoom[bestTail] -= Math.min(keepMs, againMs);
      } else {
        nextTail[value] = firstOfGap[bestGap];
        firstOfGap[bestGap] = value;
        gapRoom[bestGap] -= Math.min(keepMs, againMs);
      }
    }
    // Inputs are charged after what they are charged to: backwards, they come first.
    for (let i = charged.length - 1; i >= 0; i--) this.costOfTail(charged[i]);
  }

  private costOfTail(value: ValueId): void {
    const { charge, runsAgain, prices, shareMs, momentsBefore } = this;
    const { step, lastEvent, canReturn } = this.lifetimes;
    const row = value * (maxPricedMoments + 1);
    const from = momentsBefore[lastEvent[value] + 1];
    charge.fill(0, row, row + from + 1);
    for (let slot = from + 1; slot <= prices.length; slot++) {
      const kept = charge[row + slot - 1] + prices[slot - 1] * step.valueBytes[value];
      const again = canReturn[value]
        ? shareMs[value] + this.chargesOf(this.firstOfTail[value], slot)
        : Infinity;
      runsAgain[row + slot] = Number(again < kept);
      charge[row + slot] = Math.min(kept, again);
    }
  }

  /** Sum of what a list of tails costs at a slot. */
  private chargesOf(first: ValueId, slot: number): number {
    let sum = 0;
    for (let tail = first; tail >= 0; tail = this.nextTail[tail])
      sum += this.charge[tail * (maxPricedMoments + 1) + slot];
    return sum;
  }

  private costOfGap(gap: number): number {
    const { lifetimes, momentsBefore, moments, prices, shareMs } = this;
    const value = lifetimes.gapValue[gap];
    const bytes = lifetimes.step.valueBytes[value];
    const first = this.firstOfGap[gap];
    const to = momentsBefore[lifetimes.gapEnd[gap]];
    const keep = this.keepMs(gap);
    let least = keep;
    let slotOfRun = -1;
    if (first < 0) {
      if (shareMs[value] < least) {
        least = shareMs[value];
        slotOfRun = to;
      }
    } else {
      // Absent up to some moment of the gap, run again in the slot after it, kept from there on.
      const from = momentsBefore[lifetimes.gapStart[gap] + 1];
      let keptAfter = 0;
      for (let slot = to; slot > from; slot--) {
        const cost = shareMs[value] + this.chargesOf(first, slot) + keptAfter;
        if (cost < least) {
          least = cost;
          slotOfRun = slot;
        }
        keptAfter += prices[slot - 1] * bytes;
      }
    }
    const start = lifetimes.gapStart[gap] + 1;
    const end = lifetimes.gapEnd[gap];
    if (slotOfRun < 0) this.use(bytes, start, end);
    else if (slotOfRun < to) this.use(bytes, moments[slotOfRun - 1] + 1, end);
    if (slotOfRun >= 0) this.useTails(first, slotOfRun);
    return least;
  }

  private use(bytes: number, from: NodeId, to: NodeId): void {
    this.change[from] += bytes;
    this.change[to] -= bytes;
  }

  /** Counts the bytes of tails that are there because a run in `slot` reads them. */
  private useTails(first: ValueId, slot: number): void {
    const { momentsBefore, moments, runsAgain } = this;
    for (let tail = first; tail >= 0; tail = this.nextTail[tail]) {
      const row = tail * (maxPricedMoments + 1);
      const end = this.lifetimes.lastEvent[tail] + 1;
      const from = momentsBefore[end];
      if (slot <= from) continue;
      let at = slot;
      while (at > from && !runsAgain[row + at]) at--;
      const start = at > from ? moments[at - 1] + 1 : end;
      if (start <= moments[slot - 1])
        this.use(this.lifetimes.step.valueBytes[tail], start, moments[slot - 1] + 1);
      if (at > from) this.useTails(this.firstOfTail[tail], at);
    }
  }
}

/** Values that leave at some time and that a node reads which may run again, from the last made to the first. */
function tailsOf({ step, lastEvent, readersAgain, isMadeOnce }: Lifetimes): Int32Array {
  const values: ValueId[] = [];
  for (let value = 0; value < step.valueCount; value++) {
    const isRead = readersAgain.offsets[value] < readersAgain.offsets[value + 1];
    const leaves = isMadeOnce[value] && lastEvent[value] < step.nodeCount && step.valueBytes[value] > 0;
    if (isRead && leaves) values.push(value);
  }
  return Int32Array.from(values.sort((a, b) => step.producer[b] - step.producer[a] || a - b));
}
