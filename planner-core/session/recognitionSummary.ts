import type { Recognition } from '../recognition/recognise';

/** How often a pattern was found in a model. */
export interface RecognitionSummary {
  /** Name under which the pattern can be switched off. */
  readonly pattern: string;
  /** The PyTorch call, or what was put back; the first one's where they differ. */
  readonly readAs: string;
  readonly count: number;
  /** How many of them the exporter's metadata confirms; the others are found by structure alone. */
  readonly confirmed: number;
}

/** Recognitions by pattern, in the order they were first made. */
export function recognitionSummary(recognitions: readonly Recognition[]): RecognitionSummary[] {
  const byPattern = new Map<string, RecognitionSummary>();
  for (const { pattern, readAs, by } of recognitions) {
    const known = byPattern.get(pattern) ?? { pattern, readAs, count: 0, confirmed: 0 };
    const confirmed = known.confirmed + (by === 'metadata' ? 1 : 0);
    byPattern.set(pattern, { ...known, count: known.count + 1, confirmed });
  }
  return [...byPattern.values()];
}

/** The sentence for people; undefined when everything is taken as the file writes it. */
export function recognitionAssumption(recognitions: readonly Recognition[]): string | undefined {
  const found = recognitionSummary(recognitions);
  if (found.length === 0) return undefined;
  const parts = found.map(({ pattern, count }) => `${count} × ${pattern}`);
  return `read as the PyTorch calls they were exported from: ${parts.join(', ')}`;
}
