import { describe, expect, it } from 'vitest';
import { sourceLine } from '../../../planner-core/graph/sourceLine';

const frameOf = (file: string, line: number, inFunction = 'forward'): string =>
  `  File "${file}", line ${line}, in ${inFunction}\n    return self.act(x)`;

describe('line of a program', () => {
  it('is the innermost of the trace', () => {
    expect(sourceLine([frameOf('net.py', 74), frameOf('net.py', 52, 'attend')].join('\n'))).toEqual({
      file: 'net.py',
      line: 52,
      inFunction: 'attend',
    });
  });

  it('is the innermost one that is not in an installed package', () => {
    const inPackages = [
      '/venv/lib/python3.12/site-packages/torch/nn/modules/linear.py',
      'C:\\venv\\Lib\\site-packages\\timm\\layers\\mlp.py',
      '/usr/lib/python3/dist-packages/torchvision/ops/misc.py',
      '/src/pytorch/torch/nn/functional.py',
      '<eval_with_key>.3',
      '<string>',
    ];
    const trace = [frameOf('/home/me/net.py', 7), ...inPackages.map((file) => frameOf(file, 9))];
    expect(sourceLine(trace.slice(0, 5).join('\n'))?.file).toBe('/home/me/net.py');
    expect(sourceLine([trace[0], trace[6]].join('\n'))?.file).toBe('/home/me/net.py');
  });

  it('is inside a package where nothing else is known', () => {
    expect(sourceLine(frameOf('/venv/site-packages/torchvision/models/resnet.py', 92))?.line).toBe(92);
  });

  it.each([
    undefined,
    '',
    'no frame',
    'File "a.py", line x, in f',
    `${frameOf('a.py', 1)}${' '.repeat(70_000)}`,
  ])('is unknown where no trace says', (trace) => expect(sourceLine(trace)).toBeUndefined());
});
