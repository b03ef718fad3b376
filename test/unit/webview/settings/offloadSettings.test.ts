// @vitest-environment jsdom
import '../support/jsdom';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  applyEdit,
  defaultPlanInputs,
  type Edit,
  type PlanInputs,
} from '../../../../planner-core/plan/planInputs';
import {
  changedOffload,
  offloadReset,
  offloadSettings,
  ratesOf,
} from '../../../../webview/settings/offloadSettings';
import { usualLinkText } from '../../../../webview/offload/links';
import { registerControls } from '../../../../webview/ui/controls';

registerControls();
const gib = 2 ** 30;
let inputs: PlanInputs;
let settings: ReturnType<typeof offloadSettings>;
const edits = vi.fn((edit: Edit) => {
  inputs = applyEdit(inputs, edit);
  settings.render(inputs);
});
const radio = (name: string, value: string): HTMLInputElement => {
  const found = settings.element.querySelector<HTMLInputElement>(
    `input[name="setting-${name}"][value="${value}"]`,
  );
  if (!found) throw new Error(`no ${value}`);
  return found;
};
const choose = (name: string, value: string): void => {
  radio(name, value).checked = true;
  radio(name, value).dispatchEvent(new Event('change'));
};
const field = (label: RegExp): HTMLElement & { value: string } => {
  const all = [...settings.element.querySelectorAll<HTMLElement & { value: string }>('vscode-text-field')];
  const found = all.find(({ textContent }) => label.test(textContent));
  if (!found) throw new Error(`no field ${label.source}`);
  return found;
};
const type = (label: RegExp, text: string): void => {
  field(label).value = text;
  field(label).dispatchEvent(new Event('change'));
};

beforeEach(() => {
  inputs = defaultPlanInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib }]);
  settings = offloadSettings(edits);
  document.body.replaceChildren(settings.element);
  settings.render(inputs);
  edits.mockClear();
});

describe('the settings of what leaves the device', () => {
  it('choose where values go, over which link, and how much room is there', () => {
    choose('offload-to', 'host');
    expect(inputs.offload).toEqual({ to: 'host' });
    type(/^Memory/, '64 GiB');
    type(/^Bandwidth/, '20, 24');
    expect(inputs.offload).toMatchObject({
      memoryBytes: 64 * gib,
      link: { name: 'custom', outGBPerS: 20, inGBPerS: 24 },
    });
    type(/^Memory/, '');
    expect(inputs.offload?.memoryBytes).toBeUndefined();
    expect(changedOffload(inputs)).toBe(1);
    choose('offload-to', 'none');
    expect(inputs.offload).toBeUndefined();
  });

  it('refuse a bandwidth that is none and a limit that is none, and keep what there was', () => {
    choose('offload-to', 'host');
    for (const text of ['-1', '0', 'fast', '', '1, 2, 3', 'Infinity']) {
      expect(ratesOf(text)).toBeUndefined();
      type(/^Bandwidth/, text || ' ');
      expect(field(/^Bandwidth/).getAttribute('aria-invalid')).toBe('true');
    }
    type(/^Memory/, '-3 GiB');
    expect(field(/^Memory/).getAttribute('title')).toMatch(/An amount of memory/);
    expect(inputs.offload).toEqual({ to: 'host' });
  });

  it('ask for the intensity before they plan for carbon', () => {
    choose('minimise', 'energy');
    expect(inputs.minimise).toBe('energy');
    choose('minimise', 'carbon');
    expect(inputs.minimise).toBe('energy');
    expect(radio('minimise', 'carbon').checked).toBe(true);
    type(/^Grams/, '380');
    expect(inputs).toMatchObject({ minimise: 'carbon', carbonGramsPerKWh: 380 });
  });

  it('go back to their defaults', () => {
    choose('offload-to', 'storage');
    choose('minimise', 'energy');
    expect(changedOffload(inputs)).toBe(2);
    expect(changedOffload(offloadReset.reduce(applyEdit, inputs))).toBe(0);
  });
});

it('names the link where none is chosen, with its rate: of the machine, else of the device, or the usual disk', () => {
  const link = { between: ['host', 'gpu0'], latencyMs: 0.01, shared: false } as const;
  const over = (name: string, gbPerS: number) =>
    usualLinkText({ ...inputs, links: [{ ...link, name, gbPerS }] }, 'host');
  expect(usualLinkText(inputs, 'host')).toBe('RTX 4090 to host · 24 GB/s');
  expect(over('pcie3x8', 6)).toBe('PCIe 3.0 x8 · 6 GB/s');
  expect(over('custom', 9)).toBe("the machine's link · 9 GB/s");
  expect(usualLinkText(inputs, 'storage')).toMatch(/^.+ · .+ GB\/s/);
  choose('offload-to', 'host');
  expect(settings.element.textContent).toContain('RTX 4090 to host');
});
