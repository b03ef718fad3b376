import { beforeEach, describe, expect, it } from 'vitest';
import type { Uri as VscodeUri } from 'vscode';
import { openSource } from '../../../extension/editor/openSource';
import { fake, Uri } from './fakeVscode';

const model = Uri.file('/w/models/net.pt2') as unknown as VscodeUri;
const open = (file: string, line = 12): Promise<void> =>
  openSource(model, { file, line, inFunction: 'forward' });

beforeEach(() => {
  fake.reset();
  for (const path of ['/w/src/a/net.py', '/w/src/b/net.py', '/w/models/export.py'])
    fake.fs.put(Uri.file(path), '');
});

describe('opening the program of a layer', () => {
  it('takes the file whose folders are those recorded', async () => {
    await open('/elsewhere/src/b/net.py');
    await open('C:\\me\\src\\a\\net.py', 1);
    expect(fake.shown).toEqual([
      { path: '/w/src/b/net.py', line: 11 },
      { path: '/w/src/a/net.py', line: 0 },
    ]);
  });

  it('takes the one beside the model where nothing else tells them apart', async () => {
    fake.fs.put(Uri.file('/w/src/export.py'), '');
    await open('export.py');
    expect(fake.shown).toEqual([{ path: '/w/models/export.py', line: 11 }]);
  });

  it.each(['lost.py', '/etc/passwd', '../secret.py', '*.py', '..', '', 'a{b,c}.py'])(
    'refuses %j, which is neither in the workspace nor beside the model',
    async (file) => {
      await expect(open(file)).rejects.toMatchObject({ code: 'file-access' });
      expect(fake.shown).toEqual([]);
    },
  );
});
