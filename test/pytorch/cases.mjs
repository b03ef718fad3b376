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

/** Plans of a model: whole modules at two budgets, once with an optimizer and a loss of its own, and single operators. */
const plans = [
  { name: '85 %', arguments: ['--budget', '85%'] },
  { name: '70 %', arguments: ['--budget', '70%', '--optimizer', 'adamw'], mayBeInfeasible: true },
  {
    name: '80 % cross-entropy',
    arguments: ['--budget', '80%', '--loss', 'cross-entropy'],
    except: ['vgg11', 'unet'],
  },
  { name: '75 % selective', arguments: ['--budget', '75%', '--strategy', 'selective'] },
  {
    name: '80 % schedule',
    arguments: ['--budget', '80%', '--strategy', 'schedule'],
    only: ['mlp', 'gpt2', 'resnet18'],
  },
];

export const cases = modelFiles.flatMap((file) => {
  const model = file.split('.')[0];
  return plans
    .filter(({ only, except }) => !(only && !only.includes(model)) && !except?.includes(model))
    .map((plan) => ({
      label: `${file} ${plan.name}`,
      file,
      model,
      stem: `${file}.${plan.name.replace(/[^a-z0-9]+/g, '-')}`,
      arguments: [...setting, ...plan.arguments],
      mayBeInfeasible: plan.mayBeInfeasible ?? false,
    }));
});
