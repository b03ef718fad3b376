import type { OffloadTarget } from '../plan/offloadTarget';

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What leaves the device under a plan, as far as reports and pictures tell it. */
export interface OffloadFacts {
  readonly target: OffloadTarget;
  /** The target's link, or what stands in for it. */
  readonly link: Required<OffloadTarget>['link'];
  readonly transfers: readonly (Span & { readonly direction: 'out' | 'in' })[];
  /** When the device waits for a transfer. */
  readonly stalls: readonly Span[];
  readonly stallMs: number;
  /** Over the whole step, of all micro-batches. */
  readonly outBytes: number;
  readonly inBytes: number;
  /** Highest memory in use where values go. */
  readonly peakBytes: number;
  /** Memory in use there over the step: from `ms[i]` on it is `bytes[i]`. */
  readonly memory: { readonly ms: Float64Array; readonly bytes: Float64Array };
}

/** Where values go, in words. */
export const placeName = ({ target }: Pick<OffloadFacts, 'target'>): string =>
  target.to === 'host' ? 'host memory' : 'storage';
