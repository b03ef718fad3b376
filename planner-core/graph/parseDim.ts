import { add, equals, floorDivide, maximum, minimum, multiply, symbol, type Dim } from './dim';

/** Longer texts are taken as plain names: no exporter writes such expressions. */
const longestText = 300;
/** Expressions that grow beyond this many terms are not worked out. */
const mostTerms = 64;

/** An exact fraction: exporters print floor((h - 1)/2) as "floor(h/2 - 1/2)". */
interface Fraction {
  readonly over: Dim;
  readonly under: Dim;
}

/**
 * Reads a dimension as exporters print them: a name, a number, or an expression such as "2*seq + 1",
 * "floor(height/2 - 1/2) + 1", "(s0//2)", "Max(1, s0)", "s0**2", "Mod(s0, 2)". undefined when the text is no such
 * expression: then the whole text is a name.
 */
export function parseDim(text: string): Dim | undefined {
  if (text.length > longestText) return undefined;
  // A hyphen between letters belongs to a name ("batch-size"): expressions are printed with spaces.
  if (/[A-Za-z_]-[A-Za-z_]/.test(text)) return undefined;
  const tokens = text.match(/[A-Za-z_][A-Za-z0-9_.]*|\d+|\/\/|\*\*|[-+*/%(),]|\S/g);
  if (!tokens) return undefined;
  return new Parser(tokens).whole();
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly string[]) {}

  whole(): Dim | undefined {
    const value = this.sum();
    return value && this.at === this.tokens.length ? integer(value) : undefined;
  }

  private accept(...texts: string[]): string | undefined {
    const token = this.tokens[this.at];
    if (!texts.includes(token)) return undefined;
    this.at++;
    return token;
  }

  private sum(): Fraction | undefined {
    let left = this.term();
    for (let operator = this.accept('+', '-'); left && operator; operator = this.accept('+', '-')) {
      const right = this.term();
      left = right && plus(left, operator === '+' ? right : negated(right));
    }
    return left;
  }

  private term(): Fraction | undefined {
    let left = this.factor();
    const operators = ['*', '//', '/', '%'];
    for (let operator = this.accept(...operators); left && operator; operator = this.accept(...operators)) {
      const right = this.factor();
      left = right && small(binary[operator](left, right));
    }
    return left;
  }

  private factor(): Fraction | undefined {
    if (this.accept('-')) {
      const operand = this.factor();
      return operand && negated(operand);
    }
    const base = this.atom();
    if (!base || !this.accept('**')) return base;
    const exponent = Number(this.tokens[this.at++]);
    if (!(exponent >= 1 && exponent <= 8)) return undefined;
    let power: Fraction | undefined = base;
    for (let i = 1; i < exponent && power; i++) power = small(times(power, base));
    return power;
  }

  private atom(): Fraction | undefined {
    if (this.accept('(')) {
      const inner = this.sum();
      return this.accept(')') ? inner : undefined;
    }
    const token = this.tokens[this.at++] ?? '';
    if (/^\d+$/.test(token)) {
      const value = Number(token);
      return Number.isSafeInteger(value) ? whole(value) : undefined;
    }
    if (!/^[A-Za-z_]/.test(token)) return undefined;
    return this.accept('(') ? this.call(token) : whole(symbol(token));
  }

  private call(name: string): Fraction | undefined {
    const args: Fraction[] = [];
    do {
      const argument = this.sum();
      if (!argument) return undefined;
      args.push(argument);
    } while (this.accept(','));
    const apply = functions[name];
    return this.accept(')') && apply ? apply(args) : undefined;
  }
}

const whole = (dim: Dim): Fraction => ({ over: dim, under: 1 });

/** Refuses what has grown too large to work with. */
function small(fraction: Fraction | undefined): Fraction | undefined {
  const terms = (dim: Dim): number => (typeof dim === 'number' ? 1 : dim.terms.length);
  return fraction && terms(fraction.over) + terms(fraction.under) <= mostTerms ? fraction : undefined;
}

/** The value as a dimension; undefined when it is a proper fraction. */
function integer({ over, under }: Fraction): Dim | undefined {
  if (equals(under, 1)) return over;
  if (equals(under, 0)) return undefined;
  const quotient = floorDivide(over, under);
  return equals(multiply(quotient, under), over) ? quotient : undefined;
}

const negated = ({ over, under }: Fraction): Fraction => ({ over: multiply(over, -1), under });

function plus(a: Fraction, b: Fraction): Fraction {
  if (equals(a.under, b.under)) return { over: add(a.over, b.over), under: a.under };
  return {
    over: add(multiply(a.over, b.under), multiply(b.over, a.under)),
    under: multiply(a.under, b.under),
  };
}

function times(a: Fraction, b: Fraction): Fraction {
  return { over: multiply(a.over, b.over), under: multiply(a.under, b.under) };
}

const divided = (a: Fraction, b: Fraction): Fraction => times(a, { over: b.under, under: b.over });

function floor({ over, under }: Fraction): Fraction | undefined {
  return under === 0 ? undefined : whole(floorDivide(over, under));
}

function ceiling(fraction: Fraction): Fraction | undefined {
  const floored = floor(negated(fraction));
  return floored && negated(floored);
}

const floorQuotient = (a: Fraction, b: Fraction): Fraction | undefined => floor(divided(a, b));

function remainder(a: Fraction, b: Fraction): Fraction | undefined {
  const quotient = floorQuotient(a, b);
  return quotient && plus(a, negated(times(quotient, b)));
}

type Operation = (a: Fraction, b: Fraction) => Fraction | undefined;

const binary: Record<string, Operation> = {
  '*': times,
  '/': divided,
  '//': floorQuotient,
  '%': remainder,
};

/** Applies a function of two whole numbers to a list of one or more. */
function folded(operation: (a: Dim, b: Dim) => Dim) {
  return (args: readonly Fraction[]): Fraction | undefined => {
    const dims = args.map(integer);
    const known = dims.filter((dim) => dim !== undefined);
    return known.length === args.length ? whole(known.reduce(operation)) : undefined;
  };
}

const ofOne = (operation: (a: Fraction) => Fraction | undefined) => (args: readonly Fraction[]) =>
  args.length === 1 ? operation(args[0]) : undefined;

const ofTwo = (operation: Operation) => (args: readonly Fraction[]) =>
  args.length === 2 ? operation(args[0], args[1]) : undefined;

/** The functions that SymPy and PyTorch print. */
const functions: Record<string, ((args: readonly Fraction[]) => Fraction | undefined) | undefined> = {
  floor: ofOne(floor),
  ceil: ofOne(ceiling),
  ceiling: ofOne(ceiling),
  FloorDiv: ofTwo(floorQuotient),
  CleanDiv: ofTwo(floorQuotient),
  CeilDiv: ofTwo((a, b) => ceiling(divided(a, b))),
  Mod: ofTwo(remainder),
  PythonMod: ofTwo(remainder),
  Max: folded(maximum),
  max: folded(maximum),
  Min: folded(minimum),
  min: folded(minimum),
};
