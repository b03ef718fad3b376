import { expect, test } from 'vitest';
import { findDevice } from '../../../planner-core/devices/catalogue';
import { timelineCsv } from '../../../planner-core/exporters/timelineCsv';
import { timelineSvg } from '../../../planner-core/exporters/pictures/timelineSvg';
import type { ModelGraph } from '../../../planner-core/graph/modelGraph';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { timelineOf } from '../../../planner-core/simulator/timeline';
import { buildStep } from '../../../planner-core/step/buildStep';
import { defaultWorkload } from '../../../planner-core/step/workload';
import { ModelBuilder } from '../support/modelBuilder';

function timelineOfModel(graph: ModelGraph) {
  const { step } = buildStep(graph, defaultWorkload, [{ id: 'gpu0', spec: findDevice('T4')! }]);
  const schedule = compileSchedule(step, keepEverything);
  return { step, timeline: timelineOf(step, schedule), simulation: simulate(step, schedule) };
}

const model = (operatorName: string): ModelGraph => {
  const graph = new ModelBuilder()
    .input('x', [4, 4])
    .parameter('w', [4, 4])
    .operator('MatMul', ['x', 'w'], ['y'])
    .build('y');
  return { ...graph, operators: graph.operators.map((operator) => ({ ...operator, name: operatorName })) };
};

test('the CSV has a row a computation, whose bytes are the simulated ones', () => {
  const graph = model('linear');
  const { step, timeline, simulation } = timelineOfModel(graph);
  const rows = timelineCsv(graph, step, timeline)
    .trimEnd()
    .split('\r\n')
    .map((row) => row.split(','));
  expect(rows).toHaveLength(1 + timeline.length);
  const column = rows[0].indexOf('live_bytes');
  expect(Math.max(...rows.slice(1).map((row) => Number(row[column])))).toBe(simulation.peakBytes);
});

test('names from a model file cannot become formulas or break the row', () => {
  const graph = model('=HYPERLINK("evil"),x');
  const { step, timeline } = timelineOfModel(graph);
  expect(timelineCsv(graph, step, timeline)).toContain(`"'=HYPERLINK(""evil""),x"`);
});

test('the picture escapes names and stays inside its frame', () => {
  const { timeline } = timelineOfModel(model('linear'));
  const svg = timelineSvg([{ device: 'gpu0', timeline, budgetBytes: 1000 }], {
    title: '<script>',
    subtitle: '"quoted" & more',
    assumptions: Array.from({ length: 12 }, (_, i) => `assumption number ${i} of a longish kind`),
  });
  expect(svg).toContain('&lt;script&gt;');
  expect(svg).not.toContain('<script>');
  const heights = [...svg.matchAll(/ y="(\d+)"/g)].map((match) => Number(match[1]));
  expect(Math.max(...heights)).toBeLessThanOrEqual(Number(/ viewBox="0 0 1200 (\d+)"/.exec(svg)?.[1]));
  expect(svg).not.toContain('NaN');
});
