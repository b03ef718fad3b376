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
    target: 'plan-json',
    fileName: 'copy.plan.json',
    check: (text) => assert.equal((JSON.parse(text) as Plan).format, planFormat),
  },
];

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
    assert.equal(await workbench.isDirty(file), false, 'an export changes nothing');
  },
};
