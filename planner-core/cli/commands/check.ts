import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HeadroomError } from '../../base/errors';
import { deviceState, deviceWarnings } from '../../plan/deviceMemory';
import { memoryFits, memoryFitText, type MemoryFit } from '../../plan/memoryFit';
import type { Plan } from '../../plan/plan';
import type { PlannerSession } from '../../session/plannerSession';
import { allocatorSettingsOf } from '../allocatorOptions';
import { openModelFile } from '../models';
import { readPlanFile } from '../namedFile';
import type { Options } from '../options';
import { result } from '../output';

/** Reads a plan file and opens the model it is for: `--model`, or the file of that name beside the plan. */
export function openPlanFile(path: string, options: Options): { plan: Plan; session: PlannerSession } {
  const plan = readPlanFile(path);
  const modelPath = modelPathOf(path, plan, options);
  if (options.model === undefined && !existsSync(modelPath))
    throw new HeadroomError(
      'file-access',
      `The model of the plan, ${plan.model.file}, is not beside it.`,
      'Say where it is: give --model FILE.',
      { file: modelPath },
    );
  return { plan, session: openModelFile(modelPath) };
}

/** Where the model of a plan file is: `--model`, or beside it. */
export const modelPathOf = (path: string, plan: Plan, options: Options): string =>
  options.model ?? join(dirname(path), plan.model.file);

/**
 * `headroom check`: does the simulator confirm what the plan file says, and does that fit? Throws 'check-failed' with
 * the reason when not: exit code 1. A plan within its budget that fills up a device is warned of.
 */
export async function check(path: string, options: Options): Promise<number> {
  const { plan, session } = openPlanFile(path, options);
  const allocator = allocatorSettingsOf(options);
  session.check(plan);
  const memory = memoryFits(plan);
  const over = memory.filter(({ fits }) => !fits);
  const devices = session.allocators(plan, allocator);
  const warnings = deviceWarnings(plan, devices);
  const states = new Map(devices.map((device) => [device.device, deviceState(device)]));
  const verdict = ({ place, fits }: MemoryFit): string => {
    if (!fits) return 'TOO LARGE';
    const state = states.get(place);
    // Tensors alone are within the limit; what comes on top of them is not.
    if (state === 'does-not-fit') return 'within';
    return state === 'just-fits' ? 'just fits' : 'fits';
  };
  if (!options.json) {
    result('schema, fingerprint and prediction agree');
    memory.forEach((fit) => result(`${verdict(fit)}: ${memoryFitText(fit)}`));
    warnings.forEach((text) => result(`warning: ${text}`));
  }
  if (over.length > 0)
    throw new HeadroomError(
      'check-failed',
      `The plan does not fit: ${over.map(memoryFitText).join('; ')}.`,
      'Plan again for this budget and these devices, or for larger ones.',
    );
  if (options.json)
    result(JSON.stringify({ ok: true, peakBytes: plan.prediction.peakBytes, memory, warnings }));
  else if (warnings.length === 0) result('ok');
  return 0;
}
