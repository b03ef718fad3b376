import { assertNever } from '../../planner-core/base/assertNever';
import { HeadroomError, toErrorValue, type ErrorValue } from '../../planner-core/base/errors';
import type { Edit, Target } from '../../planner-core/plan/planInputs';
import {
  protocolVersion,
  type HostToView,
  type ViewState,
  type ViewToHost,
} from '../../planner-core/protocol/messages';
import type { ShownThings } from '../../planner-core/protocol/shownThings';
import { svgToPng } from '../base/svgToPng';
import { storedId } from './comparedWith';
import type { Store } from './store';
import { t } from '../base/l10n';

/** What VS Code offers a webview; `acquireVsCodeApi()` returns it, once. */
export interface HostApi {
  postMessage(message: ViewToHost): void;
  getState(): unknown;
  setState(state: unknown): void;
}

type RequestMessage = Extract<ViewToHost, { readonly request: number }>;
type WithoutRequest<M> = M extends RequestMessage ? Omit<M, 'request'> : never;

/** What the host asks about what is on screen. */
export type AskedOfView = Extract<HostToView, { type: 'list-shown' | 'save-shown' }>;

interface Waiting {
  resolve(): void;
  reject(error: HeadroomError): void;
}

/**
 * The view's end of the protocol. The host owns the state; requests are answered one by one. An edit is shown at once
 * (`pending`) and stays so until its answer. An undo that VS Code ran meanwhile would undo the edit before it: it goes to the
 * host behind the edit instead, which takes both in turn.
 */
export class Connection {
  private nextRequest = 1;
  private readonly waiting = new Map<number, Waiting>();
  /** Undos and redos that were sent and not answered yet. */
  private undosUnderWay = 0;
  private onAsked: (message: AskedOfView) => void = () => undefined;

  constructor(
    private readonly api: HostApi,
    private readonly store: Store,
    /** Draws a picture as PNG. */
    private readonly draw: (svg: string) => Promise<Uint8Array> = svgToPng,
  ) {}

  /** Listens to the host, which has to be greeted once; `onAsked` answers what is asked about what is on screen. */
  start(page: EventTarget = window, onAsked = this.onAsked): void {
    this.onAsked = onAsked;
    page.addEventListener('message', (event) => {
      if (event instanceof MessageEvent && isHostMessage(event.data)) this.receive(event.data);
    });
    page.addEventListener('keydown', (event) => event instanceof KeyboardEvent && this.holdBackUndo(event), {
      capture: true,
    });
  }

  /** Sends a request; rejects with the host's HeadroomError. */
  request(message: WithoutRequest<RequestMessage>): Promise<void> {
    const request = this.nextRequest++;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, { resolve, reject });
      this.api.postMessage({ ...message, request });
    });
  }

  /** Sends a request whose failure is shown to the user. */
  send(message: WithoutRequest<RequestMessage>): void {
    this.request(message).catch((error: HeadroomError) => this.store.update({ failure: error.toValue() }));
  }

  edit(edit: Edit): void {
    const request = this.nextRequest;
    this.store.update({ pending: [...this.store.state.pending, { request, edit }], failure: undefined });
    this.send({ type: 'edit', edit });
  }

  /** Tells which layers the palette's commands apply to. */
  select(targets: readonly Target[]): void {
    this.api.postMessage({ type: 'selection', targets });
  }

  /** Tells what is on screen to be saved. */
  tellShown(things: ShownThings): void {
    this.api.postMessage({ type: 'shown', things });
  }

  /** Undoes what was done last, be it under way. */
  undo(): void {
    this.takeBack('undo');
  }

  redo(): void {
    this.takeBack('redo');
  }

  private takeBack(type: 'undo' | 'redo'): void {
    this.undosUnderWay++;
    this.request({ type })
      .catch((error: HeadroomError) => this.store.update({ failure: error.toValue() }))
      .finally(() => this.undosUnderWay--);
  }

  /** VS Code would run the key at once; while something is under way it has to come after that. */
  private holdBackUndo(event: KeyboardEvent): void {
    const isIdle = this.store.state.pending.length === 0 && this.undosUnderWay === 0;
    if (isIdle || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (key === 'y' || event.shiftKey) this.redo();
    else this.undo();
  }

  /** A comparison that was asked for is shown at once; a person can then look at others. */
  private followComparison(): void {
    const { host, ui } = this.store.state;
    const run = host?.compared?.run;
    if (run === ui.followedComparison) return;
    const shown = run === undefined ? {} : { compareWith: storedId };
    this.store.updateUi({ ...shown, followedComparison: run });
  }

  /** Offers something that the view has made as a file whose name ends in `suffix`. */
  saveText(text: string, suffix: string): void {
    this.send({ type: 'save-file', suffix, bytes: new TextEncoder().encode(text) });
  }

  /** Draws a picture as PNG, and offers it as a file. */
  async saveAsPixels(svg: string, suffix: string): Promise<void> {
    try {
      this.send({ type: 'save-file', suffix, bytes: await this.draw(svg) });
    } catch (thrown) {
      this.store.update({ failure: toErrorValue(thrown) });
    }
  }

  private receive(message: HostToView): void {
    switch (message.type) {
      case 'snapshot': {
        const { revision } = message;
        if (message.protocol === protocolVersion) {
          this.store.update({ host: message.state, revision, failure: undefined });
          this.followComparison();
        } else {
          this.store.update({ revision, failure: protocolMismatch(message.protocol) });
        }
        return;
      }
      case 'update': {
        const { host } = this.store.state;
        // An update before the first snapshot describes a state this view does not have: the snapshot is on its way.
        if (!host) return;
        this.store.update({ host: merged(host, message), revision: message.revision });
        this.followComparison();
        return;
      }
      case 'picture':
        void this.saveAsPixels(message.svg, message.suffix);
        return;
      case 'reply':
        this.settle(message.request, message.revision, message.error);
        return;
      case 'list-shown':
      case 'save-shown':
        this.onAsked(message);
        return;
      default:
        assertNever(message);
    }
  }

  private settle(request: number, revision: number, error: ErrorValue | undefined): void {
    const pending = this.store.state.pending.filter((edit) => edit.request !== request);
    this.store.update({ pending, revision });
    const waiting = this.waiting.get(request);
    this.waiting.delete(request);
    if (error) waiting?.reject(HeadroomError.fromValue(error));
    else waiting?.resolve();
  }
}

function merged(host: ViewState, update: Extract<HostToView, { type: 'update' }>): ViewState {
  const cleared = Object.fromEntries(update.cleared.map((part) => [part, undefined]));
  return { ...host, ...cleared, ...update.parts };
}

function isHostMessage(data: unknown): data is HostToView {
  if (typeof data !== 'object' || data === null || !('type' in data)) return false;
  return ['snapshot', 'update', 'reply', 'picture', 'list-shown', 'save-shown'].includes(String(data.type));
}

function protocolMismatch(hostVersion: number): ErrorValue {
  return {
    code: 'internal',
    message: t('The view speaks protocol {0}, the extension {1}.', protocolVersion, hostVersion),
    hint: t('Headroom was updated while this editor was open: reload the window.'),
  };
}
