// npm test -- pytorch: exported plans on a real PyTorch. Skipped, with a message, where there is none.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../../scripts/lib/bundle.mjs';
import { capture, run } from '../../scripts/lib/commands.mjs';
import { ensureInstalled } from '../../scripts/lib/ensureInstalled.mjs';
import { inRepo } from '../../scripts/lib/paths.mjs';
import { sideBySide } from '../../scripts/lib/sideBySide.mjs';
import { writeReport } from '../../scripts/lib/testReport.mjs';
import { cases, modelFiles } from './cases.mjs';
import { pythonWithTorch } from './environment.mjs';
import { judge } from './judge.mjs';
import { checkTranscript } from './transcript.mjs';

const { values } = parseArgs({
  options: {
    /** File for the counts, in the form of vitest's JSON report. */
    report: { type: 'string' },
    /** Only cases whose label contains this. */
    only: { type: 'string', default: '' },
    /** Folder for models, plans and results, kept; models that are there are not exported again. */
    folder: { type: 'string' },
    /** Puts what the commands of the README's transcript print now into the README. */
    write: { type: 'boolean', default: false },
  },
});

/** Nothing written beside the scripts, and no advice on what the models leave open. */
const quietPython = { PYTHONDONTWRITEBYTECODE: '1', TRANSFORMERS_VERBOSITY: 'error' };

async function main() {
  await ensureInstalled();
  const { python, missing } = await pythonWithTorch();
  if (!python) {
    skipped(missing);
    return report(0, []);
  }
  const folder = path.resolve(values.folder ?? mkdtempSync(path.join(tmpdir(), 'headroom-pytorch-')));
  try {
    mkdirSync(folder, { recursive: true });
    const chosen = cases.filter(({ label }) => label.includes(values.only));
    const inPython = async (...args) => {
      const code = await run(python, args, { env: { ...process.env, ...quietPython } });
      if (code !== 0) throw new Error(`${path.basename(args[0])} ended with exit code ${code}`);
    };
    const files = modelFiles.filter((file) => chosen.some((one) => one.file === file));
    const absent = files.filter((file) => !existsSync(path.join(folder, file)));
    const script = (name) => inRepo('test/pytorch', name);
    if (absent.length > 0) await inPython(script('exportModels.py'), folder, ...absent);
    await bundle({ only: ['cli', 'solverWorker'] });
    const { planned, problems } = await planAll(chosen, folder);
    const { torch, results } = await verifyAll(planned, folder, inPython);
    const refused = planned.some(({ plan }) => plan.endsWith('mlp.onnx.85.plan.py'))
      ? await verifyRefusals(folder, inPython)
      : [];
    console.log(`PyTorch ${torch}`);
    const sized = 'sized.pt2'.includes(values.only) ? await verifySizes(folder, inPython) : [];
    const fromReadme = existsSync(path.join(folder, 'unet.pt2'))
      ? await checkTranscript(python, folder, values.write)
      : [];
    const { passed, failures } = judge(results, [...refused, ...sized], [...problems, ...fromReadme]);
    return report(passed, failures);
  } finally {
    if (!values.folder) rmSync(folder, { recursive: true, force: true });
  }
}

/** Plans and exports every case with the command line. A plan that must exist and does not is a problem. */
async function planAll(chosen, folder) {
  const problems = [];
  const planned = await sideBySide(chosen, async (one) => {
    const json = path.join(folder, `${one.stem}.plan.json`);
    const plan = path.join(folder, `${one.stem}.plan.py`);
    const model = path.join(folder, one.file);
    try {
      await headroom('plan', model, ...one.arguments, '--out', json);
      await headroom('export', json, '--model', model, '--target', 'pytorch', '--out', plan);
      return { label: one.label, model: one.model, plan };
    } catch (error) {
      if (!(one.mayBeInfeasible && error.message.includes('infeasible')))
        problems.push(`${one.label}: ${error.message}`);
      return undefined;
    }
  });
  return { planned: planned.filter(Boolean), problems };
}

/** Runs the planned cases, those of a model in one Python process after the other, on all cores. */
async function verifyAll(planned, folder, inPython) {
  const models = [...new Set(planned.map(({ model }) => model))];
  const parts = Array.from({ length: Math.min(availableParallelism(), models.length) }, (_, part) =>
    planned.filter(({ model }) => models.indexOf(model) % availableParallelism() === part),
  );
  const answers = await sideBySide(parts, async (cases, part) => {
    const [asked, answered] = ['cases', 'results'].map((name) => path.join(folder, `${name}.${part}.json`));
    writeFileSync(asked, JSON.stringify(cases));
    await inPython(inRepo('test/pytorch/verify.py'), asked, answered);
    return JSON.parse(readFileSync(answered, 'utf8'));
  });
  const all = new Map(answers.flatMap(({ results }) => results.map((result) => [result.label, result])));
  return { torch: answers[0]?.torch, results: planned.map(({ label }) => all.get(label)) };
}

/** Models that an exported plan was not made for, and what it says to them. */
async function verifyRefusals(folder, inPython) {
  const results = path.join(folder, 'refusals.json');
  await inPython(inRepo('test/pytorch/refusals.py'), folder, results);
  return JSON.parse(readFileSync(results, 'utf8'));
}

/** Plans for inputs of several sizes: each batch trains by its own, and its peak and what it moves are as predicted. */
async function verifySizes(folder, inPython) {
  const at = (name) => path.join(folder, name);
  await inPython(inRepo('test/pytorch/sizes.py'), 'export', folder);
  writeFileSync(at('sizes.txt'), '64:5 128:5 192:3 256:2 384:1 512:1');
  const model = at('sized.pt2');
  const setting = [
    '--semantics',
    'cpu',
    '--optimizer',
    'adamw',
    '--merge',
    '0.5',
    '--sizes',
    at('sizes.txt'),
  ];
  const ways = {
    sized: ['--budget', '36MiB'],
    'sized-offload': ['--budget', '36MiB', '--offload', 'host', '--link', '24'],
    'sized-offload-selective': [
      ...['--budget', '32MiB', '--offload', 'host', '--link', '24', '--strategy', 'selective'],
    ],
  };
  const checks = [];
  for (const [stem, way] of Object.entries(ways)) {
    const [plan, file] = [at(`${stem}.plan.json`), at(`${stem}.plan.py`)];
    await headroom('plan', model, ...setting, ...way, '--out', plan);
    await headroom('check', plan, '--model', model);
    await headroom('export', plan, '--model', model, '--target', 'pytorch', '--out', file);
    await inPython(inRepo('test/pytorch/sizes.py'), 'verify', folder, stem, at(`${stem}.json`));
    checks.push(...JSON.parse(readFileSync(at(`${stem}.json`), 'utf8')));
  }
  return checks;
}

const headroom = (...args) => capture(process.execPath, [inRepo('dist/cli.js'), ...args]);

function skipped(reason) {
  const line = `exported plans are NOT tested on a real PyTorch: ${reason}`;
  console.log(process.env.CI ? `${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}` : line);
}

function report(passed, failures) {
  console.log(`${passed} checks of exported plans passed, ${failures.length} failed`);
  writeReport(values.report, passed, failures);
  return failures.length === 0 ? 0 : 1;
}

process.exitCode = await main();
