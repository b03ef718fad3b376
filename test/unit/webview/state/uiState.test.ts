import { describe, expect, it } from 'vitest';
import { initialUiState, persistedPart, restoredUiState } from '../../../../webview/state/uiState';

describe('state that survives hiding', () => {
  it('comes back as it was, without drag and hover', () => {
    const ui = {
      ...initialUiState,
      selected: ['module h.0'],
      expanded: ['module h'],
      filter: 'attn',
      sorting: { column: 'kept', direction: 'descending' } as const,
      zoom: [1, 2] as const,
      tables: ['frontier'] as const,
    };
    const saved: unknown = JSON.parse(
      JSON.stringify(persistedPart({ ...ui, dragBudgetBytes: 5, hoverNode: 1 })),
    );
    expect(restoredUiState(saved)).toEqual(ui);
  });

  it.each([
    undefined,
    null,
    'text',
    { selected: 3, zoom: ['a', 'b'], tables: ['other'], filter: {}, sorting: { column: 'kept' } },
  ])('falls back to the start for %j', (saved) => expect(restoredUiState(saved)).toEqual(initialUiState));
});
