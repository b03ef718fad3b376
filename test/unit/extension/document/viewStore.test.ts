import { expect, it } from 'vitest';
import { ViewStore, type ViewUpdate } from '../../../../extension/document/viewStore';
import { someInputs } from '../fakePlanner';

const initial = { inputs: someInputs, deviceCatalogue: [], readOnly: false };

it('numbers every state and tells what changed', () => {
  const store = new ViewStore(initial);
  const updates: ViewUpdate[] = [];
  const stop = store.subscribe((update) => updates.push(update));
  store.update({ progress: { stage: 'reading' }, stalePlan: 'x' });
  store.update({ stalePlan: undefined }, ['progress']);
  stop();
  store.update({ readOnly: true });
  expect(updates).toEqual([
    { revision: 1, parts: { progress: { stage: 'reading' }, stalePlan: 'x' }, cleared: [] },
    { revision: 2, parts: { stalePlan: undefined }, cleared: ['progress', 'stalePlan'] },
  ]);
  expect(store.revision).toBe(3);
  expect(store.state).toEqual({ ...initial, readOnly: true });
});
