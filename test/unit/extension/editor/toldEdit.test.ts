import { beforeEach, expect, it } from 'vitest';
import type { PlanDocument } from '../../../../extension/document/planDocument';
import { toldEdit } from '../../../../extension/editor/toldEdit';
import { fake } from '../fakeVscode';

beforeEach(() => fake.reset());

it('tells which edit is undone and redone, once that is done', async () => {
  const done: string[] = [];
  const note = (what: string) => () => void done.push(`${what}, told ${fake.messages.length}`);
  const document = {} as PlanDocument;
  const edit = toldEdit({ document, label: 'Recompute h.5', undo: note('undo'), redo: note('redo') });
  expect(edit).toMatchObject({ document, label: 'Recompute h.5' });
  await edit.undo();
  await edit.redo();
  expect(done).toEqual(['undo, told 0', 'redo, told 1']);
  expect(fake.messages).toEqual(['Undone: Recompute h.5', 'Redone: Recompute h.5']);
});
