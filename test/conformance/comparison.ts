import type { Profile } from '../../planner-core/session/profile';
import { dimsFor, openSession, predict } from './predict';
import type { TruthModel, TruthPoint } from './truth/point';

/** A measured step beside what Headroom says of it from one exported file. */
export interface Comparison {
  readonly file: string;
  readonly point: TruthPoint;
  readonly predicted: Profile;
  /** Kept for backward, with or without the loss's part as the measurement has it. */
  readonly savedBytes: number;
}

export interface Compared {
  readonly comparisons: readonly Comparison[];
  /** Points whose sizes the file has other numbers for built in, or whose plan names modules it does not show. */
  readonly notInFile: number;
}

/** All measured steps of a model against one of its files. */
export function compare(model: TruthModel, file: string): Compared {
  const session = openSession(file);
  const comparisons: Comparison[] = [];
  let notInFile = 0;
  for (const point of model.points) {
    const predicted = predict(session, point);
    if (!predicted) {
      notInFile++;
      continue;
    }
    const lossBytes = predicted.modules['<loss>']?.savedBytes ?? 0;
    const savedBytes = predicted.savedBytes - (point.lossIsInSaved ? 0 : lossBytes);
    comparisons.push({ file, point, predicted, savedBytes });
  }
  return { comparisons, notInFile };
}

/** Adam's state as Headroom counts it; measured apart from the steps of release 1.13. */
export function adamBytes(model: TruthModel): number {
  const session = openSession(model.trainFile);
  const point = model.points.find((candidate) => dimsFor(session, candidate) && candidate.plan === 'none')!;
  return predict(session, { ...point, workload: { ...point.workload, optimizer: 'adam' } })!.optimizerBytes;
}
