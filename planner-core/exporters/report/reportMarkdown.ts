import type { ReportFacts, ReportTable } from './reportFacts';

/** A report as Markdown, to paste into a ticket or a pull request. */
export function reportMarkdown(facts: ReportFacts): string {
  return [
    `## ${escaped(facts.title)}`,
    '',
    escaped(facts.sentence),
    '',
    ...facts.tables.flatMap(table),
    '### Assumptions',
    '',
    ...facts.assumptions.map((assumption) => `- ${escaped(assumption)}`),
    '',
  ].join('\n');
}

function table({ heading, header, rows }: ReportTable): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    `### ${escaped(heading)}`,
    '',
    line(header),
    `|${header.map(() => ' --- ').join('|')}|`,
    ...rows.map(line),
    '',
  ];
}

/** Names from a model file must not become markup. */
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&').replace(/\s+/g, ' ');
