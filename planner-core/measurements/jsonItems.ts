import type { Job } from '../base/job';
import { damaged, tooMuch } from './damaged';

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\{}[]'].map((c) =>
  c.charCodeAt(0),
);
const isBlank = (byte: number): boolean => byte === 32 || byte === 9 || byte === 10 || byte === 13;
const [comma, colon] = [',', ':'].map((c) => c.charCodeAt(0));

/** An event is a few hundred bytes; what is larger is no event. */
const maxItemBytes = 4 * 2 ** 20;
const checkpointEvery = 2000;

/**
 * Calls `visit` with each object of a list in a JSON document: of the document itself, or of its property `key`. The document
 * is never held as one string or one tree, because traces are longer than a string may be. Throws 'bad-measurements' for what is
 * no such document or ends early. Returns false where there is no such list.
 */
export async function eachJsonItem(
  bytes: Uint8Array,
  key: string,
  job: Job,
  visit: (item: unknown, offset: number) => void,
): Promise<boolean> {
  const decoder = new TextDecoder();
  const start = listStart(bytes, key, decoder);
  if (start < 0) return false;
  let at = start;
  for (let count = 1; ; count++) {
    while (at < bytes.length && (isBlank(bytes[at]) || bytes[at] === comma)) at++;
    if (at >= bytes.length) throw damaged('The file ends within its list of events', bytes.length);
    if (bytes[at] === closeBracket) return true;
    const end = skipValue(bytes, at);
    if (end - at > maxItemBytes) throw tooMuch(`One event takes ${end - at} bytes`);
    visit(parsed(decoder.decode(bytes.subarray(at, end)), at), at);
    at = end;
    if (count % checkpointEvery === 0) {
      job.progress(at / bytes.length);
      await job.checkpoint();
    }
  }
}

function parsed(text: string, offset: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged('An event is not JSON', offset);
  }
}

/** Offset behind the bracket that opens the list; -1 where there is none. */
function listStart(bytes: Uint8Array, key: string, decoder: TextDecoder): number {
  let at = skipBlank(bytes, 0);
  if (bytes[at] === openBracket) return at + 1;
  if (bytes[at] !== openBrace) return -1;
  at = skipBlank(bytes, at + 1);
  while (at < bytes.length && bytes[at] === quote) {
    const end = skipValue(bytes, at);
    const name = decoder.decode(bytes.subarray(at + 1, end - 1));
    at = skipBlank(bytes, end);
    if (bytes[at] !== colon) throw damaged('The file is not JSON', at);
    at = skipBlank(bytes, at + 1);
    if (name === key) return bytes[at] === openBracket ? at + 1 : -1;
    at = skipBlank(bytes, skipValue(bytes, at));
    if (bytes[at] === comma) at = skipBlank(bytes, at + 1);
  }
  return -1;
}

function skipBlank(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && isBlank(bytes[at])) at++;
  return at;
}

/** Offset behind the value that begins at `from`: only strings and brackets matter for where it ends. */
function skipValue(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      at = stringEnd(bytes, at);
      if (depth === 0) return at + 1;
    } else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (byte === comma && depth === 0) return at;
  }
  throw damaged('The file ends within its list of events', bytes.length);
}

/** Offset of the quote that ends the string. */
function stringEnd(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    if (bytes[at] === backslash) at++;
    else if (bytes[at] === quote) return at;
  }
  throw damaged('The file ends within a text', bytes.length);
}
