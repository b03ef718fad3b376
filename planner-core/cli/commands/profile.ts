import { readFileSync } from 'node:fs';
import { formatDuration, formatMemory } from '../../base/format';
import { eachDevice } from '../../devices/machine';
import { withCalibration } from '../../plan/withCalibration';
import { assumedRows } from '../assumedText';
import { cacheText } from '../cacheText';
import { requireKnownDims, unknownDims } from '../knownDims';
import { openModelFile, overFiles } from '../models';
import { calibrationOf } from '../calibrationOption';
import { badUsage, workloadOf, type Options } from '../options';
import { allocatorSettingsOf } from '../allocatorOptions';
import { allocatorText } from '../allocatorText';
import { heaviestModules } from '../heaviestModules';
import { machineOf } from '../machineOptions';
import { placementRows, placementTables } from '../placementText';
import { message, table } from '../output';
import { readingNotes } from '../readingNotes';
import { workloadRows } from '../workloadText';

/** `headroom profile`: one step of a workload, as it is or under a plan or a checkpoint rule. */
export function profile(files: readonly string[], options: Options): Promise<number> {
  if (options.plan && options.calibration)
    throw badUsage('A plan carries the calibration it was made with: leave --calibration out.');
  return overFiles(files, options.json ?? false, async (file) => {
    const session = openModelFile(file);
    if (files.length === 1) requireKnownDims(session, options);
    else
      for (const name of unknownDims(session, options)) message(`--dim ${name} changes nothing in ${file}.`);
    const machine = machineOf(options);
    const { devices } = machine;
    const placed = { ...session.defaultInputs(devices), ...machine };
    const base = withCalibration(placed, calibrationOf(options, devices));
    const inputs = { ...base, workload: workloadOf(options) };
    for (const note of readingNotes(session, inputs)) message(note);
    const allocator = allocatorSettingsOf(options);
    const value = options.plan
      ? session.profilePlan(readFileSync(options.plan, 'utf8'), allocator)
      : session.profile(inputs, options.checkpoint ?? 'none', allocator);
    const told = options.plan ? session.readPlan(readFileSync(options.plan, 'utf8')).inputs : inputs;
    const { peak } = value;
    const text = [
      table([
        ...workloadRows(session.summary, told),
        ...(options.plan ? [] : assumedRows(told.workload, options, session.summary)),
        ['peak', `${formatMemory(value.peakBytes)} in ${peak.phase}: ${peak.node}`],
        ['parameters', formatMemory(value.parameterBytes)],
        ...(value.bufferBytes > 0 ? [['buffers', formatMemory(value.bufferBytes)]] : []),
        ...(told.workload.mode === 'training'
          ? [
              ['gradients', formatMemory(value.gradientBytes)],
              ['optimizer state', formatMemory(value.optimizerBytes)],
              ['kept for backward', formatMemory(value.savedBytes)],
            ]
          : []),
        ...(value.kvCache
          ? [['key-value cache', `${formatMemory(value.kvCacheBytes)}: ${cacheText(value.kvCache)}`]]
          : []),
        ['step time', formatDuration(value.stepTimeMs)],
        ...(value.placement ? placementRows(value.placement) : []),
      ]),
      ...(value.placement ? placementTables(value.placement, eachDevice(devices)) : []).flatMap((text) => [
        '',
        text,
      ]),
      ...(value.allocators ?? (value.allocator ? [value.allocator] : [])).flatMap((view) => [
        '',
        allocatorText(view),
      ]),
      '',
      heaviestModules(value.modules, told.workload.mode),
      '',
      'assumes',
      ...value.assumptions.map((assumption) => `  ${assumption}`),
      ...value.diagnostics.map(({ severity, message }) => `${severity}: ${message}`),
    ].join('\n');
    return { value, text };
  });
}
