import type { Workbench } from './workbench';
import type { ConsoleLog } from './consoleLog';
import type { Environment, OtherServer } from './environment';

/** What a scenario works with: its own workspace, a copy of the samples, open in VS Code. */
export interface Context {
  readonly environment: Environment;
  readonly workbench: Workbench;
  readonly console: ConsoleLog;
  /** Folder of the workspace. */
  readonly workspace: string;
}

/** Something a user does from beginning to end. It throws where the product does something else. */
export interface Scenario {
  readonly name: string;
  /** Where it runs: in an English VS Code with the extension on Node, unless told otherwise. */
  readonly server?: OtherServer;
  /** Changes the workspace on disk before VS Code opens it. */
  prepare?(workspace: string): void;
  run(context: Context): Promise<void>;
}
