import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { deviceMap } from '../../../planner-core/exporters/deviceMap';
import type { ExportContext } from '../../../planner-core/exporters/exportContext';
import { openModel } from '../../../planner-core/formats/openModel';
import { layerIndexOf } from '../../../planner-core/plan/layerIndex';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { buildStep } from '../../../planner-core/step/buildStep';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { examplePlan } from '../support/examplePlan';
import '../support/seedProperties';
import { bytesOf } from './plannedModel';

let base: ExportContext;
let parameters: string[];

beforeAll(() => {
  const graph = openModel(new MemoryByteSource(bytesOf('resnet50.train.onnx')), 'resnet50.train.onnx');
  const spec = findDevice('RTX 4090')!;
  const workload = { ...defaultWorkload, dims: { batch: 2, height: 64, width: 64 } };
  const { step } = buildStep(
    graph,
    workload,
    ['gpu0', 'gpu1', 'gpu2'].map((id) => ({ id, spec })),
  );
  const layers = layerIndexOf(graph.modules, step);
  base = { graph, step, layers, plan: examplePlan, directives: keepEverything };
  parameters = graph.tensors
    .filter(({ role }) => role === 'parameter' || role === 'buffer')
    .map(({ name }) => name);
});

const covering = (map: Readonly<Record<string, number>>, name: string): string[] =>
  Object.keys(map).filter((key) => key === '' || key === name || name.startsWith(`${key}.`));

test('one device is one entry', () => {
  expect(deviceMap(base)).toEqual({ map: { '': 0 }, together: [] });
});

test('every parameter lies below exactly one entry, blocks stay whole, and whole modules are where they are planned', () => {
  const named = parameters.filter((name) => /^[\w.]+$/.test(name) && name.includes('.'));
  expect(named.length).toBeGreaterThan(100);
  fc.assert(
    fc.property(fc.array(fc.nat(2), { minLength: 30, maxLength: 30 }), fc.boolean(), (draws, byBlock) => {
      const { step, layers } = base;
      const placement = new Uint8Array(step.nodeCount);
      // By block, or torn apart within blocks.
      for (let node = 0; node < step.nodeCount; node++)
        placement[node] = draws[(byBlock ? Math.max(0, layers.regionOfNode[node]) : node) % draws.length];
      const { map, together } = deviceMap({ ...base, directives: { ...keepEverything, placement } });
      for (const name of named) expect(covering(map, name)).toHaveLength(1);
      for (const id of layers.blocks) {
        const { name, forwardNodes } = layers.layers[id];
        expect(Object.keys(map).filter((key) => key.startsWith(`${name}.`))).toEqual([]);
        const devices = new Set(forwardNodes.map((node) => placement[node]));
        if (name in map) expect(together.includes(name)).toBe(devices.size > 1);
        if (name in map && devices.size === 1) expect(devices.has(map[name])).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});
