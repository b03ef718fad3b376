import { HeadroomError } from '../../base/errors';
import { formatMemory } from '../../base/format';
import type { PlanInputs } from '../../plan/planInputs';
import type { PlannerSession } from '../../session/plannerSession';
import { aboutRows } from '../assumedText';
import { badUsage, countOf, type Options } from '../options';
import { message, result } from '../output';
import { packsText } from '../packsText';

/** `headroom plan --offload host --packs N|auto`: packs of layers, groups of micro-batches. Exit code 1 when nothing fits. */
export async function planPacks(
  session: PlannerSession,
  inputs: PlanInputs & { readonly budgetBytes: number },
  options: Options,
): Promise<number> {
  if (!inputs.offload) throw badUsage('--packs goes with --offload host or storage.');
  if (options.out !== undefined) throw badUsage('A plan file has no form for packs: leave --out out.');
  if (inputs.minimise !== undefined || inputs.objective !== undefined)
    throw badUsage('--packs makes least of time on one device: leave --objective out.');
  const packs = options.packs;
  const packCount = packs === 'auto' ? undefined : countOf('packs', packs, 1, 1);
  const answer = await session.packs({ inputs, budgetBytes: inputs.budgetBytes, packCount });
  if (answer.best) for (const assumption of answer.assumptions) message(assumption);
  if (options.json) result(JSON.stringify(answer, undefined, 2));
  else if (answer.best) result(packsText(answer, aboutRows(session.summary, inputs, options)));
  if (answer.best) return 0;
  if (options.json) return 1;
  throw new HeadroomError(
    'infeasible',
    `No packs and groups that were tried fit ${formatMemory(inputs.budgetBytes)}.`,
    'Raise the budget, give smaller micro-batches, or more host memory.',
  );
}
