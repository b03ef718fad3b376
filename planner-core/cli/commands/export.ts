import { dirname, join } from 'node:path';
import { didYouMean } from '../../base/didYouMean';
import type { HeadroomError } from '../../base/errors';
import { exportTargets, notCarriedLines, type Export } from '../../exporters/targets';
import { openFile } from '../../node/fileByteSource';
import { allocatorSettingsOf } from '../allocatorOptions';
import { badUsage, type Options } from '../options';
import { message, result, warnings, writeWhole } from '../output';
import { isSameFile, writeModelCopy } from '../writeModelCopy';
import { modelPathOf, openPlanFile } from './check';

/**
 * `headroom export`: a plan in another form. What it cannot say goes to stderr, first of all that it may run out of memory. With --out the first file gets that
 * name, and further ones lie beside it.
 */
export async function exportPlan(path: string, options: Options): Promise<number> {
  const target = exportTargets.find((candidate) => candidate === options.target);
  if (!target) throw badTarget(options.target);
  const { plan, session } = openPlanFile(path, options);
  const modelPath = modelPathOf(path, plan, options);
  if (options.out !== undefined && isSameFile(options.out, modelPath))
    throw badUsage(`${options.out} is the model: models are never written over.`);
  const allocator = allocatorSettingsOf(options);
  const source = openFile(modelPath);
  try {
    const exported = session.export(plan, target, source, await session.frontierOf(plan, target), allocator);
    warnings(exported.warnings ?? []);
    if (exported.copy) {
      if (options.out === undefined) throw badUsage('A copy of the model needs --out FILE.');
      writeModelCopy(options.out, source, exported.copy.pieces);
      message(`wrote ${options.out}`);
    } else writeFiles(exported, plan.model.file, options.out);
    for (const line of exported.carried) message(`carried: ${line}`);
    if (exported.notCarried.length > 0) notCarriedLines(exported.notCarried).forEach(message);
  } finally {
    source.close();
  }
  return 0;
}

function badTarget(given: string | undefined): HeadroomError {
  const targets = `Targets: ${exportTargets.join(', ')}.`;
  if (given === undefined) return badUsage('export needs --target TARGET.', targets);
  return badUsage(`There is no target "${given}".`, didYouMean(given, exportTargets) ?? targets);
}

function writeFiles({ files }: Export, modelFile: string, out: string | undefined): void {
  const [first, ...others] = files;
  if (out === undefined) {
    if (others.length > 0) throw badUsage(`This export is ${files.length} files: it needs --out FILE.`);
    return result(first.text);
  }
  const places = [out, ...others.map(({ suffix }) => join(dirname(out), modelFile + suffix))];
  places.forEach((place, i) => {
    writeWhole(place, files[i].text);
    message(`wrote ${place}`);
  });
}
