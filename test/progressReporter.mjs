import path from 'node:path';

const periodMs = 60_000;

/**
 * A reporter for vitest that says once a minute how many test files are done and which are under way: a run of minutes
 * shows that it lives, and where it hangs if it does not.
 */
export default class ProgressReporter {
  #total = 0;
  #done = 0;
  #running = new Set();
  #timer;

  onTestRunStart(specifications) {
    this.#total = specifications.length;
    this.#timer = setInterval(() => {
      const names = [...this.#running].map((file) => path.relative(process.cwd(), file));
      console.log(`${this.#done} of ${this.#total} test files done; running ${names.join(', ')}`);
    }, periodMs);
  }

  onTestModuleStart({ moduleId }) {
    this.#running.add(moduleId);
  }

  onTestModuleEnd({ moduleId }) {
    this.#running.delete(moduleId);
    this.#done++;
  }

  onTestRunEnd() {
    clearInterval(this.#timer);
  }
}
