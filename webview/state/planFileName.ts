/** Characters of a plan's name that a list has room for. */
const most = 26;

/**
 * What tells a plan file from others of the same model: `….plan.json at HEAD` of a plan that is called after its model, the beginning and
 * the end of other long names.
 */
export function shortPlanName(name: string, modelFile: string): string {
  const own = name.startsWith(modelFile) ? `…${name.slice(modelFile.length)}` : name;
  if (own.length <= most) return own;
  const end = Math.floor((most - 1) / 2);
  return `${own.slice(0, most - 1 - end)}…${own.slice(-end)}`;
}
