import { add, type Dim } from '../graph/dim';
import type { DType } from '../graph/dtype';
import type { Shape } from '../graph/modelGraph';
import { unify } from './dims';
import { badAttribute, mismatch } from './inferenceProblem';
import { likeInput, type RuleTable } from './parts';
import type { InferenceContext, OperatorRule, TensorFacts } from './rule';

type Facts = TensorFacts | undefined;

/** Trees, machines and encoders are fitted elsewhere: no gradient flows through them. */
const fitted = (infer: OperatorRule['infer']): OperatorRule => ({ differentiable: false, infer });

/** How many entries the first of several attributes that is present has. */
function entries(context: InferenceContext, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const attribute = context.attribute(name);
    if (attribute && Array.isArray(attribute.value)) return attribute.value.length;
    if (attribute?.kind === 'tensor') {
      const size = context.tensorAttribute(name)?.shape?.[0];
      if (typeof size === 'number') return size;
    }
  }
  return undefined;
}

/** Rows of [N, F]; a single sample [F] is one row. */
function rowsOf(context: InferenceContext): Dim | undefined {
  const shape = context.input(0)?.shape;
  if (!shape) return undefined;
  if (shape.length < 1 || shape.length > 2) throw mismatch(`Rank ${shape.length} where 1 or 2 is needed.`);
  return shape.length === 1 ? 1 : shape[0];
}

/** Same shape, as single-precision numbers. */
const asFloats = fitted((context) => [{ dtype: 'float32', shape: context.input(0)?.shape }]);

/** [N, columns] of a row of results for every sample. */
function table(context: InferenceContext, columns: Dim | undefined, dtype: DType = 'float32'): Facts {
  const rows = rowsOf(context);
  const shape: Shape | undefined =
    rows === undefined ? undefined : [rows, columns ?? context.freshDim('columns')];
  return { dtype, shape };
}

/** A label for every sample, and the scores it was chosen by. */
function classifier(
  labels: { readonly ints: string; readonly strings: string },
  scores: (context: InferenceContext, classes: number | undefined) => number | undefined,
): OperatorRule {
  return fitted((context) => {
    const dtype: DType = (context.strings(labels.strings)?.length ?? 0) > 0 ? 'string' : 'int64';
    const rows = rowsOf(context);
    const classes = dtype === 'string' ? entries(context, labels.strings) : entries(context, labels.ints);
    return [
      { dtype, shape: rows === undefined ? undefined : [rows] },
      table(context, scores(context, classes)),
    ];
  });
}

/** Two classes with one set of coefficients still give two scores. */
const LinearClassifier = classifier(
  { ints: 'classlabels_ints', strings: 'classlabels_strings' },
  (context, classes) => {
    const intercepts = entries(context, 'intercepts');
    return intercepts === 1 && classes === 2 ? 2 : (classes ?? intercepts);
  },
);

/** Without probabilities there is a score for every pair of classes. */
const SVMClassifier = classifier(
  { ints: 'classlabels_ints', strings: 'classlabels_strings' },
  (context, classes) => {
    if (classes === undefined) return undefined;
    const hasProbabilities = (entries(context, 'prob_a') ?? 0) > 0;
    const isLinear = (entries(context, 'vectors_per_class') ?? 0) === 0;
    return hasProbabilities || isLinear || classes <= 2 ? classes : (classes * (classes - 1)) / 2;
  },
);

const TreeEnsembleClassifier = classifier(
  { ints: 'classlabels_int64s', strings: 'classlabels_strings' },
  (_, classes) => classes,
);

/** Some number of targets for every sample, in the type of the input since version 5. */
const regressor = (attribute: string, fallback: number | undefined, keepsType = false): OperatorRule =>
  fitted((context) => {
    const targets = context.int(attribute) ?? fallback;
    if (targets !== undefined && targets < 1) throw badAttribute(`${attribute} must be positive.`);
    const dtype = keepsType ? context.input(0)?.dtype : 'float32';
    return [dtype && table(context, targets, dtype)];
  });

/** The type of the values that keys are mapped to. Version 1 mapped between strings and the numbers of a list. */
function mappedType(context: InferenceContext): DType | undefined {
  if (context.attribute('values_tensor')) return context.tensorAttribute('values_tensor')?.dtype;
  if (context.attribute('values_strings')) return 'string';
  if (context.attribute('values_int64s')) return 'int64';
  if (context.attribute('values_floats')) return 'float32';
  const from = context.input(0)?.dtype;
  return from && (from === 'string' ? 'int64' : 'string');
}

const LabelEncoder = fitted((context) => {
  const dtype = mappedType(context);
  return [dtype && { dtype, shape: context.input(0)?.shape }];
});

const CategoryMapper = fitted((context) => {
  const x = context.input(0);
  return [x && { dtype: x.dtype === 'string' ? 'int64' : 'string', shape: x.shape }];
});

/** Columns picked from the last axis. */
const ArrayFeatureExtractor = fitted((context) => {
  const x = context.input(0);
  const picked = context.input(1)?.shape;
  if (!x?.shape || !picked) return [x && { dtype: x.dtype }];
  if (x.shape.length === 0) throw mismatch('A scalar has no axis to pick from.');
  const count = picked[picked.length - 1] ?? 1;
  return [{ dtype: x.dtype, shape: x.shape.length === 1 ? [1, count] : [...x.shape.slice(0, -1), count] }];
});

const OneHotEncoder = fitted((context) => {
  const shape = context.input(0)?.shape;
  const categories = entries(context, 'cats_int64s', 'cats_strings');
  if (categories === undefined) throw badAttribute('The list of categories is missing.');
  return [{ dtype: 'float32', shape: shape && [...shape, categories] }];
});

/** Joins [N, C] inputs, or single rows [C], to one row a sample. */
const FeatureVectorizer = fitted((context) => {
  const sizes = context.ints('inputdimensions');
  let rows: Dim | undefined;
  let columns: Dim | undefined = 0;
  context.operator.inputs.forEach((_, index) => {
    const shape = context.input(index)?.shape;
    if (shape && (shape.length < 1 || shape.length > 2)) {
      throw mismatch(`Rank ${shape.length} where 1 or 2 is needed.`);
    }
    if (shape?.length === 2) rows = rows === undefined ? shape[0] : unify(rows, shape[0], 'Rows');
    const width: Dim | undefined = sizes?.[index] ?? shape?.[shape.length - 1];
    columns = columns === undefined || width === undefined ? undefined : add(columns, width);
  });
  return [{ dtype: 'float32', shape: [rows ?? 1, columns ?? context.freshDim('columns')] }];
});

/** What a file says a map's values are cast to. */
const castTypes: Readonly<Record<string, DType>> = {
  TO_FLOAT: 'float32',
  TO_STRING: 'string',
  TO_INT64: 'int64',
};

/** A map as a row: dense ones have as many columns as the map has keys, sparse ones a fixed number. */
const CastMap = fitted((context) => {
  const wanted = context.string('cast_to') ?? 'TO_FLOAT';
  if (!Object.hasOwn(castTypes, wanted)) throw badAttribute(`cast_to is "${wanted}".`);
  const isSparse = context.string('map_form') === 'SPARSE';
  const columns = isSparse ? context.int('max_map', 1) : context.freshDim('keys');
  return [{ dtype: castTypes[wanted], shape: [1, columns] }];
});

/** A map as a row with a column for every word of a vocabulary; the type is that of the map's values. */
const DictVectorizer = fitted((context) => {
  const x = context.input(0);
  const words = entries(context, 'string_vocabulary', 'int64_vocabulary');
  return [x && { dtype: x.dtype, shape: [1, words ?? context.freshDim('words')] }];
});

/** A map a sample: nothing a planner counts. */
const ZipMap = fitted(() => [undefined]);

/** Classical machine learning, as scikit-learn converters write it. Source: ONNX documentation, ai.onnx.ml 1 to 5. */
export const classicalLearningRules: RuleTable = {
  ArrayFeatureExtractor,
  Binarizer: fitted(likeInput()),
  CastMap,
  CategoryMapper,
  DictVectorizer,
  FeatureVectorizer,
  Imputer: fitted(likeInput()),
  LabelEncoder,
  LinearClassifier,
  LinearRegressor: regressor('targets', 1),
  Normalizer: asFloats,
  OneHotEncoder,
  SVMClassifier,
  SVMRegressor: fitted((context) => [table(context, 1)]),
  Scaler: asFloats,
  TreeEnsemble: regressor('n_targets', undefined, true),
  TreeEnsembleClassifier,
  TreeEnsembleRegressor: regressor('n_targets', undefined),
  ZipMap,
};
