/** A queue that gives what costs least first, and of equal cost what came last: deep states end a search sooner. */
export class StateQueue<T> {
  private readonly items: T[] = [];
  private readonly costs: number[] = [];
  private readonly ages: number[] = [];
  private count = 0;

  push(item: T, cost: number): void {
    let at = this.items.length;
    this.items.push(item);
    this.costs.push(cost);
    this.ages.push(this.count++);
    for (let parent = (at - 1) >> 1; at > 0 && this.isBefore(at, parent); parent = (at - 1) >> 1) {
      this.swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const { items } = this;
    if (items.length === 0) return undefined;
    this.swap(0, items.length - 1);
    const first = items.pop();
    this.costs.pop();
    this.ages.pop();
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < items.length && this.isBefore(child, least)) least = child;
      if (least === at) return first;
      this.swap(at, least);
      at = least;
    }
  }

  private isBefore(a: number, b: number): boolean {
    return this.costs[a] !== this.costs[b] ? this.costs[a] < this.costs[b] : this.ages[a] > this.ages[b];
  }

  private swap(a: number, b: number): void {
    for (const list of [this.items, this.costs, this.ages] as unknown[][])
      [list[a], list[b]] = [list[b], list[a]];
  }
}
