import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import type { Plan } from '../../../planner-core/plan/plan';
import { openModel } from '../lib/openModel';
import type { Scenario } from '../lib/scenario';
import { until } from '../lib/until';

const file = 'resnet50.train.onnx';
const planFile = `${file}.plan.json`;

/** A choice for a layer is a pin that is saved beside the model, and still there when the file is opened again. */
export const chooseSaveReopen: Scenario = {
  name: 'choose-save-reopen',
  async run({ environment, workbench, workspace }) {
    let view = await openModel(workbench, file);
    const model = readFileSync(path.join(workspace, file));
    const name = await view.firstCheckpointableModule();
    const sentence = await view.sentenceText();
    await view.edit(() => view.choiceButton(name, 'recompute').click());
    assert.ok(await view.isChosen(name, 'recompute'), `${name} is recomputed`);
    assert.ok(await view.isPinned(name), `${name} is pinned`);
    assert.notEqual(await view.sentenceText(), sentence, 'the cost of the choice is told');
    await workbench.waitForDirty(file, true);
    assert.equal(existsSync(path.join(workspace, planFile)), false, 'nothing is written before Save');

    await workbench.page.keyboard.press('Control+s');
    await workbench.waitForDirty(file, false);
    await until(() => existsSync(path.join(workspace, planFile)), 'the plan is written');
    const plan = JSON.parse(readFileSync(path.join(workspace, planFile), 'utf8')) as Plan;
    const schema = JSON.parse(
      readFileSync(path.join(environment.repoRoot, 'media/plan.schema.json'), 'utf8'),
    ) as object;
    const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
    assert.ok(validate(plan), `the plan follows its schema: ${JSON.stringify(validate.errors)}`);
    assert.deepEqual(
      plan.decisions.filter((decision) => decision.pinned).map(({ target, choice }) => ({ target, choice })),
      [{ target: name, choice: 'recompute' }],
    );
    assert.deepEqual(readFileSync(path.join(workspace, file)), model, 'the model file is never written');

    await workbench.closeActiveEditor();
    await workbench.tab(file).waitFor({ state: 'detached' });
    view = await openModel(workbench, file);
    await until(() => view.isPinned(name), `${name} is still pinned`, 5000);
    assert.equal(await workbench.isDirty(file), false);
  },
};

/** A plan that changes on disk (another checkout, a colleague's edit) is what an unchanged editor shows. */
export const externalChange: Scenario = {
  name: 'external-change',
  async run({ workbench, workspace }) {
    const view = await openModel(workbench, file);
    const name = await view.firstCheckpointableModule();
    await view.edit(() => view.choiceButton(name, 'recompute').click());
    await workbench.page.keyboard.press('Control+s');
    await workbench.waitForDirty(file, false);
    const plan = JSON.parse(readFileSync(path.join(workspace, planFile), 'utf8')) as Plan;
    const changed = { ...plan, decisions: plan.decisions.filter((decision) => !decision.pinned) };
    writeFileSync(path.join(workspace, planFile), `${JSON.stringify(changed, null, 2)}\n`);
    await until(async () => !(await view.isPinned(name)), 'the pin that was deleted on disk is gone');
    assert.equal(await workbench.isDirty(file), false);
  },
};
