import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../../planner-core/base/errors';
import { readSizes } from '../../../../planner-core/planners/input-sizes/readSizes';
import { percentilesOf } from '../../../../planner-core/planners/input-sizes/sizeDistribution';

const text = { names: ['batch', 'seq'], ranges: new Map([['seq', { least: 2, most: 1024 }]]) };
const images = { names: ['batch', 'height', 'width'] };

const sizesOf = (read: ReturnType<typeof readSizes>): [string, number][] =>
  read.sizes.map(({ size, weight }) => [size.join('×'), weight]);

describe('readSizes', () => {
  it.each([
    [
      '128:0.3 256:0.5, 512:0.2',
      [
        ['128', 0.3],
        ['256', 0.5],
        ['512', 0.2],
      ],
    ],
    [
      '256: 50%\n128 : 50%',
      [
        ['128', 0.5],
        ['256', 0.5],
      ],
    ],
    [
      '128=3\n# a remark\n256=1',
      [
        ['128', 3],
        ['256', 1],
      ],
    ],
    [
      '128\n256\n128\n',
      [
        ['128', 2],
        ['256', 1],
      ],
    ],
    [
      '\ufeff7 8 7',
      [
        ['7', 2],
        ['8', 1],
      ],
    ],
    [
      'id,seq\na,10\nb,12\nc,10',
      [
        ['10', 2],
        ['12', 1],
      ],
    ],
    [
      'length,count\n10,4\n12,1',
      [
        ['10', 4],
        ['12', 1],
      ],
    ],
    [
      '{"128": 2, "64": 1}',
      [
        ['64', 1],
        ['128', 2],
      ],
    ],
    [
      '[3, 4, 3]',
      [
        ['3', 2],
        ['4', 1],
      ],
    ],
    [
      '{"input_ids": [1, 2, 3]}\n{"input_ids": [1, 2]}',
      [
        ['2', 1],
        ['3', 1],
      ],
    ],
    [
      '[5, 5, 5]\n[5, 5]',
      [
        ['2', 1],
        ['3', 1],
      ],
    ],
    ['{"length": 9}\n{"length": 9}', [['9', 2]]],
    [
      '[{"seq": 5, "weight": 2}, {"seq": 6, "weight": 1}]',
      [
        ['5', 2],
        ['6', 1],
      ],
    ],
  ])('reads %j', (written, expected) => {
    const read = readSizes(written, text);
    expect(read.dimensions).toEqual(['seq']);
    expect(sizesOf(read)).toEqual(expected);
  });

  it('keeps the order of batches, where there is one', () => {
    const read = readSizes('30\n10\n30\n20', text);
    expect([...read.trace!].map((i) => read.sizes[i].size[0])).toEqual([30, 10, 30, 20]);
    expect(readSizes('30:1 10:2', text).trace).toBeUndefined();
  });

  it.each([
    '224x320:3 256×256:1',
    'height,width,count\n224,320,3\n256,256,1',
    '{"224x320": 3, "256x256": 1}',
  ])('reads several dimensions from %j', (written) => {
    const read = readSizes(written, images);
    expect(read.dimensions).toEqual(['height', 'width']);
    expect(sizesOf(read)).toEqual([
      ['224×320', 3],
      ['256×256', 1],
    ]);
  });

  it('takes the dimensions it is told', () => {
    expect(readSizes('16:1 32:1', text, ['batch']).dimensions).toEqual(['batch']);
    expect(readSizes('seq,batch\n100,8', text, ['batch', 'seq']).sizes[0].size).toEqual([8, 100]);
  });

  it('draws sizes that have the percentiles given', () => {
    const read = readSizes('p50:100 p90:200 p99:400', text);
    expect(percentilesOf(read, [50, 90, 99, 100]).map(({ size }) => size[0])).toEqual([100, 200, 400, 400]);
    expect(read.sizes.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(100, 9);
  });

  it.each([
    ['', 'There are no sizes'],
    ['  \n', 'There are no sizes'],
    ['128:0.3\n-4:1', 'Line 2: the size -4'],
    ['128\n0', 'Line 2: the size 0'],
    ['128\n12.5', 'Line 2: the size 12.5'],
    ['1e99:1', 'absurd'],
    ['128:-1', 'weight of 128 is -1'],
    ['128:0', 'All weights are 0'],
    ['128:1 64', 'has no weight'],
    ['12a8', '"12a8" is no size'],
    ['128\n1x2', 'Line 2 has 2 numbers'],
    ['128\n4096', 'Line 2: the size 4096 of seq is outside'],
    ['[1, "b"]', 'is no number'],
    ['[1, 2', 'Line 1 is no JSON'],
    ['p120:5', 'no percentile 120'],
    ['p50:500 p90:100', 'is below percentile 50'],
    ['tokens,words\n1,2', 'The columns are tokens, words'],
    ['seq\nmany', 'Line 2: seq is "many"'],
  ])('refuses %j', (written, message) => {
    const model = written === '1e99:1' ? { names: ['seq'] } : text;
    expect(() => readSizes(written, model)).toThrow(HeadroomError);
    expect(() => readSizes(written, model)).toThrow(message);
  });

  it('refuses dimensions that the model does not have', () => {
    expect(() => readSizes('5:1', text, ['depth'])).toThrow('no dimension "depth"');
    expect(() => readSizes('5:1', { names: [] })).toThrow('no named dimension');
  });
});
