import { textTranslator } from '../../planner-core/base/textTranslation';

/** Translations of the view's texts, as the host wrote them into the page; none for English. */
const texts = readTexts();

/**
 * A text of the view in the language of VS Code, with `{0}`, `{1}` … replaced by values. `text` is the English one, and must
 * be written out where it is used: a test compares all of them with the translations in l10n/.
 */
export function t(text: string, ...values: readonly (string | number)[]): string {
  const own = texts[text] ?? text;
  if (values.length === 0) return own;
  return own.replace(/\{(\d+)\}/g, (whole, index: string) => {
    const value = values[Number(index)];
    return value === undefined ? whole : String(value);
  });
}

const translateText = textTranslator(texts);

/** A sentence that the planner says, in the language of VS Code; in English where there is no translation of it. */
export const translated = (text: string): string => translateText(text);

/** The page says them before any script runs, so that they hold for what modules make when they are loaded. */
function readTexts(): Readonly<Record<string, string>> {
  const written = typeof document === 'undefined' ? undefined : document.getElementById('app')?.dataset.texts;
  return written ? (JSON.parse(written) as Record<string, string>) : {};
}
