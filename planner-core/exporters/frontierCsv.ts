import type { Frontier } from '../planners/frontier';
import { csvText } from './csv';

/** The frontier as CSV: every point of every curve, and the rules to compare with. */
export function frontierCsv({ strategies, baselines }: Frontier): string {
  const header = [
    'curve',
    'rule',
    'peak_bytes',
    'step_ms',
    'overhead_percent',
    'proven_least_percent',
    'planner',
  ];
  const curves = Object.entries(strategies).flatMap(([strategy, points]) =>
    points.map((point) => [strategy, '', ...numbers(point), point.planner]),
  );
  const rules = baselines.map((point) => [
    point.strategy ?? '',
    point.name,
    ...numbers(point),
    point.planner,
  ]);
  return csvText(header, [...curves, ...rules]);
}

type Numbers = Pick<
  Frontier['baselines'][number],
  'peakBytes' | 'stepTimeMs' | 'overheadPercent' | 'lowerBoundPercent'
>;

const numbers = ({ peakBytes, stepTimeMs, overheadPercent, lowerBoundPercent }: Numbers): number[] => [
  peakBytes,
  stepTimeMs,
  overheadPercent,
  lowerBoundPercent,
];
