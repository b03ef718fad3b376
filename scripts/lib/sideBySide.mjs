import { availableParallelism } from 'node:os';

/**
 * Does `work` on each item, as many at a time as there are cores; resolves with the answers in the order of the items.
 * When one fails no other is begun, and the first failure is thrown once those under way have ended.
 */
export async function sideBySide(items, work, atATime = availableParallelism()) {
  const answers = new Array(items.length);
  const failures = [];
  let next = 0;
  const take = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        answers[index] = await work(items[index], index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, take));
  if (failures.length > 0) throw failures[0];
  return answers;
}
