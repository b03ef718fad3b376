import { groupedBy } from '../base/groups';
/** What people want an export for. */
export const exportGroups = ['plan', 'runs', 'pictures', 'tables', 'reports'] as const;
export type ExportGroup = (typeof exportGroups)[number];

export const exportGroupNames: Readonly<Record<ExportGroup, string>> = {
  plan: 'Plan',
  runs: 'Runs in',
  pictures: 'Pictures',
  tables: 'Tables',
  reports: 'Reports',
};

/** Every target once, in the order in which people are offered them. */
export const targetsOfGroup = {
  plan: ['plan-json'],
  runs: [
    'pytorch',
    'fsdp2',
    'pipelining',
    'deepspeed',
    'accelerate',
    'megatron',
    'compile-budget',
    'jax',
    'onnx',
  ],
  pictures: ['timeline-svg', 'frontier-svg'],
  tables: ['timeline-csv', 'layers-csv', 'frontier-csv'],
  reports: ['report', 'markdown'],
} as const satisfies Readonly<Record<ExportGroup, readonly string[]>>;

/** What a plan can be exported to, in that order. */
export const exportTargets = exportGroups.flatMap((group) => [...targetsOfGroup[group]]);
export type ExportTarget = (typeof targetsOfGroup)[ExportGroup][number];

/** What people choose from. */
export const exportNames: Readonly<Record<ExportTarget, string>> = {
  'plan-json': 'Plan (JSON)',
  report: 'Report (HTML)',
  markdown: 'Report (Markdown)',
  'timeline-svg': 'Picture of the timeline (SVG)',
  'frontier-svg': 'Picture of the frontier (SVG)',
  'timeline-csv': 'Timeline (CSV)',
  'layers-csv': 'Layers (CSV)',
  'frontier-csv': 'Frontier (CSV)',
  pytorch: 'PyTorch file',
  fsdp2: 'FSDP2 and checkpoints (Python)',
  pipelining: 'Pipeline stages (Python)',
  deepspeed: 'DeepSpeed (JSON)',
  accelerate: 'Accelerate device map (JSON)',
  megatron: 'Megatron flags (shell)',
  'compile-budget': 'torch.compile budget (Python)',
  jax: 'JAX policies (Python)',
  onnx: 'Annotated copy (ONNX)',
};

/** Targets that are copies of the model: they need the file itself. */
export const copyingTargets: ReadonlySet<ExportTarget> = new Set<ExportTarget>(['onnx']);

/** Targets that are pictures: the view can draw them as pixels. */
export type PictureTarget = Extract<ExportTarget, `${string}-svg`>;
export const isPicture = (target: ExportTarget): target is PictureTarget => target.endsWith('-svg');
export const pictureTargets = exportTargets.filter(isPicture);

/** Targets that show step time against budget: they need the frontier. */
export const frontierTargets: ReadonlySet<ExportTarget> = new Set<ExportTarget>([
  'report',
  'frontier-svg',
  'frontier-csv',
]);

export interface ExportedFile {
  /** Appended to the model's file name, e.g. ".plan.json". */
  readonly suffix: string;
  readonly mediaType: string;
  readonly text: string;
}

/** The model file with other structure bytes: what is new, and ranges of the file to copy, in order. */
export interface ModelCopy {
  /** Appended to the model's file name. */
  readonly suffix: string;
  readonly mediaType: string;
  readonly pieces: readonly (Uint8Array | { readonly offset: number; readonly length: number })[];
}

/** A decision of a plan that the target cannot say. */
export interface NotCarried {
  readonly decision: string;
  readonly why: string;
  /** What happens, or what to do, instead. */
  readonly instead: string;
}

/** What an export gives: files, or a copy of the model, and what of the plan they say and do not say. */
export interface Export {
  readonly files: readonly ExportedFile[];
  readonly copy?: ModelCopy;
  readonly carried: readonly string[];
  readonly notCarried: readonly NotCarried[];
  /** Why what is exported may run out of memory, a sentence each; absent where nothing says that it does. */
  readonly warnings?: readonly string[];
}

/** Decisions told in full of those that are not carried for one reason. */
const mostAlike = 3;

/** What an export cannot say, line by line for people; each reason once. */
export function notCarriedLines(notCarried: readonly NotCarried[]): string[] {
  if (notCarried.length === 0) return ['Every decision of the plan is carried.'];
  const byReason = groupedBy(notCarried, ({ why, instead }) => `  why: ${why}\n  instead: ${instead}`);
  return [...byReason].flatMap(([reason, alike]) => {
    const more = alike.length - mostAlike;
    return [
      ...alike.slice(0, mostAlike).map(({ decision }) => `Not carried: ${decision}`),
      ...(more > 0 ? [`Not carried: ${more} more like these`] : []),
      ...reason.split('\n'),
    ];
  });
}
