import type { Diagnostic } from '../../planner-core/base/diagnostic';
import { t } from '../base/l10n';

/** What is read out for the sign. */
export const severityNames: Readonly<Record<Diagnostic['severity'], string>> = {
  error: t('error'),
  warning: t('warning'),
  info: t('info'),
};

/** Signs of how serious a diagnostic is, drawn in its colour. */
export const severityMarks: Readonly<Record<Diagnostic['severity'], string>> = {
  error: '✕',
  warning: '▲',
  info: 'ℹ',
};
