/** What a plan can be exported to. */
export type ExportTarget = 'plan-json' | 'timeline-csv' | 'timeline-svg';
export const exportTargets: readonly ExportTarget[] = ['plan-json', 'timeline-csv', 'timeline-svg'];

export interface ExportedFile {
  /** Appended to the model's file name, e.g. ".plan.json". */
  readonly suffix: string;
  readonly mediaType: string;
  readonly text: string;
}
