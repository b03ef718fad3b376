import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { capture, findCommand } from '../../scripts/lib/commands.mjs';
import { limitedRun } from '../../scripts/lib/limitedRun.mjs';
import { withLock } from '../../scripts/lib/lock.mjs';
import { tryAgain } from '../../scripts/lib/tryAgain.mjs';

/** What the job needs beside Python itself. */
const packages = ['torch', 'torchvision', 'transformers', 'onnx', 'onnxscript'];
/** Engines that exports are for, by what is imported; each is a package of its own that may be missing from an index. */
const engines = {
  accelerate: 'accelerate',
  jax: 'jax',
  deepspeed: 'deepspeed',
  'megatron.core': 'megatron-core',
};
/** An index that does not answer would cost minutes a package. */
const patience = ['--retries', '1', '--timeout', '20'];
const installLimitMs = 15 * 60_000;
/** PyTorch's own index has builds for CPUs alone, a tenth of the size; asked only where it answers. */
const cpuIndex = 'https://download.pytorch.org/whl/cpu';

/**
 * A Python with PyTorch: HEADROOM_PYTHON, or a virtual environment that is made once, in the user's cache folder.
 * Gives its path, or a sentence that says why there is none.
 */
export async function pythonWithTorch() {
  const given = process.env.HEADROOM_PYTHON;
  if (given)
    return (await hasPackages(given))
      ? { python: given }
      : { missing: `${given} lacks one of ${packages.join(', ')}` };
  const system = findCommand('python3', 'python');
  if (!system) return { missing: 'there is no Python' };
  const folder = path.join(
    process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'),
    'headroom-pytorch',
    createHash('sha256').update(`${system} ${packages}`).digest('hex').slice(0, 12),
  );
  const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  return withLock(folder, async () => {
    const stamp = path.join(folder, 'installed');
    if (existsSync(stamp) && (await hasPackages(python))) return { python };
    console.log(`installing ${packages.join(', ')} into ${folder}; this takes minutes, once`);
    try {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      await capture(system, ['-m', 'venv', folder]);
      const index = (await answers(`${cpuIndex}/torch/`)) ? ['--extra-index-url', cpuIndex] : [];
      await tryAgain('Installing PyTorch', async () => {
        if (index.length > 0) await pipInstall(python, [...index, 'torch', 'torchvision']);
        await pipInstall(python, packages);
      });
      if (!(await hasPackages(python))) return { missing: 'what pip installed cannot be imported' };
      writeFileSync(stamp, '');
      return { python };
    } catch (error) {
      return { missing: error.message };
    }
  });
}

/** Throws with the last line of what pip said. */
async function pipInstall(python, args, env = process.env) {
  const { code, output } = await limitedRun(
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...patience, ...args],
    { env, limitMs: installLimitMs, quiet: true },
  );
  const last = output.trim().split('\n').at(-1);
  if (code !== 0) throw new Error(`pip could not install ${args.at(-1)} (exit code ${code}): ${last}`);
}

const answers = (url) =>
  fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(10_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/**
 * The same Python with as many engines as can be installed. Each is tried once; a Python that HEADROOM_PYTHON names is
 * taken as it is.
 */
export async function pythonWithEngines() {
  const found = await pythonWithTorch();
  if (!found.python || process.env.HEADROOM_PYTHON) return found;
  for (const [module, name] of Object.entries(engines)) {
    const stamp = path.join(path.dirname(path.dirname(found.python)), `tried-${name}`);
    if (existsSync(stamp) || (await hasModules(found.python, module))) continue;
    // DeepSpeed would compile its kernels, which no configuration needs.
    await pipInstall(found.python, [name], { ...process.env, DS_BUILD_OPS: '0' }).then(
      () => console.log(`installed ${name}`),
      (error) => console.log(error.message),
    );
    writeFileSync(stamp, '');
  }
  return found;
}

async function hasPackages(python) {
  // torchvision is not imported: its kernels may be missing, which models.py sees to.
  return hasModules(python, packages.filter((name) => name !== 'torchvision').join(', '));
}

function hasModules(python, names) {
  return capture(python, ['-c', `import ${names}`]).then(
    () => true,
    () => false,
  );
}
