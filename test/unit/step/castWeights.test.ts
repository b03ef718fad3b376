import { expect, it } from 'vitest';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import { defaultDeviceName, findDevice } from '../../../planner-core/devices/catalogue';
import { openModel } from '../../../planner-core/formats/openModel';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { buildStep } from '../../../planner-core/step/buildStep';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { onnxFile } from '../../fixtures/onnx-builder/onnx';

it('casts a weight once that one operator reads twice, and does not wait for its own cast', () => {
  const file = onnxFile({
    nodes: [{ name: 'square', type: 'MatMul', inputs: ['weight', 'weight'], outputs: ['y'] }],
    initializers: [{ name: 'weight', dims: [8, 8] }],
    outputs: [{ name: 'y', type: 'float', dims: [8, 8] }],
  });
  const graph = openModel(new MemoryByteSource(file), 'square.onnx');
  const device = { id: 'gpu0', spec: findDevice(defaultDeviceName)! };
  const { step } = buildStep(graph, { ...defaultWorkload, precision: 'bf16-autocast' }, [device]);
  const casts = step.valueName.filter((name) => name.startsWith('square/cast'));
  expect(casts).toHaveLength(1);
  const simulation = simulate(step, compileSchedule(step, keepEverything));
  // At least the weight in fp32, its cast and the product in half.
  expect(simulation.peakBytes).toBeGreaterThanOrEqual(8 * 8 * (4 + 2 + 2));
});
