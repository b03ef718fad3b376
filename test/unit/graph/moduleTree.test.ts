import { describe, expect, it } from 'vitest';
import { moduleTree } from '../../../planner-core/graph/moduleTree';

describe('moduleTree', () => {
  it('is in pre-order, with children in the order in which they are named', () => {
    const { modules } = moduleTree(['stem', 'layer1.1', 'layer1.0', 'head', 'stem.conv']);
    expect(modules.map(({ name }) => name)).toEqual([
      '',
      'stem',
      'stem.conv',
      'layer1',
      'layer1.1',
      'layer1.0',
      'head',
    ]);
    modules.forEach(({ id }, index) => expect(id).toBe(index));
    for (const { id, parent, children } of modules) {
      for (const child of children) expect(modules[child].parent).toBe(id);
      expect(parent).toBeLessThan(id);
    }
  });

  it('makes the containers between', () => {
    const { modules, idOf } = moduleTree(['a.b.c']);
    expect(modules.map(({ name }) => name)).toEqual(['', 'a', 'a.b', 'a.b.c']);
    expect(idOf.get('a.b')).toBe(2);
  });

  it('has a root alone when nothing is named', () => {
    expect(moduleTree([]).modules).toEqual([
      { id: 0, name: '', className: undefined, parent: -1, children: [] },
    ]);
  });

  it('knows classes by name', () => {
    const { modules } = moduleTree(['fc'], new Map([['fc', 'Linear']]));
    expect(modules[1].className).toBe('Linear');
  });

  it('marks containers that are never called, where the calls are known', () => {
    const { modules } = moduleTree(['h.0', 'head'], new Map(), new Set(['', 'h.0', 'head']));
    expect(modules.filter((module) => module.isNeverCalled).map((module) => module.name)).toEqual(['h']);
    expect(moduleTree(['h.0']).modules.some((module) => module.isNeverCalled)).toBe(false);
  });
});
