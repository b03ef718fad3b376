import { beforeEach, describe, expect, it } from 'vitest';
import type * as vscode from 'vscode';
import { readCalibration } from '../../../extension/calibrationFile';
import { defaultInputs, type Defaults } from '../../../extension/document/defaultInputs';
import { calibrationText, type Calibration } from '../../../planner-core/devices/calibration';
import { fake, Uri } from './fakeVscode';

const calibration: Calibration = {
  format: 'headroom-calibration/1',
  device: 'A10',
  classes: { gemm: { compute: 0.5 } },
  usableMemoryBytes: 22_000_000_000,
  provenance: 'test',
};
const folder = Uri.file('/w') as unknown as vscode.Uri;

beforeEach(() => {
  fake.reset();
  fake.fs.put(Uri.file('/w/bench/a10.json'), calibrationText(calibration));
  fake.fs.put(Uri.file('/secret.json'), calibrationText(calibration));
});

describe('readCalibration', () => {
  it.each(['bench/a10.json', 'bench\\a10.json'])('reads %s below the folder', async (location) => {
    expect(await readCalibration(location, folder)).toEqual({ file: 'a10.json', calibration });
  });

  it('reads nothing where nothing is set', async () => {
    expect(await readCalibration('', folder)).toBeUndefined();
  });

  it.each(['../secret.json', '/secret.json', 'bench/../../secret.json', 'C:\\a.json', 'file:///secret.json'])(
    'does not leave the folder for %s',
    async (location) => {
      await expect(readCalibration(location, folder)).rejects.toMatchObject({ code: 'external-path' });
    },
  );

  it('says when there is no file, or none that can be read', async () => {
    await expect(readCalibration('nowhere.json', folder)).rejects.toMatchObject({ code: 'file-access' });
    fake.fs.put(Uri.file('/w/odd.json'), '{"format": 1}');
    await expect(readCalibration('odd.json', folder)).rejects.toMatchObject({ code: 'bad-calibration' });
    fake.fs.put(Uri.file('/w/huge.json'), ' '.repeat(2 ** 20 + 1));
    await expect(readCalibration('huge.json', folder)).rejects.toThrow('too large');
  });
});

it('a model without a plan starts with the calibration, and with the memory it found usable', () => {
  const defaults: Defaults = {
    device: 'A10',
    budget: '',
    optimizer: 'sgd',
    loss: 'sum',
    precision: 'fp32',
    semantics: 'cuda',
    strategy: 'selective',
    dimensions: {},
    calibration: { file: 'a10.json', calibration },
  };
  expect(defaultInputs(defaults)).toMatchObject({
    calibration: { file: 'a10.json' },
    devices: [{ name: 'A10', memoryBytes: 22_000_000_000 }],
  });
  const other = defaultInputs({ ...defaults, device: 'T4' });
  expect(other.devices[0].memoryBytes).toBe(16 * 2 ** 30);
});
