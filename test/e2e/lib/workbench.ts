import type { FrameLocator, Locator, Page } from 'playwright-core';
import { until } from './until';

const quickInput = '.quick-input-widget input[type=text]';

const webviewFrame = 'iframe.webview.ready:visible';
const textEditor = '.editor-instance .view-lines:visible, .monaco-editor-pane-placeholder:visible';

/** VS Code's own window: explorer, tabs, command palette, dialogs. */
export class Workbench {
  constructor(
    readonly page: Page,
    private readonly serverUrl: string,
  ) {}

  /** Opens a folder and waits until Headroom's commands are known: before, a model file opens as text. */
  async open(folder: string): Promise<void> {
    await this.page.goto(`${this.serverUrl}/?folder=${encodeURIComponent(folder)}`);
    await this.ready();
  }

  /**
   * Reloads the window by VS Code's own command: it stores its state first, for which a browser that is told to reload
   * leaves no time.
   */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  private async ready(): Promise<void> {
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor();
    await this.waitForHeadroom();
  }

  private async waitForHeadroom(): Promise<void> {
    await until(
      async () => {
        await this.page.keyboard.press('F1');
        await this.page.locator(quickInput).first().fill('>Headroom');
        const found = await this.paletteRow(/^Headroom: /)
          .waitFor({ timeout: 500 })
          .then(
            () => true,
            () => false,
          );
        await this.page.keyboard.press('Escape');
        return found;
      },
      'the command palette offers commands of Headroom',
      60_000,
    );
  }

  async runCommand(title: string): Promise<void> {
    const input = this.page.locator(quickInput).first();
    // A window that is busy can close the palette again before it is typed into.
    await until(async () => {
      await this.page.keyboard.press('F1');
      return input.fill(`>${title}`, { timeout: 5_000 }).then(
        () => true,
        () => false,
      );
    }, 'the command palette opens');
    await this.paletteRow(exactly(title)).click();
  }

  /** Whether the palette has a command now. */
  async offers(title: string): Promise<boolean> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator(quickInput).first();
    await input.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    const found = await this.paletteRow(exactly(title)).isVisible();
    await this.page.keyboard.press('Escape');
    return found;
  }

  /** Chooses an entry of the list that a command has opened. */
  async pick(label: string): Promise<void> {
    await this.paletteRow(exactly(label)).click();
  }

  private paletteRow(title: RegExp): Locator {
    const label = this.page.locator('.label-name', { hasText: title });
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ has: label }).first();
  }

  explorerFile(name: string): Locator {
    return this.page.locator('.explorer-folders-view').getByRole('treeitem', { name, exact: true });
  }

  /** Picks an item of the context menu of something. A menu that has just opened ignores clicks: then again. */
  async chooseInMenu(target: Locator, item: string): Promise<void> {
    await target.click({ button: 'right' });
    const entry = this.page.locator('.context-view .action-label', { hasText: item }).first();
    await entry.waitFor();
    await until(async () => {
      if (await entry.isVisible()) await entry.click({ timeout: 1_000 });
      return !(await entry.isVisible());
    }, `the menu takes "${item}"`);
  }

  tab(fileName: string): Locator {
    return this.page.locator(`.tab[data-resource-name="${fileName}"]`);
  }

  async isDirty(fileName: string): Promise<boolean> {
    return /\bdirty\b/.test((await this.tab(fileName).first().getAttribute('class')) ?? '');
  }

  async waitForDirty(fileName: string, dirty: boolean): Promise<void> {
    await until(
      async () => (await this.isDirty(fileName)) === dirty,
      `${fileName} is ${dirty ? '' : 'not '}dirty`,
    );
  }

  /**
   * Opens a file in its custom editor. Double click, as opposed to a click, keeps the tab when the next file is opened.
   * For a moment after the window opens VS Code does not know custom editors yet and takes the text editor: then again.
   */
  async openFromExplorer(fileName: string): Promise<void> {
    await until(async () => {
      await this.explorerFile(fileName).dblclick();
      // A window that is still settling can swallow a double click: then again, rather than wait on.
      await this.tab(fileName).waitFor({ timeout: 8_000 });
      const opened = this.page.locator(`${webviewFrame}, ${textEditor}`).first();
      await opened.waitFor();
      if ((await opened.evaluate((element) => element.tagName)) === 'IFRAME') return true;
      await this.closeActiveEditor();
      return false;
    }, `${fileName} opens in Headroom`);
  }

  async closeActiveEditor(): Promise<void> {
    await this.runCommand('View: Close Editor');
  }

  /** Answers the save dialog, which files.simpleDialog.enable draws inside the page. */
  async saveAs(file: string): Promise<void> {
    const input = this.page.locator(quickInput).first();
    await input.waitFor();
    // The dialog fills in its suggestion after it appears.
    await until(async () => (await input.inputValue()) !== '', 'the save dialog suggests a name');
    // It may also put the suggestion back while it looks at the folder: the name has to stay for a while.
    await until(async () => {
      await input.fill(file);
      await this.page.waitForTimeout(300);
      return (await input.inputValue()) === file;
    }, 'the save dialog keeps the name');
    await this.page.keyboard.press('Enter');
  }

  notification(text: string): Locator {
    return this.page.locator('.notifications-toasts .notification-toast', { hasText: text });
  }

  /** Documents of the webviews that are visible; VS Code keeps hidden ones in the page. */
  webview(index = 0): FrameLocator {
    return this.page
      .locator(webviewFrame)
      .nth(index)
      .contentFrame()
      .locator('iframe#active-frame')
      .contentFrame();
  }
}

const exactly = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
