// node test/pytorch/engines.mjs: exports read by the engines they are for. An engine that is not installed is skipped.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../../scripts/lib/bundle.mjs';
import { capture } from '../../scripts/lib/commands.mjs';
import { inRepo } from '../../scripts/lib/paths.mjs';
import { sideBySide } from '../../scripts/lib/sideBySide.mjs';
import { writeReport } from '../../scripts/lib/testReport.mjs';
import { pythonWithEngines } from './environment.mjs';

const { values } = parseArgs({ options: { report: { type: 'string' } } });
const ofOne = ['fsdp2', 'deepspeed', 'megatron', 'compile-budget', 'jax', 'onnx'];
const ofTwo = ['pipelining', 'accelerate', 'onnx'];
const endings = {
  fsdp2: 'fsdp2.py',
  deepspeed: 'deepspeed.json',
  megatron: 'megatron.sh',
  'compile-budget': 'compile-budget.py',
  jax: 'jax.py',
  onnx: 'annotated.onnx',
  pipelining: 'pipelining.py',
  accelerate: 'device_map.json',
};

async function main() {
  const { python, missing } = await pythonWithEngines();
  if (!python) {
    console.log(`engines: skipped, ${missing}`);
    return report([]);
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'headroom-engines-'));
  try {
    await bundle({ only: ['cli', 'solverWorker'] });
    const script = inRepo('test/pytorch/engines.py');
    await capture(python, [script, 'make', folder]);
    const model = path.join(folder, 'stack.onnx');
    await headroom('plan', model, '--budget', '80%', '--out', path.join(folder, 'one.plan.json'));
    const moved = ['blocks.3', 'blocks.4', 'blocks.5', 'head'].flatMap((name) => ['--pin', `${name}=gpu1`]);
    const cards = ['--device', 'RTX 4090', '--device', 'RTX 4090'];
    await headroom(
      'plan',
      model,
      '--budget',
      '24GiB',
      ...cards,
      ...moved,
      '--out',
      path.join(folder, 'two.plan.json'),
    );
    const exports = [
      ...ofOne.map((target) => ({ stem: 'one', target })),
      ...ofTwo.map((target) => ({ stem: 'two', target })),
    ];
    await sideBySide(exports, async ({ stem, target }) => {
      const plan = path.join(folder, `${stem}.plan.json`);
      const out = path.join(folder, `${stem}.${endings[target]}`);
      await headroom('export', plan, '--model', model, '--target', target, '--out', out);
    });
    const results = path.join(folder, 'results.json');
    await capture(python, [script, 'check', folder, results]);
    return report(JSON.parse(readFileSync(results, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const headroom = (...args) => capture(process.execPath, [inRepo('dist/cli.js'), ...args]);

function report(answers) {
  for (const { engine, state, note } of answers) console.log(`${state.padEnd(8)}${engine} ${note}`);
  const of = (state) => answers.filter((answer) => answer.state === state);
  const failures = of('failed').map(({ engine, note }) => `${engine} ${note}`);
  writeReport(values.report, of('passed').length, failures);
  return failures.length > 0 ? 1 : 0;
}

process.exitCode = await main();
