import { toErrorValue, type ErrorValue } from '../base/errors';
import { nearestNames } from '../base/nearestNames';
import { calibrate } from './commands/calibrate';
import { check } from './commands/check';
import { diff } from './commands/diff';
import { exportPlan } from './commands/export';
import { fit } from './commands/fit';
import { frontier } from './commands/frontier';
import { inspect } from './commands/inspect';
import { measure } from './commands/measure';
import { plan } from './commands/plan';
import { profile } from './commands/profile';
import { report } from './commands/report';
import { scale } from './commands/scale';
import { share } from './commands/share';
import { solve } from './commands/solve';
import { split } from './commands/split';
import { badUsage, readOptions, type Options } from './options';
import { endWithReader, errorText, message, result } from './output';
import { commandUsage, overview, usage } from './usage';
import packageJson from '../../package.json';

type Command = (files: readonly string[], options: Options) => Promise<number>;

const one =
  (run: (file: string, options: Options) => Promise<number>): Command =>
  (files, options) => {
    if (files.length !== 1) throw badUsage(`This command takes one file, and there are ${files.length}.`);
    return run(files[0], options);
  };

const commands: Readonly<Record<string, Command>> = {
  inspect,
  profile,
  solve,
  frontier: one(frontier),
  plan: one(plan),
  fit: one(fit),
  scale: one(scale),
  split: one(split),
  share,
  check: one(check),
  diff,
  calibrate: one(calibrate),
  measure,
  export: one(exportPlan),
  report: one(report),
};

async function main(args: readonly string[]): Promise<number> {
  const { options, positionals } = readOptions(args);
  const [name, ...files] = positionals;
  if (options.version) {
    result(packageJson.version);
    return 0;
  }
  if (options.help) {
    const known = name === undefined ? undefined : commandUsage(name);
    result(known ?? (options.verbose ? usage : overview));
    return 0;
  }
  const command = name === undefined ? undefined : commands[name];
  if (name === undefined) throw badUsage('No command.');
  if (!command) {
    const [near] = nearestNames(name, Object.keys(commands));
    throw badUsage(`There is no command "${name}".`, near && `Did you mean "${near}"?`);
  }
  if (files.length === 0) throw badUsage(`${name} needs a file.`);
  return command(files, options);
}

/** The command of what was typed; undefined where that is none. */
const commandIn = (args: readonly string[]): string | undefined =>
  args.find((arg) => Object.hasOwn(commands, arg));

/** What was typed wrongly without saying what would be right: the help of the command does. */
function withHelp(error: ErrorValue): ErrorValue {
  if (error.code !== 'bad-usage' || error.hint !== undefined) return error;
  const name = commandIn(process.argv.slice(2));
  return {
    ...error,
    hint: `headroom ${name === undefined ? '' : `${name} `}--help has the options, with examples.`,
  };
}

/** 1: the question has the answer no. 2: it could not be asked. */
const exitCodes: Partial<Record<string, number>> = { infeasible: 1, 'check-failed': 1, 'stale-plan': 1 };

endWithReader();
main(process.argv.slice(2)).then(
  (exitCode) => (process.exitCode = exitCode),
  (thrown: unknown) => {
    const error = withHelp(toErrorValue(thrown));
    message(errorText(error));
    if (process.argv.includes('--json')) result(JSON.stringify({ error }));
    if (error.code === 'internal' && thrown instanceof Error) message(thrown.stack ?? '');
    process.exitCode = exitCodes[error.code] ?? 2;
  },
);
