import { HeadroomError } from '../base/errors';
import {
  checkpointings,
  defaultWorkload,
  inPlaces,
  livenesses,
  losses,
  optimizers,
  optimizerUpdates,
  precisions,
  stepKinds,
  zeroGrads,
  type Workload,
} from '../step/workload';
import { choices, planFormat, strategies, type Plan } from './plan';

/** Checks a value and gives it back typed; `path` is where it lies, e.g. "decisions[3].choice". */
type Check<T> = (value: unknown, path: string) => T;
type Checks<T> = { readonly [K in keyof Required<T>]: Check<T[K]> };

/**
 * Reads a plan file. Throws 'bad-plan' naming the first place that is not as media/plan.schema.json says (a test holds
 * the two together). Hand-written, because it also runs where no validator is shipped.
 */
export function parsePlan(text: string): Plan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw bad('', `is not JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  return plan(value, '');
}

function bad(path: string, what: string): HeadroomError {
  const where = path === '' ? 'The plan' : `The plan's ${path}`;
  return new HeadroomError(
    'bad-plan',
    `${where} ${what}.`,
    'The format is described in media/plan.schema.json.',
  );
}

const string: Check<string> = (value, path) => {
  if (typeof value !== 'string') throw bad(path, 'is no text');
  return value;
};
const nonEmpty: Check<string> = (value, path) => {
  if (string(value, path) === '') throw bad(path, 'is empty');
  return value as string;
};
const number: Check<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad(path, 'is no number');
  return value;
};
const amount: Check<number> = (value, path) => {
  if (number(value, path) < 0) throw bad(path, `is negative (${String(value)})`);
  return value as number;
};
const count: Check<number> = (value, path) => {
  if (number(value, path) < 1 || !Number.isInteger(value)) throw bad(path, 'is no positive whole number');
  return value as number;
};
const wholeNumber: Check<number> = (value, path) => {
  if (!Number.isInteger(amount(value, path))) throw bad(path, 'is no whole number');
  return value as number;
};
const boolean: Check<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw bad(path, 'is neither true nor false');
  return value;
};

const oneOf =
  <T extends string>(allowed: readonly T[]): Check<T> =>
  (value, path) => {
    const found = allowed.find((candidate) => candidate === value);
    const list = allowed.map((candidate) => `"${candidate}"`).join(', ');
    if (found === undefined) throw bad(path, `is ${JSON.stringify(value)}, not one of ${list}`);
    return found;
  };

const listOf =
  <T>(item: Check<T>, atLeast = 0): Check<T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw bad(path, 'is no list');
    if (value.length < atLeast) throw bad(path, 'is empty');
    return value.map((entry, i) => item(entry, `${path}[${i}]`));
  };

const record =
  <T>(item: Check<T>): Check<Record<string, T>> =>
  (value, path) => {
    const entries = Object.entries(object(value, path));
    return Object.fromEntries(entries.map(([key, entry]) => [key, item(entry, join(path, key))]));
  };

/** Every property is checked; those in `optional` may be absent; others than these are refused. */
const objectOf =
  <T>(checks: Checks<T>, optional: readonly (keyof T)[] = []): Check<T> =>
  (value, path) => {
    const given = object(value, path);
    for (const key of Object.keys(given)) {
      if (!Object.hasOwn(checks, key)) throw bad(join(path, key), 'is not a property of the format');
    }
    const result: Partial<T> = {};
    for (const key of Object.keys(checks) as (keyof T & string)[]) {
      if (Object.hasOwn(given, key)) result[key] = checks[key](given[key], join(path, key));
      else if (!optional.includes(key)) throw bad(join(path, key), 'is missing');
    }
    return result as T;
  };

function object(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(path, 'is no object');
  return value as Record<string, unknown>;
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** The first eight are in every plan; a plan without one of the others has its default. */
const writtenWorkload = objectOf<Workload>(
  {
    mode: oneOf(['training', 'inference']),
    dims: record(count),
    precision: oneOf(precisions),
    optimizer: oneOf(optimizers),
    loss: oneOf(losses),
    semantics: oneOf(['cuda', 'cpu']),
    attention: oneOf(['auto', 'fused', 'math']),
    dropout: oneOf(['as-exported', 'none']),
    optimizerUpdate: oneOf(optimizerUpdates),
    microBatches: count,
    zeroGrad: oneOf(zeroGrads),
    stepKind: oneOf(stepKinds),
    checkpointing: oneOf(checkpointings),
    frozen: listOf(string),
    asExported: listOf(nonEmpty),
    kvCacheTokens: wholeNumber,
    liveness: oneOf(livenesses),
    inPlace: oneOf(inPlaces),
  },
  [
    'optimizerUpdate',
    'microBatches',
    'zeroGrad',
    'stepKind',
    'checkpointing',
    'frozen',
    'asExported',
    'kvCacheTokens',
    'liveness',
    'inPlace',
  ],
);

const planOnly = objectOf<Plan>(
  {
    format: oneOf([planFormat]),
    model: objectOf({ file: nonEmpty, fingerprint: nonEmpty }),
    workload: (value, path) => ({ ...defaultWorkload, ...writtenWorkload(value, path) }),
    devices: listOf(objectOf({ id: nonEmpty, name: string, memoryBytes: amount }), 1),
    budgetBytes: amount,
    strategy: oneOf(strategies),
    planner: string,
    decisions: listOf(
      objectOf(
        {
          target: string,
          kind: oneOf(['module', 'operator']),
          choice: oneOf(choices),
          device: nonEmpty,
          pinned: boolean,
        },
        ['choice', 'device', 'pinned'],
      ),
    ),
    recomputations: listOf(objectOf({ before: nonEmpty, operator: nonEmpty })),
    prediction: objectOf({
      peakBytes: amount,
      peakPhase: string,
      peakNode: string,
      peakModule: string,
      stepTimeMs: amount,
      keepAllPeakBytes: amount,
      keepAllStepTimeMs: amount,
      overheadPercent: number,
      lowerBoundPercent: amount,
      savedBytes: amount,
      perDevicePeakBytes: record(amount),
    }),
    assumptions: listOf(string),
  },
  ['recomputations'],
);

/** Editors let people name the schema in the file itself: the name is not part of the plan. */
const plan: Check<Plan> = (value, path) => {
  const { $schema, ...rest } = object(value, path);
  if ($schema !== undefined) string($schema, '$schema');
  return planOnly(rest, path);
};
