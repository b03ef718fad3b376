// node structureReadProcess.mjs FILE skip|whole: opens a model once and prints what that took, as JSON.
import { readFileSync } from 'node:fs';
import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { openModel } from '../../planner-core/formats/openModel';
import { openFile } from '../../planner-core/node/fileByteSource';
import type { StructureRead } from './structureRead';
import { CountingSource } from '../unit/support/countingSource';

const peakRss = (): number => process.resourceUsage().maxRSS * 1024;

const [file, how] = process.argv.slice(2);
const basePeakBytes = peakRss();
const start = performance.now();
let bytesRead: number;
if (how === 'whole') {
  const bytes = readFileSync(file);
  openModel(new MemoryByteSource(bytes), 'chain.onnx');
  bytesRead = bytes.length;
} else {
  const source = new CountingSource(openFile(file));
  openModel(source, 'chain.onnx');
  bytesRead = source.bytesRead;
}
const measured: StructureRead = {
  bytesRead,
  durationMs: performance.now() - start,
  peakBytes: peakRss(),
  basePeakBytes,
};
console.log(JSON.stringify(measured));
