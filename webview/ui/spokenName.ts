/**
 * What assistive technology calls a control that shows `text` and explains itself with `hint`. Words that are seen are
 * part of the name, so that people who control by voice can say them (WCAG 2.5.3); signs such as × are not.
 */
export function spokenName(text: string, hint: string): string {
  const isSaid = !/\p{L}/u.test(text) || saysWords(hint.toLowerCase(), text.toLowerCase());
  return isSaid ? hint : `${text}: ${hint}`;
}

/** Whole words: "in words" is not said in "plain words". Scripts without spaces have no ends of words to look for. */
const saysWords = (hint: string, text: string): boolean =>
  hint
    .split(text)
    .slice(1)
    .some((after, i) => {
      const before = hint.split(text)[i];
      return !/\p{Script=Latin}$/u.test(before) && !/^\p{Script=Latin}/u.test(after);
    });
