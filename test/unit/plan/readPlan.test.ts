import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../planner-core/plan/plan';
import { parsePlan } from '../../../planner-core/plan/readPlan';
import { planText } from '../../../planner-core/plan/writePlan';
import { examplePlan } from '../support/examplePlan';

const schemaPath = path.resolve(import.meta.dirname, '../../../media/plan.schema.json');
const matchesSchema = new Ajv({ strict: true, allErrors: true }).compile(
  JSON.parse(readFileSync(schemaPath, 'utf8')) as object,
);

type Json = Record<string, unknown>;
const example = (): Json => JSON.parse(JSON.stringify(examplePlan)) as Json;

/** The example with the value at a path ("a.b[0].c") replaced; undefined takes it out. */
function changed(at: string, value: unknown): Json {
  const root = example();
  const keys = at.split(/[.[\]]+/).filter((key) => key !== '');
  let parent: Json = root;
  for (const key of keys.slice(0, -1)) parent = parent[key] as Json;
  const last = keys[keys.length - 1];
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return root;
}

const good: [string, Json][] = [
  ['the example', example()],
  ['without recomputations', changed('recomputations', undefined)],
  ['without calibration', changed('calibration', undefined)],
  ['with a calibration of nothing', changed('calibration.calibration.classes', {})],
  ['without links', changed('links', undefined)],
  ['without late transfers', changed('lateTransfers', undefined)],
  ['without an objective', changed('objective', undefined)],
  ['with one device of a kind', changed('devices[2].count', undefined)],
  ['without decisions', changed('decisions', [])],
  ['with only a target', changed('decisions', [{ target: 'a', kind: 'module' }])],
  ['without dimensions', changed('workload.dims', {})],
  ['naming its schema', changed('$schema', './plan.schema.json')],
  ['faster than keeping all', changed('prediction.overheadPercent', -3)],
];

const bad: [path: string, value: unknown][] = [
  ['format', 'headroom-plan/2'],
  ['model', undefined],
  ['model.file', 7],
  ['model.fingerprint', ''],
  ['workload.mode', 'predicting'],
  ['workload.dims.batch', 0],
  ['workload.dims.batch', 1.5],
  ['workload.precision', 'fp8'],
  ['workload.loss', null],
  ['devices', []],
  ['devices[1].memoryBytes', -1],
  ['devices[0].id', undefined],
  ['devices[2].count', 0],
  ['links[0].between', ['gpu0']],
  ['links[0].between', ['gpu0', 'gpu1', 'cpu']],
  ['links[0].gbPerS', 0],
  ['links[0].latencyMs', -1],
  ['links[0].shared', undefined],
  ['objective', 'energy'],
  ['lateTransfers', 1],
  ['calibration.file', ''],
  ['calibration.calibration.format', 'headroom-calibration/2'],
  ['calibration.calibration.classes.gemm.compute', 0],
  ['calibration.calibration.classes.gemm.timeRatio', [1]],
  ['calibration.calibration.classes.toast', {}],
  ['calibration.calibration.usableMemoryBytes', 0.5],
  ['calibration.calibration.provenance', undefined],
  ['budgetBytes', '8 GiB'],
  ['strategy', 'magic'],
  ['decisions[0].choice', 'forget'],
  ['decisions[1].kind', 'tensor'],
  ['decisions[2].pinned', 'yes'],
  ['decisions[0].choise', 'keep'],
  ['recomputations[0].before', undefined],
  ['prediction.peakBytes', -5],
  ['prediction.perDevicePeakBytes.gpu0', 'many'],
  ['assumptions', 'none'],
  ['assumptions[0]', 3],
  ['comment', 'not part of the format'],
];

describe('parsePlan and the schema', () => {
  it.each(good)('accept a plan %s', (_, value) => {
    expect(matchesSchema(value), JSON.stringify(matchesSchema.errors)).toBe(true);
    // The name of the schema is not part of the plan.
    const expected = Object.fromEntries(Object.entries(value).filter(([key]) => key !== '$schema'));
    expect(parsePlan(JSON.stringify(value))).toEqual(expected);
  });

  it.each(bad)('refuse a plan with another %s (%j)', (at, value) => {
    const text = JSON.stringify(changed(at, value));
    expect(matchesSchema(JSON.parse(text))).toBe(false);
    expect(() => parsePlan(text)).toThrowError(expect.objectContaining({ code: 'bad-plan' }));
    expect(() => parsePlan(text)).toThrowError(new RegExp(at.replace(/[.[\]]/g, '\\$&')));
  });

  it.each(['', '[]', '"plan"', 'null', '{'])('refuse %j, which is no plan', (text) => {
    expect(() => parsePlan(text)).toThrowError(expect.objectContaining({ code: 'bad-plan' }));
  });
});

describe('planText', () => {
  it('comes back as the same plan', () => {
    const { decisions, ...rest } = parsePlan(planText(examplePlan));
    const { decisions: original, ...originalRest } = examplePlan;
    expect(rest).toEqual(originalRest);
    expect(new Set(decisions.map((decision) => JSON.stringify(decision)))).toEqual(
      new Set(original.map((decision) => JSON.stringify(decision))),
    );
  });

  it('gives the same bytes whatever the order of keys, and ends with a newline', () => {
    const shuffled = JSON.parse(
      JSON.stringify({
        ...examplePlan,
        workload: Object.fromEntries(Object.entries(examplePlan.workload).reverse()),
      }),
    ) as Plan;
    const text = planText(examplePlan);
    expect(planText({ ...shuffled, decisions: [...examplePlan.decisions].reverse() })).toBe(text);
    expect(planText(parsePlan(text))).toBe(text);
    expect(text.endsWith('}\n')).toBe(true);
    expect(text).toContain('\n  "model": {\n    "file"');
  });
});
