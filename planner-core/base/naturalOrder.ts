/**
 * Compares names as people count: `h.2` before `h.10`. Digits compare as numbers, all else by code unit; names that are
 * alike so far by their text, so that only equal names compare as equal. For `Array.sort`.
 */
export function naturalOrder(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(/(\d+)/));
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    if (left[i] === right[i]) continue;
    const order = i % 2 === 1 ? byNumber(left[i], right[i]) : byText(left[i], right[i]);
    if (order !== 0) return order;
  }
  return left.length - right.length || byText(a, b);
}

/** Digits of any length: without leading zeros, the longer number is the larger one. */
function byNumber(a: string, b: string): number {
  const [left, right] = [a, b].map((digits) => digits.replace(/^0+(?=.)/, ''));
  return left.length - right.length || byText(left, right);
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
