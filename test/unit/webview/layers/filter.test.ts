import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter, type Filter } from '../../../../webview/layers/filter';
import { unknownKeysText, unreadText } from '../../../../webview/layers/filterHelp';
import { filteredRows, wantedRows } from '../../../../webview/layers/visibleRows';
import { rowsInside } from '../../../../webview/state/layerTree';
import { rowNamed, sampleState, viewOf } from '../support/sample';

const { step: model } = viewOf(await sampleState());
if (!model) throw new Error('the sample has no step');
const { tree, view } = model;
const row = (name: string) => rowNamed(view, name);
const subject = (name: string, choice = 'keep' as const, pinned = false) => ({
  row: row(name),
  choice,
  pinned,
  device: 'gpu0',
  changed: false,
});
const gelu = view.layers.find(({ type }) => type === 'Gelu')?.name ?? '';
const devices = ['gpu0', 'cpu'];
const parse = (text: string): Filter => parseFilter(text, devices);
const help = (text: string): string => unreadText(parse(text), devices);

describe('filter', () => {
  it('matches parts of name and type, every word', () => {
    expect(parse('gelu h/0').matches?.(subject(gelu))).toBe(true);
    expect(parse('gelu h/3').matches?.(subject(gelu))).toBe(false);
  });

  it('compares kept bytes, of a module those of all that is in it', () => {
    expect(parse('kept:>100MiB').matches?.(subject(gelu))).toBe(true);
    expect(parse('kept:>1GiB').matches?.(subject(gelu))).toBe(false);
    expect(parse('kept:<1GiB').matches?.(subject(gelu))).toBe(true);
    const attention = row('transformer.h.1.attn');
    const inside = rowsInside(tree, attention.id).map((id) => view.layers[id]);
    const most = Math.max(...inside.filter(({ kind }) => kind === 'operator').map((one) => one.savedBytes));
    expect(attention.savedBytes).toBeGreaterThan(most);
    const { matches } = parse(`attn kept:>${most + 1}B`);
    const wanted = wantedRows(tree, (one) => matches?.(subject(one.name)) ?? false);
    const found = filteredRows(tree, wanted, new Set(tree.keys));
    expect(found).toContain(attention.id);
    expect(parse(`kept:<${most}B`).matches?.(subject(attention.name))).toBe(false);
  });

  it('finds pins and choices', () => {
    expect(parse('is:pinned').matches?.(subject(gelu, 'keep', true))).toBe(true);
    expect(parse('is:recompute').matches?.(subject(gelu))).toBe(false);
  });

  it('finds what another plan decides otherwise', () => {
    expect(parse('changed:').matches?.(subject(gelu))).toBe(false);
    expect(parse('changed: gelu').matches?.({ ...subject(gelu), changed: true })).toBe(true);
  });

  it('asks for the type alone, and for the device', () => {
    expect(parse('type:gelu').matches?.(subject(gelu))).toBe(true);
    expect(parse('type:transformer').matches?.(subject(gelu))).toBe(false);
    expect(parse('TYPE:fused').matches?.({ ...subject(gelu), call: 'fused_gelu' })).toBe(true);
    expect(parse('type:gelu device:GPU0 kept:>100MiB').matches?.(subject(gelu))).toBe(true);
    expect(parse('device:cpu').matches?.(subject(gelu))).toBe(false);
  });

  it('is none where it is blank', () => {
    expect(parse('  ')).toEqual({ matches: undefined, unread: [], unknownKeys: [] });
  });

  it('leaves out what cannot be read, and says what the condition takes', () => {
    expect(parse('kept:>lots gelu').matches?.(subject(gelu))).toBe(true);
    expect(parse('kept:>lots').matches).toBeUndefined();
    expect(help('kept:>Lots gelu')).toBe(
      '“kept:>Lots” is left out: kept: takes > or < and a size, as in kept:>50MiB.',
    );
    expect(help('kept:50MiB')).toMatch(/^“kept:50MiB” is left out/);
    expect(help('device:gpu7')).toBe('“device:gpu7” is left out: device: takes one of gpu0, cpu.');
    expect(help('is:offloaded')).toMatch(/^“is:offloaded” is left out: .*recompute, offload, mixed\.$/);
    expect(help('changed:x')).toMatch(/^“changed:x” is left out/);
  });

  it('helps while a condition is typed, without calling it wrong', () => {
    for (const begun of [
      'kept:',
      'kept:>',
      'kept:>=',
      'kept:>5.',
      'kept:>50Mi',
      'type:',
      'device:g',
      'is:re',
    ])
      expect(help(begun)).toMatch(/^\w+: takes /);
    for (const whole of ['kept:>50MiB', 'type:c', 'device:gpu0', 'is:recompute', 'changed:', 'gelu'])
      expect(help(whole)).toBe('');
  });

  it('takes conditions of other keys as names, and says which there are', () => {
    expect(parse('foo:bar').matches?.(subject(gelu))).toBe(false);
    expect(help('foo:bar')).toBe('');
    expect(unknownKeysText(parse('foo:bar gelu'))).toBe(
      '“foo:bar” was looked for in names; conditions begin with one of type: kept: device: is: changed:',
    );
    expect(unknownKeysText(parse('gelu kept:>lots'))).toBe('');
  });

  it('reads every text, and each of its words once', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'kept:is>=1Mi fo') }), (text) => {
        const { unread, unknownKeys } = parse(text);
        const words = text.split(/\s+/);
        for (const { word } of unread) expect(words).toContain(word);
        for (const word of unknownKeys) expect(unread.map((one) => one.word)).not.toContain(word);
      }),
    );
  });
});
