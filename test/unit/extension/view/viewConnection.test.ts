import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ViewStore } from '../../../../extension/document/viewStore';
import { ViewConnection, type ViewActions } from '../../../../extension/view/viewConnection';
import { HeadroomError } from '../../../../planner-core/base/errors';
import {
  protocolVersion,
  type HostToView,
  type ViewToHost,
} from '../../../../planner-core/protocol/messages';
import { someInputs } from '../fakePlanner';

let posted: HostToView[];
let store: ViewStore;
let actions: { [K in keyof ViewActions]: ReturnType<typeof vi.fn> };
let connection: ViewConnection;
const logged = vi.fn();

beforeEach(() => {
  posted = [];
  store = new ViewStore({ inputs: someInputs, deviceCatalogue: [], readOnly: false });
  const done = () => vi.fn(() => Promise.resolve());
  actions = {
    edit: done(),
    undo: done(),
    redo: done(),
    save: done(),
    export: done(),
    picture: vi.fn(() => Promise.resolve({ svg: '<svg/>', suffix: '.timeline.png' })),
    saveFile: done(),
    cancel: done(),
    ask: done(),
    askSplit: done(),
    askScale: done(),
    askSizes: done(),
    chooseSizesFile: done(),
    stopAsking: done(),
    compareWith: done(),
    showComparison: done(),
    openSource: done(),
    saveMachine: done(),
    reload: done(),
    resolveStalePlan: done(),
    showLog: done(),
    select: vi.fn(),
  };
  logged.mockReset();
  connection = new ViewConnection(
    store,
    actions as unknown as ViewActions,
    (message) => posted.push(message),
    logged,
  );
});

const ready: ViewToHost = { type: 'ready', protocol: protocolVersion };
const question = { maxOverheadPercent: 10 };
const cluster = { servers: 2, devicesPerServer: 8 };
const lengths = { sizes: { text: '128 256' } };
const clearPins = { kind: 'clear-pins' } as const;

describe('ViewConnection', () => {
  it('answers ready with the whole state, every time', async () => {
    store.update({ stalePlan: 'x' });
    await connection.receive(ready);
    await connection.receive(ready);
    const snapshot = { type: 'snapshot', protocol: protocolVersion, revision: 1, state: store.state };
    expect(posted).toEqual([snapshot, snapshot]);
  });

  it('sends no updates before the view is ready, and all of them afterwards', async () => {
    store.update({ readOnly: true });
    expect(posted).toEqual([]);
    await connection.receive(ready);
    store.update({ readOnly: false }, ['error']);
    expect(posted[1]).toEqual({
      type: 'update',
      revision: 2,
      parts: { readOnly: false },
      cleared: ['error'],
    });
    connection.dispose();
    store.update({ readOnly: true });
    expect(posted).toHaveLength(2);
  });

  it('sends a picture before the answer to the request for it', async () => {
    await connection.receive({ type: 'picture', request: 1, target: 'timeline-svg' });
    expect(actions.picture).toHaveBeenCalledExactlyOnceWith('timeline-svg');
    expect(posted.map(({ type }) => type)).toEqual(['picture', 'reply']);
    expect(posted[0]).toEqual({ type: 'picture', svg: '<svg/>', suffix: '.timeline.png' });
  });

  it('performs every request and acknowledges it with the revision that results', async () => {
    const requests: [ViewToHost, keyof ViewActions, unknown[]][] = [
      [{ type: 'edit', request: 1, edit: clearPins }, 'edit', [clearPins]],
      [{ type: 'undo', request: 2 }, 'undo', []],
      [{ type: 'redo', request: 3 }, 'redo', []],
      [{ type: 'save', request: 4 }, 'save', []],
      [{ type: 'export', request: 5, target: 'plan-json' }, 'export', ['plan-json']],
      [{ type: 'cancel', request: 6 }, 'cancel', []],
      [{ type: 'ask', request: 7, question }, 'ask', [question]],
      [{ type: 'stop-asking', request: 8 }, 'stopAsking', []],
      [{ type: 'reload', request: 9 }, 'reload', []],
      [{ type: 'stale-plan', request: 10, action: 'keep' }, 'resolveStalePlan', ['keep']],
      [{ type: 'show-log', request: 11 }, 'showLog', []],
      [{ type: 'ask-split', request: 12, question: {} }, 'askSplit', [{}]],
      [{ type: 'ask-scale', request: 13, question: cluster }, 'askScale', [cluster]],
      [{ type: 'ask-sizes', request: 14, question: lengths }, 'askSizes', [lengths]],
      [
        { type: 'save-file', request: 15, suffix: '.png', bytes: new Uint8Array(2) },
        'saveFile',
        ['.png', new Uint8Array(2)],
      ],
      [
        { type: 'choose-sizes-file', request: 16, role: 'sizes', question: lengths },
        'chooseSizesFile',
        ['sizes', lengths],
      ],
      [{ type: 'compare-with', request: 17, source: 'committed' }, 'compareWith', ['committed']],
      [{ type: 'show-comparison', request: 18, form: 'words' }, 'showComparison', ['words']],
    ];
    for (const [index, [message, action, values]] of requests.entries()) {
      actions[action].mockImplementation(async () => store.update({}));
      await connection.receive(message);
      expect(actions[action]).toHaveBeenCalledExactlyOnceWith(...values);
      expect(posted.at(-1)).toEqual({
        type: 'reply',
        request: index + 1,
        revision: index + 1,
        error: undefined,
      });
    }
  });

  it('answers a request that fails with what failed', async () => {
    actions.edit.mockRejectedValue(new HeadroomError('unknown-device', 'There is no device "x".', 'Add it.'));
    await connection.receive({ type: 'edit', request: 3, edit: clearPins });
    const error = {
      code: 'unknown-device',
      message: 'There is no device "x".',
      hint: 'Add it.',
      where: undefined,
    };
    expect(posted).toEqual([{ type: 'reply', request: 3, revision: 0, error }]);
    expect(logged).toHaveBeenCalledExactlyOnceWith(error);
  });

  it('answers a request whose action throws at once', async () => {
    actions.save.mockImplementation(() => {
      throw new Error('boom');
    });
    await connection.receive({ type: 'save', request: 4 });
    expect(posted).toMatchObject([
      { type: 'reply', request: 4, error: { code: 'internal', message: 'boom' } },
    ]);
  });

  it('answers a request it does not know', async () => {
    await connection.receive({ type: 'dance', request: 5 } as unknown as ViewToHost);
    expect(posted).toMatchObject([{ type: 'reply', request: 5, error: { code: 'internal' } }]);
  });

  it('passes the selection on without an answer', async () => {
    const targets = [{ target: 'a', kind: 'module' }] as const;
    await connection.receive({ type: 'selection', targets });
    expect(actions.select).toHaveBeenCalledExactlyOnceWith(targets);
    expect(posted).toEqual([]);
  });

  it('refuses to work with a view of another version, and says so in it', async () => {
    await connection.receive({ type: 'ready', protocol: protocolVersion + 1 });
    expect(posted).toMatchObject([{ type: 'snapshot', state: { error: { hint: 'Reload the window.' } } }]);
    await connection.receive({ type: 'edit', request: 1, edit: clearPins });
    expect(actions.edit).not.toHaveBeenCalled();
    expect(posted.at(-1)).toMatchObject({ type: 'reply', request: 1, error: { code: 'internal' } });
  });

  it('asks the view what is on screen, and has it save that', async () => {
    expect(await connection.listShown(), 'a view that is not there shows nothing').toEqual({
      pictures: [],
      tables: [],
    });
    expect(posted).toEqual([]);
    await connection.receive(ready);
    posted.length = 0;
    const [first, second] = [connection.listShown(), connection.listShown()];
    expect(posted).toEqual([{ type: 'list-shown' }, { type: 'list-shown' }]);
    const one = { pictures: ['Layers'], tables: [] };
    const other = { pictures: [], tables: ['Stages'] };
    await connection.receive({ type: 'shown', things: one });
    await connection.receive({ type: 'shown', things: other });
    await connection.receive({ type: 'shown', things: one });
    expect(await Promise.all([first, second])).toEqual([one, other]);
    connection.saveShown('Layers', 'svg');
    expect(posted.at(-1)).toEqual({ type: 'save-shown', name: 'Layers', form: 'svg' });
    await connection.savePixels('timeline-svg');
    expect(actions.picture).toHaveBeenCalledExactlyOnceWith('timeline-svg');
    expect(posted.at(-1)).toEqual({ type: 'picture', svg: '<svg/>', suffix: '.timeline.png' });
  });
});
