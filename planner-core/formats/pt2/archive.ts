import { HeadroomError } from '../../base/errors';
import type { ByteSource } from '../../bytes/byteSource';
import { readZipDirectory, type ZipEntry } from '../../bytes/zip/zipDirectory';
import { readZipEntry } from '../../bytes/zip/readZipEntry';
import { badProgram } from './json';

/** The largest program that is read: JSON of 128 MiB describes several hundred thousand calls. */
export const longestProgramBytes = 128 * 1024 * 1024;

/** What an archive of torch.export has beside its weights, which are never touched. */
export interface Pt2Archive {
  readonly program: unknown;
  /** What is stored for each parameter and buffer; undefined in the layout of PyTorch 2.7 and older. */
  readonly weights: unknown;
  /** Other programs of the same file, which are not read. */
  readonly otherPrograms: readonly string[];
}

const modelEntry = /(?:^|\/)models\/([^/]+)\.json$/;
const legacyEntry = /(?:^|\/)serialized_exported_program\.json$/;

/**
 * Reads the parts of a `.pt2` archive that describe the program: `models/*.json` and the table of weights, or
 * `serialized_exported_program.json` of older releases (torch/export/pt2_archive/_package.py).
 */
export function readPt2Archive(source: ByteSource): Pt2Archive {
  const directory = readZipDirectory(source);
  const models = [...directory.keys()].filter((name) => modelEntry.test(name)).sort();
  const legacy = [...directory.keys()].find((name) => legacyEntry.test(name));
  const program = models[0] ?? legacy;
  if (program === undefined) throw noProgram(directory);
  const name = modelEntry.exec(program)?.[1];
  const table = [...directory.keys()].find((entry) => entry.endsWith(`weights/${name}_weights_config.json`));
  const read = (entry: string): unknown => readJson(source, directory.get(entry)!);
  return {
    program: read(program),
    weights: table === undefined ? undefined : read(table),
    otherPrograms: models.slice(1),
  };
}

const utf8 = new TextDecoder();

function readJson(source: ByteSource, entry: ZipEntry): unknown {
  const text = utf8.decode(readZipEntry(source, entry, longestProgramBytes));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badProgram(entry.name, `is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}

function noProgram(directory: ReadonlyMap<string, unknown>): HeadroomError {
  const isCompiled = [...directory.keys()].some((name) => name.includes('/aotinductor/'));
  return new HeadroomError(
    'unsupported-format',
    isCompiled
      ? 'The archive holds code that AOTInductor compiled, not an exported program.'
      : 'The archive of torch.export holds no program.',
    'Save the exported program itself: torch.export.save(torch.export.export(model, inputs), "model.pt2").',
  );
}
