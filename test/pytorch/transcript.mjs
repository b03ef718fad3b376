import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRepo } from '../../scripts/lib/paths.mjs';

const block = /```text\n(\$ headroom plan [^]*?)```\n/;

/**
 * The transcript of the README, run again: its commands in `folder`, where its model is, with what they print now.
 * `write` puts that into the README; else the answer is a list of problems, empty where the README is true.
 */
export async function checkTranscript(python, folder, write) {
  const readme = inRepo('README.md');
  const text = readFileSync(readme, 'utf8');
  const shown = text.match(block)?.[1];
  if (!shown) return ['README.md has no transcript that begins with "$ headroom plan"'];
  let now = '';
  for (const [line, command] of shown.matchAll(/^\$ (.*)$/gm)) {
    const [program, ...args] = command.split(' ');
    const isHeadroom = program === 'headroom';
    const all = isHeadroom ? [inRepo('dist/cli.js'), ...args] : args;
    now += `${line}\n${await printed(isHeadroom ? process.execPath : python, all, folder)}`;
  }
  if (now === shown) return [];
  if (!write)
    return [`the transcript of README.md is not what the commands print now (--write renews it):\n${now}`];
  writeFileSync(
    readme,
    text.replace(block, () => `\`\`\`text\n${now}\`\`\`\n`),
  );
  return [];
}

/** What a command prints for people to read; messages on the side go to the terminal. */
function printed(command, args, cwd) {
  const env = {
    ...process.env,
    PYTHONPATH: path.dirname(inRepo('test/pytorch/models.py')),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${args.join(' ')} ended with exit code ${code}`)),
    );
  });
}
