// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import { MemoryByteSource } from '../../../../planner-core/bytes/byteSource';
import { PlannerSession } from '../../../../planner-core/session/plannerSession';
import { deviceBlock } from '../../../../webview/inspector/deviceBlock';
import { colocations, colocationsOf, movesTogether, runsOnly } from '../../../../webview/layers/deviceLimits';
import { layerTree } from '../../../../webview/state/layerTree';
import { viewOf } from '../support/sample';
import { onnxFile } from '../../../fixtures/onnx-builder/onnx';
import { gib } from '../support/sample';

/** What three layers compute; the first and the last share their weight, as tied embeddings do. */
const weights = ['shared.weight', 'middle.weight', 'shared.weight'];
const modules = ['first', 'middle', 'last'];
const file = onnxFile({
  inputs: [{ name: 'h0', type: 'float', dims: [8, 16] }],
  outputs: [{ name: 'h3' }],
  initializers: ['shared.weight', 'middle.weight'].map((name) => ({ name, dims: [16, 16] })),
  nodes: weights.map((weight, i) => ({
    ...{ type: 'MatMul', name: `/${modules[i]}/MatMul` },
    ...{ inputs: [`h${i}`, weight], outputs: [`h${i + 1}`] },
  })),
});
const session = PlannerSession.open(new MemoryByteSource(file), 'tied.onnx');
const inputs = session.defaultInputs(
  ['gpu0', 'gpu1'].map((id) => ({ id, name: 'RTX 4090', memoryBytes: 24 * gib })),
);
const view = session.configure(inputs);
const tree = layerTree(view);
const groups = colocations(view.step, tree);
const rowOf = (name: string): number => view.layers.find((row) => row.name === name)!.id;
const operators = ['/first/MatMul', '/last/MatMul'];

describe('what must be on one device', () => {
  it('is who reads a parameter, and nobody else', () => {
    expect(groups).toHaveLength(1);
    expect(groups[0].rows.map((row) => tree.layers[row].name)).toEqual(operators);
    expect(groups[0].shared).toHaveLength(1);
  });

  it('is told of operators and of modules that hold a part of it', () => {
    const words = movesTogether(tree, groups);
    expect(words[rowOf('/first/MatMul')]).toMatch(/^Moves together with \/last\/MatMul: they share shared/);
    expect(words[rowOf('first')]).toMatch(/^Moves together with \/last\/MatMul/);
    expect(words[rowOf('/middle/MatMul')]).toBeUndefined();
    expect(words[rowOf('middle')]).toBeUndefined();
    for (const row of tree.layers)
      expect(colocationsOf(tree, groups, row.id).length > 0).toBe(words[row.id] !== undefined);
  });
});

describe('the devices that a row can run on', () => {
  it('are told where a computation cannot run on one of them', () => {
    expect(runsOnly(view.step, tree).every((devices) => devices === undefined)).toBe(true);
    const durationMs = view.step.durationMs.slice();
    const [node] = tree.layers[rowOf('/middle/MatMul')].forwardNodes;
    durationMs[view.step.nodeCount + node] = Infinity;
    const limited = runsOnly({ ...view.step, durationMs }, tree);
    expect(limited[rowOf('/middle/MatMul')]).toEqual(['gpu0']);
    expect(limited[rowOf('middle')]).toEqual(['gpu0']);
    expect(limited[rowOf('first')]).toBeUndefined();
  });
});

describe('the device in the details of a layer', () => {
  const { step } = viewOf({ inputs, deviceCatalogue: [], step: view, readOnly: false });
  const show = (name: string, pins: Parameters<typeof deviceBlock>[2] = []) => {
    const actions = { limit: vi.fn(), select: vi.fn() };
    document.body.replaceChildren(...deviceBlock(step!, tree.layers[rowOf(name)], pins, actions));
    return { ...actions, list: document.querySelector('select')! };
  };

  it('limits a layer to one, and takes the limit back', () => {
    const { list, limit } = show('middle');
    expect(list.value).toBe('');
    list.value = 'gpu1';
    list.dispatchEvent(new Event('change'));
    expect(limit).toHaveBeenLastCalledWith('gpu1');
    const again = show('middle', [{ kind: 'module', target: 'middle', device: 'gpu1', pinned: true }]);
    expect(again.list.value).toBe('gpu1');
    again.list.value = '';
    again.list.dispatchEvent(new Event('change'));
    expect(again.limit).toHaveBeenLastCalledWith(undefined);
  });

  it('selects all that move together', () => {
    const { select } = show('first');
    document.querySelector('button')!.click();
    expect(select).toHaveBeenCalledWith(operators.map((name) => `operator ${name}`));
    show('middle');
    expect(document.querySelector('button')).toBeNull();
  });
});
