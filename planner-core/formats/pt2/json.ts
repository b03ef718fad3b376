import { HeadroomError } from '../../base/errors';

export type Json = Readonly<Record<string, unknown>>;

/** The program contradicts the schema of torch.export. `where` is a place in model.json, `node` the node it belongs to. */
export function badProgram(where: string, what: string, node?: string): HeadroomError {
  return new HeadroomError(
    'malformed-file',
    `The exported program is damaged: ${where} ${what}.`,
    'Export the model again with torch.export.save, or load it with torch.export.load to check it.',
    node === undefined ? undefined : { node },
  );
}

export function objectAt(value: unknown, where: string, node?: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badProgram(where, 'is no object', node);
  return value as Json;
}

export function listAt(value: unknown, where: string, node?: string): readonly unknown[] {
  if (!Array.isArray(value)) throw badProgram(where, 'is no list', node);
  return value;
}

export function textAt(value: unknown, where: string, node?: string): string {
  if (typeof value !== 'string') throw badProgram(where, 'is no text', node);
  return value;
}

export function numberAt(value: unknown, where: string, node?: string): number {
  if (typeof value !== 'number') throw badProgram(where, 'is no number', node);
  return value;
}

/** A tagged union such as `{"as_tensor": {...}}`: the tag that is set, and its value. */
export function unionAt(
  value: unknown,
  where: string,
  node?: string,
): readonly [tag: string, value: unknown] {
  const found = Object.entries(objectAt(value, where, node)).filter(([, member]) => member !== null);
  if (found.length !== 1) throw badProgram(where, `has ${found.length} values where one is due`, node);
  return found[0];
}
