import { parseMemory } from '../base/format';
import { badUsage } from './badUsage';

/** A number without a unit is bytes; below this it is one whose unit was left out. */
const leastBareBytes = 2 ** 20;

/**
 * The bytes of an option that is a size of memory. `expected` says what it may be, e.g. "a size such as 24GiB". Throws
 * 'bad-usage' for what is none, and for one that lacks its unit.
 */
export function memorySize(option: string, text: string, expected: string): number {
  const bytes = parseMemory(text);
  if (bytes === undefined || bytes <= 0) throw badUsage(`${option} is "${text}": expected ${expected}.`);
  if (bytes >= leastBareBytes || !/^[\s\d.]+$/.test(text)) return bytes;
  const number = text.trim();
  throw badUsage(
    `${option} is "${text}": that is ${number} bytes.`,
    `Did you mean ${number}GiB, or ${number}MiB? For bytes write ${number}B.`,
  );
}

/** The bytes of --memory; undefined where it is not given. Throws 'bad-usage'. */
export const memoryOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : memorySize('--memory', text, 'a size such as 24GiB');
