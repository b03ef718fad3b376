/**
 * Why a rule cannot say what an operator gives. Rules throw it; `inferTensors` turns it into a diagnostic on the
 * operator and leaves the outputs unknown, so it never reaches a caller.
 */
export class InferenceProblem extends Error {
  constructor(
    readonly code: 'shape-mismatch' | 'bad-attribute',
    message: string,
  ) {
    super(message);
    this.name = 'InferenceProblem';
  }
}

/** Shapes that cannot go together: the framework would refuse to run this. */
export function mismatch(message: string): InferenceProblem {
  return new InferenceProblem('shape-mismatch', message);
}

/** An attribute of the wrong kind, or with a value its operator does not allow. */
export function badAttribute(message: string): InferenceProblem {
  return new InferenceProblem('bad-attribute', message);
}
