import type { Recompute } from './recompute';

/** Time of some computations: what tensor parallelism divides among devices, and the launches, which it does not. */
export interface Work {
  readonly dividedMs: number;
  readonly fixedMs: number;
}

export const noWork: Work = { dividedMs: 0, fixedMs: 0 };

/** On one of `degree` devices that share it. */
export const workMs = ({ dividedMs, fixedMs }: Work, degree: number): number => dividedMs / degree + fixedMs;

/** What a layer costs when some of its results are computed again. Of one micro-batch, on one device. */
export interface RecomputeCost {
  /** What runs a second time. */
  readonly again: Work;
  /** Kept from its forward to its backward pass. */
  readonly keptBytes: number;
}

/** One layer of a stack under a micro-batch, as if one device ran it. */
export interface StackLayer {
  readonly name: string;
  readonly forward: Work;
  readonly backward: Work;
  readonly optimizer: Work;
  readonly recompute: Readonly<Record<Recompute, RecomputeCost>>;
  readonly parameterBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  /** Beyond state and what is kept, while it runs. */
  readonly transientBytes: number;
  /** Handed to the next layer; its gradient, as large, comes back. */
  readonly handedOnBytes: number;
  /** All-reduces of a forward pass under tensor parallelism, of `reducedBytes` each; a backward pass has as many. */
  readonly reductions: number;
  readonly reducedBytes: number;
}

/** A model as layers that run one after the other, for a micro-batch of `samples`. */
export interface LayerStack {
  readonly layers: readonly StackLayer[];
  readonly samples: number;
  /** Multiply-accumulates of the forward pass. */
  readonly macs: number;
  /** Parameters of several layers, with gradients and optimizer state: held once where one device has all layers. */
  readonly tiedBytes: number;
  /** Beyond parameters, gradients and state while the optimizer runs. */
  readonly optimizerTransientBytes: number;
}
