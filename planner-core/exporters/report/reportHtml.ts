import { escapedXml } from '../pictures/svgPage';
import type { ReportFacts, ReportTable } from './reportFacts';

/** What the page may do: nothing but show itself. */
const policy = `default-src 'none'; style-src 'unsafe-inline'`;

const style = [
  'body { max-width: 1200px; margin: 2em auto; padding: 0 1em; font: 14px/1.5 system-ui, sans-serif; color: #222; background: #fff; }',
  'svg { width: 100%; height: auto; }',
  'table { border-collapse: collapse; margin: 0 0 1.5em; }',
  'th, td { padding: 3px 14px 3px 0; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }',
  'td { font-variant-numeric: tabular-nums; }',
  '.sentence { font-size: 16px; }',
].join('\n');

/**
 * A report as one HTML file that needs nothing else, to attach to a ticket: no scripts, no addresses, pictures inside.
 * `pictures` are SVG texts of this program.
 */
export function reportHtml(facts: ReportFacts, pictures: readonly string[]): string {
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapedXml(facts.title)}</title>`,
    `<style>\n${style}\n</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escapedXml(facts.title)}</h1>`,
    `<p class="sentence">${escapedXml(facts.sentence)}</p>`,
    ...pictures.map((svg) => svg.trimEnd()),
    ...facts.tables.flatMap(table),
    '<h2>Assumptions</h2>',
    '<ul>',
    ...facts.assumptions.map((assumption) => `<li>${escapedXml(assumption)}</li>`),
    '</ul>',
    '</main>',
    '</body>',
    '</html>\n',
  ].join('\n');
}

function table({ heading, header, rows }: ReportTable): string[] {
  const cells = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escapedXml(text)}</${tag.split(' ')[0]}>`).join('')}</tr>`;
  return [
    `<h2>${escapedXml(heading)}</h2>`,
    '<table>',
    `<thead>${cells('th scope="col"', header)}</thead>`,
    '<tbody>',
    ...rows.map((row) => cells('td', row)),
    '</tbody>',
    '</table>',
  ];
}
