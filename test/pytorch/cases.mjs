/** The settings models are planned with, beside what a case says itself. */
const setting = ['--semantics', 'cpu'];

/** Every model in the format people would export it to for training, and some in both. */
export const modelFiles = [
  'resnet18.onnx',
  'resnet50.pt2',
  'vgg11.onnx',
  'mobilenet_v2.pt2',
  'vit.onnx',
  'vit.pt2',
  'gpt2.onnx',
  'gpt2.pt2',
  'bert.pt2',
  'llama.onnx',
  'llama.pt2',
  't5.pt2',
  'unet.onnx',
  'unet.pt2',
  'mlp.onnx',
];

/** Budgets that some plan of modules meets: the first layers of these networks are most of their memory. */
const leastPercent = { resnet18: 90, vgg11: 95, resnet50: 85 };

/** Plans of a model: whole modules at two budgets, once with an optimizer and a loss of its own, and single operators. */
const plans = [
  { percent: 85, name: '', arguments: [] },
  { percent: 70, name: 'adamw', arguments: ['--optimizer', 'adamw'], mayBeInfeasible: true },
  {
    percent: 80,
    name: 'cross-entropy',
    arguments: ['--loss', 'cross-entropy'],
    except: ['vgg11', 'unet'],
  },
  { percent: 75, name: 'selective', arguments: ['--strategy', 'selective'] },
  {
    percent: 80,
    name: 'schedule',
    arguments: ['--strategy', 'schedule'],
    only: ['mlp', 'gpt2', 'resnet18'],
  },
  // Links so fast that what leaves has left at once, as copies on the CPU have, and one that takes its time.
  {
    percent: 60,
    name: 'offload',
    arguments: ['--offload', 'host', '--link', '1000'],
    only: ['gpt2', 'llama', 'mlp'],
  },
  {
    percent: 70,
    name: 'offload adamw',
    arguments: ['--offload', 'host', '--link', '24', '--optimizer', 'adamw'],
    only: ['gpt2', 'mlp'],
  },
];

export const cases = modelFiles.flatMap((file) => {
  const model = file.split('.')[0];
  return plans
    .filter(({ only, except }) => !(only && !only.includes(model)) && !except?.includes(model))
    .map((plan) => {
      const percent = Math.max(plan.percent, leastPercent[model] ?? 0);
      return {
        label: `${file} ${percent} % ${plan.name}`.trim(),
        file,
        model,
        stem: `${file}.${percent}${plan.name.replace(' ', '-')}`,
        arguments: [...setting, '--budget', `${percent}%`, ...plan.arguments],
        mayBeInfeasible: plan.mayBeInfeasible ?? false,
      };
    });
});
