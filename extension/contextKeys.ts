import * as vscode from 'vscode';
import { eachDevice } from '../planner-core/devices/machine';
import type { ViewState } from '../planner-core/protocol/messages';
import type { OpenEditors } from './editor/openEditors';

/** What menus and keys of package.json may depend on, besides which editor is active. */
const keys: Readonly<Record<string, (state: ViewState) => boolean>> = {
  'headroom.hasPins': ({ inputs }) => inputs.pins.length > 0,
  'headroom.hasMeasurements': ({ measured }) => measured !== undefined,
  'headroom.hasSeveralDevices': ({ inputs }) => eachDevice(inputs.devices).length > 1,
  'headroom.planning': ({ progress }) => progress !== undefined,
};

/** Tells VS Code what holds for the active model, so that commands that would do nothing are off. */
export function createContextKeys(editors: OpenEditors): vscode.Disposable {
  let unsubscribe = (): void => undefined;
  const told = new Map<string, boolean>();
  const tell = (state: ViewState | undefined): void => {
    for (const [key, holds] of Object.entries(keys)) {
      const value = state !== undefined && holds(state);
      if (told.get(key) === value) continue;
      told.set(key, value);
      void vscode.commands.executeCommand('setContext', key, value);
    }
  };
  const listener = editors.onDidChangeActive((document) => {
    unsubscribe();
    unsubscribe = document ? document.store.subscribe(() => tell(document.store.state)) : () => undefined;
    tell(document?.store.state);
  });
  return new vscode.Disposable(() => {
    unsubscribe();
    listener.dispose();
  });
}
