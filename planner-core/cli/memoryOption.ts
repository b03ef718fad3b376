import { parseMemory } from '../base/format';
import { badUsage } from './options';

/** The bytes of --memory; undefined where it is not given. Throws 'bad-usage'. */
export function memoryOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseMemory(text);
  if (!bytes) throw badUsage(`--memory is "${text}": expected a size such as 24GiB.`);
  return bytes;
}
