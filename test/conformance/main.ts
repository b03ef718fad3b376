import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { archiveExports } from './archives';
import { evaluationExports, programExports, trainingExports } from './accuracy';
import { besideMemTracker, trackerCells, trackerHeader } from './besideMemTracker';
import type { Bar } from './bar';
import { dataFolder } from './shapesData';
import { shapeScores } from './shapeScores';
import { readPyTorch1 } from './truth/pytorch1';
import { readPyTorch2 } from './truth/pytorch2';

const startMark = '<!-- conformance: written by npm run conformance -- --write -->';
const endMark = '<!-- /conformance -->';

/**
 * Compares Headroom with what real PyTorch and ONNX measured; prints the tables and returns whether every bar is met.
 * `write` puts them into docs/accuracy.md.
 */
export function runConformance(repoRoot: string, write: boolean): boolean {
  if (!existsSync(dataFolder)) {
    console.log('Nothing to compare with: the measured data is not beside this repository.');
    return true;
  }
  const release1 = readPyTorch1(path.join(dataFolder, 'truth/pytorch-1.13'));
  const release2 = readPyTorch2(path.join(dataFolder, 'truth/pytorch-2.13'));
  const bars = [
    ...shapeBars(),
    ...trainingExports(release1),
    ...programExports(release2),
    ...archiveExports(release2),
    ...evaluationExports([...release1, ...release2]),
  ];
  const text = [
    markdownTable(
      ['compared with', 'figure', 'points', 'Headroom', 'bar', ''],
      bars.map(({ section, what, count, result, limit, isMet }) => [
        section,
        what,
        String(count),
        result,
        limit,
        isMet ? '✓' : '✗',
      ]),
    ),
    'Beside PyTorch’s own MemTracker, which needs the Python program (peak of the step, milliseconds a point):',
    markdownTable(trackerHeader, besideMemTracker(release2).map(trackerCells)),
  ].join('\n\n');
  console.log(text);
  if (write) writeInto(path.join(repoRoot, 'docs/accuracy.md'), text);
  const missed = bars.filter(({ isMet }) => !isMet);
  console.log(missed.length === 0 ? '\nEvery bar is met.' : `\n${missed.length} bars are not met.`);
  return missed.length === 0;
}

function shapeBars(): Bar[] {
  const section = 'ONNX test suite, shapes and types';
  const { cases, parsed, wrong, exact, partial, unknown, exactOfStatic } = shapeScores();
  const tensors = wrong + exact + partial + unknown;
  return [
    { section, what: 'cases read', count: cases, result: `${parsed}`, limit: 'all', isMet: parsed === cases },
    {
      section,
      what: 'wrong sizes or types',
      count: tensors,
      result: `${wrong}`,
      limit: '0',
      isMet: wrong === 0,
    },
    {
      section,
      what: 'exact, of tensors whose size no data decides',
      count: tensors,
      result: `${(100 * exactOfStatic).toFixed(2)} %`,
      limit: '≥ 99 %',
      isMet: exactOfStatic >= 0.99,
    },
  ];
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function writeInto(file: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const [start, end] = [page.indexOf(startMark), page.indexOf(endMark)];
  if (start < 0 || end < start) throw new Error(`${file} has no place for the tables: ${startMark}`);
  writeFileSync(file, `${page.slice(0, start + startMark.length)}\n\n${text}\n\n${page.slice(end)}`);
}
