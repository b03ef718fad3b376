import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeadroomError } from '../../../planner-core/base/errors';
import { uncontrolled } from '../../../planner-core/base/job';
import { readPickle, type PickleValue } from '../../../planner-core/measurements/pickle';
import { readMeasurements } from '../../../planner-core/measurements/readMeasurements';
import { fixture } from './support';

const bytesOf = (latin1: string): Uint8Array =>
  Uint8Array.from(latin1, (character) => character.charCodeAt(0));
const read = (latin1: string): Promise<PickleValue> => readPickle(bytesOf(latin1), uncontrolled);

describe('readPickle', () => {
  it.each<[string, PickleValue]>([
    ['\x80\x02K\x05.', 5],
    ['\x80\x02J\xff\xff\xff\xff.', -1],
    ['\x80\x02M\x01\x02.', 513],
    ['\x80\x02\x8a\x00.', 0],
    ['\x80\x02\x8a\x02\x00\x80.', -32768],
    ['\x80\x02\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00.', 2n ** 63n],
    ['\x80\x02G\x3f\xf8\x00\x00\x00\x00\x00\x00.', 1.5],
    ['\x80\x04\x8c\x02\xc3\xa4.', 'ä'],
    ['\x80\x02(K\x01K\x02t.', [1, 2]],
    ['\x80\x02]q\x00(K\x01h\x00e.', 'itself'],
    ['\x80\x02}K\x01N\x73.', new Map([[1, null]])],
    ['\x80\x02\x88\x89\x86.', [true, false]],
  ])('reads %j', async (pickle, value) => {
    const found = await read(pickle);
    if (value !== 'itself') expect(found).toEqual(value);
    else expect((found as PickleValue[])[1]).toBe(found);
  });

  // pickle.dumps of an object whose __reduce__ gives (os.system, ('true',)), by protocol.
  it.each([
    ['\x80\x02cposix\nsystem\nq\x00X\x04\x00\x00\x00trueq\x01\x85q\x02Rq\x03.', 'GLOBAL', 2],
    [
      '\x80\x04\x95\x20\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94.',
      'STACK_GLOBAL',
      28,
    ],
    ['\x80\x02K\x01)R.', 'REDUCE', 5],
    ['\x80\x02}}b.', 'BUILD', 4],
    ['\x80\x02))\x81.', 'NEWOBJ', 4],
    ['\x80\x02(iposix\nsystem\n.', 'INST', 3],
    ['\x80\x02Ppersistent\n.', 'PERSID', 2],
    ['\x80\x02\x82\x01.', 'EXT1', 2],
  ])('refuses what would run code: %j', async (pickle, name, byteOffset) => {
    await expect(read(pickle)).rejects.toMatchObject({
      code: 'bad-measurements',
      message: `The pickle would run code: it has ${name}, which a memory snapshot never has.`,
      where: { byteOffset },
    });
  });

  it.each([
    ['\x80\x02K', 'The pickle is cut off.'],
    ['\x80\x02.', 'The pickle takes more than it has.'],
    ['\x80\x02K\x01a.', 'The pickle takes more than it has.'],
    ['\x80\x02K\x01K\x01a.', 'The pickle appends to what is no list.'],
    ['\x80\x02h\x07.', 'The pickle recalls what it never remembered.'],
    ['\x80\x02Nr\xff\xff\xff\x7f.', 'The pickle remembers out of order.'],
    ['\x80\x02X\xff\xff\xff\xffa.', 'The pickle is cut off.'],
    ['\x80\x02e.', 'The pickle has no mark to go back to.'],
    ['\x80\x02}(K\x01u.', 'The pickle has a key without a value.'],
    ['\x80\x02\x8a\xff' + '\x01'.repeat(255) + '.', 'The pickle has an integer of 255 bytes.'],
    ['\x80\x02\x01.', 'The pickle has the opcode 0x1, which plain data does not need.'],
    ['\x80\x06N.', 'The file is no pickle of protocol 2 to 5.'],
  ])('refuses %j', async (pickle, message) => {
    await expect(read(pickle)).rejects.toMatchObject({ code: 'bad-measurements', message });
  });

  it('ends in an error of its own for every truncation and damaged byte of a snapshot', async () => {
    const whole = fixture('snapshot.4.pickle');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), async (at, by) => {
        const damaged = by === 0 ? whole.slice(0, at) : whole.map((byte, i) => (i === at ? byte ^ by : byte));
        const reading = readMeasurements(damaged, 'a.pickle', uncontrolled);
        await reading.catch((error: unknown) => expect(error).toBeInstanceOf(HeadroomError));
      }),
      { numRuns: 400 },
    );
  });
});
