// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import {
  protocolVersion,
  type HostToView,
  type ViewToHost,
} from '../../../../planner-core/protocol/messages';
import { Connection } from '../../../../webview/state/connection';
import { Store } from '../../../../webview/state/store';
import { sampleState } from '../support/sample';

const budget = (budgetBytes: number) => ({ kind: 'budget', budgetBytes }) as const;

function connected() {
  const sent: ViewToHost[] = [];
  const store = new Store();
  const api = {
    postMessage: (message: ViewToHost) => void sent.push(message),
    getState: () => undefined,
    setState: () => undefined,
  };
  const draw = (svg: string): Promise<Uint8Array> =>
    svg === 'broken'
      ? Promise.reject(new Error('unreadable'))
      : Promise.resolve(new Uint8Array([svg.length]));
  const connection = new Connection(api, store, draw);
  const page = new EventTarget();
  connection.start(page);
  const receive = (message: HostToView): void =>
    void page.dispatchEvent(new MessageEvent('message', { data: message }));
  return { sent, store, connection, receive, page };
}

const key = (init: KeyboardEventInit): KeyboardEvent =>
  new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });

describe('Connection', () => {
  let state: Awaited<ReturnType<typeof sampleState>>;
  beforeEach(async () => {
    state = await sampleState();
  });
  const snapshot = (revision = 1): HostToView => ({
    type: 'snapshot',
    protocol: protocolVersion,
    revision,
    state,
  });

  it('shows the snapshot', () => {
    const { store, receive } = connected();
    receive(snapshot(7));
    expect(store.state.host).toBe(state);
    expect(store.state.revision).toBe(7);
  });

  it('refuses a host of another protocol and says what to do', () => {
    const { store, receive } = connected();
    receive({ type: 'snapshot', protocol: protocolVersion + 1, revision: 1, state });
    expect(store.state.host).toBeUndefined();
    expect(store.state.failure?.hint).toContain('reload');
  });

  it('draws a picture and sends it back, or says why it cannot', async () => {
    const { sent, store, receive } = connected();
    receive({ type: 'picture', svg: '<svg/>', suffix: '.timeline.png' });
    await Promise.resolve();
    expect(sent.at(-1)).toEqual({
      type: 'save-file',
      request: 1,
      suffix: '.timeline.png',
      bytes: new Uint8Array([6]),
    });
    receive({ type: 'picture', svg: 'broken', suffix: '.timeline.png' });
    await Promise.resolve();
    await Promise.resolve();
    expect(store.state.failure?.message).toBe('unreadable');
  });

  it('merges updates and drops cleared parts', () => {
    const { store, receive } = connected();
    receive(snapshot());
    receive({ type: 'update', revision: 2, parts: { readOnly: true }, cleared: ['plan'] });
    expect(store.state.host).toEqual({ ...state, readOnly: true, plan: undefined });
    expect(store.state.revision).toBe(2);
  });

  it('ignores messages that are not of the protocol', () => {
    const { store, page } = connected();
    page.dispatchEvent(new MessageEvent('message', { data: { type: 'webpackHotUpdate' } }));
    page.dispatchEvent(new MessageEvent('message', { data: 'text' }));
    expect(store.state.revision).toBe(0);
  });

  it('keeps an edit pending until its own reply', () => {
    const { sent, store, connection, receive } = connected();
    receive(snapshot());
    connection.edit(budget(1));
    connection.edit(budget(2));
    expect(sent).toEqual([
      { type: 'edit', request: 1, edit: budget(1) },
      { type: 'edit', request: 2, edit: budget(2) },
    ]);
    receive({ type: 'reply', request: 1, revision: 2 });
    expect(store.state.pending).toEqual([{ request: 2, edit: budget(2) }]);
  });

  it('takes a refused edit back and shows why', async () => {
    const { store, connection, receive } = connected();
    receive(snapshot());
    connection.edit(budget(1));
    const error = { code: 'bad-workload', message: 'no' } as const;
    receive({ type: 'reply', request: 1, revision: 1, error });
    await Promise.resolve();
    await Promise.resolve();
    expect(store.state.pending).toEqual([]);
    expect(store.state.failure).toMatchObject(error);
  });

  it('rejects a request with the host error and its code', async () => {
    const { connection, receive } = connected();
    const answer = connection.request({ type: 'reload' });
    receive({ type: 'reply', request: 1, revision: 1, error: { code: 'file-access', message: 'gone' } });
    await expect(answer).rejects.toMatchObject({ code: 'file-access', message: 'gone' });
  });

  it('sends an undo behind the edits under way, and holds keys back until it is answered', async () => {
    const { sent, connection, receive, page } = connected();
    receive(snapshot());
    connection.edit(budget(1));
    connection.undo();
    expect(sent.map(({ type }) => type)).toEqual(['edit', 'undo']);
    receive({ type: 'reply', request: 1, revision: 2 });
    const early = key({ key: 'y', ctrlKey: true });
    page.dispatchEvent(early);
    expect(early.defaultPrevented, 'a redo must not overtake the undo').toBe(true);
    receive({ type: 'reply', request: 2, revision: 3 });
    receive({ type: 'reply', request: 3, revision: 4 });
    await new Promise((resolve) => setTimeout(resolve));
    const late = key({ key: 'z', ctrlKey: true });
    page.dispatchEvent(late);
    expect(late.defaultPrevented).toBe(false);
  });

  it('holds the undo key back from VS Code while an edit is under way, and only then', () => {
    const { sent, connection, receive, page } = connected();
    receive(snapshot());
    const free = key({ key: 'z', ctrlKey: true });
    page.dispatchEvent(free);
    expect(free.defaultPrevented).toBe(false);
    connection.edit(budget(1));
    let seenByVsCode = false;
    page.addEventListener('keydown', () => (seenByVsCode = true), { once: true });
    const held = key({ key: 'Z', ctrlKey: true, shiftKey: true });
    page.dispatchEvent(held);
    expect(held.defaultPrevented).toBe(true);
    expect(seenByVsCode).toBe(false);
    receive({ type: 'reply', request: 1, revision: 2 });
    expect(sent.at(-1)?.type).toBe('redo');
  });
});
