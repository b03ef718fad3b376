import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { textTranslator } from '../../../../planner-core/base/textTranslation';
import type { SizeRow } from '../../../../planner-core/session/sizes/sizesModel';
import { sizesSummary } from '../../../../planner-core/session/sizes/sizesSummary';

const bundle = path.resolve(import.meta.dirname, '../../../../l10n/bundle.l10n.zh-cn.json');
const inChinese = textTranslator(JSON.parse(readFileSync(bundle, 'utf8')) as Record<string, string>);

const row = (from: number, to: number, layers: number, results: number): SizeRow =>
  ({
    range: [from, to],
    share: 0.2,
    recomputed: Array.from({ length: layers }, (_, i) => `h.${i}`),
    ...(results > 0 ? { offloaded: Array.from({ length: results }, (_, i) => `h.${i}/out`) } : {}),
    overheadPercent: [0, layers + results],
  }) as unknown as SizeRow;

const summaries = [
  {
    rows: [
      row(1, 100, 0, 0),
      row(101, 200, 1, 0),
      row(201, 300, 2, 1),
      row(301, 400, 0, 3),
      row(401, 500, 4, 0),
    ],
    unplanned: [600],
    said: [
      'Up to seq 100 nothing needs recomputing.',
      'From 101 on: 1 layer recomputed, up to +1.0 %.',
      'From 201 on: 2 layers recomputed and 1 result sent away, up to +3.0 %.',
      'From 301 on: 3 results sent away, up to +3.0 %.',
      'More plans from 401 on: 1.',
      'No plan was found for 600.',
    ],
  },
  { rows: [row(1, 100, 2, 0)], said: ['Up to seq 100: 2 layers recomputed, up to +2.0 %.'] },
  { rows: [row(1, 100, 0, 2)], said: ['Up to seq 100: 2 results sent away, up to +2.0 %.'] },
  { rows: [row(1, 100, 0, 0)], said: ['At every size everything can be kept.'] },
];

it.each(summaries)('says what plans come to, a sentence each: $said', ({ rows, unplanned, said }) => {
  expect(sizesSummary(['seq'], rows, unplanned)).toEqual(said);
});

it.each(summaries)('is wholly translated: $said', ({ said }) => {
  for (const sentence of said) expect(inChinese(sentence).replace('seq', '')).not.toMatch(/[a-z]/i);
});
