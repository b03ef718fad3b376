import path from 'node:path';
import { RuleTester } from 'eslint';
import { describe, it } from 'vitest';
import { roomOrder } from '../../../scripts/lint/roomOrder.mjs';

RuleTester.describe = describe;
RuleTester.it = it;

const root = path.resolve('/project');
const options = [{ root, zones: [{ target: 'planner-core/step', from: 'planner-core/plan' }] }];
const filename = path.join(root, 'planner-core/step/buildStep.ts');

new RuleTester().run('room-order', roomOrder, {
  valid: [
    { code: "import { a } from '../graph/dim';", filename, options },
    { code: "import { a } from './plan';", filename, options },
    { code: "import { a } from '../planners/x';", filename, options },
    { code: "import { a } from '../step/x';", filename: path.join(root, 'planner-core/plan/y.ts'), options },
  ],
  invalid: [
    "import { a } from '../plan/plan';",
    "export { a } from '../plan/plan';",
    "export * from '../../planner-core/plan/plan';",
    "const a = import('../plan/plan');",
  ].map((code) => ({ code, filename, options, errors: [{ messageId: 'forbidden' }] })),
});
