import * as vscode from 'vscode';
import { HeadroomError } from '../../planner-core/base/errors';
import { formatFileSize } from '../../planner-core/base/format';
import { maxMeasurementBytes } from '../../planner-core/measurements/readMeasurements';
import type { SizesFileRole, SizesRequest } from '../../planner-core/protocol/sizeQuestions';
import type { NamedText } from '../../planner-core/session/sizes/sizesModel';
import { baseName, sibling } from '../document/paths';
import type { PlanDocument } from '../document/planDocument';
import { unreadable } from '../document/planFile';
import { modelSource } from '../planner/modelSource';

/** The text goes to the planner and to the view as it is. */
const maxTextBytes = 16e6;
const bytesPerMB = 1e6;

/** Traces are not read here: they are large, and what the question takes of them is a table of layers. */
const traceName = /\.(json|gz)$/i;

/**
 * Asks for a file of sizes, or for files of what was measured at some (tables, or traces of the PyTorch profiler), and asks the question
 * with what is in them. Throws 'file-access', 'limit-exceeded', 'bad-sizes', and what reading a trace does.
 */
export async function chooseSizesFile(
  document: PlanDocument,
  role: SizesFileRole,
  question: SizesRequest,
): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({
    canSelectMany: role === 'measurements',
    defaultUri: sibling(document.uri, ''),
    openLabel: vscode.l10n.t('Choose'),
    title:
      role === 'sizes'
        ? vscode.l10n.t('Sizes of the inputs of {0}', baseName(document.uri))
        : vscode.l10n.t('What was measured at some sizes of {0}', baseName(document.uri)),
    filters: {
      ...(role === 'sizes'
        ? {
            [vscode.l10n.t('Histograms, tables, lengths')]: ['csv', 'tsv', 'json', 'jsonl', 'txt', 'lengths'],
          }
        : { [vscode.l10n.t('Tables, profiler traces')]: ['csv', 'json', 'gz'] }),
      [vscode.l10n.t('All files')]: ['*'],
    },
  });
  if (!chosen || chosen.length === 0) return;
  if (role === 'sizes') {
    await document.questions.showSizes({ ...question, sizes: await textOf(chosen[0]) });
    return;
  }
  const tables: NamedText[] = [];
  for (const uri of chosen)
    tables.push(
      traceName.test(uri.path)
        ? await document.questions.sizeTable(await modelSource(uri, maxMeasurementBytes / bytesPerMB))
        : await textOf(uri),
    );
  await document.questions.showSizes({
    ...question,
    measurements: [...(question.measurements ?? []), ...tables],
  });
}

/** Throws 'file-access', 'limit-exceeded', and 'bad-sizes' for bytes that are no text. */
async function textOf(uri: vscode.Uri): Promise<NamedText> {
  const name = baseName(uri);
  const bytes = await read(uri, name);
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new HeadroomError(
      'bad-sizes',
      vscode.l10n.t('{0} is no text.', name),
      vscode.l10n.t('Choose a histogram, a table or a file of lengths, in UTF-8.'),
    );
  }
}

async function read(uri: vscode.Uri, name: string): Promise<Uint8Array> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > maxTextBytes)
      throw new HeadroomError(
        'limit-exceeded',
        vscode.l10n.t(
          '{0} has {1}; sizes are read up to {2}.',
          name,
          formatFileSize(size),
          formatFileSize(maxTextBytes),
        ),
        vscode.l10n.t('Give a histogram of the sizes, or a part of the batches.'),
      );
    return await vscode.workspace.fs.readFile(uri);
  } catch (thrown) {
    throw thrown instanceof HeadroomError ? thrown : unreadable(uri, thrown);
  }
}
