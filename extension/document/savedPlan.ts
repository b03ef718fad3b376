import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import type { PlannerHost } from '../planner/plannerHost';
import { baseName } from './paths';
import { guardForeign, guardModel, readText, writeWhole, type Rename } from './planFile';

type Planner = Pick<PlannerHost, 'readPlan' | 'export'>;

/** The plan file beside a model, and what this document knows of its content. */
export class SavedPlan {
  /** As last read or written here, or seen by the person; undefined: there is no file. */
  knownText?: string;

  /** `uri` is undefined for a version of a file that has no place of its own (git:). */
  constructor(
    readonly uri: vscode.Uri | undefined,
    private readonly model: vscode.Uri,
    private readonly planner: Planner,
    private readonly rename: Rename,
  ) {}

  /** The inputs of the plan on disk; undefined when there is none. Throws 'bad-plan' when the file is no plan. */
  async read(): Promise<{ inputs: PlanInputs; stale: boolean } | undefined> {
    this.knownText = await this.readText();
    if (this.knownText === undefined) return undefined;
    const result = await this.planner.readPlan(this.knownText);
    if (!result.ok) throw HeadroomError.fromValue(result.error);
    return result.value;
  }

  /** Is the plan on disk, if there is one, for another structure than the model the planner holds? */
  async isStale(): Promise<boolean> {
    if (this.knownText === undefined) return false;
    const result = await this.planner.readPlan(this.knownText);
    return result.ok && result.value.stale;
  }

  /** Has someone else written, created or deleted the file? Then its text. */
  async foreignText(): Promise<{ text: string | undefined } | undefined> {
    const text = await this.readText();
    return text === this.knownText ? undefined : { text };
  }

  /** Writes the plan beside the model. Throws when it cannot; the file is then as before. */
  async write(inputs: PlanInputs): Promise<void> {
    if (!this.uri)
      throw new HeadroomError('file-access', vscode.l10n.t('This file has no place for a plan.'));
    if (await this.foreignText()) {
      throw new HeadroomError(
        'file-access',
        vscode.l10n.t('{0} has changed on disk.', baseName(this.uri)),
        vscode.l10n.t('Reload it, or overwrite it with your changes.'),
      );
    }
    await this.writeTo(this.uri, inputs);
  }

  /** Writes the plan to any place. Throws 'bad-plan' rather than destroy something that is not a plan. */
  async writeTo(target: vscode.Uri, inputs: PlanInputs): Promise<void> {
    guardModel(target, this.model);
    await guardForeign(target, async (text) => (await this.planner.readPlan(text)).ok);
    const exported = await this.planner.export(inputs, 'plan-json');
    if (!exported.ok) throw HeadroomError.fromValue(exported.error);
    const [{ text }] = exported.value.files;
    await writeWhole(target, text, this.rename);
    if (target.toString() === this.uri?.toString()) this.knownText = text;
  }

  private async readText(): Promise<string | undefined> {
    return this.uri && readText(this.uri);
  }
}
