import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exportTargets, type Export, type ExportTarget } from '../../../planner-core/exporters/targets';
import type { Decision, Strategy } from '../../../planner-core/plan/plan';
import { cards, openSample, planned } from './plannedModel';

const session = openSample('tiny_transformer.train.pt2');
const dims = { batch: 8, seq: 16 };
const engines: readonly ExportTarget[] = exportTargets.filter(
  (target) => !/json|report|markdown|csv|svg|onnx/.test(target),
);

const rows = session.configure({
  ...session.defaultInputs(cards(2)),
  workload: { ...session.defaultInputs(cards(2)).workload, dims },
}).layers;
const targets = rows.filter(
  ({ name, kind }) => name !== '' && (kind === 'module' || name.includes('linear')),
);

/** What a person may decide of a layer; at most three at once, as many as an export lists by name. */
const pins = fc
  .uniqueArray(
    fc.record({
      row: fc.constantFrom(...targets),
      what: fc.constantFrom('recompute', 'offload', 'device' as const),
    }),
    { minLength: 1, maxLength: 3, selector: ({ row }) => row.name },
  )
  .map((chosen) =>
    chosen.map(({ row, what }): Decision => ({
      target: row.name,
      kind: row.kind,
      ...(what === 'device' ? { device: 'gpu1' } : { choice: what as 'recompute' | 'offload' }),
      pinned: true,
    })),
  );

const plans = new Map<string, ReturnType<typeof planned>>();

/** Planned once: every engine is asked about the same decisions. */
function planWith(decisions: readonly Decision[], strategy: Strategy): ReturnType<typeof planned> {
  const key = JSON.stringify([decisions, strategy]);
  const plan = plans.get(key) ?? planned(session, { devices: cards(2), pins: decisions, strategy }, dims);
  plans.set(key, plan);
  return plan;
}

/** Layers around or inside a layer, itself included. */
function related(target: string): string[] {
  const row = rows.find(({ name }) => name === target)!;
  const overlaps = (nodes: readonly number[]): boolean =>
    nodes.some((node) => row.forwardNodes.includes(node));
  return rows
    .filter(({ name, forwardNodes }) => name !== '' && overlaps(forwardNodes))
    .map(({ name }) => name);
}

/** Is a decision in the program of an export, or among what it says it cannot carry? */
function isTold({ files, notCarried }: Export, { target, kind, choice, device }: Decision): boolean {
  const program = files
    .map(({ text }) => text)
    .join('\n')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  const words = notCarried.map(({ decision, instead }) => `${decision} ${instead}`).join('\n');
  const everything = `${program}\n${words}`;
  const isNamed = (name: string): boolean => new RegExp(`(^|[ ,])${name}($|[ ,])`, 'm').test(words);
  // Accelerate's map has numbers of devices.
  if (device && (everything.includes(device) || everything.includes(`"${target}": 1`))) return true;
  if (device) return related(target).some(isNamed);
  if (everything.includes(target)) return true;
  if (choice === 'offload') return false;
  // By the modules around it or inside it, or as a whole where an engine has another unit than layers.
  return (
    /which modules and operators run again/.test(words) ||
    // More operators than are listed by name are counted.
    (kind === 'operator' && /operators recomputed one by one: .* and \d+ more/.test(words)) ||
    related(target).some((name) => everything.includes(`"${name}"`) || isNamed(name))
  );
}

test.each(engines)('%s carries every decision or says that it does not', async (engine) => {
  await fc.assert(
    fc.asyncProperty(
      pins,
      fc.constantFrom<Strategy>('module-checkpoint', 'selective'),
      async (decisions, strategy) => {
        const plan = await planWith(decisions, strategy);
        const keepsAll = await planWith([], strategy);
        let exported: Export;
        try {
          exported = session.export(plan, engine);
        } catch (error) {
          // A target without a form for the plan says so.
          expect(error).toMatchObject({ code: 'bad-usage' });
          return;
        }
        for (const decision of plan.decisions) {
          // Of a layer that keeps nothing there is nothing to decide.
          const alone = await planWith([decision], strategy);
          const [a, b] = [alone, keepsAll].map(({ prediction }) => JSON.stringify(prediction));
          if (a === b) continue;
          const told = isTold(exported, decision);
          expect(told, `${JSON.stringify(decision)}: ${JSON.stringify(exported.notCarried)}`).toBe(true);
        }
      },
    ),
    { numRuns: 40 },
  );
});
