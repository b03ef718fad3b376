import { beforeEach, describe, expect, it } from 'vitest';
import {
  guardForeign,
  guardModel,
  readText,
  renameReplacing,
  writeWhole,
} from '../../../../extension/document/planFile';
import { fake, Uri } from '../fakeVscode';
import type * as vscode from 'vscode';

const at = (path: string): vscode.Uri => Uri.file(path) as unknown as vscode.Uri;
const plan = Uri.file('/w/m.onnx.plan.json');

beforeEach(() => fake.reset());

describe('writeWhole', () => {
  it('writes a file and leaves nothing else', async () => {
    await writeWhole(at(plan.path), 'new', renameReplacing);
    expect([...fake.fs.files.keys()]).toEqual([plan.toString()]);
    expect(fake.fs.text(plan)).toBe('new');
  });

  it.each(['writeFile', 'rename'] as const)('leaves the old file when %s fails', async (operation) => {
    fake.fs.put(plan, 'old');
    fake.fs.failures.set(operation, 'disk full');
    await expect(writeWhole(at(plan.path), 'new', renameReplacing)).rejects.toMatchObject({
      code: 'file-access',
      message: expect.stringContaining('disk full') as string,
    });
    expect([...fake.fs.files.keys()]).toEqual([plan.toString()]);
    expect(fake.fs.text(plan)).toBe('old');
  });

  it('reports the first failure even when it cannot clean up', async () => {
    fake.fs.failures.set('rename', 'locked').set('delete', 'also locked');
    await expect(writeWhole(at(plan.path), 'new', renameReplacing)).rejects.toThrow('locked');
    expect(fake.fs.text(plan)).toBeUndefined();
  });
});

describe('readText', () => {
  it('tells a missing file from one that cannot be read', async () => {
    expect(await readText(at('/none'))).toBeUndefined();
    fake.fs.put(plan, 'text');
    fake.fs.failures.set('readFile', 'no permission');
    await expect(readText(at(plan.path))).rejects.toMatchObject({ code: 'file-access' });
  });
});

describe('guards', () => {
  it.each(['/w/m.onnx', '/w/other.ONNX', '/w/weights.safetensors'])('never write to %s', (path) => {
    expect(() => guardModel(at(path), at('/w/m.onnx'))).toThrow(/never written/);
  });

  it('never write to the model, whatever its name', () => {
    expect(() => guardModel(at('/w/model'), at('/w/model'))).toThrow(/never written/);
  });

  it('let plans and new files through, and protect everything else', async () => {
    const isPlan = async (text: string): Promise<boolean> => text === 'a plan';
    guardModel(at(plan.path), at('/w/m.onnx'));
    await guardForeign(at(plan.path), isPlan);
    fake.fs.put(plan, 'a plan');
    await guardForeign(at(plan.path), isPlan);
    fake.fs.put(plan, '<<<<<<< HEAD');
    await expect(guardForeign(at(plan.path), isPlan)).rejects.toMatchObject({ code: 'bad-plan' });
  });
});
