import type { Job } from '../../base/job';
import type { NodeId, Rows, ValueId } from '../../step/stepGraph';
import type { RetentionFacts } from './retentionFacts';

/** A set of values is the bits of one number. */
const mostValues = 30;
/** States looked at before the search gives up. */
const mostStates = 400_000;

/** The least added time with [before, node] pairs that reach it; undefined when nothing under the limit exists. */
export interface SearchOutcome {
  readonly best: { readonly addedMs: number; readonly recomputations: Int32Array } | undefined;
}

/**
 * Exhaustive branch and bound over everything that can be done within a budget: from any set of resident values any
 * node whose inputs are there may run again, and anything may be dropped to make room. For small steps whose integer
 * programs leave a gap: those know neither the order of repeats within a stage nor that a node may run twice in it.
 * Looks only for plans that add less than `underMs`. undefined when the step is too large or the search too long.
 */
export async function searchStates(
  facts: RetentionFacts,
  budgetBytes: number,
  underMs: number,
  job: Job,
): Promise<SearchOutcome | undefined> {
  const bits = bitsOfValues(facts);
  return bits && new StateSearch(facts, bits, budgetBytes, underMs, job).run();
}

class StateSearch {
  /** Bytes of the values that come and go, by bit. */
  private readonly bytes: number[] = [];
  private readonly needs: Int32Array;
  private readonly makes: Int32Array;
  /** By node: bytes of permanent values that are there before it runs for the first time. */
  private readonly permanentBytes: Float64Array;
  /** By node: what it or a later node may read, in any number of repeats. */
  private readonly wanted: Int32Array;
  private start = 0;
  private readonly cheapest = new Map<number, number>();
  private readonly pairs: [NodeId, NodeId][] = [];
  private best: SearchOutcome['best'];
  private states = 0;

  constructor(
    private readonly facts: RetentionFacts,
    bits: Int32Array,
    private readonly budgetBytes: number,
    private underMs: number,
    private readonly job: Job,
  ) {
    const { step, repeatable } = facts;
    const { nodeCount, valueBytes } = step;
    bits.forEach((bit, value) => {
      if (bit) this.bytes[Math.log2(bit)] = valueBytes[value];
    });
    const maskOf = ({ offsets, items }: Rows, node: NodeId): number => {
      let mask = 0;
      for (let i = offsets[node]; i < offsets[node + 1]; i++) mask |= bits[items[i]];
      return mask;
    };
    const nodes = Array.from({ length: nodeCount }, (_, node) => node);
    this.needs = Int32Array.from(nodes, (node) => maskOf(step.inputs, node) | maskOf(step.updates, node));
    this.makes = Int32Array.from(nodes, (node) => maskOf(step.outputs, node));
    this.wanted = new Int32Array(nodeCount + 1);
    for (let next = nodeCount - 1; next >= 0; next--) {
      let wanted = this.wanted[next + 1] | this.needs[next];
      for (let node = nodeCount - 1; node >= 0; node--)
        if (repeatable[node] && this.makes[node] & wanted) wanted |= this.needs[node];
      this.wanted[next] = wanted;
    }
    this.permanentBytes = new Float64Array(nodeCount + 1);
    for (let value = 0; value < step.valueCount; value++) {
      const made = step.residentAtStart[value] ? -1 : step.producer[value];
      if (bits[value] || (made < 0 && !step.residentAtStart[value])) continue;
      for (let node = made + 1; node <= nodeCount; node++) this.permanentBytes[node] += valueBytes[value];
    }
    for (const [value, bit] of bits.entries()) if (step.residentAtStart[value]) this.start |= bit;
  }

  async run(): Promise<SearchOutcome | undefined> {
    await this.visit(0, this.start, 0);
    return this.states > mostStates ? undefined : { best: this.best };
  }

  private async visit(next: NodeId, resident: number, addedMs: number): Promise<void> {
    const { step, repeatable } = this.facts;
    if (addedMs >= this.underMs || this.states > mostStates) return;
    if (next === step.nodeCount) {
      this.underMs = addedMs;
      this.best = { addedMs, recomputations: Int32Array.from(this.pairs.flat()) };
      return;
    }
    const there = resident & this.wanted[next];
    const key = next * 2 ** mostValues + there;
    if ((this.cheapest.get(key) ?? Infinity) <= addedMs) return;
    this.cheapest.set(key, addedMs);
    if (++this.states % 1000 === 0) await this.job.checkpoint();
    for (const after of this.afterRunning(next, next, there)) await this.visit(next + 1, after, addedMs);
    for (let node = 0; node < next; node++) {
      if (!repeatable[node] || (this.makes[node] & this.wanted[next] & ~there) === 0) continue;
      this.pairs.push([next, node]);
      for (const after of this.afterRunning(node, next, there))
        await this.visit(next, after, addedMs + step.durationMs[node]);
      this.pairs.pop();
    }
  }

  /** What can be resident after a node has run: dropped for it is nothing that could have stayed. */
  private afterRunning(node: NodeId, next: NodeId, resident: number): number[] {
    const needs = this.needs[node];
    const makes = this.makes[node];
    const found: number[] = [];
    if (needs & ~resident) return found;
    const droppable = resident & ~needs & ~makes;
    const fixed = this.permanentBytes[node === next ? next + 1 : next] + this.facts.step.workspaceBytes[node];
    const excess = fixed + this.bytesOf(resident | makes) - this.budgetBytes;
    const drop = (bit: number, dropped: number, left: number): void => {
      if (left <= 0) {
        found.push((resident & ~dropped) | makes);
        return;
      }
      for (let other = bit; other < this.bytes.length; other++)
        if ((droppable >> other) & 1) drop(other + 1, dropped | (1 << other), left - this.bytes[other]);
    };
    drop(0, 0, excess);
    return found;
  }

  private bytesOf(mask: number): number {
    let sum = 0;
    for (let bit = 0; bit < this.bytes.length; bit++) if ((mask >> bit) & 1) sum += this.bytes[bit];
    return sum;
  }
}

/** A bit for every value that comes and goes, large ones first; undefined when there are too many. */
function bitsOfValues({ step, isPermanent, lastUse }: RetentionFacts): Int32Array | undefined {
  const bits = new Int32Array(step.valueCount);
  const values: ValueId[] = [];
  for (let value = 0; value < step.valueCount; value++) {
    // What is there from the start and never read stays.
    const stays = isPermanent[value] === 1 || (step.residentAtStart[value] === 1 && lastUse[value] < 0);
    if (!stays) values.push(value);
  }
  if (values.length > mostValues) return undefined;
  values.sort((a, b) => step.valueBytes[b] - step.valueBytes[a] || a - b);
  values.forEach((value, bit) => (bits[value] = 1 << bit));
  return bits;
}
