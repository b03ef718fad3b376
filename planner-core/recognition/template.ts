import type { Operator } from '../graph/modelGraph';

/**
 * What a piece of a graph looks like, read from its result back to its inputs. A template object that stands in two
 * places means the same tensor in both.
 */
export type Template = Hole | NumberTemplate | OperatorTemplate | Choice;

/** Any tensor; `where` restricts it. */
export interface Hole {
  readonly kind: 'hole';
  readonly name: string;
  readonly of: 'anything' | 'initializer' | 'scalar';
}

/** A constant of one element close to this number. */
export interface NumberTemplate {
  readonly kind: 'number';
  readonly value: number;
}

/** The first output of an operator of one of these types. */
export interface OperatorTemplate {
  readonly kind: 'operator';
  readonly types: readonly string[];
  /** Later inputs than these (axes, shapes) may be anything. */
  readonly inputs: readonly Template[];
  /** The first two inputs may be the other way round. */
  readonly commutes: boolean;
  readonly where?: (operator: Operator) => boolean;
}

/** The first of several that matches. */
export interface Choice {
  readonly kind: 'choice';
  readonly options: readonly Template[];
}

/** Any tensor. */
export const any = (name: string): Hole => ({ kind: 'hole', name, of: 'anything' });
/** A tensor the file stores: a parameter, a buffer or a constant. */
export const initializer = (name: string): Hole => ({ kind: 'hole', name, of: 'initializer' });
/** A constant of one element, such as an epsilon. */
export const scalar = (name: string): Hole => ({ kind: 'hole', name, of: 'scalar' });
export const number = (value: number): NumberTemplate => ({ kind: 'number', value });
export const either = (...options: Template[]): Choice => ({ kind: 'choice', options });

const commutative = new Set(['Add', 'Mul', 'Max', 'Min']);

/** `op('Mul', a, b)`: the operator's type, or several as 'Cast|Identity', and its inputs. */
export const op = (types: string, ...inputs: Template[]): OperatorTemplate => ({
  kind: 'operator',
  types: types.split('|'),
  inputs,
  commutes: commutative.has(types) && inputs.length === 2,
});

/** `op` with a condition on the operator. */
export const opWhere = (
  types: string,
  where: (operator: Operator) => boolean,
  ...inputs: Template[]
): OperatorTemplate => ({ ...op(types, ...inputs), where });
