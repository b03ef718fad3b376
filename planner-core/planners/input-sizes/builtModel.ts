import type { Size } from '../../plan/sizePlan';
import type { StepGraph } from '../../step/stepGraph';
import { MemoryProfile } from '../memoryProfile';
import { BuiltSizes, type SizeBuilder } from './builtSizes';
import { withoutAway, type Away, type PeakOverSizes, type SizedModel } from './sizedModel';
import { sizeKey } from './sizeLattice';
import { structureText } from './structure';

/** A model at sizes that follow no polynomials: every size in question is built. */
export class BuiltModel implements SizedModel {
  readonly kind = 'built';
  readonly template: StepGraph;
  private readonly built: BuiltSizes;
  private readonly structure: string;
  private readonly profiles = new Map<string, MemoryProfile | undefined>();

  /** Throws what building a step throws. */
  constructor(
    readonly checkedSizes: readonly Size[],
    largest: Size,
    build: SizeBuilder,
  ) {
    this.built = new BuiltSizes(build);
    const top = this.built.builtAt(largest);
    this.template = top.step;
    this.structure = structureText(top);
  }

  hasTemplate(size: Size): boolean {
    return this.profileAt(size) !== undefined;
  }

  stepAt(size: Size): StepGraph {
    return this.built.builtAt(size).step;
  }

  durationsAt(size: Size): Float64Array {
    return this.stepAt(size).durationMs;
  }

  peaks(recomputations: Int32Array, away: readonly Away[] = []): PeakOverSizes {
    const at = (size: Size): number => {
      const profile = this.profileAt(size)?.ofRecomputations(recomputations);
      if (!profile || away.length === 0) return profile?.peakBytes ?? Infinity;
      const { valueBytes } = this.stepAt(size);
      return withoutAway(profile.liveBytes.slice(0, profile.length), away, valueBytes).reduce((most, bytes) =>
        Math.max(most, bytes),
      );
    };
    return { at, isMonotone: false };
  }

  private profileAt(size: Size): MemoryProfile | undefined {
    const key = sizeKey(size);
    if (!this.profiles.has(key)) {
      const built = this.built.builtAt(size);
      const isSame = structureText(built) === this.structure;
      this.profiles.set(key, isSame ? new MemoryProfile(built.step) : undefined);
    }
    return this.profiles.get(key);
  }
}
