/**
 * What assistive technology calls a control that shows `text` and explains itself with `hint`. Words that are seen are
 * part of the name, so that people who control by voice can say them (WCAG 2.5.3); signs such as × are not.
 */
export function spokenName(text: string, hint: string): string {
  const isSaid = !/\p{L}/u.test(text) || hint.toLowerCase().includes(text.toLowerCase());
  return isSaid ? hint : `${text}: ${hint}`;
}
