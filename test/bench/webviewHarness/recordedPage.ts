import { deviceCatalogue } from '../../../planner-core/devices/catalogue';
import {
  protocolVersion,
  type HostToView,
  type ViewState,
  type ViewToHost,
} from '../../../planner-core/protocol/messages';
import { startApp } from '../../../webview/app';
import '../../../webview/main.css';
import { persistedPart, type UiState } from '../../../webview/state/uiState';
import { recordingOfText } from './recording';

declare global {
  interface Window {
    /** Milliseconds from the message with the state to the end of the frame that shows it. */
    startRecorded(text: string): Promise<number>;
  }
}

/** The view without a planner beside it, and with every module open: its memory and its time are its own. */
window.startRecorded = async (text) => {
  const root = document.getElementById('app');
  if (!root) throw new Error('no #app');
  const { inputs, summary: model, step, frontier, plan } = recordingOfText(text);
  const catalogue = deviceCatalogue.map(({ name, memoryBytes }) => ({ name, memoryBytes }));
  const state: ViewState = {
    ...{ inputs, model, step, frontier, plan },
    deviceCatalogue: catalogue,
    readOnly: false,
  };
  const expanded = step.layers.filter(({ kind }) => kind === 'module').map(({ name }) => `module ${name}`);
  const tell = (data: HostToView): boolean => window.dispatchEvent(new MessageEvent('message', { data }));
  startApp(root, {
    getState: (): Partial<UiState> => ({ expanded }),
    setState: persistedPart,
    postMessage(message: ViewToHost) {
      if ('request' in message) tell({ type: 'reply', request: message.request, revision: 1 });
    },
  });
  const start = performance.now();
  tell({ type: 'snapshot', protocol: protocolVersion, revision: 1, state });
  await new Promise(requestAnimationFrame);
  // A message is delivered after the frame's callbacks, style, layout and paint.
  await new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(undefined);
  });
  return performance.now() - start;
};
