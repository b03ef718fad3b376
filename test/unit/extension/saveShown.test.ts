import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as vscode from 'vscode';
import { savePicture, saveTable } from '../../../extension/commands/saveShown';
import type { ViewConnection } from '../../../extension/view/viewConnection';

const view = {
  listShown: vi.fn(async () => ({ pictures: ['Layers'], tables: ['Stages of the pipeline'] })),
  saveShown: vi.fn(),
  savePixels: vi.fn(async () => undefined),
};
const exportTo = vi.fn(async () => undefined);
const connection = view as unknown as ViewConnection;

let offered: string[] = [];
/** Chooses the entry with this label. */
const choose = (label: string | undefined): void => {
  const pick = async (items: readonly vscode.QuickPickItem[]) => {
    offered = items.map((item) => item.label);
    return items.find((item) => item.label === label);
  };
  Object.assign(vscode.window, { showQuickPick: pick });
};

beforeEach(() => vi.clearAllMocks());

describe('what is saved from the palette', () => {
  it('is a picture of the plan, or of a pane as it is on screen', async () => {
    choose(undefined);
    await savePicture(connection, exportTo);
    expect(offered).toEqual([
      ...['Picture of the timeline (SVG)', 'Picture of the timeline (PNG)'],
      ...['Picture of the frontier (SVG)', 'Picture of the frontier (PNG)'],
      ...['On screen', 'Layers, as shown (SVG)', 'Layers, as shown (PNG)'],
    ]);
    expect([exportTo, view.savePixels, view.saveShown].flatMap(({ mock }) => mock.calls)).toEqual([]);
    for (const label of offered) {
      choose(label);
      await savePicture(connection, exportTo);
    }
    expect(exportTo.mock.calls).toEqual([['timeline-svg'], ['frontier-svg']]);
    expect(view.savePixels.mock.calls).toEqual([['timeline-svg'], ['frontier-svg']]);
    expect(view.saveShown.mock.calls).toEqual([
      ['Layers', 'svg'],
      ['Layers', 'png'],
    ]);
  });

  it('is a table of the plan, or one that is on screen', async () => {
    for (const label of ['Layers (CSV)', 'Stages of the pipeline, as shown (CSV)']) {
      choose(label);
      await saveTable(connection, exportTo);
    }
    expect(exportTo.mock.calls).toEqual([['layers-csv']]);
    expect(view.saveShown.mock.calls).toEqual([['Stages of the pipeline', 'csv']]);
    view.listShown.mockResolvedValueOnce({ pictures: [], tables: [] });
    choose(undefined);
    await saveTable(connection, exportTo);
    expect(offered).not.toContain('On screen');
  });
});
