// @vitest-environment jsdom
import '../support/jsdom';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorValue } from '../../../../planner-core/base/errors';
import type { ViewState, ViewToHost } from '../../../../planner-core/protocol/messages';
import { Connection } from '../../../../webview/state/connection';
import { Store } from '../../../../webview/state/store';
import { statusPane } from '../../../../webview/status/statusPane';
import { registerControls } from '../../../../webview/ui/controls';
import { sampleState } from '../support/sample';

const planned = await sampleState();
registerControls();

let sent: ViewToHost[];
let store: Store;
let pane: ReturnType<typeof statusPane>;

beforeEach(() => {
  sent = [];
  store = new Store();
  const api = {
    postMessage: (message: ViewToHost) => void sent.push(message),
    getState: () => undefined,
    setState: () => undefined,
  };
  pane = statusPane(new Connection(api, store), store);
});

/** True when the panes are shown. */
const show = (parts: Partial<ViewState>, failure?: ErrorValue): boolean =>
  pane.render({ ...store.state, host: { ...planned, ...parts }, failure });
const instead = (): HTMLElement => pane.pages[1];
const buttons = (root: HTMLElement): HTMLElement[] => [
  ...root.querySelectorAll<HTMLElement>('vscode-button'),
];
const labels = (root: HTMLElement): (string | null)[] => buttons(root).map(({ textContent }) => textContent);
const cancelled = { code: 'cancelled', message: 'Planning m.onnx was cancelled.', hint: 'Again?' } as const;

describe('instead of the panes', () => {
  it('stands nothing where there is a plan', () => {
    expect(show({})).toBe(true);
    expect(pane.pages.every(({ hidden }) => hidden)).toBe(true);
    expect(pane.banners.children).toHaveLength(0);
  });

  it('stands why there is no plan, with the way to one, where a step alone is there', () => {
    expect(show({ plan: undefined, frontier: undefined, error: cancelled })).toBe(false);
    expect(instead().hidden).toBe(false);
    expect(labels(instead())).toEqual(['Plan again']);
    buttons(instead())[0].click();
    expect(sent).toMatchObject([{ type: 'reload' }]);
  });

  it('stands no error while a plan is still to come', () => {
    expect(show({ plan: undefined, frontier: undefined, progress: { stage: 'planning' } })).toBe(true);
  });

  it('stands that a model has nothing in it, and what to do', () => {
    expect(show({ model: { ...planned.model!, operatorCount: 0, file: 'empty.onnx' } })).toBe(false);
    expect(instead().textContent).toContain('empty.onnx has no operators.');
    expect(labels(instead())).toEqual(['Reload']);
    expect(pane.pages[0].hidden, 'it is not loading').toBe(true);
  });
});

describe('above the panes', () => {
  it('stands which operators are not known, and where they are', () => {
    const unprofiledOperators = ['com.example::Fancy', 'Other', 'Third', 'Fourth'];
    expect(show({ model: { ...planned.model!, unprofiledOperators } })).toBe(true);
    expect(pane.banners.textContent).toContain('does not know com.example::Fancy, Other, Third and 1 more');
    buttons(pane.banners)[0].click();
    expect(store.state.ui.filter).toBe('type:Fancy');
  });

  it('offers to take back what a person has set wrongly, and to read the file again where that is the trouble', () => {
    show({ error: { code: 'bad-workload', message: 'batch must be at least 1.' } });
    expect(labels(pane.banners)).toEqual(['Undo', 'Show Log']);
    buttons(pane.banners)[0].click();
    expect(sent).toMatchObject([{ type: 'undo' }]);
    show({ error: { code: 'file-access', message: 'm.onnx was deleted.' } });
    expect(labels(pane.banners)).toEqual(['Reload', 'Show Log']);
  });

  it('puts a refused request away', () => {
    const failure = { code: 'file-access', message: 'The plan could not be written.' } as const;
    store.update({ failure });
    show({}, failure);
    expect(labels(pane.banners)).toEqual(['Dismiss', 'Show Log']);
    buttons(pane.banners)[0].click();
    expect(store.state.failure).toBeUndefined();
  });
});
