import type { Diagnostic } from '../../planner-core/base/diagnostic';

/** Signs of how serious a diagnostic is, drawn in its colour. */
export const severityMarks: Readonly<Record<Diagnostic['severity'], string>> = {
  error: '✕',
  warning: '▲',
  info: 'ℹ',
};
