import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlanDocument } from '../../../extension/document/planDocument';
import type { Questions } from '../../../extension/document/questions';
import { chooseSizesFile } from '../../../extension/editor/chooseSizesFile';
import type { SizesFileRole, SizesRequest } from '../../../planner-core/protocol/sizeQuestions';
import { fake, Uri } from './fakeVscode';

const showSizes = vi.fn<(question: SizesRequest) => Promise<void>>();
const sizeTable = vi.fn<Questions['sizeTable']>();
const document = {
  uri: Uri.file('/w/m.onnx'),
  questions: { showSizes, sizeTable },
} as unknown as PlanDocument;
const choose = (role: SizesFileRole, question: SizesRequest = { compare: true }): Promise<void> =>
  chooseSizesFile(document, role, question);
const file = (name: string, text: string): Uri => {
  const uri = Uri.file(`/w/${name}`);
  fake.fs.put(uri, text);
  return uri;
};

beforeEach(() => {
  fake.reset();
  showSizes.mockReset();
  sizeTable.mockReset();
});

describe('a file of sizes', () => {
  it('is asked about as it is, in the place of what was typed', async () => {
    fake.chosen = [file('lengths.txt', '1\n2\n')];
    await choose('sizes', { compare: false, sizes: { text: '128:1' } });
    expect(showSizes).toHaveBeenCalledExactlyOnceWith({
      compare: false,
      sizes: { name: 'lengths.txt', text: '1\n2\n' },
    });
  });

  it('of measurements joins those before it', async () => {
    fake.chosen = [file('a.csv', 'seq'), file('b.csv', 'seq')];
    await choose('measurements', { measurements: [{ text: 'first' }] });
    expect(showSizes.mock.calls[0][0].measurements?.map(({ name }) => name)).toEqual([
      undefined,
      'a.csv',
      'b.csv',
    ]);
  });

  it('that is a trace goes to the planner, which makes a table of it', async () => {
    fake.chosen = [file('a.csv', 'seq'), file('run.json.gz', 'packed')];
    sizeTable.mockResolvedValue({ name: 'run.json.gz', text: 'seq,layer,bytes' });
    await choose('measurements');
    expect(sizeTable.mock.calls.map(([source]) => source)).toEqual([
      { kind: 'path', path: '/w/run.json.gz' },
    ]);
    expect(showSizes.mock.calls[0][0].measurements).toEqual([
      { name: 'a.csv', text: 'seq' },
      { name: 'run.json.gz', text: 'seq,layer,bytes' },
    ]);
  });

  it('changes nothing when none is chosen', async () => {
    await choose('sizes');
    expect(showSizes).not.toHaveBeenCalled();
  });

  it('that is no text, too large or not there is named, and nothing is asked', async () => {
    const binary = Uri.file('/w/x.bin');
    fake.fs.files.set(binary.toString(), Uint8Array.of(0xff, 0xfe, 0x80));
    fake.chosen = [binary];
    await expect(choose('sizes')).rejects.toMatchObject({ code: 'bad-sizes', message: 'x.bin is no text.' });
    const large = Uri.file('/w/large.txt');
    fake.fs.files.set(large.toString(), new Uint8Array(16_000_001));
    fake.chosen = [large];
    await expect(choose('sizes')).rejects.toMatchObject({ code: 'limit-exceeded' });
    fake.chosen = [Uri.file('/w/gone.txt')];
    await expect(choose('sizes')).rejects.toMatchObject({ code: 'file-access' });
    expect(showSizes).not.toHaveBeenCalled();
  });
});
