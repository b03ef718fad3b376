import { describe, expect, it } from 'vitest';
import type { Layer } from '../../../planner-core/plan/layerIndex';
import { naturalBlocks } from '../../../planner-core/plan/naturalBlocks';

/** Layers from qualified names, one forward node for each leaf (or as many as given), parents before children. */
function layersOf(leaves: Record<string, number> | string[]): Layer[] {
  const counts = Array.isArray(leaves) ? Object.fromEntries(leaves.map((name) => [name, 1])) : leaves;
  const names = new Set(['']);
  for (const name of Object.keys(counts)) {
    const parts = name.split('.');
    parts.forEach((_, i) => names.add(parts.slice(0, i + 1).join('.')));
  }
  const ordered = [...names];
  const layers = ordered.map((name, id) => ({
    id,
    name,
    parent: Math.max(0, ordered.indexOf(name.slice(0, Math.max(0, name.lastIndexOf('.'))))),
    children: [] as number[],
    forwardNodes: [] as number[],
    checkpointable: name !== '',
  }));
  for (const layer of layers.slice(1)) layers[layer.parent].children.push(layer.id);
  let node = 0;
  for (const [name, count] of Object.entries(counts)) {
    for (let i = 0; i < count; i++, node++) {
      const leaf = layers[ordered.indexOf(name)];
      for (let at = leaf; ; at = layers[at.parent]) {
        at.forwardNodes.push(node);
        if (at.id === 0) break;
      }
    }
  }
  return layers;
}

const blocks = (leaves: Record<string, number> | string[]): string[] => {
  const layers = layersOf(leaves);
  return naturalBlocks(layers).map((id) => layers[id].name);
};
const under = (names: string[], parts: string[]): string[] =>
  names.flatMap((name) => parts.map((part) => `${name}.${part}`));

describe('naturalBlocks', () => {
  it('finds the layers of a transformer under its trunk', () => {
    const h = ['h.0', 'h.1', 'h.2'].map((name) => `transformer.${name}`);
    expect(blocks(['transformer.wte', ...under(h, ['ln', 'attn', 'mlp']), 'lm_head'])).toEqual(h);
  });

  it('opens stages, though the first block of a stage has an extra part', () => {
    const leaves = ['conv1', 'bn1'];
    for (const stage of ['layer1', 'layer2']) {
      leaves.push(...under([`${stage}.0`], ['conv1', 'bn1', 'relu', 'downsample']));
      leaves.push(...under([`${stage}.1`], ['conv1', 'bn1', 'relu']));
    }
    expect(blocks([...leaves, 'fc'])).toEqual(['layer1.0', 'layer1.1', 'layer2.0', 'layer2.1']);
  });

  it('takes both stacks of an encoder and a decoder', () => {
    const encoder = under(['encoder.block.0', 'encoder.block.1'], ['attention', 'norm', 'feed_forward']);
    const decoder = under(
      ['decoder.block.0', 'decoder.block.1'],
      ['attention', 'cross', 'norm', 'feed_forward', 'norm2'],
    );
    expect(blocks(['shared', ...encoder, ...decoder])).toEqual([
      'encoder.block.0',
      'encoder.block.1',
      'decoder.block.0',
      'decoder.block.1',
    ]);
  });

  it('takes the parts of a net without repetition, not its single operators', () => {
    expect(
      blocks([...under(['inc', 'down'], ['conv1', 'bn1']), ...under(['up'], ['deconv', 'bn']), 'outc']),
    ).toEqual(['inc', 'down', 'up']);
    expect(blocks(['0', '1', '2'])).toEqual([]);
  });

  it('keeps the links between the blocks of a chain', () => {
    const leaves = [
      ...under(['f.block1'], ['layer1', 'layer2', 'layer3']),
      ...under(['f.transition1'], ['norm', 'pool']),
      ...under(['f.block2'], ['layer1', 'layer2', 'layer3', 'layer4']),
      'f.norm',
    ];
    expect(blocks(leaves)).toEqual(['f.block1', 'f.transition1', 'f.block2']);
  });

  it('takes repeated modules without parts when they compute much', () => {
    expect(blocks({ embedding: 1, 'rnn.0': 6, 'rnn.1': 6, head: 1 })).toEqual(['rnn.0', 'rnn.1']);
  });

  it('survives a model without modules', () => {
    expect(naturalBlocks([])).toEqual([]);
    expect(blocks([])).toEqual([]);
  });
});
