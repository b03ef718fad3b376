import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../planner-core/plan/readPlan';
import { planForSize, type SizePlan } from '../../../planner-core/plan/sizePlan';
import { planText } from '../../../planner-core/plan/writePlan';
import { examplePlan } from '../support/examplePlan';

const schemaPath = path.resolve(import.meta.dirname, '../../../media/plan.schema.json');
const matchesSchema = new Ajv({ strict: true, allErrors: true }).compile(
  JSON.parse(readFileSync(schemaPath, 'utf8')) as object,
);

const kept = { planner: 'keep all', decisions: [], peakBytes: [5], overheadPercent: [0] };
const sizes: SizePlan = {
  dimensions: ['height', 'width'],
  sizes: [
    { size: [224, 224], weight: 2 },
    { size: [320, 256], weight: 0.5 },
  ],
  mergePercent: 2,
  plans: [
    { upTo: [[224, 224]], ...kept },
    {
      ...{
        upTo: [
          [320, 256],
          [256, 320],
        ],
        planner: 'chain programme',
        peakBytes: [7, 8],
        overheadPercent: [1.5, 2],
      },
      decisions: [{ target: 'a', kind: 'module', choice: 'recompute' }],
      recomputations: [{ before: 'b', operator: 'c' }],
    },
  ],
};

describe('plans for sizes in plan files', () => {
  it('are written and read as they are', () => {
    const text = planText({ ...examplePlan, sizes });
    expect(parsePlan(text).sizes).toEqual(sizes);
    expect(planText(parsePlan(text))).toBe(text);
    expect(matchesSchema(JSON.parse(text))).toBe(true);
    expect(
      matchesSchema(JSON.parse(planText({ ...examplePlan, sizes: { ...sizes, plans: undefined } }))),
    ).toBe(true);
  });

  it.each([
    ['no dimension', { ...sizes, dimensions: [] }, 'dimensions'],
    ['a size of one number', { ...sizes, sizes: [{ size: [3], weight: 1 }] }, 'sizes[0].size'],
    ['a negative weight', { ...sizes, sizes: [{ size: [3, 3], weight: -1 }] }, 'weight'],
    ['a plan for no size', { ...sizes, plans: [{ upTo: [], ...kept }] }, 'upTo'],
    ['a missing peak', { ...sizes, plans: [{ upTo: [[1, 1]], ...kept, peakBytes: [] }] }, 'plans[0]'],
  ])('are refused with %s', (_, wrong, where) => {
    const text = JSON.stringify({ ...(JSON.parse(planText(examplePlan)) as object), sizes: wrong });
    expect(() => parsePlan(text)).toThrow(where);
  });

  it('are looked up by the first that is valid', () => {
    expect(planForSize(sizes.plans!, [100, 224])).toBe(sizes.plans![0]);
    expect(planForSize(sizes.plans!, [225, 300])).toBe(sizes.plans![1]);
    expect(planForSize(sizes.plans!, [300, 300])).toBeUndefined();
  });
});
