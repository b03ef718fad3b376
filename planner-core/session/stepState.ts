import type { Diagnostic } from '../base/diagnostic';
import { HeadroomError } from '../base/errors';
import { calibrated } from '../devices/calibration';
import { findDevice } from '../devices/catalogue';
import { eachDevice, namedLinks } from '../devices/machine';
import { uncalibrated } from '../devices/roofline';
import type { ModelGraph } from '../graph/modelGraph';
import { layerIndexOf, type LayerIndex } from '../plan/layerIndex';
import type { PlanInputs } from '../plan/planInputs';
import type { PlanDevice } from '../plan/plan';
import { evaluationExport } from '../recognition/evaluationExport';
import type { Recognition, RecognisedGraph } from '../recognition/recognise';
import { compileSchedule } from '../simulator/compileSchedule';
import { keepEverything } from '../simulator/schedule';
import { simulate } from '../simulator/simulate';
import { buildStep, type BuiltStep, type StepDevice } from '../step/buildStep';
import { ownPrecision } from '../step/ownPrecision';
import { assumptionsOf } from './assumptions';
import { passesOf, withOffloadLink } from './offload/offloadLinkOf';
import { fileHintsOf, hintAssumption, type FileHints } from './fileHints';
import { inferenceAssumptions } from './inferenceAssumptions';
import { kvCacheView } from './kvCacheView';
import { layerRows } from './layers';
import { recognitionAssumption } from './recognitionSummary';
import { stepTotals } from './stepTotals';
import { weightTypeOf } from './weightType';
import { timeAssumption } from './timeAssumption';
import type { StepView } from './types';

/** A model under a workload on some devices: built once, used by every plan. */
export interface StepState {
  /** The model as its PyTorch calls: what the step's operator indices point into. */
  readonly graph: ModelGraph;
  readonly built: BuiltStep;
  readonly layers: LayerIndex;
  /** Where the file has layers run, if it says so for these devices. */
  readonly hints?: FileHints;
  readonly view: StepView;
}

/** Two inputs with the same key have the same step. */
export function stepKey(inputs: PlanInputs): string {
  const { dims, ...workload } = inputs.workload;
  const sortedDims = Object.entries(dims).sort(([a], [b]) => (a < b ? -1 : 1));
  const { calibration } = inputs;
  return JSON.stringify([
    workload,
    sortedDims,
    inputs.devices.map(({ id, name, count }) => [id, name, count]),
    inputs.links,
    inputs.offload,
    calibration && [calibration.file, calibration.calibration],
  ]);
}

/** The step alone; `keepsWork`: with what the times of its computations are made of. */
export function builtStepOf(
  { graph, recognitions }: RecognisedGraph,
  inputs: PlanInputs,
  keepsWork = false,
): BuiltStep {
  const devices = eachDevice(inputs.devices).map((device) => stepDevice(device, inputs));
  const links = inputs.links && namedLinks(inputs.links, inputs.devices);
  const bare = buildStep(graph, inputs.workload, devices, links, { keepsWork });
  const step = { ...bare.step, absorbedOperators: absorbedOperators(graph, recognitions) };
  return { ...bare, step: withOffloadLink(step, inputs.offload, passesOf(inputs.workload)) };
}

export function buildStepState(recognised: RecognisedGraph, inputs: PlanInputs): StepState {
  const { graph, recognitions } = recognised;
  const built = builtStepOf(recognised, inputs);
  const layers = layerIndexOf(graph.modules, built.step);
  const hints = fileHintsOf(graph, built.step, inputs.devices);
  const keepAll = simulate(built.step, compileSchedule(built.step, keepEverything));
  const checkpointable = new Set(
    layers.layers.filter((layer) => layer.checkpointable).map((layer) => layer.id),
  );
  const precision = ownPrecision(graph, inputs.workload.precision);
  const view: StepView = {
    step: built.step,
    layers: layerRows(graph, built, checkpointable),
    modules: graph.modules,
    recognitions,
    ...stepTotals(built),
    kvCache: built.kvCache && kvCacheView(built.kvCache),
    keepAllPeakBytes: keepAll.peakBytes,
    keepAllStepTimeMs: keepAll.stepTimeMs,
    assumptions: [
      ...assumptionsOf(
        { ...inputs.workload, precision },
        timeAssumption(inputs),
        weightTypeOf(graph, built.roles),
      ),
      ...inferenceAssumptions(inputs.workload, built),
      ...[recognitionAssumption(recognitions), hints && hintAssumption(hints)].filter(
        (sentence) => sentence !== undefined,
      ),
    ],
    diagnostics: [...built.step.diagnostics, ...lostInExport(graph, inputs)],
  };
  return { graph, built, layers, hints, view };
}

/** Pieces of recognised calls that are no operators any more. */
function absorbedOperators(graph: ModelGraph, recognitions: readonly Recognition[]): string[] {
  const left = new Set(graph.operators.map(({ name }) => name));
  return [...new Set(recognitions.flatMap(({ pieces }) => pieces))].filter((name) => !left.has(name));
}

function lostInExport(graph: ModelGraph, { workload }: PlanInputs): Diagnostic[] {
  const lost = workload.mode === 'training' ? evaluationExport(graph) : undefined;
  return lost ? [lost] : [];
}

export function stepDevice({ id, name }: PlanDevice, { calibration }: PlanInputs): StepDevice {
  const spec = findDevice(name);
  if (!spec) {
    throw new HeadroomError(
      'unknown-device',
      `There is no device "${name}".`,
      'Choose one of the device catalogue.',
    );
  }
  const measured = calibration?.calibration.device === spec.name ? calibration.calibration : undefined;
  return { id, spec, timing: measured && calibrated(uncalibrated(spec), measured) };
}
