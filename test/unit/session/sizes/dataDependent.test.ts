import { describe, expect, it } from 'vitest';
import { applyEdit } from '../../../../planner-core/plan/planInputs';
import { parsePlan } from '../../../../planner-core/plan/readPlan';
import { planText } from '../../../../planner-core/plan/writePlan';
import { openFixture } from '../../measurements/support';

const column = 'node_NonZero_3:count';
const session = openFixture('selected');
const inputs = {
  ...session.defaultInputs([{ id: 'gpu0', name: 'T4', memoryBytes: 2 ** 34 }]),
  budgetBytes: 2 ** 20,
};
/** About half of the tokens of eight sentences, a batch a line. */
const table = [`seq,${column}`, '32,130', '64,251', '96,390', '128,509', '32,121'].join('\n');

describe('a model whose values depend on data', () => {
  it('says what is not counted while nobody says how it goes with the size', async () => {
    const { notes } = await session.sizes({ inputs, sizes: { text: '32 64 128' }, compare: false });
    expect(notes[0]).toContain(`${column} depends on data, and what is made of such sizes is not counted.`);
  });

  it('is planned by a fit, which says how far off it is and proves nothing', async () => {
    const counted = await session.sizes({ inputs, sizes: { text: table }, compare: false });
    const ignored = await session.sizes({ inputs, sizes: { text: '32 64 96 128' }, compare: false });
    const [fit] = counted.exactness.fitted!;
    expect(fit).toMatchObject({ dimension: column, sizes: 4 });
    expect(fit.errorPercent).toBeGreaterThan(0);
    expect(fit.errorPercent).toBeLessThan(15);
    expect(counted.notes[0]).toMatch(/fitted from 4 sizes, off by at most [\d.]+ % there and never below/);
    expect(counted.rows.map(({ proof }) => proof)).not.toContain('monotone');
    const at = (answer: typeof counted): number =>
      answer.points.find(({ size, share }) => size[0] === 128 && share > 0)!.keepAllPeakBytes;
    expect(at(counted)).toBeGreaterThan(at(ignored));
  });

  it('has plans that the simulator confirms with the same fit', async () => {
    const { edit } = await session.sizes({ inputs, sizes: { text: table }, compare: false });
    const { plan } = await session.plan({ ...applyEdit(inputs, edit), budgetBytes: inputs.budgetBytes });
    const read = parsePlan(planText(plan));
    expect(read.sizes?.fitted?.[0].dimension).toBe(column);
    expect(() => session.check(read)).not.toThrow();
    const forged = read.sizes!.fitted!.map((fit) => ({ ...fit, coefficients: [4096] }));
    expect(() => session.check({ ...read, sizes: { ...read.sizes!, fitted: forged } })).toThrow();
  });
});
