import { broadcast } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import type { RuleTable } from './parts';
import type { OperatorRule } from './rule';

/** Strings have no gradient. */
const textual = (infer: OperatorRule['infer']): OperatorRule => ({ differentiable: false, infer });

const StringConcat = textual((context) => {
  const [a, b] = [context.input(0), context.input(1)];
  return [{ dtype: 'string', shape: a?.shape && b?.shape && broadcast([a.shape, b.shape]) }];
});

/** A new last axis holds the pieces, as many as the string with most of them has: that depends on data. */
const StringSplit = textual((context) => {
  const shape = context.input(0)?.shape;
  if (!shape) return [{ dtype: 'string' }, { dtype: 'int64' }];
  const pieces = shape.includes(0) ? 0 : context.freshDim('pieces');
  return [
    { dtype: 'string', shape: [...shape, pieces] },
    { dtype: 'int64', shape },
  ];
});

/** Drops stop words; what stays, at least one string, depends on data. Takes [C] and [1, C]. */
const StringNormalizer = textual((context) => {
  const shape = context.input(0)?.shape;
  const action = context.string('case_change_action') ?? 'NONE';
  if (!['NONE', 'LOWER', 'UPPER'].includes(action)) throw badAttribute(`case_change_action is "${action}".`);
  if (!shape) return [{ dtype: 'string' }];
  if (shape.length > 2 || shape.length < 1) throw mismatch(`Rank ${shape.length} where 1 or 2 is needed.`);
  const last = shape[shape.length - 1];
  const dropsNothing = (context.strings('stopwords') ?? []).length === 0;
  const kept = last === 0 ? 1 : dropsNothing ? last : context.freshDim('words');
  return [{ dtype: 'string', shape: [...shape.slice(0, -1), kept] }];
});

const RegexFullMatch = textual((context) => [{ dtype: 'bool', shape: context.input(0)?.shape }]);

/** Counts of n-grams: the output has a place for every index that `ngram_indexes` names. */
const TfIdfVectorizer = textual((context) => {
  const shape = context.input(0)?.shape;
  const indexes = context.ints('ngram_indexes');
  if (!indexes || indexes.length === 0 || indexes.some((index) => index < 0)) {
    throw badAttribute('ngram_indexes is missing, empty or negative.');
  }
  if (!shape) return [{ dtype: 'float32' }];
  if (shape.length > 2 || shape.length < 1) throw mismatch(`Rank ${shape.length} where 1 or 2 is needed.`);
  const size = indexes.reduce((most, index) => Math.max(most, index), 0) + 1;
  return [{ dtype: 'float32', shape: [...shape.slice(0, -1), size] }];
});

/** Hashes of strings or numbers, one for every element (com.microsoft). */
export const MurmurHash3 = textual((context) => [
  { dtype: context.int('positive', 1) ? 'uint32' : 'int32', shape: context.input(0)?.shape },
]);

/** Strings cut into words, or characters, along a new last axis (com.microsoft). */
export const Tokenizer = textual((context) => {
  const shape = context.input(0)?.shape;
  return [{ dtype: 'string', shape: shape && [...shape, context.freshDim('tokens')] }];
});

/** Text. Source: ONNX operator documentation (opsets 9 to 20). */
export const textRules: RuleTable = {
  StringConcat,
  StringSplit,
  StringNormalizer,
  RegexFullMatch,
  TfIdfVectorizer,
};
