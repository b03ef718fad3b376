/** Something the user should know about the model or the workload; never fatal. */
export interface Diagnostic {
  severity: 'info' | 'warning' | 'error';
  /** Stable kebab-case code, documented in docs/diagnostics.md. */
  code: string;
  message: string;
  /** Name of the operator concerned. */
  node?: string;
}
