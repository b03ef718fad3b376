import { el } from './dom';

/** A number and its unit or sign of per cent: `9.14 GiB`, `+17.1 %`, `139.5 ms`. */
const amount = /[+−]?\d[\d.,]* (?:%|[KMGT]iB|B|[mµ]?s|GB\/s)(?!\p{L})/gu;

/** The text for a line that wraps, with every number in one piece with its unit; what is read out and copied stays the same. */
export function unbrokenAmounts(text: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(amount)) {
    parts.push(text.slice(end, index), el('span', { class: 'unbroken' }, found));
    end = index + found.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}
