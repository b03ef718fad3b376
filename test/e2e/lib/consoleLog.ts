import type { Page } from 'playwright-core';

/** Errors that the page and its frames print and that are about Headroom; VS Code has some of its own. */
export class ConsoleLog {
  /** Uncaught errors, failed requests and violations of the content security policy among them. */
  readonly errors: string[] = [];

  constructor(page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.add(`${message.text()} [${message.location().url}]`);
    });
    page.on('pageerror', (error) => this.add(error.stack ?? error.message));
  }

  private add(text: string): void {
    // Extension host, worker and view all name the extension or its files.
    if (/headroom/i.test(text)) this.errors.push(text);
  }
}
