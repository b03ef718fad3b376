import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ExportTarget } from '../../../planner-core/exporters/targets';
import { planFormat, type Plan } from '../../../planner-core/plan/plan';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const file = 'tiny_mlp.train.onnx';

/** Each export: the item of the menu, the file to write, and what must be in it. */
const exports: readonly { target: ExportTarget; fileName: string; check: (text: string) => void }[] = [
  {
    target: 'timeline-csv',
    fileName: 'timeline.csv',
    check: (text) => assert.ok(text.trim().split('\n').length > 2, 'one line a computation'),
  },
  {
    target: 'timeline-svg',
    fileName: 'timeline.svg',
    check: (text) => assert.match(text, /^<svg[^]*<\/svg>\s*$/),
  },
  {
    target: 'frontier-svg',
    fileName: 'frontier.svg',
    check: (text) => assert.match(text, /<title>[^<]*step time against budget<\/title>/),
  },
  {
    target: 'layers-csv',
    fileName: 'layers.csv',
    check: (text) => assert.match(text, /^kind,name,type,parameter_bytes,kept_bytes.*\r\nmodule,/),
  },
  {
    target: 'frontier-csv',
    fileName: 'frontier.csv',
    check: (text) => assert.match(text, /^curve,rule,peak_bytes.*\r\nmodule-checkpoint,/),
  },
  {
    target: 'report',
    fileName: 'report.html',
    check(text) {
      assert.match(text, /^<!doctype html>/i);
      assert.equal(text.match(/<svg /g)?.length, 2, 'the pictures are in it');
      assert.doesNotMatch(text, /<script|\ssrc=|<link/, 'it needs nothing else');
    },
  },
  {
    target: 'plan-json',
    fileName: 'copy.plan.json',
    check: (text) => assert.equal((JSON.parse(text) as Plan).format, planFormat),
  },
];

/** What of the screen has no exporter of its own: the item of the menu, the file, and how it begins. */
const asShown = [
  ['Layers, as shown (SVG)', 'layers.svg', '<svg xmlns="http://www.w3.org/2000/svg"'],
  ['Inspector, as shown (PNG)', 'inspector.png', '\x89PNG\r\n'],
  ['Memory over one step, as shown (CSV)', 'memory.csv', 'Phase,Duration,Most in memory'],
] as const;

/** What is on screen leaves the editor through the save dialog. */
export const exportFiles: Scenario = {
  name: 'export',
  async run({ workbench, workspace }) {
    const view = await openModel(workbench, file);
    for (const { target, fileName, check } of exports) {
      await view.chooseExport(target);
      const written = path.join(workspace, fileName);
      await workbench.saveAs(written);
      await until(() => existsSync(written) && readFileSync(written).length > 0, `${fileName} is written`);
      check(readFileSync(written, 'utf8'));
    }
    await view.timeline.getByRole('button', { name: 'Table', exact: true }).click();
    for (const [item, fileName, beginning] of asShown) {
      await view.frame.getByRole('button', { name: 'Export plan' }).click();
      await view.frame.getByRole('menuitem', { name: item }).click();
      const written = path.join(workspace, fileName);
      await workbench.saveAs(written);
      await until(() => existsSync(written) && readFileSync(written).length > 0, `${fileName} is written`);
      assert.equal(readFileSync(written).toString('latin1').slice(0, beginning.length), beginning);
    }
    const layers = readFileSync(path.join(workspace, 'layers.svg'), 'utf8');
    assert.match(layers, /tiny_mlp\.train\.onnx: Layers<[\s\S]*Kept[\s\S]*eager PyTorch/);

    await workbench.runCommand('Headroom: Copy Report as Markdown');
    await workbench.notification('Copied the report of').waitFor();
    // The clipboard is read by who has the focus.
    await workbench.page.keyboard.press('F1');
    const copied = await workbench.page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^## tiny.* memory of one training step\n[^]*\| budget \| 23\.6 GiB \|/);
    await workbench.page.keyboard.press('Escape');
    assert.equal(await workbench.isDirty(file), false, 'an export changes nothing');
  },
};
