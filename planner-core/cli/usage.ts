import { commandHelp, type CommandHelp } from './help/commandHelp';
import { optionGroups, type OptionGroup } from './help/optionGroups';

const titles: readonly (readonly [CommandHelp['group'], string])[] = [
  ['Look', 'Look at a step'],
  ['Plan', 'Make it fit'],
  ['Use a plan', 'Use a plan'],
  ['Measure', 'Hold it against measurements'],
];

const list = titles.flatMap(([group, title]) => [
  `${title}:`,
  ...Object.entries(commandHelp)
    .filter(([, help]) => help.group === group)
    .map(([name, { does }]) => `  ${name.padEnd(11)}${does}`),
  '',
]);

/** Text of `headroom --help`: what it is for, first steps, every command in a line. */
export const overview = `Headroom: what a training step keeps in GPU memory, and plans that make it fit.
It reads .onnx and .pt2 files. No GPU, no Python, no network; the model file is never written.

First steps:
  headroom profile MODEL --dim batch=16 --optimizer adamw      how much memory, and which layers
  headroom fit MODEL --dim batch=16 --optimizer adamw          what fits your device: batch, budget, changes
  headroom plan MODEL --budget 8GiB --out a.plan.json          what to recompute, and what that costs
  headroom export a.plan.json --target pytorch --out a.py      code that does it

${list.join('\n')}
headroom COMMAND --help    its options, with examples
headroom --help --verbose  all of them
--json                     JSON for scripts; --version

What is not given is assumed, and said with the answer. Sizes of memory have a unit: 24GiB, 8GB.
stdout has the result only, messages go to stderr. Exit codes: 0 done, 1 infeasible or check failed, 2 bad usage or
unreadable input.
`;

const groupTitles: Readonly<Record<OptionGroup, string>> = {
  step: 'The step',
  'step details': 'Details of the step',
  planning: 'Planning',
  devices: 'Devices',
  offloading: 'Offloading',
  allocator: 'What CUDA devices take beyond what tensors ask for',
};

const groupText = (group: OptionGroup): string[] => ['', `${groupTitles[group]}:`, optionGroups[group]];

function ownText(name: string): string[] {
  const { does, usage, options, examples } = commandHelp[name];
  return [
    `headroom ${name}: ${does}`,
    '',
    ...usage.map((line) => `  ${line}`),
    ...(options ? ['', options] : []),
    ...(examples.length > 0 ? ['', 'Examples:', ...examples.map((line) => `  ${line}`)] : []),
  ];
}

/** Text of `headroom COMMAND --help`; undefined for what is no command. */
export function commandUsage(name: string): string | undefined {
  if (!Object.hasOwn(commandHelp, name)) return undefined;
  return [...ownText(name), ...commandHelp[name].groups.flatMap(groupText), ''].join('\n');
}

/** Text of `headroom --help --verbose`: every command and option. */
export const usage = [
  overview,
  ...Object.keys(commandHelp).flatMap((name) => [...ownText(name), '']),
  ...(Object.keys(optionGroups) as OptionGroup[]).flatMap(groupText),
  '',
].join('\n');
