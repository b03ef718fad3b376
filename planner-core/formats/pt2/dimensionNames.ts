import { listAt, objectAt, textAt, unionAt, type Json } from './json';
import { symbolsIn } from './sizeExpressions';

/** Names torch.export makes up: s77, u0. */
const madeUp = /^[su]\d+$/;

/**
 * Names for the symbols of a program. torch.export forgets what the dimensions were called when the program was
 * exported: they are named again by where the inputs have them, as images and sequences do. By the file's symbol.
 */
export function dimensionNames(program: unknown): ReadonlyMap<string, string> {
  const module = objectAt(objectAt(program, 'model.json').graph_module, 'graph_module');
  const values = objectAt(objectAt(module.graph, 'graph').tensor_values, 'graph.tensor_values');
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const spec of listAt(objectAt(module.signature, 'signature').input_specs, 'input_specs')) {
    const [kind, input] = unionAt(spec, 'input_specs');
    if (kind !== 'user_input') continue;
    const [tag, argument] = unionAt(objectAt(input, 'input_specs').arg, 'input_specs');
    if (tag !== 'as_tensor') continue;
    const value = textAt(objectAt(argument, 'input_specs').name, 'input_specs');
    const sizes = listAt(
      objectAt(values[value], `tensor_values.${value}`).sizes,
      `tensor_values.${value}.sizes`,
    );
    sizes.forEach((size, axis) => {
      for (const symbol of symbolsOfSize(size)) {
        if (names.has(symbol)) continue;
        const name = madeUp.test(symbol) ? unique(axisName(axis, sizes.length), value, taken) : symbol;
        taken.add(name);
        names.set(symbol, name);
      }
    });
  }
  return names;
}

function symbolsOfSize(size: unknown): string[] {
  const { as_expr: expression } = objectAt(size, 'sizes') as Json & { as_expr?: unknown };
  const text = expression ? objectAt(expression, 'sizes').expr_str : undefined;
  return typeof text === 'string' ? symbolsIn(text) : [];
}

/** Batch first; then the tokens of a sequence, or the sides of an image behind its channels. */
function axisName(axis: number, rank: number): string {
  if (axis === 0) return 'batch';
  if (rank <= 3) return axis === 1 ? 'seq' : 'features';
  return ['channels', 'height', 'width'][axis - (rank - 3)] ?? 'depth';
}

function unique(name: string, input: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const ofInput = `${input.replace(/\W/g, '_')}_${name}`;
  let candidate = ofInput;
  for (let count = 2; taken.has(candidate); count++) candidate = `${ofInput}_${count}`;
  return candidate;
}
