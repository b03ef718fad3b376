// @vitest-environment jsdom
import { nextFrame, untilFrame } from '../support/jsdom';
import { afterEach, describe, expect, it } from 'vitest';
import { findMachine } from '../../../../planner-core/devices/machinePresets';
import type { PlanDevice } from '../../../../planner-core/plan/plan';
import { defaultPlanInputs, type Edit, type PlanInputs } from '../../../../planner-core/plan/planInputs';
import { startApp } from '../../../../webview/app';
import { greet } from '../../../../webview/state/greet';
import { HarnessHost } from '../../../bench/webviewHarness/harnessHost';
import { SyntheticPlanner } from '../../../bench/webviewHarness/syntheticPlanner';
import { gib } from '../support/sample';

const two: readonly PlanDevice[] = [
  { id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib },
  { id: 'gpu1', name: 'T4', memoryBytes: 16 * gib },
];

/** A view against a host with a made-up model on two devices. */
async function open(inputs: Partial<PlanInputs> = {}): Promise<{ host: HarnessHost; edits: () => Edit[] }> {
  const page = new EventTarget();
  const planner = new SyntheticPlanner(4, 48, ['gpu0', 'gpu1']);
  const host = new HarnessHost(planner, { ...defaultPlanInputs(two), ...inputs }, {}, page);
  document.body.removeAttribute('data-rev');
  document.body.innerHTML = '<div id="app"></div>';
  startApp(find('#app'), host, page);
  greet(host);
  await untilFrame(() => Number(document.body.dataset.rev) > 0);
  return { host, edits: () => host.sent.flatMap((sent) => (sent.type === 'edit' ? [sent.edit] : [])) };
}

function find<T extends HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`no ${selector}`);
  return element;
}
const row = (name: string): HTMLElement => find(`[role="row"][data-name="${name}"]`);
const change = (element: HTMLElement, value: string): void => {
  (element as HTMLInputElement).value = value;
  element.dispatchEvent(new Event('change', { bubbles: true }));
};
/** jsdom has no drag events: the same, with a transfer of its own. */
function drag(from: HTMLElement, to: HTMLElement): void {
  const data = new Map<string, string>();
  const dataTransfer = {
    setData: (kind: string, text: string) => data.set(kind, text),
    getData: (kind: string) => data.get(kind) ?? '',
    get types() {
      return [...data.keys()];
    },
  };
  const fire = (element: HTMLElement, type: string): boolean =>
    element.dispatchEvent(
      Object.assign(new MouseEvent(type, { bubbles: true, cancelable: true }), { dataTransfer }),
    );
  fire(from, 'dragstart');
  fire(to, 'dragover');
  fire(to, 'drop');
}

afterEach(() => nextFrame());

describe('a step on several devices', () => {
  it('has a lane for each, and not the chart of one', async () => {
    await open();
    expect(find('#lanes').hidden).toBe(false);
    expect(find('#timeline').hidden).toBe(true);
    const lanes = [...document.querySelectorAll<HTMLElement>('.lane-head')];
    expect(lanes.map(({ dataset }) => dataset.device)).toEqual(['gpu0', 'gpu1']);
    expect(lanes[0].textContent).toMatch(/RTX 4090busy 100 % · idle .*peak .* of 24\.0 GiB/);
    expect(find('#lanes table').textContent).toContain('gpu1 T4');
  });

  it('colours rows by their device', async () => {
    await open();
    expect(row('transformer.h.1').className).toMatch(/has-device.*device-0/);
  });
});

describe('placing layers by hand', () => {
  it('drops a row onto a lane as a pin, and takes it back', async () => {
    const { host, edits } = await open();
    drag(row('transformer.h.1'), find('.lanes-chart'));
    await untilFrame(() => row('transformer.h.1').dataset.pinned === 'true');
    const targets = [{ target: 'transformer.h.1', kind: 'module' }];
    // Without a layout every point is in the first lane.
    expect(edits()).toEqual([{ kind: 'device', targets, device: 'gpu0' }]);
    host.postMessage({ type: 'undo', request: 99 });
    await untilFrame(() => row('transformer.h.1').dataset.pinned === undefined);
  });

  it('drops all that is selected onto the chip of a device', async () => {
    const { edits } = await open();
    row('transformer.wte').click();
    await nextFrame();
    row('transformer.h.1').dispatchEvent(new MouseEvent('click', { bubbles: true, ctrlKey: true }));
    await nextFrame();
    drag(row('transformer.h.1'), document.querySelectorAll<HTMLElement>('.chip-device')[1]);
    expect(edits()).toMatchObject([
      {
        kind: 'device',
        device: 'gpu1',
        targets: [{ target: 'transformer.wte' }, { target: 'transformer.h.1' }],
      },
    ]);
  });

  it('takes nothing else that is dragged', async () => {
    const { edits } = await open();
    const event = new MouseEvent('drop', { bubbles: true, cancelable: true });
    const dataTransfer = { getData: () => '', types: ['Files'] };
    find('.lanes-chart').dispatchEvent(Object.assign(event, { dataTransfer }));
    expect(event.defaultPrevented).toBe(false);
    expect(edits()).toEqual([]);
  });

  it('goes to the device control by D', async () => {
    await open();
    row('transformer.h.1').click();
    await nextFrame();
    find('[role="treegrid"]').dispatchEvent(new KeyboardEvent('keydown', { key: 'd', bubbles: true }));
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Device of 1');
  });
});

describe('the machine', () => {
  const openPanel = async (): Promise<Awaited<ReturnType<typeof open>>> => {
    const opened = await open();
    find('#machine-button').click();
    return opened;
  };

  it('opens at its button and closes by Escape', async () => {
    await open();
    find('#machine-button').click();
    expect(find('#machine').hidden).toBe(false);
    find('#machine').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    expect(find('#machine').hidden).toBe(true);
  });

  it('becomes a common box in one edit', async () => {
    const { edits } = await openPanel();
    change(find('[aria-label="Common machines"]'), '2x-3090-nvlink');
    const preset = findMachine('2x-3090-nvlink');
    expect(edits()).toEqual([{ kind: 'machine', devices: preset?.devices, links: preset?.links }]);
    await untilFrame(() => document.querySelectorAll('.machine-device').length === 1);
    const pairs = [...document.querySelectorAll<HTMLElement>('.machine-link')].map(
      ({ dataset }) => dataset.link,
    );
    expect(pairs).toEqual(['gpu gpu', 'gpu host']);
  });

  it('links two devices as the catalogue has it, and by hand', async () => {
    const { edits } = await openPanel();
    change(find('[data-link="gpu0 gpu1"] vscode-dropdown'), 'pcie4x16');
    await untilFrame(() => edits().length === 1);
    expect(edits()[0]).toMatchObject({
      kind: 'links',
      links: [{ between: ['gpu0', 'gpu1'], name: 'pcie4x16', gbPerS: 24, shared: false }],
    });
    await nextFrame();
    find('[data-link="gpu0 gpu1"] input[type="checkbox"]').click();
    expect(edits()[1]).toMatchObject({ kind: 'links', links: [{ name: 'pcie4x16', shared: true }] });
  });

  it('has several of a device, and refuses what is no number', async () => {
    const { edits } = await openPanel();
    const count = find('[data-device="gpu1"] vscode-text-field:last-of-type');
    change(count, '0');
    expect(count.getAttribute('aria-invalid')).toBe('true');
    expect(edits()).toEqual([]);
    change(count, '4');
    expect(edits()).toMatchObject([{ kind: 'machine', devices: [{ id: 'gpu0' }, { id: 'gpu1', count: 4 }] }]);
  });

  it('becomes the default of new plans', async () => {
    const { host } = await openPanel();
    find('[title*="headroom.machine"]').click();
    expect(host.sent.at(-1)).toMatchObject({ type: 'save-machine' });
  });
});

describe('the objective', () => {
  it('is chosen beside the strategy', async () => {
    const { edits } = await open();
    const radio = find<HTMLInputElement>('input[name="objective"][value="latency"]');
    radio.checked = true;
    radio.dispatchEvent(new Event('change', { bubbles: true }));
    expect(edits()).toEqual([{ kind: 'objective', objective: 'latency' }]);
  });

  it('has no use for one device', async () => {
    await open({ devices: [two[0]] });
    expect(find('.objective').hidden).toBe(true);
  });
});
