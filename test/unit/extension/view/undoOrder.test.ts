// @vitest-environment jsdom
import type * as vscode from 'vscode';
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { PlanDocument } from '../../../../extension/document/planDocument';
import { renameReplacing } from '../../../../extension/document/planFile';
import { PlannerHost } from '../../../../extension/planner/plannerHost';
import { ViewConnection, type ViewActions } from '../../../../extension/view/viewConnection';
import type { HostToView, ViewToHost } from '../../../../planner-core/protocol/messages';
import { Connection } from '../../../../webview/state/connection';
import { Store } from '../../../../webview/state/store';
import { FakePlanner, FakeWorker, settled } from '../fakePlanner';
import { fake, Uri } from '../fakeVscode';
import { someDefaults } from '../someDefaults';

const model = Uri.file('/w/m.onnx');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** VS Code's undo stack of one document. */
class UndoStack {
  private readonly done: vscode.CustomDocumentEditEvent<PlanDocument>[] = [];
  private undone: vscode.CustomDocumentEditEvent<PlanDocument>[] = [];
  push(edit: vscode.CustomDocumentEditEvent<PlanDocument>): void {
    this.done.push(edit);
    this.undone = [];
  }
  async undo(): Promise<void> {
    const edit = this.done.pop();
    if (!edit) return;
    this.undone.push(edit);
    await edit.undo();
  }
  async redo(): Promise<void> {
    const edit = this.undone.pop();
    if (!edit) return;
    this.done.push(edit);
    await edit.redo();
  }
}

/** A view and its document, with messages that wait on their way, each direction in order, until they are delivered. */
async function connect() {
  const planner = new PlannerHost(
    () => new FakeWorker(new FakePlanner()),
    () => undefined,
  );
  const uri = model as unknown as vscode.Uri;
  const services = { planner, rename: renameReplacing, log, defaults: someDefaults, maxRemoteFileSizeMB: 1 };
  const document = new PlanDocument(uri, services);
  await document.start();
  const stack = new UndoStack();
  document.onDidEdit((edit) => stack.push(edit));
  const actions: Partial<ViewActions> = {
    edit: (edit) => document.edit(edit),
    undo: () => document.inTurn(() => stack.undo()),
    redo: () => document.inTurn(() => stack.redo()),
  };
  const toHost: ViewToHost[] = [];
  const toView: HostToView[] = [];
  const host = new ViewConnection(
    document.store,
    actions as ViewActions,
    (message) => toView.push(message),
    () => undefined,
  );
  const page = new EventTarget();
  const api = {
    postMessage: (message: ViewToHost) => void toHost.push(message),
    getState: () => undefined,
    setState: () => undefined,
  };
  const view = new Connection(api, new Store());
  view.start(page);
  /** Keys that the page does not keep to itself are VS Code's. */
  const press = async (shiftKey: boolean): Promise<void> => {
    const event = new KeyboardEvent('keydown', { key: 'z', ctrlKey: true, shiftKey, cancelable: true });
    page.dispatchEvent(event);
    if (!event.defaultPrevented) await (shiftKey ? stack.redo() : stack.undo());
  };
  const deliver = async (to: 'host' | 'view'): Promise<void> => {
    const message = to === 'host' ? toHost.shift() : toView.shift();
    if (!message) return;
    if (to === 'host') void host.receive(message as ViewToHost);
    else page.dispatchEvent(new MessageEvent('message', { data: message }));
    await settled();
  };
  const deliverAll = async (): Promise<void> => {
    while (toHost.length + toView.length > 0) await deliver(toHost.length > 0 ? 'host' : 'view');
  };
  await deliverAll();
  return { document, view, press, deliver, deliverAll };
}

beforeEach(() => {
  fake.reset();
  fake.fs.put(model, 'a model');
});

it('an undo that is pressed before the edit is answered undoes that edit, not the one before', async () => {
  const { document, view, press, deliverAll } = await connect();
  view.edit({ kind: 'budget', budgetBytes: 1000 });
  await deliverAll();
  view.edit({ kind: 'budget', budgetBytes: 2000 });
  await press(false);
  await deliverAll();
  expect(document.inputs.budgetBytes).toBe(1000);
});

it('edits, undos and redos take effect in the order in which they were made, however long messages take', async () => {
  const act = fc.oneof(
    fc.record({ kind: fc.constant('edit' as const), budgetBytes: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ kind: fc.constantFrom('undo' as const, 'redo' as const) }),
    fc.record({
      kind: fc.constant('deliver' as const),
      to: fc.constantFrom('host' as const, 'view' as const),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 24 }), async (acts) => {
      const { document, view, press, deliver, deliverAll } = await connect();
      const past: (number | undefined)[] = [];
      let future: (number | undefined)[] = [];
      let expected = document.inputs.budgetBytes;
      for (const step of acts) {
        if (step.kind === 'deliver') await deliver(step.to);
        else if (step.kind === 'edit') {
          view.edit({ kind: 'budget', budgetBytes: step.budgetBytes });
          if (step.budgetBytes === expected) continue;
          past.push(expected);
          future = [];
          expected = step.budgetBytes;
        } else {
          await press(step.kind === 'redo');
          const [from, to] = step.kind === 'undo' ? [past, future] : [future, past];
          if (from.length === 0) continue;
          to.push(expected);
          expected = from.pop();
        }
      }
      await deliverAll();
      expect(document.inputs.budgetBytes).toBe(expected);
    }),
    { numRuns: 60 },
  );
});
