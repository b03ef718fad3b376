import type { DeviceTiming } from '../../devices/roofline';
import type { Size } from '../../plan/sizePlan';
import type { StepGraph } from '../../step/stepGraph';
import { BuiltModel } from './builtModel';
import { BuiltSizes, type SizeBuilder } from './builtSizes';
import { PolynomialModel } from './polynomialModel';
import { badSizes } from './sizeDistribution';
import type { SizedModel } from './sizedModel';
import { latticeOf, type SizeLattice } from './sizeLattice';

/** Sizes that are built one by one at most, where polynomials do not hold. */
const mostBuilt = 400;

/**
 * The model at the sizes: as polynomials at every size between them, else at the sizes that are as far apart as these are (multiples of
 * 32 of an image, say, whatever a stride makes of those between), else each size built. Throws 'bad-sizes' where that would be too many,
 * and what building a step throws.
 */
export function findModel(
  sizes: readonly Size[],
  build: SizeBuilder,
  timing: DeviceTiming,
  runs: (step: StepGraph) => Uint16Array,
): { readonly model: SizedModel; readonly lattice: SizeLattice } {
  const steps = new BuiltSizes(build);
  const once: SizeBuilder = (size) => steps.builtAt(size);
  const largest = sizes[0].map((_, axis) => Math.max(...sizes.map((size) => size[axis])));
  const coarse = latticeOf(sizes);
  const fine = { ...coarse, stride: coarse.stride.map((stride) => Math.min(1, stride)) };
  for (const lattice of fine.stride.join() === coarse.stride.join() ? [fine] : [fine, coarse]) {
    const model = PolynomialModel.of(lattice, largest, once, timing, runs);
    if (model) return { model, lattice };
  }
  if (sizes.length > mostBuilt)
    throw badSizes(
      `Between its sizes the model changes what it does, so each of the ${sizes.length} would have to be built; the limit is ${mostBuilt}.`,
      'Round the sizes up, to multiples of 32 for images.',
    );
  return { model: new BuiltModel(sizes, largest, once), lattice: coarse };
}
