import type * as vscode from 'vscode';
import { vi } from 'vitest';
import { parseBackup } from '../../../../extension/document/backup';
import { PlanDocument } from '../../../../extension/document/planDocument';
import { renameReplacing } from '../../../../extension/document/planFile';
import { PlannerHost } from '../../../../extension/planner/plannerHost';
import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import { FakePlanner, FakeWorker, settled } from '../fakePlanner';
import { fake, Uri } from '../fakeVscode';
import { someDefaults } from '../someDefaults';

export const model = Uri.file('/w/m.onnx');
export const plan = Uri.file('/w/m.onnx.plan.json');
export const gib = 1024 ** 3;
export const budget = (gibibytes: number) => ({ kind: 'budget', budgetBytes: gibibytes * gib }) as const;
export const pinA = { kind: 'choice', targets: [{ target: 'a', kind: 'module' }], choice: 'keep' } as const;
export const asUri = (uri: Uri): vscode.Uri => uri as unknown as vscode.Uri;
/** What the plan file of the model was made from. */
export const saved = (): PlanInputs => (JSON.parse(fake.fs.text(plan) ?? '') as { plan: PlanInputs }).plan;

const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const defaults = { ...someDefaults, dimensions: { batch: 4, other: 9 } };

/** Documents on a fake planner, in a fake VS Code whose files it clears. */
export class DocumentDesk {
  readonly planner = new FakePlanner();
  /** Of the document that was opened last, as `edits` are. */
  workers: FakeWorker[] = [];
  edits: vscode.CustomDocumentEditEvent<PlanDocument>[] = [];

  constructor() {
    fake.reset();
    fake.fs.put(model, 'a model');
  }

  open(uri = model, backup?: string): PlanDocument {
    this.workers = [];
    const host = new PlannerHost(
      () => {
        const worker = new FakeWorker(this.planner);
        this.workers.push(worker);
        return worker;
      },
      () => undefined,
    );
    const document = new PlanDocument(
      asUri(uri),
      { planner: host, rename: renameReplacing, log, defaults, maxRemoteFileSizeMB: 1 },
      backup === undefined ? undefined : parseBackup(backup),
    );
    this.edits = [];
    document.onDidEdit((edit) => this.edits.push(edit));
    return document;
  }

  /** Opened, and planned. */
  async started(uri = model, backup?: string): Promise<PlanDocument> {
    const document = this.open(uri, backup);
    await document.start();
    await settled();
    return document;
  }
}
