import { describe, expect, it } from 'vitest';
import { Measurements } from '../../../../extension/document/measurements';
import type { Result } from '../../../../planner-core/base/result';
import type { MeasuredStep } from '../../../../planner-core/measurements/measuredStep';
import { deferred, failure, FakePlanner, settled, someInputs } from '../fakePlanner';

const files = [{ kind: 'path', path: '/a.json' } as const];

function started() {
  const planner = new FakePlanner();
  let job = 0;
  const shown: (MeasuredStep | undefined)[] = [];
  const host = Object.assign(planner, { newJob: () => ++job });
  return { planner, shown, measurements: new Measurements(host, (measured) => shown.push(measured)) };
}

describe('measurements of a document', () => {
  it('are put to the step again when it changes', async () => {
    const { planner, shown, measurements } = started();
    await measurements.stepChanged(someInputs);
    expect(planner.calls).toEqual([]);
    await measurements.load(files, someInputs);
    await measurements.stepChanged(someInputs);
    expect(planner.calls).toEqual(['measure 1 1', 'measure 1 2']);
    expect(shown).toEqual([{ files }, undefined, { files }]);
  });

  it('vanish while the step has other sizes, and come back', async () => {
    const { planner, shown, measurements } = started();
    await measurements.load(files, someInputs);
    planner.measureResult = failure('other-measurements');
    await measurements.stepChanged(someInputs);
    expect(shown.at(-1)).toBeUndefined();
    planner.measureResult = undefined;
    await measurements.stepChanged(someInputs);
    expect(shown.at(-1)).toEqual({ files });
  });

  it('stay when other files cannot be used', async () => {
    const { planner, shown, measurements } = started();
    await measurements.load(files, someInputs);
    planner.measureResult = failure('bad-measurements');
    await expect(measurements.load([], someInputs)).rejects.toMatchObject({ code: 'bad-measurements' });
    expect(shown).toHaveLength(1);
    await expect(measurements.calibrate(someInputs)).resolves.toMatchObject({ device: 'T4' });
  });

  it('give way to a newer step', async () => {
    const { planner, shown, measurements } = started();
    await measurements.load(files, someInputs);
    const late = deferred<Result<MeasuredStep>>();
    planner.measure = async () => late.promise;
    const first = measurements.stepChanged(someInputs);
    await settled();
    measurements.clear();
    late.resolve({ ok: true, value: { files } as unknown as MeasuredStep });
    await first;
    expect(shown.at(-1)).toBeUndefined();
    expect(planner.calls).toContain('cancel 2');
  });

  it('are needed to calibrate', async () => {
    await expect(started().measurements.calibrate(someInputs)).rejects.toMatchObject({ code: 'bad-usage' });
  });
});
