/** With Headroom in the extension host of the browser, where there is no Node; with VS Code set to Chinese. */
export type OtherServer = 'browser' | 'zh-cn';

/** What run.mjs prepared: a VS Code server with Headroom installed. */
export interface Environment {
  readonly repoRoot: string;
  /** Address of the server. */
  readonly serverUrl: string;
  /** Address of another one, which it starts. */
  otherServerUrl(name: OtherServer): Promise<string>;
  /** Executable of the Chromium to drive. */
  readonly browserPath: string;
  /** Removed after the run; each scenario gets a workspace in it. */
  readonly temporaryFolder: string;
  /** Screenshots and logs of scenarios that failed. */
  readonly artifactsFolder: string;
}
