/** Runs tasks one after the other, in the order they were given; a task that fails does not stop the next. */
export class Serial {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task);
    // Whoever asked for the task gets its failure.
    this.last = result.catch(() => undefined);
    return result;
  }
}
