import type { PlanInputs } from '../../../../planner-core/plan/planInputs';
import type { ViewState, ViewToHost } from '../../../../planner-core/protocol/messages';
import { startApp } from '../../../../webview/app';
import { greet } from '../../../../webview/state/greet';
import { HarnessHost } from '../../../bench/webviewHarness/harnessHost';
import { SyntheticPlanner } from '../../../bench/webviewHarness/syntheticPlanner';
import { nextFrame, untilFrame } from './jsdom';

/** A view of a made-up step; `show` gives it parts of the host's state. */
export interface OpenedView {
  readonly sent: (type: ViewToHost['type']) => ViewToHost[];
  readonly show: (parts: Partial<ViewState>) => Promise<void>;
}

export async function openView(inputs: PlanInputs): Promise<OpenedView> {
  const page = new EventTarget();
  const planner = new SyntheticPlanner(
    4,
    48,
    inputs.devices.map(({ id }) => id),
  );
  const host = new HarnessHost(planner, inputs, {}, page);
  document.body.removeAttribute('data-rev');
  document.body.innerHTML = '<div id="app"></div>';
  startApp(document.body.firstElementChild as HTMLElement, host, page);
  greet(host);
  await untilFrame(() => Number(document.body.dataset.rev) > 0);
  let revision = 1000;
  return {
    sent: (type) => host.sent.filter((message) => message.type === type),
    async show(parts) {
      const data = structuredClone({ type: 'update', revision: ++revision, parts, cleared: [] });
      page.dispatchEvent(new MessageEvent('message', { data }));
      await nextFrame();
      await nextFrame();
    },
  };
}
