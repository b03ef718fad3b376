import { formatLeastPercent, formatMemory, formatPercent } from '../../planner-core/base/format';
import type { Proof } from '../../planner-core/session/refine';
import type { PlacementView } from '../../planner-core/session/types';
import { gapText, isOptimal } from '../placement/placementWords';
import type { ShownPlan } from '../state/shownPlan';
import type { View } from '../state/view';
import { strategyNames } from '../ui/names';
import { t } from '../base/l10n';

/** What is known about how good the plan on screen is. */
export interface ProofWords {
  /** 'known': what has been proven, with nothing going on. */
  readonly state: 'proving' | 'optimal' | 'infeasible' | 'known';
  readonly text: string;
  /** How far the search is, while it goes on; without the seconds, which the line counts itself. */
  readonly search?: string;
  /** Why the search ended early. */
  readonly note?: string;
}

/** Overheads closer than this are the same plan's: the solver's tolerance, in percentage points. */
const samePercent = 1e-4;
const mostDigits = 3;

/** The words for the plan on screen; undefined before there is a plan. */
export function proofText(view: View): ProofWords | undefined {
  const { step, shown, inputs, budgetBytes, host } = view;
  if (!step || !shown) return undefined;
  const { placement } = shown;
  const { proof } = host;
  const isCurrent =
    proof?.budgetBytes === budgetBytes && proof.strategy === inputs.strategy && !shown.preview;
  if (placement && placement.objective !== 'fit')
    return placementText(placement, isCurrent ? proof : undefined);
  const search = isCurrent && proof.state === 'proving' ? searchText(shown) : undefined;
  const note = isCurrent ? noteText(proof) : undefined;
  if (isCurrent && proof.state === 'unprovable') {
    const text = t('Nothing is proven for several devices, offloads by hand or reentrant checkpoints.');
    return { state: 'known', text };
  }
  if (!shown.fits) {
    if (isImpossible(view))
      return {
        state: 'infeasible',
        text: t('Proven: no plan of any kind fits {0}.', formatMemory(budgetBytes)),
      };
    return nothingFits(shown, budgetBytes, proof, isCurrent, search, note);
  }
  // What is proven of time says nothing of the plan with the least energy.
  if (inputs.minimise !== undefined && inputs.minimise !== 'time')
    return {
      state: 'known',
      text: energyText(shown, inputs.minimise),
      search: search && t('Proving…'),
      note,
    };
  const gapPercent = shown.overheadPercent - shown.lowerBoundPercent;
  if (gapPercent <= samePercent) return { state: 'optimal', text: optimalText(shown) };
  const { slower, bound } = distinguishable(shown.overheadPercent, shown.lowerBoundPercent);
  const ofModules = isCurrent && !search ? moduleText(shown, proof) : undefined;
  if (ofModules) {
    const text = [ofModules.text, ...scheduleText(shown, proof)].join(' ');
    return { state: ofModules.state, text, note };
  }
  const text =
    shown.lowerBoundPercent > 0
      ? t('{0} slower; no plan under this budget can be less than {1} slower: proven.', slower, bound)
      : t('{0} slower; nothing is proven yet about how fast a plan can be.', slower);
  if (search) return { state: 'proving', text: t('{0} slower.', slower), search };
  return {
    state: 'known',
    text: [text, ...scheduleText(shown, isCurrent ? proof : undefined)].join(' '),
    note,
  };
}

/** What is proven of a makespan, a period or an update, and whether the search for more goes on. */
function placementText(placement: PlacementView, proof: Proof | undefined): ProofWords {
  const text = gapText(placement);
  if (isOptimal(placement)) return { state: 'optimal', text };
  if (proof?.state === 'proving') return { state: 'proving', text, search: t('Looking for a faster one') };
  return { state: 'known', text, note: proof && noteText(proof) };
}

function energyText({ overheadPercent }: ShownPlan, minimise: 'energy' | 'carbon'): string {
  const slower = formatPercent(overheadPercent);
  return minimise === 'energy'
    ? t('{0} slower, for the least energy that was found; how little a plan can take is not proven.', slower)
    : t(
        '{0} slower, for the least carbon dioxide that was found; how little a plan can cause is not proven.',
        slower,
      );
}

function optimalText({ overheadPercent }: ShownPlan): string {
  if (overheadPercent <= samePercent) return t('Proven optimal: no plan is faster than keeping everything.');
  return t(
    '{0} slower: proven optimal. No plan under this budget is faster.',
    formatPercent(overheadPercent),
  );
}

/** What is proven among choices of modules to checkpoint; undefined where nothing is beyond what holds for any plan. */
function moduleText(
  { overheadPercent }: ShownPlan,
  { strategyBoundPercent }: Proof,
): Pick<ProofWords, 'state' | 'text'> | undefined {
  if (strategyBoundPercent === undefined) return undefined;
  const { slower, bound } = distinguishable(overheadPercent, strategyBoundPercent);
  if (overheadPercent - strategyBoundPercent <= samePercent)
    return { state: 'optimal', text: t('{0} slower: proven optimal among checkpointed modules.', slower) };
  const text = t(
    '{0} slower; no choice of checkpointed modules can be less than {1} slower: proven.',
    slower,
    bound,
  );
  return { state: 'known', text };
}

function searchText({ fits, lowerBoundPercent }: ShownPlan): string {
  if (lowerBoundPercent > 0)
    return t('Proving… best known bound {0}', formatLeastPercent(lowerBoundPercent, 2));
  return fits ? t('Proving…') : t('Looking for a plan that fits…');
}

/** Has a search proven that nothing meets the budget, or is it below what one computation needs by itself? */
const isImpossible = ({ budgetBytes, host: { proof, frontier } }: View): boolean =>
  budgetBytes <= (proof?.infeasibleBytes ?? 0) || budgetBytes < (frontier?.floorBytes ?? 0);

/** A strategy may have no plan where schedules have; only a proof says that there is none at all. */
function nothingFits(
  shown: ShownPlan,
  budgetBytes: number,
  proof: Proof | undefined,
  isCurrent: boolean,
  search: string | undefined,
  note: string | undefined,
): ProofWords {
  const budget = formatMemory(budgetBytes);
  const best = isCurrent ? proof?.bestOverheadPercent : undefined;
  const none =
    isCurrent && proof?.isStrategyInfeasible
      ? [t('Proven: no choice of checkpointed modules fits {0}.', budget)]
      : [];
  const reach =
    best === undefined
      ? t('It is not proven that no plan at all fits {0}.', budget)
      : t('With {0} one fits {1}, {2} slower.', strategyNames.schedule, budget, formatPercent(best));
  const bound =
    shown.lowerBoundPercent > 0
      ? [
          t(
            'No plan under it can be less than {0} slower: proven.',
            formatLeastPercent(shown.lowerBoundPercent),
          ),
        ]
      : [];
  return { state: search ? 'proving' : 'known', text: [...none, reach, ...bound].join(' '), search, note };
}

/** What the strategy gives away against any schedule. */
function scheduleText(shown: ShownPlan, proof: Proof | undefined): string[] {
  const best = proof?.bestOverheadPercent;
  if (best === undefined || shown.strategy === 'schedule' || shown.overheadPercent - best < 0.05) return [];
  return [t('With {0} it would be {1}.', strategyNames.schedule, formatPercent(best))];
}

function noteText({ state, note }: Proof): string | undefined {
  if (state !== 'open' || note === undefined) return undefined;
  return note === 'stopped'
    ? t('Stopped before more was proven.')
    : t('{0} The plan and what was proven hold.', note);
}

/** As many digits as it takes to tell plan and bound apart; a bound is rounded down, so that it stays proven. */
function distinguishable(overheadPercent: number, boundPercent: number): { slower: string; bound: string } {
  for (let digits = 1; ; digits++) {
    const slower = formatPercent(overheadPercent, digits);
    const bound = formatLeastPercent(boundPercent, digits);
    if (slower !== bound || digits === mostDigits) return { slower, bound };
  }
}
