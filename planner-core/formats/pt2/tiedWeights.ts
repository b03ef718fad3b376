import { listAt, objectAt, textAt, type Json } from './json';

/**
 * By qualified name, the first name of the same tensor: parameters that share their storage are placeholders of their
 * own in the graph, but point at one file in the table of weights.
 */
export function tiedNames(weights: unknown): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const ties = new Map<string, string>();
  if (weights === undefined) return ties;
  const where = 'weights config';
  for (const [name, value] of Object.entries(objectAt(objectAt(weights, where).config, where))) {
    const entry = objectAt(value, `${where} of ${name}`);
    const key = `${textAt(entry.path_name, `${where} of ${name}`)} ${layoutOf(entry, name)}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, name);
    else ties.set(name, known);
  }
  return ties;
}

/** Two windows onto one storage are two tensors. */
function layoutOf(entry: Json, name: string): string {
  const meta = objectAt(entry.tensor_meta, `tensor_meta of ${name}`);
  const list = (field: string): string => JSON.stringify(listAt(meta[field], `${field} of ${name}`));
  return `${list('sizes')} ${list('strides')} ${JSON.stringify(meta.storage_offset ?? 0)}`;
}
