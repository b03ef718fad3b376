import * as vscode from 'vscode';
import { defaultDeviceName } from '../planner-core/devices/catalogue';
import {
  checkAllocatorSettings,
  defaultAllocatorSettings,
  type AllocatorSettings,
} from '../planner-core/session/allocatorSettings';
import { findMachine } from '../planner-core/devices/machinePresets';
import { machineChecks } from '../planner-core/plan/machineChecks';
import type { DefaultMachine, Defaults } from './document/defaultInputs';

/** The extension's settings, as they hold for one file. */
export interface Settings {
  readonly defaults: Defaults;
  /** How the memory of CUDA devices is accounted for. */
  readonly allocator: AllocatorSettings;
  /** Relative to the workspace folder; '' for none. */
  readonly calibrationFile: string;
  /** Largest model, in megabytes, that is read from a file system that cannot read parts of files. */
  readonly maxRemoteFileSizeMB: number;
  /** How long a proof is searched for in the background; undefined: not at all. */
  readonly refineLimitS: number | undefined;
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
      machine: usableMachine(configuration.get('machine', '')),
    },
    allocator: usableAllocatorSettings({
      allocator: configuration.get('allocator.kind', 'default'),
      roundupPower2Divisions: configuration.get('allocator.roundupPower2Divisions', 1),
      maxSplitSizeMiB: configuration.get('allocator.maxSplitSizeMiB', 0),
      contextBytes: configuration.get('allocator.contextMiB', 450) * 2 ** 20,
      cublasWorkspace: configuration.get('allocator.cublasWorkspace', 'auto'),
    }),
    calibrationFile: configuration.get('calibrationFile', ''),
    maxRemoteFileSizeMB: configuration.get('maxRemoteFileSizeMB', 256),
    refineLimitS: configuration.get('refineInBackground', true)
      ? configuration.get('refineTimeLimitS', 30)
      : undefined,
  };
}

/** The name of a common machine, or devices and links as plans write them; anything else counts as not set. */
export function usableMachine(setting: unknown): DefaultMachine | undefined {
  if (typeof setting === 'string') return findMachine(setting);
  const bad = (path: string, what: string): Error => new Error(`headroom.machine: ${path} ${what}`);
  try {
    return machineChecks(bad).machine(setting, '');
  } catch {
    return undefined;
  }
}

/** The settings editor marks what is not allowed; what is written all the same counts as not set. */
function usableAllocatorSettings(settings: AllocatorSettings): AllocatorSettings {
  try {
    return checkAllocatorSettings(settings);
  } catch {
    return defaultAllocatorSettings;
  }
}
