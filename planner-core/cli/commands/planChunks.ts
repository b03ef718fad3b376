import { HeadroomError } from '../../base/errors';
import { formatMemory } from '../../base/format';
import type { PlanInputs } from '../../plan/planInputs';
import { defaultHostDevice, updatePlaces } from '../../session/chunks/chunkQuestion';
import type { PlannerSession } from '../../session/plannerSession';
import { aboutRows } from '../assumedText';
import { chunksText } from '../chunksText';
import { memorySize } from '../memoryOption';
import { badUsage, type Options } from '../options';
import { message, result } from '../output';

/** `headroom plan --offload host --chunks SIZE|auto`: model data in chunks. Exit code 1 when nothing fits. */
export async function planChunks(
  session: PlannerSession,
  inputs: PlanInputs & { readonly budgetBytes: number },
  options: Options,
): Promise<number> {
  if (inputs.offload?.to !== 'host') throw badUsage('--chunks goes with --offload host.');
  if (options.out !== undefined) throw badUsage('A plan file has no form for chunks: leave --out out.');
  if (inputs.minimise !== undefined || inputs.objective !== undefined)
    throw badUsage('--chunks makes least of time on one device: leave --objective out.');
  const text = options['update-on'] ?? 'auto';
  const updates = updatePlaces.find((place) => place === text);
  if (!updates) throw badUsage(`--update-on is "${text}": expected ${updatePlaces.join(', ')}.`);
  const answer = await session.chunks({
    inputs,
    budgetBytes: inputs.budgetBytes,
    chunkBytes: sizeOf(options.chunks!),
    updates,
    hostDevice: options['host-device'] ?? defaultHostDevice,
  });
  if (answer.best) for (const assumption of answer.assumptions) message(assumption);
  if (options.json) result(JSON.stringify(answer, undefined, 2));
  else if (answer.best) result(chunksText(answer, aboutRows(session.summary, inputs, options)));
  if (answer.best) return 0;
  const { least, budgetBytes } = answer;
  if (options.json) return 1;
  throw new HeadroomError(
    'infeasible',
    least
      ? `Nothing fits ${formatMemory(budgetBytes)}: with chunks of ${formatMemory(least.chunkBytes)} a step runs in ` +
          `${formatMemory(least.peakBytes)}.`
      : `The chunks do not fit ${formatMemory(inputs.offload.memoryBytes ?? Infinity)} of host memory.`,
    least ? 'Raise the budget or reduce the batch.' : 'Raise --host-memory.',
  );
}

/** Undefined: to be found. */
function sizeOf(text: string): number | undefined {
  if (text === 'auto') return undefined;
  return memorySize('--chunks', text, 'a size such as 64MiB, or auto');
}
