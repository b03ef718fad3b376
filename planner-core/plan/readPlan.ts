import { HeadroomError } from '../base/errors';
import { jsonChecks, type Check } from '../base/jsonChecks';
import { calibrationChecks } from '../devices/calibration';
import {
  checkpointings,
  defaultWorkload,
  inPlaces,
  livenesses,
  losses,
  modelOutputs,
  optimizers,
  optimizerUpdates,
  precisions,
  stepKinds,
  zeroGrads,
  type Workload,
} from '../step/workload';
import { objectives, planFormat, strategies, type Plan } from './plan';
import { minimisations } from './offloadTarget';
import { machineChecks } from './machineChecks';
import { migratePlan } from './migrate';
import { decisionChecks, offloadChecks, recomputationChecks } from './decisionChecks';
import { sizePlanChecks } from './sizePlanChecks';

/**
 * Reads a plan file. Throws 'bad-plan' naming the first place that is not as media/plan.schema.json says (a test holds
 * the two together); older versions of the format are brought up to date first. Hand-written, because it also runs
 * where no validator is shipped.
 */
export function parsePlan(text: string): Plan {
  return plan(migratePlan(parsed(text)), '');
}

function bad(path: string, what: string): HeadroomError {
  const where = path === '' ? 'The plan' : `The plan's ${path}`;
  return new HeadroomError(
    'bad-plan',
    `${where} ${what}.`,
    'The format is described in media/plan.schema.json.',
  );
}

const {
  object,
  string,
  nonEmpty,
  number,
  amount,
  count,
  wholeNumber,
  boolean,
  oneOf,
  listOf,
  record,
  objectOf,
  parsed,
} = jsonChecks(bad);

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
    modelOutput: oneOf(modelOutputs),
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
    'modelOutput',
    'frozen',
    'asExported',
    'kvCacheTokens',
    'liveness',
    'inPlace',
  ],
);

const { devices, links, offload } = machineChecks(bad);

const planOnly = objectOf<Plan>(
  {
    format: oneOf([planFormat]),
    model: objectOf({ file: nonEmpty, fingerprint: nonEmpty }),
    workload: (value, path) => ({ ...defaultWorkload, ...writtenWorkload(value, path) }),
    devices,
    links,
    objective: oneOf(objectives),
    offload,
    minimise: oneOf(minimisations),
    carbonGramsPerKWh: amount,
    calibration: objectOf({ file: nonEmpty, calibration: calibrationChecks(bad) }),
    budgetBytes: amount,
    strategy: oneOf(strategies),
    planner: string,
    decisions: decisionChecks(bad),
    recomputations: recomputationChecks(bad),
    offloads: offloadChecks(bad),
    lateTransfers: boolean,
    replicas: listOf(objectOf({ device: nonEmpty, replicas: listOf(nonEmpty, 1) })),
    prediction: objectOf(
      {
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
        offloadPeakBytes: amount,
        stallMs: amount,
        energyJoules: amount,
        carbonGrams: amount,
        throughput: objectOf({ timeMs: amount, perDevicePeakBytes: record(amount) }),
      },
      ['offloadPeakBytes', 'stallMs', 'energyJoules', 'carbonGrams', 'throughput'],
    ),
    assumptions: listOf(string),
    sizes: sizePlanChecks(bad),
  },
  [
    ...(['links', 'objective', 'offload', 'minimise', 'carbonGramsPerKWh', 'calibration'] as const),
    ...(['recomputations', 'offloads', 'lateTransfers', 'replicas', 'sizes'] as const),
  ],
);

/** Editors let people name the schema in the file itself: the name is not part of the plan. */
const plan: Check<Plan> = (value, path) => {
  const { $schema, ...rest } = object(value, path);
  if ($schema !== undefined) string($schema, '$schema');
  return planOnly(rest, path);
};
