import type { HeadroomError } from '../base/errors';
import { jsonChecks, type Check } from '../base/jsonChecks';
import { decisionChecks, offloadChecks, recomputationChecks } from './decisionChecks';
import type { FittedDimension, Size, SizedPlan, SizePlan, WeightedSize } from './sizePlan';

/** Reads plans for sizes as plan files write them; every size has a number for each of the dimensions. */
export function sizePlanChecks(bad: (path: string, what: string) => HeadroomError): Check<SizePlan> {
  const { nonEmpty, string, boolean, amount, number, count, listOf, objectOf } = jsonChecks(bad);
  const size: Check<Size> = listOf(count);
  const written = objectOf<SizePlan>(
    {
      dimensions: listOf(nonEmpty),
      sizes: listOf(objectOf<WeightedSize>({ size, weight: amount })),
      mergePercent: amount,
      fitted: listOf(
        objectOf<FittedDimension>({
          dimension: nonEmpty,
          coefficients: listOf(number),
          sizes: count,
          errorPercent: amount,
        }),
      ),
      plans: listOf(
        objectOf<SizedPlan>(
          {
            upTo: listOf(size),
            exactly: boolean,
            planner: string,
            decisions: decisionChecks(bad),
            recomputations: recomputationChecks(bad),
            offloads: offloadChecks(bad),
            peakBytes: listOf(amount),
            overheadPercent: listOf(number),
            offloadPeakBytes: listOf(amount),
          },
          ['exactly', 'recomputations', 'offloads', 'offloadPeakBytes'],
        ),
      ),
    },
    ['fitted', 'plans'],
  );
  return (value, path) => {
    const read = written(value, path);
    const { dimensions, sizes, plans = [] } = read;
    if (dimensions.length === 0) throw bad(`${path}.dimensions`, 'is empty');
    sizes.forEach((each, i) => {
      if (each.size.length !== dimensions.length)
        throw bad(`${path}.sizes[${i}].size`, `has ${each.size.length} numbers, not ${dimensions.length}`);
    });
    plans.forEach(({ upTo, peakBytes, overheadPercent, offloads, offloadPeakBytes }, i) => {
      if (upTo.length === 0) throw bad(`${path}.plans[${i}].upTo`, 'is empty');
      if (upTo.some((corner) => corner.length !== dimensions.length))
        throw bad(`${path}.plans[${i}].upTo`, `has a size that has not ${dimensions.length} numbers`);
      if (peakBytes.length !== upTo.length || overheadPercent.length !== upTo.length)
        throw bad(`${path}.plans[${i}]`, 'has not a peak and an overhead for each size of upTo');
      if (offloadPeakBytes?.length !== (offloads ? upTo.length : undefined))
        throw bad(
          `${path}.plans[${i}].offloadPeakBytes`,
          offloads ? 'has not a number for each size of upTo' : 'is there, but no offloads are',
        );
    });
    return read;
  };
}
