import { findCommand, run } from './commands.mjs';
import { tryAgain } from './tryAgain.mjs';

/** What the native modules of code-server are compiled with, and the Debian package that brings it. */
const buildTools = {
  gcc: 'build-essential',
  'g++': 'build-essential',
  make: 'build-essential',
  python3: 'python3',
  'pkg-config': 'pkg-config',
  'krb5-config': 'libkrb5-dev',
};

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** Path of a Chromium to drive; HEADROOM_CHROMIUM names another one. */
const findBrowser = () => process.env.HEADROOM_CHROMIUM || findCommand(...browsers);

/** Throws with the line to type when something that code-server is compiled with is missing. */
export async function requireBuildTools() {
  const missing = () => Object.keys(buildTools).filter((tool) => !findCommand(tool));
  if (missing().length > 0) {
    await install(
      [...new Set(missing().map((tool) => buildTools[tool]))],
      `${missing().join(', ')} not found`,
    );
  }
}

/** Path of a Chromium; throws with the line to type when there is none. */
export async function requireBrowser() {
  if (!findBrowser()) {
    await install(['chromium'], 'the end-to-end tests drive Chromium, which was not found');
  }
  return findBrowser();
}

/** A continuous-integration machine is ours to set up; on a person's machine we only say what is missing. */
async function install(packages, why) {
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const mayInstall = process.env.CI === 'true' && process.getuid?.() === 0 && findCommand('apt-get');
  if (!mayInstall) throw new Error(`${why}. On Debian or Ubuntu, as root: ${line}`);
  console.error(`${why}: ${line}`);
  const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await tryAgain(line, async () => {
    await run('apt-get', ['update', '-qq'], options);
    const code = await run('apt-get', line.split(' ').slice(1), options);
    if (code !== 0) throw new Error(`${line} failed with exit code ${code}.`);
  });
}
