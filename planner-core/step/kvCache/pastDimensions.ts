import { symbolsOf } from '../../graph/dim';
import type { ModelGraph } from '../../graph/modelGraph';

/** How exporters name the inputs that hold earlier keys and values (past_key_values.0.key, past_key_0, cache_k_0). */
const pastNames = /past|cache/i;

/** Sizes for the dimensions that count earlier tokens in a file that takes its cache as inputs; none for 0 tokens. */
export function pastDimensions(graph: ModelGraph, tokens: number): Record<string, number> {
  const sizes: Record<string, number> = {};
  if (tokens === 0) return sizes;
  for (const input of graph.inputs) {
    const { name, shape } = graph.tensors[input];
    if (!pastNames.test(name) || !shape || shape.length < 4) continue;
    const length = shape[shape.length - 2];
    const [symbol, ...others] = symbolsOf(length);
    if (symbol !== undefined && others.length === 0 && String(length) === symbol) sizes[symbol] = tokens;
  }
  return sizes;
}
