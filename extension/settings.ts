import * as vscode from 'vscode';
import { defaultDeviceName } from '../planner-core/devices/catalogue';
import type { Defaults } from './document/defaultInputs';

/** The extension's settings, as they hold for one file. */
export interface Settings {
  readonly defaults: Defaults;
  /** Largest model, in megabytes, that is read from a file system that cannot read parts of files. */
  readonly maxRemoteFileSizeMB: number;
}

/** Reads the settings; package.json declares the same defaults. */
export function readSettings(scope: vscode.Uri): Settings {
  const configuration = vscode.workspace.getConfiguration('headroom', scope);
  return {
    defaults: {
      device: configuration.get('device', defaultDeviceName),
      budget: configuration.get('budget', ''),
      optimizer: configuration.get('optimizer', 'adamw'),
      loss: configuration.get('loss', 'sum'),
      precision: configuration.get('precision', 'fp32'),
      semantics: configuration.get('semantics', 'cuda'),
      strategy: configuration.get('strategy', 'module-checkpoint'),
      dimensions: configuration.get('dimensions', {}),
    },
    maxRemoteFileSizeMB: configuration.get('maxRemoteFileSizeMB', 256),
  };
}
