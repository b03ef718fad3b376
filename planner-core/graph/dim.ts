/**
 * Dimensions: numbers, or expressions over named symbols ("batch", "seq + 1", "floor((height - 1) / 2) + 1").
 * An expression is a polynomial with integer coefficients over atoms, kept in a canonical form, so that two
 * expressions that are equal as polynomials are recognised as equal.
 */
export type Dim = number | DimExpression;

type Atom =
  | { readonly kind: 'symbol'; readonly text: string }
  | { readonly kind: 'floorDiv' | 'max' | 'min'; readonly text: string; readonly a: Dim; readonly b: Dim };

interface Term {
  readonly coefficient: number;
  /** Sorted by text; repeated for powers. */
  readonly atoms: readonly Atom[];
}

const keyOf = ({ atoms }: Term): string =>
  atoms.length === 1 ? atoms[0].text : atoms.map((atom) => atom.text).join('*');

export class DimExpression {
  #text: string | undefined;

  constructor(readonly terms: readonly Term[]) {}

  /** Canonical text, also the identity of the expression. Made when first asked for: most are steps on the way. */
  get text(): string {
    this.#text ??= this.terms.map(termText).join(' + ').replaceAll('+ -', '- ');
    return this.#text;
  }

  toString(): string {
    return this.text;
  }
}

function termText(term: Term): string {
  const atoms = keyOf(term);
  if (atoms === '') return String(term.coefficient);
  if (term.coefficient === 1) return atoms;
  return term.coefficient === -1 ? `-${atoms}` : `${term.coefficient}*${atoms}`;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function termsOf(dim: Dim): readonly Term[] {
  if (typeof dim !== 'number') return dim.terms;
  return dim === 0 ? [] : [{ coefficient: dim, atoms: [] }];
}

function fromTerms(terms: Iterable<Term>): Dim {
  const sums = new Map<string, Term>();
  for (const term of terms) {
    const key = keyOf(term);
    const known = sums.get(key);
    sums.set(key, known ? { ...known, coefficient: known.coefficient + term.coefficient } : term);
  }
  const kept = [...sums.values()].filter((term) => term.coefficient !== 0);
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0].atoms.length === 0) return kept[0].coefficient;
  // Higher degree first, constants last, then alphabetical: "batch*seq + batch - 1".
  kept.sort((a, b) => b.atoms.length - a.atoms.length || compareText(keyOf(a), keyOf(b)));
  return new DimExpression(kept);
}

const ofAtom = (atom: Atom): Dim => new DimExpression([{ coefficient: 1, atoms: [atom] }]);

export function symbol(name: string): Dim {
  return ofAtom({ kind: 'symbol', text: name });
}

export function add(a: Dim, b: Dim): Dim {
  if (typeof a === 'number') return typeof b === 'number' ? a + b : addNumber(b, a);
  if (typeof b === 'number') return addNumber(a, b);
  return fromTerms([...a.terms, ...b.terms]);
}

/** The constant is the last term of the canonical form: nothing has to be sorted anew. */
function addNumber(dim: DimExpression, number: number): Dim {
  if (number === 0) return dim;
  const last = dim.terms[dim.terms.length - 1];
  if (last.atoms.length > 0) return new DimExpression([...dim.terms, { coefficient: number, atoms: [] }]);
  const coefficient = last.coefficient + number;
  const others = dim.terms.slice(0, -1);
  return new DimExpression(coefficient === 0 ? others : [...others, { coefficient, atoms: [] }]);
}

export function subtract(a: Dim, b: Dim): Dim {
  return add(a, multiply(b, -1));
}

export function multiply(a: Dim, b: Dim): Dim {
  // Adding 0 turns -0 into 0.
  if (typeof a === 'number') return typeof b === 'number' ? a * b + 0 : multiplyByNumber(b, a);
  if (typeof b === 'number') return multiplyByNumber(a, b);
  const products: Term[] = [];
  for (const x of a.terms) {
    for (const y of b.terms) {
      const atoms = [...x.atoms, ...y.atoms].sort((p, q) => compareText(p.text, q.text));
      products.push({ coefficient: x.coefficient * y.coefficient, atoms });
    }
  }
  return fromTerms(products);
}

function multiplyByNumber(dim: DimExpression, factor: number): Dim {
  if (factor === 1) return dim;
  if (factor === 0) return 0;
  return new DimExpression(
    dim.terms.map(({ coefficient, atoms }) => ({ coefficient: coefficient * factor, atoms })),
  );
}

export function product(dims: readonly Dim[]): Dim {
  return dims.reduce(multiply, 1);
}

/** a / b when b divides every term of a; undefined otherwise. */
function exactQuotient(a: Dim, b: Dim): Dim | undefined {
  const divisor = termsOf(b);
  if (divisor.length !== 1) return equals(a, b) ? 1 : undefined;
  const quotient: Term[] = [];
  for (const term of termsOf(a)) {
    const coefficient = term.coefficient / divisor[0].coefficient;
    if (!Number.isInteger(coefficient)) return undefined;
    const atoms = [...term.atoms];
    for (const atom of divisor[0].atoms) {
      const at = atoms.findIndex((candidate) => candidate.text === atom.text);
      if (at < 0) return undefined;
      atoms.splice(at, 1);
    }
    quotient.push({ coefficient, atoms });
  }
  return fromTerms(quotient);
}

/** floor(a / b); b must not be zero. */
export function floorDivide(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return Math.floor(a / b);
  if (b === 1) return a;
  const exact = b === 0 ? undefined : exactQuotient(a, b);
  return exact ?? ofAtom({ kind: 'floorDiv', a, b, text: `floor((${dimText(a)})/(${dimText(b)}))` });
}

/** ceil(a / b). */
export function ceilDivide(a: Dim, b: Dim): Dim {
  return multiply(floorDivide(multiply(a, -1), b), -1);
}

export function maximum(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return Math.max(a, b);
  if (equals(a, b)) return a;
  return ofAtom({ kind: 'max', a, b, text: `max(${dimText(a)}, ${dimText(b)})` });
}

export function minimum(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return Math.min(a, b);
  if (equals(a, b)) return a;
  return ofAtom({ kind: 'min', a, b, text: `min(${dimText(a)}, ${dimText(b)})` });
}

export function equals(a: Dim, b: Dim): boolean {
  return a === b || (typeof a !== 'number' && typeof b !== 'number' && a.text === b.text);
}

export function dimText(dim: Dim): string {
  return typeof dim === 'number' ? String(dim) : dim.text;
}

/** Names of the symbols an expression depends on. */
export function symbolsOf(dim: Dim, into: Set<string> = new Set()): Set<string> {
  for (const term of termsOf(dim)) {
    for (const atom of term.atoms) {
      if (atom.kind === 'symbol') into.add(atom.text);
      else {
        symbolsOf(atom.a, into);
        symbolsOf(atom.b, into);
      }
    }
  }
  return into;
}

/** Replaces symbols by numbers; symbols without a binding stay. */
export function bind(dim: Dim, bindings: Readonly<Record<string, number>>): Dim {
  if (typeof dim === 'number') return dim;
  let sum: Dim = 0;
  for (const term of dim.terms) {
    sum = add(sum, term.atoms.map((atom) => bindAtom(atom, bindings)).reduce(multiply, term.coefficient));
  }
  return sum;
}

function bindAtom(atom: Atom, bindings: Readonly<Record<string, number>>): Dim {
  if (atom.kind === 'symbol') {
    return Object.hasOwn(bindings, atom.text) ? bindings[atom.text] : ofAtom(atom);
  }
  const operation = { floorDiv: floorDivide, max: maximum, min: minimum }[atom.kind];
  return operation(bind(atom.a, bindings), bind(atom.b, bindings));
}
