// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultPlanInputs } from '../../../../planner-core/plan/planInputs';
import { nextFrame } from '../support/jsdom';
import { openView, type OpenedView } from '../support/openView';
import { gib } from '../support/sample';

const inputs = defaultPlanInputs([{ id: 'gpu0', name: 'RTX 4090', memoryBytes: 24 * gib }]);
let view: OpenedView;
const choice = (): HTMLInputElement =>
  document.querySelector<HTMLInputElement>('vscode-dropdown[aria-label="What plans may do to fit"]')!;
const link = (): HTMLElement => document.querySelector<HTMLElement>('.offload-link')!;
const choose = async (value: string): Promise<void> => {
  choice().value = value;
  choice().dispatchEvent(new Event('change'));
  await nextFrame();
  await nextFrame();
};

// jsdom lays nothing out, so it has no scrolling: the dropdown that takes the focus asks for it.
Element.prototype.scrollIntoView = () => undefined;

beforeEach(async () => {
  view = await openView(inputs);
});

describe('what plans may do to fit', () => {
  it('is to recompute, until offloading is chosen; then the link is shown', async () => {
    expect(choice().value).toBe('recompute');
    expect(link().hidden).toBe(true);
    await choose('host');
    expect(view.sent('edit')).toMatchObject([{ edit: { kind: 'offload', offload: { to: 'host' } } }]);
    expect(link().hidden).toBe(false);
    expect(link().textContent).toMatch(/^over .*\d+ GB\/s$/);
    await choose('recompute');
    expect(view.sent('edit').at(-1)).toMatchObject({ edit: { kind: 'offload', offload: undefined } });
    expect(link().hidden).toBe(true);
  });

  it('leads from the link to its settings', async () => {
    await choose('host');
    link().click();
    expect(document.querySelector<HTMLElement>('#step-settings')!.hidden).toBe(false);
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Link to where values go');
  });
});
