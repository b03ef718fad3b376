import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { capture, findCommand, run } from '../../scripts/lib/commands.mjs';

/** What the job needs beside Python itself. */
const packages = ['torch', 'torchvision', 'transformers', 'onnx', 'onnxscript'];
/** An index that does not answer would cost minutes a package. */
const patience = ['--retries', '1', '--timeout', '20'];
const installLimitMs = 20 * 60_000;

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
  const stamp = path.join(folder, 'installed');
  if (existsSync(stamp) && (await hasPackages(python))) return { python };
  console.log(`installing ${packages.join(', ')} into ${folder}; this takes minutes, once`);
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await capture(system, ['-m', 'venv', folder]);
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...patience,
      ...packages,
    ];
    const code = await run(python, install, { timeout: installLimitMs });
    if (code !== 0) return { missing: `pip could not install PyTorch (exit code ${code})` };
    if (!(await hasPackages(python))) return { missing: 'what pip installed cannot be imported' };
    writeFileSync(stamp, '');
    return { python };
  } catch (error) {
    return { missing: error.message };
  }
}

async function hasPackages(python) {
  // torchvision is not imported: its kernels may be missing, which models.py sees to.
  const names = packages.filter((name) => name !== 'torchvision').join(', ');
  return capture(python, ['-c', `import ${names}`]).then(
    () => true,
    () => false,
  );
}
