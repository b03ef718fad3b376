import { toErrorValue, type ErrorValue } from './errors';

/** A value or an error value: what crosses worker and process boundaries, where thrown errors lose their code. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorValue };

export async function toResult<T>(compute: () => T | Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await compute() };
  } catch (thrown) {
    return { ok: false, error: toErrorValue(thrown) };
  }
}
