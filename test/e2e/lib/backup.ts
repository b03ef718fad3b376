import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from './environment';
import { until } from './until';

/**
 * Waits until VS Code has had the unsaved changes of a document backed up, which it does a second or more after the last
 * change and shows nowhere: `text` is in one of the files extensions keep in its profile.
 */
export async function waitForBackup({ temporaryFolder }: Environment, text: string): Promise<void> {
  const storage = path.join(temporaryFolder, 'user/User/workspaceStorage');
  await until(
    () =>
      readdirSync(storage, { recursive: true, withFileTypes: true }).some(
        (entry) => entry.isFile() && readFileSync(path.join(entry.parentPath, entry.name)).includes(text),
      ),
    'the changes are backed up',
  );
}
