import { formatMemory, formatOverhead } from '../base/format';
import { accelerate } from '../exporters/accelerate';
import { compileBudget } from '../exporters/compileBudget';
import { deepspeed } from '../exporters/deepspeed';
import type { ExportContext } from '../exporters/exportContext';
import { fsdp2 } from '../exporters/fsdp2';
import { jax } from '../exporters/jax';
import { megatron } from '../exporters/megatron';
import { onnxAnnotated, type ModelFile } from '../exporters/onnx/onnxAnnotated';
import { pipelining } from '../exporters/pipelining';
import type { ExportedFile, Export, ExportTarget } from '../exporters/targets';
import { timelineCsv } from '../exporters/timelineCsv';
import { timelineSvg } from '../exporters/timelineSvg';
import type { Plan } from '../plan/plan';
import { planText } from '../plan/writePlan';
import { compileSchedule } from '../simulator/compileSchedule';
import { timelineOf, type Timeline } from '../simulator/timeline';
import { exportPyTorch } from './exportPyTorch';
import { directivesOfPlan } from './makePlan';
import type { StepState } from './stepState';

/** Exports that are told in an engine's own words. */
const engines = { fsdp2, pipelining, deepspeed, accelerate, megatron, 'compile-budget': compileBudget, jax };

/** Writes a plan in the asked form. Throws 'bad-usage' for what the target has no form for. */
export function exportPlan(state: StepState, plan: Plan, target: ExportTarget, model: ModelFile): Export {
  switch (target) {
    case 'plan-json':
      return whole({ suffix: '.plan.json', mediaType: 'application/json', text: planText(plan) });
    case 'timeline-csv': {
      const text = timelineCsv(state.graph, state.built.step, timeline(state, plan));
      return whole({ suffix: '.timeline.csv', mediaType: 'text/csv', text });
    }
    case 'pytorch':
      return exportPyTorch(state, plan, model.graph);
    case 'timeline-svg': {
      const text = timelineSvg(timeline(state, plan), caption(plan));
      return whole({ suffix: '.timeline.svg', mediaType: 'image/svg+xml', text });
    }
    case 'onnx':
      return onnxAnnotated(contextOf(state, plan), model);
    default:
      return engines[target](contextOf(state, plan));
  }
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

function timeline(state: StepState, plan: Plan): Timeline {
  const { step } = state.built;
  return timelineOf(step, compileSchedule(step, directivesOfPlan(plan, state)));
}

function caption(plan: Plan) {
  const { prediction, workload, devices, budgetBytes, assumptions } = plan;
  const dims = Object.entries(workload.dims).map(([name, size]) => `${name} ${size}`);
  return {
    title: `${plan.model.file}: memory over one ${workload.mode} step`,
    subtitle: [
      ...dims,
      workload.precision,
      devices.map((device) => device.name).join(' + '),
      `peak ${formatMemory(prediction.peakBytes)} in ${prediction.peakPhase} (${prediction.peakNode})`,
      `step ${formatOverhead(prediction.overheadPercent)}`,
    ].join(' · '),
    budgetBytes,
    assumptions,
  };
}
