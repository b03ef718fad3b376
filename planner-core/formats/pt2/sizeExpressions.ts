import { symbol, type Dim } from '../../graph/dim';
import { parseDim } from '../../graph/parseDim';

/** Longer texts are not worked out: the size is then unknown. */
const longestText = 2000;

/**
 * A size as torch.export writes it: `Mul(Integer(512), Symbol('s70', positive=True, integer=True))`, which is SymPy's
 * srepr, or `512*s70` in older releases. `nameOf` gives the name, a plain identifier, that a symbol goes by. What cannot
 * be expressed becomes a symbol of that text, which nothing binds.
 */
export function sizeExpression(text: string, nameOf: (symbol: string) => string): Dim {
  if (text.length > longestText) return symbol(text);
  const isSrepr =
    /^(Symbol|Integer|Add|Mul|Pow|Max|Min|[A-Z]\w+)\(/.test(text) && /\b(Symbol|Integer)\(/.test(text);
  const formula = isSrepr ? formulaOf(text, nameOf) : text.replace(/[A-Za-z_]\w*(?!\w*\()/g, nameOf);
  return (formula !== undefined ? parseDim(formula) : undefined) ?? symbol(text);
}

/** The symbols an expression names, in order. */
export function symbolsIn(text: string): string[] {
  const quoted = [...text.matchAll(/Symbol\('([^']+)'/g)].map((match) => match[1]);
  return quoted.length > 0 || text.includes('(') ? quoted : (text.match(/[A-Za-z_]\w*/g) ?? []);
}

/** Functions that become infix operators; the others keep their form. */
const infix: Readonly<Record<string, string>> = { Add: ' + ', Mul: '*', Pow: '**' };

/** An srepr as a formula that `parseDim` reads; undefined for what it does not. */
function formulaOf(text: string, nameOf: (symbol: string) => string): string | undefined {
  const tokens = text.match(/'[^']*'|-?\d+|\w+|[(),=]|\S/g) ?? [];
  let at = 0;
  const expression = (depth: number): string | undefined => {
    const name = tokens[at++];
    if (depth > 50 || name === undefined) return undefined;
    if (/^-?\d+$/.test(name)) return name;
    if (tokens[at++] !== '(') return undefined;
    if (name === 'Symbol') {
      const symbolName = tokens[at++]?.slice(1, -1);
      // Assumptions follow: positive=True, integer=True.
      while (at < tokens.length && tokens[at] !== ')') at++;
      at++;
      return symbolName && nameOf(symbolName);
    }
    const parts: string[] = [];
    do {
      const part = expression(depth + 1);
      if (part === undefined) return undefined;
      parts.push(part);
      if (parts.length > longestText) return undefined;
    } while (tokens[at++] === ',');
    if (tokens[at - 1] !== ')') return undefined;
    if (name === 'Integer') return parts[0].startsWith('-') ? `(${parts[0]})` : parts[0];
    if (name === 'Pow' && parts[1] === '(-1)') return `(1/(${parts[0]}))`;
    const operator = infix[name];
    if (name === 'Pow') return `(${parts[0]})${operator}${parts[1]}`;
    return operator ? `(${parts.join(operator)})` : `${name}(${parts.join(', ')})`;
  };
  const formula = expression(0);
  return at === tokens.length ? formula : undefined;
}
