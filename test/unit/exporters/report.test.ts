// @vitest-environment jsdom
import { beforeAll, describe, expect, it } from 'vitest';
import { csvText } from '../../../planner-core/exporters/csv';
import { decidedLayers, layersCsv, type LayerFacts } from '../../../planner-core/exporters/layerTable';
import { reportFacts } from '../../../planner-core/exporters/report/reportFacts';
import { reportHtml } from '../../../planner-core/exporters/report/reportHtml';
import { reportMarkdown } from '../../../planner-core/exporters/report/reportMarkdown';
import type { ExportTarget } from '../../../planner-core/exporters/targets';
import type { Plan } from '../../../planner-core/plan/plan';
import type { PlannerSession } from '../../../planner-core/session/plannerSession';
import { examplePlan } from '../support/examplePlan';
import { cards, openSample, planned } from './plannedModel';

const evil = '<img src=x onerror=alert(1)>|`*';

const layer = (id: number, parent: number, name: string, savedBytes: number): LayerFacts => ({
  ...{ id, parent, kind: 'module', name, type: 'Block', parameterBytes: 1, savedBytes, macs: 2 },
  ...{ trafficBytes: 3, forwardMs: 4, backwardMs: 5, bound: 'memory' },
});
const layers = [layer(0, -1, 'a', 10), layer(1, 0, 'a.0', 7), layer(2, 0, 'a.1', 3), layer(3, -1, evil, 0)];
const plan: Plan = {
  ...examplePlan,
  decisions: [
    { target: 'a', kind: 'module', choice: 'recompute', device: 'gpu0' },
    { target: 'a.1', kind: 'module', choice: 'keep', pinned: true },
    { target: evil, kind: 'module', choice: 'keep' },
  ],
};

describe('layers', () => {
  it('have what is decided for them or for the module around them', () => {
    expect(decidedLayers(layers, plan).map(({ decision }) => decision)).toEqual([
      { choice: 'recompute', device: 'gpu0', pinned: undefined },
      { choice: 'recompute', device: 'gpu0', pinned: undefined },
      { choice: 'keep', device: 'gpu0', pinned: true },
      { choice: 'keep', device: undefined, pinned: undefined },
    ]);
    expect(layersCsv(layers, plan).split('\r\n')[3]).toBe('module,a.1,Block,1,3,2,3,4,5,memory,keep,gpu0,1');
  });

  it('are told by those that keep most, without the modules around them, those that are alike in one row', () => {
    const table = reportFacts(plan, layers, []).tables.at(-1);
    expect(table?.rows.map(([name]) => name)).toEqual(['a.0', 'a.1']);
    const alike = layers.slice(0, 3).map((layer) => ({ ...layer, savedBytes: 7 }));
    const folded = reportFacts({ ...plan, decisions: [] }, alike, []).tables.at(-1);
    expect(folded?.rows.map(([name, number]) => [name, number])).toEqual([['a.{0,1}', '2']]);
  });
});

it('cells cannot become formulas or break a row', () => {
  expect(
    csvText(
      ['a', 'b'],
      [
        ['=1+1', 'x,"y"'],
        [undefined, -1],
      ],
    ),
  ).toBe('a,b\r\n\'=1+1,"x,""y"""\r\n,-1\r\n');
});

describe('a report', () => {
  it('in HTML holds names as text, and loads nothing', () => {
    const html = reportHtml(reportFacts(plan, layers, []), []);
    const document = new DOMParser().parseFromString(html, 'text/html');
    expect(document.querySelectorAll('img, script, link, iframe, a')).toHaveLength(0);
    expect(document.body.textContent).toContain(evil);
    expect(document.querySelectorAll('h1')).toHaveLength(1);
    expect(document.querySelectorAll('table').length).toBe(document.querySelectorAll('h2').length - 1);
  });

  it('in Markdown keeps each row on one line and names as text', () => {
    const text = reportMarkdown(reportFacts(plan, layers, []));
    expect(text).toContain('\\<img src=x onerror=alert(1)\\>\\|\\`\\*');
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    for (const row of rows) expect(row.endsWith('|')).toBe(true);
  });
});

describe('of a real plan', () => {
  let session: PlannerSession;
  let made: Plan;
  beforeAll(async () => {
    session = openSample('tiny_mlp.train.onnx');
    made = await planned(session, { devices: cards(2) }, { batch: 64 });
  });
  const exported = async (target: ExportTarget): Promise<string> =>
    session.export(made, target, undefined, await session.frontierOf(made, target)).files[0].text;

  it('pictures are well-formed, inside their frame, with title and assumptions', async () => {
    for (const target of ['timeline-svg', 'frontier-svg'] as const) {
      const svg = await exported(target);
      const document = new DOMParser().parseFromString(svg, 'image/svg+xml');
      expect(document.querySelector('title')?.textContent).toContain('tiny_mlp');
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(document.documentElement.textContent).toContain(made.assumptions[0]);
      const height = Number(document.documentElement.getAttribute('height'));
      for (const text of document.querySelectorAll('text'))
        expect(Number(text.getAttribute('y'))).toBeLessThan(height);
    }
  });

  it('the timeline has a chart for each device', async () => {
    const svg = await exported('timeline-svg');
    expect(svg).toContain('>gpu0</text>');
    expect(svg).toContain('>gpu1</text>');
  });

  it('the report has both pictures, and the frontier as CSV every point of them', async () => {
    expect((await exported('report')).match(/<svg /g)).toHaveLength(2);
    const frontier = await session.frontierOf(made, 'frontier-csv');
    const points =
      Object.values(frontier?.strategies ?? {}).flat().length + (frontier?.baselines.length ?? 0);
    expect((await exported('frontier-csv')).trimEnd().split('\r\n')).toHaveLength(1 + points);
    expect(() => session.export(made, 'frontier-csv')).toThrow('frontier');
  });

  it('tells what leaves the device, with a lane of it, and assumptions once', async () => {
    const pin = { target: '/1/Relu', kind: 'operator', choice: 'offload', pinned: true } as const;
    const changes = { offload: { to: 'host' }, pins: [pin] } as const;
    const offloading = await planned(session, changes, { batch: 64 });
    const frontier = await session.frontierOf(offloading, 'report');
    const html = session.export(offloading, 'report', undefined, frontier).files[0].text;
    const document = new DOMParser().parseFromString(html, 'text/html');
    const text = document.body.textContent;
    expect(text).toMatch(/ leave for host memory over .*\./);
    expect(text).toMatch(/host memory over .*: at most .* out, .* back, /);
    const table = [...document.querySelectorAll('tr')].map((row) => row.firstElementChild?.textContent);
    expect(table).toEqual(
      expect.arrayContaining(['link', 'moved out', 'moved back', 'waiting for transfers']),
    );
    expect(text.split(offloading.assumptions[0])).toHaveLength(2);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    expect(await exported('report')).not.toContain('moved out');
  });

  it('is the same bytes each time', async () => {
    expect(await exported('report')).toBe(await exported('report'));
  });
});
