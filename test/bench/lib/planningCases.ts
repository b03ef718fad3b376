/** One budget of one instance, and what an answer has to reach. */
export interface PlanningCase {
  readonly instance: string;
  /** Budget as a share of the instance's peak without repeats. */
  readonly ratio: number;
  readonly limitS: number;
  /** Overhead in per cent that must not be exceeded. */
  readonly atMostPercent?: number;
  /** The bound must come up to the overhead. */
  readonly isProven?: boolean;
  /** Published figure in per cent with who printed it. */
  readonly published?: string;
}

/**
 * Published: poster of Moccasin (Bartan et al., ICML 2023), which prints one decimal for Moccasin and for Checkmate (Jain
 * et al., MLSys 2020), each with the seconds it took. "Optimum": the staged interval model of Moccasin (at most two
 * computations of a node) solved to optimality with OR-Tools 9.15.
 */
const fixed: readonly PlanningCase[] = [
  { instance: 'moccasin-rl100', ratio: 0.9, limitS: 1, atMostPercent: 0.7893, published: 'optimum 0.7892' },
  { instance: 'moccasin-rl100', ratio: 0.8, limitS: 1, atMostPercent: 2.2966, published: 'optimum 2.2965' },
  {
    instance: 'moccasin-rl250',
    ratio: 0.9,
    limitS: 30,
    atMostPercent: 0.904,
    published: 'Moccasin 0.9 (55 s), Checkmate 0.9 (685 s); optimum 0.9039',
  },
  {
    instance: 'moccasin-rl250',
    ratio: 0.8,
    limitS: 30,
    atMostPercent: 4.7,
    published: 'Moccasin 4.9 (640 s), Checkmate none',
  },
  { instance: 'moccasin-rl500', ratio: 0.9, limitS: 30, atMostPercent: 0.83 },
  { instance: 'moccasin-rl500', ratio: 0.8, limitS: 30, atMostPercent: 3.1 },
  {
    instance: 'moccasin-vgg16-train',
    ratio: 0.9,
    limitS: 2,
    atMostPercent: 1.9678,
    isProven: true,
    published: 'optimum 1.9677',
  },
  { instance: 'moccasin-vgg19-train', ratio: 0.9, limitS: 5, atMostPercent: 0.1043 },
  { instance: 'moccasin-vgg19-train', ratio: 0.8, limitS: 5, atMostPercent: 3.13 },
  {
    instance: 'moccasin-unet-train',
    ratio: 0.8,
    limitS: 5,
    atMostPercent: 1.9836,
    published: 'optimum 1.9836',
  },
  {
    instance: 'moccasin-unet-train',
    ratio: 0.6,
    limitS: 20,
    atMostPercent: 4.4509,
    published: 'optimum 4.4509',
  },
  {
    instance: 'moccasin-mobilenet-train',
    ratio: 0.8,
    limitS: 20,
    atMostPercent: 0.3702,
    published: 'optimum 0.3702',
  },
  {
    instance: 'moccasin-mobilenet-train',
    ratio: 0.5,
    limitS: 20,
    atMostPercent: 2.15,
    published: 'best 2.1594 (120 s, not proven)',
  },
];

const trained = ['vgg16', 'vgg19', 'unet', 'mobilenet'].map((net) => `moccasin-${net}-train`);
const inferred = ['vgg16', 'vgg19', 'unet', 'mobilenet'].map((net) => `moccasin-${net}-inference`);
const logged = ['densenet121', 'inceptionv4', 'lstm', 'transformer', 'unet', 'unroll_gan'];

/** Down to 0.3 of the peak there is a valid plan or a proof; what keeps everything is said to; DTR is beaten. */
export const planningCases: readonly PlanningCase[] = [
  ...fixed,
  ...trained.flatMap((instance) =>
    [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]
      .filter((ratio) => !fixed.some((known) => known.instance === instance && known.ratio === ratio))
      .map((ratio): PlanningCase => ({ instance, ratio, limitS: 30 })),
  ),
  ...inferred.flatMap((instance): PlanningCase[] => [
    { instance, ratio: 1, limitS: 1, atMostPercent: 0, isProven: true },
    { instance, ratio: 0.9, limitS: 1 },
  ]),
  ...logged.flatMap((net) =>
    [0.8, 0.5, 0.3].map((ratio): PlanningCase => ({ instance: `dtr-${net}`, ratio, limitS: 30 })),
  ),
];
