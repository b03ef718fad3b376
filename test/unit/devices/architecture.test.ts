import { describe, expect, it } from 'vitest';
import { architectureOf, blasHandleBytes } from '../../../planner-core/devices/architecture';
import { deviceCatalogue } from '../../../planner-core/devices/catalogue';

const notForCuda = /CPU|^TPU|^Gaudi|^Apple/;

describe('architectureOf', () => {
  it('knows every device of the catalogue that PyTorch sees as a CUDA device, and no other', () => {
    for (const { name } of deviceCatalogue)
      expect([name, architectureOf(name) !== undefined]).toEqual([name, !notForCuda.test(name)]);
  });

  it.each([
    ['T4', 'sm75'],
    ['A10', 'sm86'],
    ['A100 PCIe 80GB', 'sm80'],
    ['L4', 'sm89'],
    ['L40S', 'sm89'],
    ['RTX 4090', 'sm89'],
    ['RTX 6000 Ada', 'sm89'],
    ['RTX A6000', 'sm86'],
    ['H20', 'sm90'],
    ['RTX 5090', 'sm120'],
    ['MI250X (one die)', 'gfx90a'],
  ])('tells what %s is', (name, architecture) => expect(architectureOf(name)?.name).toBe(architecture));
});

describe('blasHandleBytes', () => {
  // 8519680 B is what torch.cuda.memory_allocated grows by at the first Linear (PyTorch issue 95668).
  it.each([
    ['RTX 4090', 8_519_680],
    ['H100 SXM', 33_554_432],
    ['B200', 33_554_432],
    ['MI250X (one die)', 33_554_432],
    ['MI300X', 134_217_728],
  ])('is that of %s', (name, bytes) => expect(blasHandleBytes(architectureOf(name)!)).toBe(bytes));
});
