import type { Dim } from '../../graph/dim';
import { symbolsOf } from '../../graph/dim';
import type { ModelGraph, Tensor } from '../../graph/modelGraph';

/** How exporters name the inputs that hold earlier keys and values (past_key_values.0.key, past_key_0, cache_k_0). */
const pastNames = /past|cache/i;
const maskNames = /mask/i;

/** Names of the dimensions that count earlier tokens in a file that takes its cache as inputs. */
export function pastDimensions(graph: ModelGraph): Set<string> {
  const names = new Set<string>();
  for (const { name, shape } of inputsOf(graph)) {
    const length = pastNames.test(name) && shape && shape.length >= 4 ? soleSymbol(shape.at(-2)!) : undefined;
    if (length !== undefined) names.add(length);
  }
  return names;
}

/** A dimension that counts what others count together: names, and sizes that the file fixes. */
export interface TotalDimension {
  readonly name: string;
  readonly sumOf: readonly (string | number)[];
}

/**
 * The dimension of an attention mask that counts earlier and new tokens, under a name of its own: [batch, total] beside
 * token ids [batch, new] and keys [batch, heads, past, head size], as Optimum and onnxruntime-genai export decoders and
 * torch.export names it (s53). undefined where the file has none, or writes the sum itself.
 */
export function totalDimension(graph: ModelGraph): TotalDimension | undefined {
  const past = pastDimensions(graph);
  const [pastName, ...others] = past;
  if (pastName === undefined || others.length > 0) return undefined;
  const known = inputsOf(graph).filter(({ name, shape }) => !pastNames.test(name) && shape);
  const ids = known.find(({ name, shape }) => !maskNames.test(name) && shape!.length >= 2)?.shape![1];
  const fresh = typeof ids === 'number' ? ids : ids && soleSymbol(ids);
  const mask = known.find(({ name, shape }) => maskNames.test(name) && shape!.length >= 2);
  const total = mask && soleSymbol(mask.shape!.at(-1)!);
  if (fresh === undefined || total === undefined || total === fresh || past.has(total)) return undefined;
  return { name: total, sumOf: [pastName, fresh] };
}

const inputsOf = (graph: ModelGraph): Tensor[] => graph.inputs.map((input) => graph.tensors[input]);

/** The name of a dimension that is nothing but a name. */
function soleSymbol(dim: Dim): string | undefined {
  const [name] = symbolsOf(dim);
  return name !== undefined && String(dim) === name ? name : undefined;
}
