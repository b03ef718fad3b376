/** What a row of a translation ends with where the planner core writes the text: the language of its texts is English. */
export const plannerRow = '/planner';

/** A text with values in it, as it is written in the source. */
interface Template {
  readonly pattern: RegExp;
  /** Number of the value that each group of the pattern catches. */
  readonly values: readonly string[];
  readonly translation: string;
}

/**
 * Translates what the planner core says: its texts cross workers and processes, and go into plans and reports, as finished
 * English sentences, so a sentence is traced back to the text it was made from, and its values are filled into the
 * translation. `rows`: English texts with `{0}` for values, followed by `/planner`, and their translations. What is in none
 * of them stays as it is.
 */
export function textTranslator(rows: Readonly<Record<string, string>>): (text: string) => string {
  const whole = new Map<string, string>();
  const templates: Template[] = [];
  const own = Object.entries(rows).filter(([key]) => key.endsWith(plannerRow));
  for (const [key, translation] of own) {
    const text = key.slice(0, -plannerRow.length);
    if (placeholder.test(text)) templates.push(templateOf(text, translation));
    else whole.set(text, translation);
  }
  // The longest says most: a short one may be a part of it.
  templates.sort((a, b) => b.pattern.source.length - a.pattern.source.length);

  const translate = (text: string): string => {
    const known = whole.get(text);
    if (known !== undefined) return known;
    for (const { pattern, values, translation } of templates) {
      const found = pattern.exec(text);
      if (!found) continue;
      const filled = new Map(values.map((value, i) => [value, translate(found[i + 1])]));
      return translation.replace(placeholders, (mark, value: string) => filled.get(value) ?? mark);
    }
    return text;
  };
  return own.length === 0 ? (text) => text : translate;
}

const placeholder = /\{\d+\}/;
const placeholders = /\{(\d+)\}/g;

function templateOf(text: string, translation: string): Template {
  const values: string[] = [];
  const source = text.split(/(\{\d+\})/).map((part) => {
    const [, value] = /^\{(\d+)\}$/.exec(part) ?? [];
    if (value === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    values.push(value);
    return '(.*?)';
  });
  return { pattern: new RegExp(`^${source.join('')}$`, 's'), values, translation };
}
