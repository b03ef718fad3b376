import { describe, expect, it } from 'vitest';
import { modulesOfScopes } from '../../../planner-core/graph/scopePaths';

/** Modules of operators given as `/scope/scope` and the owners of the weights they read. */
function modules(
  operators: readonly (readonly [path: string, ...owners: string[]])[],
  known: string[] = [],
): string[] {
  return modulesOfScopes(
    operators.map(([path, ...weightOwners]) => ({ scopes: path.split('/').slice(1), weightOwners })),
    new Set([...known, ...operators.flatMap(([, ...owners]) => owners)]),
  );
}

describe('modulesOfScopes', () => {
  it('joins attribute names', () => {
    expect(modules([['/features/conv0'], ['/features/denseblock1/denselayer1/norm1']])).toEqual([
      'features.conv0',
      'features.denseblock1.denselayer1.norm1',
    ]);
  });

  it('understands cumulative indices', () => {
    expect(modules([['/layer1/layer1.0/conv1'], ['/features/features.1/conv/conv.0/conv.0.1']])).toEqual([
      'layer1.0.conv1',
      'features.1.conv.0.1',
    ]);
  });

  it('understands indices alone', () => {
    expect(modules([['/layer1/0/conv1'], ['/0'], ['/0/0.1']])).toEqual(['layer1.0.conv1', '0', '0.1']);
  });

  it('finds containers that are not called by the weights inside', () => {
    expect(modules([['/h.0/attn/c_attn', 'transformer.h.0.attn.c_attn'], ['/h.0/attn']])).toEqual([
      'transformer.h.0.attn.c_attn',
      'transformer.h.0.attn',
    ]);
    expect(modules([['/conv', 'blocks.stage1.conv'], ['/relu']])).toEqual(['blocks.stage1.conv', 'relu']);
  });

  it('takes a numbered scope for a second call of the same module', () => {
    expect(modules([['/layer1/relu'], ['/layer1/relu_1'], ['/layer1/relu_2']])).toEqual([
      'layer1.relu',
      'layer1.relu',
      'layer1.relu',
    ]);
  });

  it('takes a numbered scope for a module of its own when weights say so', () => {
    expect(
      modules([
        ['/ln', 'ln'],
        ['/ln_1', 'ln_1'],
      ]),
    ).toEqual(['ln', 'ln_1']);
    expect(modules([['/ln_1'], ['/ln_2']])).toEqual(['ln_1', 'ln_2']);
  });

  it('follows a second call of a whole block', () => {
    expect(
      modules([
        ['/block/conv', 'block.conv'],
        ['/block/act'],
        ['/block_1/conv', 'block.conv'],
        ['/block_1/act'],
      ]),
    ).toEqual(['block.conv', 'block.act', 'block.conv', 'block.act']);
  });

  it('is not misled by weights that modules share', () => {
    expect(
      modules(
        [
          ['/h.0/ln_1', 'h.0.ln_1'],
          ['/h.1/ln_1', 'h.0.ln_1'],
          ['/lm_head', 'wte'],
        ],
        ['h.1.attn', 'h.1'],
      ),
    ).toEqual(['h.0.ln_1', 'h.1.ln_1', 'lm_head']);
  });

  it('keeps an operator with the module that runs it when it reads the weights of another', () => {
    expect(
      modules([
        ['/attention', 'attention.out_proj'],
        ['/attention', 'attention'],
      ]),
    ).toEqual(['attention', 'attention']);
  });

  it('puts operators without scopes at the root', () => {
    expect(modules([[''], ['/fc', 'fc']])).toEqual(['', 'fc']);
  });

  it('tells which modules are called: a Sequential is, a ModuleList is not', () => {
    const called = new Set<string>();
    const operators = [
      { scopes: ['encoder', 'layer.0', 'query'], weightOwners: ['encoder.layer.0.query'] },
      { scopes: ['features', 'features.0'], weightOwners: ['features.0'] },
    ];
    modulesOfScopes(operators, new Set(['encoder.layer.0.query', 'features.0']), called);
    expect([...called]).toEqual(expect.arrayContaining(['encoder', 'encoder.layer.0', 'features']));
    expect(called.has('encoder.layer')).toBe(false);
  });
});
