import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HeadroomView } from '../lib/headroomView';
import { Recording } from '../lib/recording';
import type { Scenario } from '../lib/scenario';
import { writeSettings } from '../lib/settings';

const file = 'gpt2_small.train.onnx';
/** Of the window: small enough for its words to be read where the README shows it at 800 pixels. */
const size = { width: 1200, height: 780 };
const glanceMs = 500;
const readMs = 2500;

/** The main job, for the README: a step that does not fit, made to fit, changed by hand, and exported. */
export const mainJob: Scenario = {
  name: 'screenshot-main-job',
  prepare: (workspace) =>
    writeSettings(workspace, {
      'workbench.colorTheme': 'Default Dark Modern',
      'headroom.dimensions': { batch: 12, seq: 1024 },
      'headroom.device': 'RTX 4090',
    }),
  async run({ environment, workbench }) {
    const { page } = workbench;
    await page.setViewportSize(size);
    await workbench.openFromExplorer(file);
    await workbench.runCommand('View: Close Primary Side Bar');
    const view = new HeadroomView(page, workbench.webview());
    await view.ready();
    const recording = new Recording(page);
    await recording.start();
    await recording.show(readMs);

    await dragBudget(recording, view, 0.45);
    await view.settled();
    await recording.show(readMs);

    await recording.moveTo(view.timeline, 0.45);
    await recording.show(readMs);

    const recompute = view.choiceButton('transformer.h.0', 'recompute');
    await recording.moveTo(recompute);
    await recording.show(glanceMs);
    await view.edit(() => recompute.click());
    await recording.show(readMs);

    const exportButton = view.frame.getByRole('button', { name: 'Export plan' });
    await recording.moveTo(exportButton);
    await exportButton.click();
    await recording.show(glanceMs);
    const item = view.frame.getByRole('menuitem', { name: /PyTorch/ }).first();
    await recording.moveTo(item, 0.2);
    await recording.show(readMs);

    const folder = path.join(environment.repoRoot, 'docs/images');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'main-job.gif'), recording.gif());
  },
};

/** Drags the slider's thumb to a fraction of its track, in small moves. */
async function dragBudget(recording: Recording, view: HeadroomView, fraction: number): Promise<void> {
  const { slider, page } = view;
  const box = await slider.boundingBox();
  if (!box) throw new Error('the slider is not visible');
  const at = await slider.evaluate((element) => {
    const { value, min, max } = element as HTMLInputElement;
    return (Number(value) - Number(min)) / (Number(max) - Number(min));
  });
  const y = box.y + box.height / 2;
  await recording.moveToPoint(box.x + at * box.width, y);
  await page.mouse.down();
  await recording.moveToPoint(box.x + fraction * box.width, y, 24);
  await page.mouse.up();
}
