import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ExportTarget } from '../../../planner-core/exporters/targets';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const file = 'gpt2_small.train.onnx';

interface EngineExport {
  readonly target: ExportTarget;
  readonly fileName: string;
  /** Must be in the file, with the module that the plan recomputes. */
  readonly content: (module: string) => string;
  /** Said of the plan when the file is written; absent: everything is carried. */
  readonly lacks?: (module: string) => string;
}

const engines: readonly EngineExport[] = [
  { target: 'pytorch', fileName: 'plan.py', content: (name) => `"module": "${name}"` },
  { target: 'fsdp2', fileName: 'fsdp2.py', content: (name) => `CHECKPOINT = ["${name}"]` },
  {
    target: 'deepspeed',
    fileName: 'deepspeed.json',
    content: () => '"zero_optimization"',
    lacks: (name) => `1 checkpointed module: ${name}`,
  },
  {
    target: 'accelerate',
    fileName: 'device_map.json',
    content: () => '"": 0',
    lacks: (name) => `1 checkpointed module: ${name}`,
  },
  {
    target: 'megatron',
    fileName: 'megatron.sh',
    content: () => 'RECOMPUTE_ARGS=(',
    lacks: () => 'which modules and operators run again',
  },
  {
    target: 'compile-budget',
    fileName: 'compile.py',
    content: () => 'ACTIVATION_MEMORY_BUDGET = ',
    lacks: () => 'which modules and operators run again',
  },
  { target: 'jax', fileName: 'jax.py', content: (name) => `"${name}"` },
  {
    target: 'onnx',
    fileName: 'annotated.onnx',
    content: (name) => `["${name}"]`,
    lacks: () => 'weights in 1 other file',
  },
];

/** A plan goes to each engine from the menu; what an engine has no words for is told, and in full on demand. */
export const exportEngines: Scenario = {
  name: 'export-engines',
  async run({ workbench, workspace, environment }) {
    const { page } = workbench;
    const view = await openModel(workbench, file);
    const module = 'transformer.h.0';
    await view.edit(() => view.choiceButton(module, 'recompute').click());
    for (const { target, fileName, content, lacks } of engines) {
      await view.chooseExport(target);
      const written = path.join(workspace, fileName);
      await workbench.saveAs(written);
      await until(() => existsSync(written) && readFileSync(written).length > 0, `${fileName} is written`);
      const text = readFileSync(written).toString('latin1');
      assert.ok(text.includes(content(module)), `${fileName} has ${content(module)}`);
      const toast = workbench.notification(`Exported ${fileName}`);
      await toast.waitFor();
      const said = await toast.innerText();
      assert.equal(said.includes('What of the plan it cannot say'), lacks !== undefined, said);
      if (!lacks) continue;
      assert.ok(said.includes(lacks(module)), said);
      const lost = lacks(module);
      if (target !== 'deepspeed') continue;
      mkdirSync(environment.artifactsFolder, { recursive: true });
      await page.screenshot({ path: path.join(environment.artifactsFolder, 'export-engines.seen.png') });
      await toast.getByRole('button', { name: 'Show' }).click();
      const details = page.locator('.monaco-editor .view-lines').first();
      await until(
        async () => (await details.innerText()).replace(/\u00a0/g, ' ').includes(`Not carried: ${lost}`),
        'the details are shown',
      );
      await workbench.closeActiveEditor();
      await view.settled();
    }
    // A plan on one device has no stages: the engine's own words say so, and nothing is written.
    await view.chooseExport('pipelining');
    await view.frame.getByText('The plan runs on one device').first().waitFor();
    assert.equal(await workbench.isDirty(file), true, 'exports leave the plan as it was');
  },
};
