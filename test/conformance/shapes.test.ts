import { describe, expect, it } from 'vitest';
import { inferTensors } from '../../planner-core/operators/inferTensors';
import { conformanceCases, conformanceFolder, hasConformanceData } from './shapesData';
import { judge, openCases, shapeScores } from './shapeScores';

describe.skipIf(!hasConformanceData)(`shapes of the ONNX test suite (needs ${conformanceFolder})`, () => {
  const cases = hasConformanceData ? conformanceCases() : [];
  const models = openCases(cases);

  it('finds the suite, and reads every file of it', () => {
    expect(cases.length).toBeGreaterThan(1000);
    expect(cases.map(({ name }) => name).filter((name) => !models.has(name))).toEqual([]);
  });

  it.each([
    ['from types and shapes alone', false],
    ['with small inputs known', true],
  ])('infers no wrong shape or type %s', (_, values) => {
    const { wrong, complaints } = judge(cases, models, values);
    expect(wrong).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('knows nearly every size that does not depend on data', () => {
    const { open } = judge(cases, models, true);
    const scores = shapeScores();
    console.info(`${JSON.stringify(scores)}\n${open.join('\n')}`);
    expect(scores.exactOfStatic).toBeGreaterThanOrEqual(0.99);
  });

  it('has a rule for every operator', () => {
    const unprofiled = [...models.values()].flatMap((graph) => inferTensors(graph, {}).unprofiledOperators);
    expect([...new Set(unprofiled)]).toEqual([]);
  });
});
