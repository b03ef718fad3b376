import * as vscode from 'vscode';
import type { Target } from '../../planner-core/plan/planInputs';
import type { PlanDocument } from '../document/planDocument';
import type { ViewConnection } from '../view/viewConnection';

interface OpenEditor {
  readonly document: PlanDocument;
  readonly panel: vscode.WebviewPanel;
  readonly view: ViewConnection;
}

/** The open model editors: which one is active, what is selected in it, and where a document is shown. */
export class OpenEditors {
  private readonly editors = new Set<OpenEditor>();
  private readonly selections = new WeakMap<PlanDocument, readonly Target[]>();
  private current?: PlanDocument;
  private readonly changed = new vscode.EventEmitter<PlanDocument | undefined>();
  /** Fires with the document of the editor that has become active, or undefined when none is. */
  readonly onDidChangeActive = this.changed.event;

  get active(): PlanDocument | undefined {
    return this.current;
  }

  /** The view in the active editor. */
  get activeView(): ViewConnection | undefined {
    return [...this.editors].find(({ panel }) => panel.active)?.view;
  }

  add(document: PlanDocument, panel: vscode.WebviewPanel, view: ViewConnection): void {
    const editor = { document, panel, view };
    this.editors.add(editor);
    panel.onDidChangeViewState(() => this.updateActive());
    panel.onDidDispose(() => {
      this.editors.delete(editor);
      this.updateActive();
    });
    this.updateActive();
  }

  /** The document of a file that is open in an editor. */
  documentOf(uri: vscode.Uri): PlanDocument | undefined {
    return [...this.editors].find(({ document }) => document.uri.toString() === uri.toString())?.document;
  }

  /** Shows an editor of the document, so that commands of VS Code that act on the active editor mean it. */
  reveal(document: PlanDocument): void {
    if (this.current === document) return;
    for (const editor of this.editors) {
      if (editor.document === document) return editor.panel.reveal();
    }
  }

  select(document: PlanDocument, targets: readonly Target[]): void {
    this.selections.set(document, targets);
  }

  selection(document: PlanDocument): readonly Target[] {
    return this.selections.get(document) ?? [];
  }

  private updateActive(): void {
    const active = [...this.editors].find(({ panel }) => panel.active)?.document;
    if (active === this.current) return;
    this.current = active;
    this.changed.fire(active);
  }
}
