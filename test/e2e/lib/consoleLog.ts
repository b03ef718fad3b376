import type { Page } from 'playwright-core';

/** Errors the workbench itself causes; anything else that is an error is ours. */
const harmless = [
  /vsda/, // Microsoft's licence module, which is not part of open builds
];

/** Errors the page and its frames print, among them violations of the content security policy. */
export class ConsoleLog {
  readonly errors: string[] = [];

  constructor(page: Page) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.add(`${message.text()} [${message.location().url}]`);
    });
    page.on('pageerror', (error) => this.add(error.stack ?? error.message));
  }

  private add(text: string): void {
    if (!harmless.some((pattern) => pattern.test(text))) this.errors.push(text);
  }
}
