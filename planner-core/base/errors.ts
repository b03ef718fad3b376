/** Every failure Headroom reports carries one of these codes; each is documented in docs/errors.md. */
export type ErrorCode =
  | 'empty-file'
  | 'truncated-file'
  | 'not-a-model'
  | 'unsupported-format'
  | 'malformed-file'
  | 'limit-exceeded'
  | 'cyclic-graph'
  | 'external-path'
  | 'file-access'
  | 'bad-workload'
  | 'bad-plan'
  | 'stale-plan'
  | 'bad-instance'
  | 'bad-calibration'
  | 'bad-measurements'
  | 'other-measurements'
  | 'bad-sizes'
  | 'infeasible'
  | 'unknown-module'
  | 'unknown-device'
  | 'bad-machine'
  | 'check-failed'
  | 'solver-failed'
  | 'bad-usage'
  | 'cancelled'
  | 'worker-died'
  | 'internal';

/** Where in the input the failure lies, as far as it is known. */
export interface ErrorLocation {
  file?: string;
  byteOffset?: number;
  node?: string;
}

/** An error that can cross a worker or process boundary as a plain value. */
export interface ErrorValue {
  code: ErrorCode;
  message: string;
  /** What the user can do about it. */
  hint?: string;
  where?: ErrorLocation;
}

/** The one error class of the planner core: says what, where and what to do. */
export class HeadroomError extends Error implements ErrorValue {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint?: string,
    readonly where?: ErrorLocation,
  ) {
    super(message);
    this.name = 'HeadroomError';
  }

  toValue(): ErrorValue {
    return { code: this.code, message: this.message, hint: this.hint, where: this.where };
  }

  static fromValue(value: ErrorValue): HeadroomError {
    return new HeadroomError(value.code, value.message, value.hint, value.where);
  }
}

/** Any thrown thing as an error value; what is not a HeadroomError is an internal error. */
export function toErrorValue(thrown: unknown): ErrorValue {
  if (thrown instanceof HeadroomError) return thrown.toValue();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'internal',
    message,
    hint: 'This is a defect in Headroom: please report it with the model structure that caused it.',
  };
}
