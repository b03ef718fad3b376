import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { findMachine } from '../../../planner-core/devices/machinePresets';
import type { Objective, Strategy } from '../../../planner-core/plan/plan';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../planner-core/session/plannerSession';
import { defaultWorkload, type Workload } from '../../../planner-core/step/workload';
import { startApp } from '../../../webview/app';
import { greet } from '../../../webview/state/greet';
import { HarnessHost, type HarnessPlanner } from './harnessHost';
import { SyntheticPlanner } from './syntheticPlanner';
import '../../../webview/main.css';
import type { ViewState } from '../../../planner-core/protocol/messages';

/** What the driver asks the page to show. */
export interface PageRequest {
  readonly synthetic?: { readonly blocks: number; readonly hiddenMiB: number };
  /** A model file, base64. */
  readonly model?: { readonly name: string; readonly base64: string };
  readonly workload?: Partial<Workload>;
  readonly budgetGiB?: number;
  readonly strategy?: Strategy;
  /** Name of a common machine; absent: one RTX 4090. */
  readonly machine?: string;
  readonly objective?: Objective;
  readonly offload?: PlanInputs['offload'];
  readonly overrides?: Partial<ViewState>;
  /** Of the texts, e.g. "zh-cn"; absent: English. */
  readonly language?: string;
}

declare global {
  interface Window {
    startHarness(request: PageRequest): void;
    harnessHost?: HarnessHost;
  }
}

window.startHarness = (request) => {
  const planner = plannerFor(request);
  const host = new HarnessHost(
    planner,
    {
      workload: { ...defaultWorkload, ...request.workload },
      budgetBytes: request.budgetGiB === undefined ? undefined : request.budgetGiB * 2 ** 30,
      strategy: request.strategy ?? 'selective',
      offload: request.offload,
      ...machineOf(request),
    },
    request.overrides,
  );
  window.harnessHost = host;
  const root = document.getElementById('app');
  if (!root) throw new Error('no #app');
  startApp(root, host);
  greet(host);
};

function machineOf({ machine, objective }: PageRequest): Partial<PlanInputs> {
  const preset = machine === undefined ? undefined : findMachine(machine);
  return { ...(preset ? { devices: preset.devices, links: preset.links } : {}), objective };
}

function plannerFor({ synthetic, model }: PageRequest): HarnessPlanner {
  if (!model) return new SyntheticPlanner(synthetic?.blocks ?? 16, synthetic?.hiddenMiB ?? 96, ['gpu0']);
  const bytes = Uint8Array.from(atob(model.base64), (character) => character.charCodeAt(0));
  const session = PlannerSession.open(new MemoryByteSource(bytes), model.name);
  return {
    summary: () => Promise.resolve(session.summary),
    configure: (inputs) => Promise.resolve(session.configure(inputs)),
    frontier: (inputs) => session.frontier(inputs),
    plan: (inputs) => session.plan(inputs),
    split: (question) => session.split(question),
    scale: (question) => session.scale(question),
    sizes: (question) => session.sizes(question),
  };
}
