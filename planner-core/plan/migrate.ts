import { HeadroomError } from '../base/errors';

/** A plan of some version, as parsed. */
export type WrittenPlan = Readonly<Record<string, unknown>>;

/**
 * From each version of the format to the next, the first from headroom-plan/1. Within a version, new keys are optional,
 * with defaults that mean what plans without them meant; an upgrade is for what that cannot do.
 */
export const planUpgrades: readonly ((plan: WrittenPlan) => WrittenPlan)[] = [];

/**
 * A plan file's content in the newest version of the format. What is no plan at all is handed on for the checks to
 * name. Throws 'bad-plan' for a version that is newer than this program.
 */
export function migratePlan(value: unknown, upgrades = planUpgrades): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const plan = value as WrittenPlan;
  const [, digits] = /^headroom-plan\/([1-9]\d*)$/.exec(String(plan.format)) ?? [];
  if (digits === undefined) return value;
  const [version, newest] = [Number(digits), upgrades.length + 1];
  if (version > newest) {
    throw new HeadroomError(
      'bad-plan',
      `The plan has the format headroom-plan/${digits}, which is newer than this Headroom: it reads up to headroom-plan/${newest}.`,
      'Update Headroom, or plan again with this version.',
    );
  }
  return upgrades
    .slice(version - 1)
    .reduce<WrittenPlan>(
      (older, upgrade, i) => ({ ...upgrade(older), format: `headroom-plan/${version + i + 1}` }),
      plan,
    );
}
