import { formatMemory } from '../base/format';
import { accelerate } from '../exporters/accelerate';
import { compileBudget } from '../exporters/compileBudget';
import { deepspeed } from '../exporters/deepspeed';
import type { ExportContext } from '../exporters/exportContext';
import { fsdp2 } from '../exporters/fsdp2';
import { jax } from '../exporters/jax';
import type { OffloadFacts } from '../exporters/offloadFacts';
import { megatron } from '../exporters/megatron';
import { onnxAnnotated, type ModelFile } from '../exporters/onnx/onnxAnnotated';
import { pipelining } from '../exporters/pipelining';
import type { ExportedFile, Export, ExportTarget } from '../exporters/targets';
import { timelineCsv } from '../exporters/timelineCsv';
import { frontierCsv } from '../exporters/frontierCsv';
import { layersCsv } from '../exporters/layerTable';
import { frontierSvg } from '../exporters/pictures/frontierSvg';
import { timelineSvg, type Lane } from '../exporters/pictures/timelineSvg';
import { planCaption } from '../exporters/pictures/planCaption';
import { reportFacts } from '../exporters/report/reportFacts';
import { reportHtml } from '../exporters/report/reportHtml';
import { reportMarkdown } from '../exporters/report/reportMarkdown';
import { HeadroomError } from '../base/errors';
import type { Frontier } from '../planners/frontier';
import { deviceWarnings, type DeviceMemory } from '../plan/deviceMemory';
import type { Plan } from '../plan/plan';
import { planInputsOf, type PlanInputs } from '../plan/planInputs';
import { planText } from '../plan/writePlan';
import { compileSchedule } from '../simulator/compileSchedule';
import { timelineOf, type Timeline } from '../simulator/timeline';
import type { AllocatorSettings } from './allocatorSettings';
import { allocatorViews } from './allocatorView';
import { exportPyTorch } from './exportPyTorch';
import { directivesOfPlan } from './makePlan';
import { offloadViewOf } from './offload/offloadViewOf';
import type { StepState } from './stepState';

/** Exports that are told in an engine's own words. */
const engines = { fsdp2, pipelining, deepspeed, accelerate, megatron, 'compile-budget': compileBudget, jax };

/** What a plan is exported with. */
export interface ExportSources {
  readonly model: ModelFile;
  /** Of the plan's inputs, for the targets that show it. */
  readonly frontier?: Frontier;
  /** The step of other inputs: plans for several sizes are for several steps. */
  readonly stepOf: (inputs: PlanInputs) => StepState;
  /** How the memory of CUDA devices is accounted for. */
  readonly allocator: AllocatorSettings;
}

/**
 * Writes a plan in the asked form, and warns where it fills up a device. Throws 'bad-usage' for what the target has no
 * form for.
 */
export function exportPlan(
  state: StepState,
  plan: Plan,
  target: ExportTarget,
  sources: ExportSources,
): Export {
  // What PyTorch carries of a plan may need other memory than the plan.
  if (target === 'pytorch') return exportPyTorch(state, plan, sources);
  const devices = allocatorViews(state, plan, directivesOfPlan(plan, state), sources.allocator);
  const made = exportOf(state, plan, target, { ...sources, devices });
  return { ...made, warnings: deviceWarnings(plan, devices) };
}

interface KnownSources extends ExportSources {
  readonly devices: readonly DeviceMemory[];
}

function exportOf(
  state: StepState,
  plan: Plan,
  target: Exclude<ExportTarget, 'pytorch'>,
  { model, frontier, devices }: KnownSources,
): Export {
  switch (target) {
    case 'plan-json':
      return whole({ suffix: '.plan.json', mediaType: 'application/json', text: planText(plan) });
    case 'timeline-csv': {
      const text = timelineCsv(state.graph, state.built.step, timeline(state, plan));
      return whole({ suffix: '.timeline.csv', mediaType: 'text/csv', text });
    }
    case 'timeline-svg':
      return whole(picture('.timeline.svg', timelinePicture(state, plan)));
    case 'frontier-svg':
      return whole(picture('.frontier.svg', frontierPicture(plan, known(frontier))));
    case 'frontier-csv':
      return whole({ suffix: '.frontier.csv', mediaType: 'text/csv', text: frontierCsv(known(frontier)) });
    case 'layers-csv':
      return whole({
        suffix: '.layers.csv',
        mediaType: 'text/csv',
        text: layersCsv(state.view.layers, plan),
      });
    case 'report': {
      // The report says once what is assumed.
      const bare = { ...plan, assumptions: [] };
      const pictures = [timelinePicture(state, bare), frontierPicture(bare, known(frontier))];
      const facts = reportFacts(plan, state.view.layers, devices, offloadOf(state, plan));
      const text = reportHtml(facts, pictures);
      return whole({ suffix: '.report.html', mediaType: 'text/html', text });
    }
    case 'markdown': {
      const facts = reportFacts(plan, state.view.layers, devices, offloadOf(state, plan));
      const text = reportMarkdown(facts);
      return whole({ suffix: '.report.md', mediaType: 'text/markdown', text });
    }
    case 'onnx':
      return withoutSizes(plan, onnxAnnotated(contextOf(state, plan), model));
    default:
      return withoutSizes(plan, engines[target](contextOf(state, plan)));
  }
}

/** Engines apply one plan to all inputs. */
function withoutSizes({ sizes }: Plan, made: Export): Export {
  if (!sizes?.plans) return made;
  const note = {
    decision: `plans for other sizes of ${sizes.dimensions.join(' × ')}`,
    why: 'the target applies one plan to inputs of every size',
    instead: 'the plan of the sizes in the workload is used; export to PyTorch for all of them',
  };
  return { ...made, notCarried: [...made.notCarried, note] };
}

const contextOf = (state: StepState, plan: Plan): ExportContext => ({
  graph: state.graph,
  step: state.built.step,
  layers: state.layers,
  plan,
  directives: directivesOfPlan(plan, state),
});

/** An export that leaves nothing of the plan out. */
const whole = (file: ExportedFile): Export => ({ files: [file], carried: [], notCarried: [] });

const picture = (suffix: string, text: string): ExportedFile => ({
  suffix,
  mediaType: 'image/svg+xml',
  text,
});

function known(frontier: Frontier | undefined): Frontier {
  if (frontier) return frontier;
  throw new HeadroomError('bad-usage', 'This export shows the frontier, which has not been computed.');
}

/** Memory of a device over the step; of the first, unless told otherwise. */
function timeline(state: StepState, plan: Plan, device = 0): Timeline {
  const { step } = state.built;
  return timelineOf(step, compileSchedule(step, directivesOfPlan(plan, state)), device);
}

/** What leaves the device; undefined where nothing does. */
function offloadOf(state: StepState, plan: Plan): OffloadFacts | undefined {
  const offload = offloadViewOf(state, planInputsOf(plan), directivesOfPlan(plan, state));
  return offload && offload.outBytes + offload.inBytes > 0 ? offload : undefined;
}

function timelinePicture(state: StepState, plan: Plan): string {
  const { prediction, workload } = plan;
  const lanes = state.built.step.devices.map((device, i): Lane => ({
    device,
    timeline: timeline(state, plan, i),
    budgetBytes: i === 0 ? plan.budgetBytes : undefined,
    offload: i === 0 ? offloadOf(state, plan) : undefined,
  }));
  const peak = `peak ${formatMemory(prediction.peakBytes)} in ${prediction.peakPhase} (${prediction.peakNode})`;
  return timelineSvg(lanes, planCaption(plan, `memory over one ${workload.mode} step`, peak));
}

const frontierPicture = (plan: Plan, frontier: Frontier): string =>
  frontierSvg(frontier, plan, planCaption(plan, 'step time against budget'));
