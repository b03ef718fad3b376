import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatFileSize, formatMemory } from '../../planner-core/base/format';
import { writeChainModel } from './lib/largeModel';
import { printTable } from './lib/table';
import { ms } from './lib/timing';

/** What one process measured; see structureReadProcess.ts. */
export interface StructureRead {
  readonly bytesRead: number;
  readonly durationMs: number;
  /** Highest resident set of the process, and what it was before the file was opened. */
  readonly peakBytes: number;
  readonly basePeakBytes: number;
}

const layers = 6;
const wide = 14_336; // 6 weights of 822 MB: 4.9 GB
const narrow = 1_448; // 6 weights of 8.4 MB: 50 MB

/**
 * A file beyond 4 GiB by structure alone, against reading the whole of a hundredth of it. Each in a process of its own,
 * because a process' peak of memory never falls.
 */
export function benchStructureRead(repoRoot: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'headroom-bench-'));
  try {
    const measure = (width: number, how: 'skip' | 'whole') => {
      const file = path.join(folder, `${width}.onnx`);
      const fileBytes = writeChainModel(file, { layers, width });
      const program = path.join(repoRoot, 'node_modules/.cache/headroom/test/bench/structureReadProcess.mjs');
      const output = execFileSync(process.execPath, [program, file, how], { encoding: 'utf8' });
      return { fileBytes, ...(JSON.parse(output) as StructureRead) };
    };
    const skipped = measure(wide, 'skip');
    const whole = measure(narrow, 'whole');
    const row = (name: string, read: ReturnType<typeof measure>): string[] => [
      name,
      formatFileSize(read.fileBytes),
      formatFileSize(read.bytesRead),
      ms(read.durationMs),
      formatMemory(read.peakBytes - read.basePeakBytes),
    ];
    const ratio = (a: number, b: number): string => `× ${(a / Math.max(b, 1e-9)).toPrecision(2)}`;
    printTable(
      'Structure of a large file',
      ['', 'file', 'read', 'ms', 'memory above the bare process'],
      [
        row('structure only', skipped),
        row('whole file', whole),
        [
          'first / second',
          ratio(skipped.fileBytes, whole.fileBytes),
          ratio(skipped.bytesRead, whole.bytesRead),
          ratio(skipped.durationMs, whole.durationMs),
          ratio(skipped.peakBytes - skipped.basePeakBytes, whole.peakBytes - whole.basePeakBytes),
        ],
      ],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
