/** What of a view can be saved as it is on screen, by the names that a person reads there. */
export interface ShownThings {
  readonly pictures: readonly string[];
  readonly tables: readonly string[];
}

/** Pictures are saved as one of the first two, tables as the last. */
export type ShownForm = 'svg' | 'png' | 'csv';
