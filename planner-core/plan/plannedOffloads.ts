import { HeadroomError } from '../base/errors';
import type { Directives, Paging } from '../simulator/schedule';
import type { StepGraph } from '../step/stepGraph';
import type { PlannedOffload } from './offloadTarget';

/** What leaves, by name, as plan files have it; undefined where nothing was planned beyond what decisions say. */
export function plannedOffloads(step: StepGraph, directives: Directives): PlannedOffload[] | undefined {
  const { offloads, fetches, waits } = directives;
  if (!fetches && !waits) return undefined;
  return [...offloads].map((value): PlannedOffload => {
    const goneBefore = basesOf(waits, value).at(0);
    return {
      value: step.valueName[value],
      ...(goneBefore === undefined ? {} : { goneBefore: step.nodeName[goneBefore] }),
      fetchBefore: basesOf(fetches, value).map((base) => step.nodeName[base]),
    };
  });
}

/** Throws 'bad-plan' for a value or a computation the step does not have. */
export function pagingOfPlan(step: StepGraph, offloads: readonly PlannedOffload[]): Paging {
  const indexIn = (names: readonly string[]): ((name: string) => number) => {
    const index = new Map<string, number>();
    names.forEach((name, i) => {
      if (!index.has(name)) index.set(name, i);
    });
    return (name) => {
      const found = index.get(name);
      if (found !== undefined) return found;
      const what = `The plan offloads by "${name}", which the step does not have.`;
      throw new HeadroomError('bad-plan', what, 'Plan again.', { node: name });
    };
  };
  const valueOf = indexIn(step.valueName);
  const nodeOf = indexIn(step.nodeName);
  const byBase = (pairs: [number, number][]): Int32Array =>
    Int32Array.from(pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]).flat());
  return {
    offloads: Int32Array.from(offloads, ({ value }) => valueOf(value)).sort(),
    fetches: byBase(
      offloads.flatMap(({ value, fetchBefore }) =>
        fetchBefore.map((node): [number, number] => [nodeOf(node), valueOf(value)]),
      ),
    ),
    waits: byBase(
      offloads.flatMap(({ value, goneBefore }): [number, number][] =>
        goneBefore === undefined ? [] : [[nodeOf(goneBefore), valueOf(value)]],
      ),
    ),
  };
}

function basesOf(pairs: Int32Array | undefined, value: number): number[] {
  const bases: number[] = [];
  for (let i = 0; pairs && i < pairs.length; i += 2) if (pairs[i + 1] === value) bases.push(pairs[i]);
  return bases;
}
