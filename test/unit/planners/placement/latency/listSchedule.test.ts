import { describe, expect, it } from 'vitest';
import { LatencyModel } from '../../../../../planner-core/planners/placement/latency/latencyModel';
import { ListSchedule } from '../../../../../planner-core/planners/placement/latency/listSchedule';
import { latencyTimeline } from '../../../../../planner-core/planners/placement/latency/timeline';
import type { Transfers } from '../../../../../planner-core/planners/placement/problem';
import { Random } from '../../../support/random';
import { randomPlacement } from './randomPlacements';

const kinds: Transfers['kind'][] = ['links', 'through-host', 'listed'];

describe.each(kinds)('list schedules with transfers: %s', (kind) => {
  it('agree with the timeline in full, from any position on', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = new Random(seed);
      const problem = randomPlacement(seed, {
        tasks: random.int(1, 30),
        devices: random.int(1, 4),
        kind,
        isColocated: random.chance(0.5),
        isOneChannel: random.chance(0.5),
      });
      const model = new LatencyModel(problem);
      const schedule = new ListSchedule(model);
      const placement = Uint8Array.from({ length: model.groupCount }, () =>
        random.int(0, problem.deviceCount - 1),
      );
      schedule.makespan(placement);
      schedule.keep();
      for (let move = 0; move < 20; move++) {
        const group = random.int(0, model.groupCount - 1);
        const before = placement[group];
        placement[group] = random.int(0, problem.deviceCount - 1);
        const makespanMs = schedule.makespan(placement, schedule.touchedFrom(group));
        const timeline = latencyTimeline(model, placement);
        expect(makespanMs, `seed ${seed}`).toBe(timeline.makespanMs);
        for (const { kind: what, task, endMs } of timeline.operations)
          if (what === 'task') expect(schedule.finishMs(task)).toBe(endMs);
        expect(schedule.makespan(placement, schedule.touchedFrom(group), makespanMs)).toBe(Infinity);
        expect(schedule.makespan(placement, schedule.touchedFrom(group), makespanMs + 1)).toBe(makespanMs);
        if (random.chance(0.5)) schedule.keep();
        else placement[group] = before;
      }
    }
  });

  it('keep to precedence, devices and channels, and the critical path has no pause', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new Random(seed);
      const problem = randomPlacement(seed, { tasks: random.int(1, 25), devices: random.int(1, 3), kind });
      const model = new LatencyModel(problem);
      const placement = Uint8Array.from({ length: model.groupCount }, () =>
        random.int(0, problem.deviceCount - 1),
      );
      const { operations, criticalPath, makespanMs } = latencyTimeline(model, placement);
      const tasks = new Map(operations.filter((o) => o.kind === 'task').map((o) => [o.task, o]));
      expect(tasks.size).toBe(problem.taskCount);
      for (const [task, { startMs, device }] of tasks) {
        model.forEachProducer(task, (producer, entry) => {
          const made = tasks.get(producer)!;
          const delay = model.delayMs(entry, made.device, device);
          expect(startMs).toBeGreaterThanOrEqual(made.endMs + delay);
        });
      }
      const resourceOf = (o: (typeof operations)[number]): string | undefined => {
        if (kind === 'listed') return 'all';
        if (o.kind === 'task') return `device ${o.device}`;
        const { transfers } = problem;
        if (transfers.kind !== 'links') return undefined;
        return `channel ${transfers.channel[o.from * problem.deviceCount + o.device]}`;
      };
      const freeMs = new Map<string, number>();
      for (const operation of operations) {
        const resource = resourceOf(operation);
        if (resource === undefined) continue;
        expect(operation.startMs).toBeGreaterThanOrEqual(freeMs.get(resource) ?? 0);
        freeMs.set(resource, operation.endMs);
      }
      expect(criticalPath[criticalPath.length - 1]?.endMs ?? 0).toBe(makespanMs);
      criticalPath.forEach((operation, at) => {
        const from = at === 0 ? 0 : criticalPath[at - 1].endMs;
        expect(operation.startMs).toBe(from);
        expect(operation.reason === 'start').toBe(at === 0);
      });
    }
  });
});
