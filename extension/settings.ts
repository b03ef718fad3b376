import * as vscode from 'vscode';
import { HeadroomError, toErrorValue } from '../planner-core/base/errors';
import { defaultDeviceName, findDevice } from '../planner-core/devices/catalogue';
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
  /** Why the machine that is set is not used. */
  readonly machineProblem?: string;
  /** The device that is set, where the catalogue does not have it. */
  readonly unknownDevice?: string;
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
    unknownDevice: unknownDevice(configuration.get<unknown>('device', defaultDeviceName)),
    machineProblem: machineProblem(configuration.get<unknown>('machine', '')),
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

/**
 * The name of a common machine, or devices and links as plans write them; undefined for ''. Throws 'bad-machine' for
 * anything else, saying what is wrong with it.
 */
function checkedMachine(setting: unknown): DefaultMachine | undefined {
  if (setting === '') return undefined;
  const bad = (path: string, what: string): HeadroomError =>
    new HeadroomError(
      'bad-machine',
      vscode.l10n.t('headroom.machine: {0}', `${path === '' ? 'it' : path} ${what}.`),
    );
  if (typeof setting !== 'string') return machineChecks(bad).machine(setting, '');
  const machine = findMachine(setting);
  if (!machine)
    throw new HeadroomError(
      'bad-machine',
      vscode.l10n.t('headroom.machine: "{0}" is no machine with a name.', setting),
    );
  return machine;
}

/** What is not allowed counts as not set. */
export function usableMachine(setting: unknown): DefaultMachine | undefined {
  try {
    return checkedMachine(setting);
  } catch {
    return undefined;
  }
}

/** The name of a device that the catalogue does not have; undefined for those it has. */
export const unknownDevice = (setting: unknown): string | undefined =>
  typeof setting === 'string' && findDevice(setting) ? undefined : String(setting);

/** Why the machine of the settings is not used; undefined where it is, or none is set. */
export function machineProblem(setting: unknown): string | undefined {
  try {
    checkedMachine(setting);
    return undefined;
  } catch (thrown) {
    return toErrorValue(thrown).message;
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
