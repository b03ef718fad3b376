import type { NodeId, StepGraph, ValueId } from '../../step/stepGraph';
import type { Lifetimes } from './lifetimes';

/**
 * Moments that are looked at, for each gap and node of the step: hardly a step needs one, but a value may have to be
 * there ever earlier over as many rounds as there are nodes.
 */
const mostChecks = 64;

/**
 * What must be there whatever is planned, under one budget. A value that is absent at some moment has to be made again
 * before its next use; where its producer does not fit beside what must be there anyway, at any time left for it, the
 * value must be there itself, and so on until nothing changes. When that is more than the budget at some base node,
 * no plan fits, because of that node.
 */
export class ForcedResidency {
  private readonly step: StepGraph;
  /** By x: bytes of what is there for certain between base nodes x - 1 and x. */
  private readonly certainBetween: Float64Array;
  /** By value that cannot return: the node from which it is there without a break; nodeCount when there is none. */
  private readonly unbrokenFrom: Int32Array;
  /** By gap: the value must be there from this base node on until the gap ends. */
  private readonly keptFrom: Int32Array;
  /** `keptFrom` when it was added up last: what `keptBetween` counts. */
  private readonly countedFrom: Int32Array;
  private readonly keptAt: Float64Array;
  private readonly keptBetween: Float64Array;

  constructor(private readonly lifetimes: Lifetimes) {
    const { step } = lifetimes;
    this.step = step;
    const { nodeCount, valueCount, residentAtStart, residentAtEnd, producer, valueBytes } = step;
    const { canReturn, isMadeOnce, lastEvent, gapCount } = this.lifetimes;
    this.unbrokenFrom = Int32Array.from({ length: valueCount }, (_, value) => {
      if (canReturn[value] || !(isMadeOnce[value] || residentAtEnd[value])) return nodeCount;
      return residentAtStart[value] ? -1 : producer[value];
    });
    this.certainBetween = new Float64Array(nodeCount + 2);
    for (let value = 0; value < valueCount; value++) {
      const from = this.unbrokenFrom[value];
      if (from >= lastEvent[value]) continue;
      this.certainBetween[from + 1] += valueBytes[value];
      this.certainBetween[Math.min(nodeCount, lastEvent[value]) + 1] -= valueBytes[value];
    }
    for (let x = 1; x <= nodeCount; x++) this.certainBetween[x] += this.certainBetween[x - 1];
    this.keptFrom = new Int32Array(gapCount);
    this.countedFrom = new Int32Array(gapCount);
    this.keptAt = new Float64Array(nodeCount + 1);
    this.keptBetween = new Float64Array(nodeCount + 2);
  }

  /**
   * A base node because of which no plan fits the budget; undefined when none is found in `checks` looks. What is forced
   * by then is so for certain: fewer looks prove less, but nothing wrong.
   */
  obstacle(
    budgetBytes: number,
    checks = mostChecks * (this.lifetimes.gapCount + this.step.nodeCount),
  ): NodeId | undefined {
    const { step, lifetimes, keptFrom } = this;
    keptFrom.set(lifetimes.gapEnd);
    let left = checks;
    for (let changed = true; changed;) {
      const node = this.addUp(budgetBytes);
      if (node !== undefined) return node;
      changed = false;
      for (let gap = 0; gap < lifetimes.gapCount; gap++) {
        const producer = step.producer[lifetimes.gapValue[gap]];
        // Moments from `keptFrom` on come too late for a run after them; is there room just before?
        while (
          keptFrom[gap] > lifetimes.gapStart[gap] + 1 &&
          left-- > 0 &&
          !this.fits(producer, keptFrom[gap], budgetBytes)
        ) {
          keptFrom[gap]--;
          changed = true;
        }
      }
    }
    return undefined;
  }

  /** Could `node` run again between base nodes x - 1 and x, beside all that must be there? */
  private fits(node: NodeId, x: NodeId, budgetBytes: number): boolean {
    const { inputs, outputs, updates, valueBytes, workspaceBytes } = this.step;
    let bytes = this.certainBetween[x] + this.keptBetween[x] + workspaceBytes[node];
    for (const rows of [inputs, outputs, updates]) {
      for (let i = rows.offsets[node]; i < rows.offsets[node + 1]; i++)
        if (!this.isForced(rows.items[i], x)) bytes += valueBytes[rows.items[i]];
    }
    return bytes <= budgetBytes;
  }

  /** Is the value counted between base nodes x - 1 and x already? */
  private isForced(value: ValueId, x: NodeId): boolean {
    const { gapsOfValue, gapStart, gapEnd, lastEvent, canReturn } = this.lifetimes;
    if (!canReturn[value]) return this.unbrokenFrom[value] < x && lastEvent[value] >= x;
    for (let i = gapsOfValue.offsets[value]; i < gapsOfValue.offsets[value + 1]; i++) {
      const gap = gapsOfValue.items[i];
      if (gapStart[gap] < x && gapEnd[gap] >= x) return this.countedFrom[gap] < x;
    }
    return false;
  }

  /** Adds up what is forced by now; returns the base node that needs the most when that is over budget. */
  private addUp(budgetBytes: number): NodeId | undefined {
    const { keptFrom, countedFrom, keptAt, keptBetween, lifetimes, step } = this;
    countedFrom.set(keptFrom);
    keptAt.fill(0);
    keptBetween.fill(0);
    for (let gap = 0; gap < lifetimes.gapCount; gap++) {
      const from = keptFrom[gap];
      const end = lifetimes.gapEnd[gap];
      if (from >= end) continue;
      const bytes = step.valueBytes[lifetimes.gapValue[gap]];
      keptAt[from] += bytes;
      keptAt[end] -= bytes;
      keptBetween[from + 1] += bytes;
      keptBetween[end + 1] -= bytes;
    }
    let worst: NodeId | undefined;
    let most = budgetBytes;
    for (let node = 0, kept = 0; node < step.nodeCount; node++) {
      kept += keptAt[node];
      if (lifetimes.certainBytes[node] + kept <= most) continue;
      most = lifetimes.certainBytes[node] + kept;
      worst = node;
    }
    for (let x = 1; x <= step.nodeCount; x++) keptBetween[x] += keptBetween[x - 1];
    return worst;
  }
}
