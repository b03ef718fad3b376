import { existsSync } from 'node:fs';
import path from 'node:path';
import { isTrace } from '../measurements/readMeasurements';
import type { PlanInputs } from '../plan/planInputs';
import type { PlannerSession } from '../session/plannerSession';
import type { NamedText } from '../session/sizes/sizesModel';
import { readBytes } from './namedFile';

/**
 * What `--measured` names: tables as they are, traces of the PyTorch profiler as tables of their layers. `FILE@seq=64,128` tells the sizes
 * of a trace that does not. Throws 'file-access', and what `sizeTable` does.
 */
export async function sizeMeasurements(
  session: PlannerSession,
  inputs: PlanInputs,
  files: readonly string[],
): Promise<NamedText[]> {
  const tables: NamedText[] = [];
  for (const file of files) {
    const name = path.basename(file);
    const bytes = read(file);
    tables.push(
      isTrace(bytes)
        ? await session.sizeTable(inputs, { name, bytes })
        : { name, text: new TextDecoder().decode(bytes) },
    );
  }
  return tables;
}

function read(file: string): Uint8Array {
  const at = file.lastIndexOf('@');
  return readBytes(at > 0 && !existsSync(file) ? file.slice(0, at) : file);
}
