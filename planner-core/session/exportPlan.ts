import type { ByteSource } from '../bytes/byteSource';
import { formatMemory, formatOverhead } from '../base/format';
import type { ExportedFile, Export, ExportTarget } from '../exporters/targets';
import { timelineCsv } from '../exporters/timelineCsv';
import { timelineSvg } from '../exporters/timelineSvg';
import type { ModelGraph } from '../graph/modelGraph';
import type { Plan } from '../plan/plan';
import { planText } from '../plan/writePlan';
import type { Recognition } from '../recognition/recognise';
import { compileSchedule } from '../simulator/compileSchedule';
import { timelineOf, type Timeline } from '../simulator/timeline';
import { exportPyTorch } from './exportPyTorch';
import { directivesOfPlan } from './makePlan';
import type { StepState } from './stepState';

/** The model as its file has it. */
export interface ModelFile {
  readonly graph: ModelGraph;
  readonly recognitions: readonly Recognition[];
  /** Where there is one, copies can be made. */
  readonly source?: ByteSource;
}

/** Writes a plan in the asked form. */
export function exportPlan(state: StepState, plan: Plan, target: ExportTarget, _model: ModelFile): Export {
  switch (target) {
    case 'plan-json':
      return whole({ suffix: '.plan.json', mediaType: 'application/json', text: planText(plan) });
    case 'timeline-csv': {
      const text = timelineCsv(state.graph, state.built.step, timeline(state, plan));
      return whole({ suffix: '.timeline.csv', mediaType: 'text/csv', text });
    }
    case 'pytorch':
      return exportPyTorch(state, plan, _model.graph);
    case 'timeline-svg': {
      const text = timelineSvg(timeline(state, plan), caption(plan));
      return whole({ suffix: '.timeline.svg', mediaType: 'image/svg+xml', text });
    }
  }
}

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
