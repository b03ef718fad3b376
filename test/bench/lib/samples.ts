import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Paths of the sample models, smallest name first. */
export function sampleModels(repoRoot: string): string[] {
  const folder = path.join(repoRoot, 'samples');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.onnx'))
    .sort()
    .map((file) => path.join(folder, file));
}
