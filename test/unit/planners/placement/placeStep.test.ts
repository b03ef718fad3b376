import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uncontrolled } from '../../../../planner-core/base/job';
import { layerIndexOf } from '../../../../planner-core/plan/layerIndex';
import { directivesOf } from '../../../../planner-core/plan/directives';
import type { Decision } from '../../../../planner-core/plan/plan';
import { placementOfStep } from '../../../../planner-core/planners/placement/ofStep';
import { periodMs, placeStep } from '../../../../planner-core/planners/placement/placeStep';
import { planPlaced } from '../../../../planner-core/planners/placement/planPlaced';
import { compileSchedule } from '../../../../planner-core/simulator/compileSchedule';
import { deviceOfNodes, homeOfValues } from '../../../../planner-core/simulator/sequence';
import { simulate } from '../../../../planner-core/simulator/simulate';
import { StepBuilder } from '../../../../planner-core/step/stepBuilder';
import { Phase, ValueKind } from '../../../../planner-core/step/stepGraph';
import { layeredProblem } from '../../support/layeredStep';
import { Random } from '../../support/random';
import { randomProblem } from '../../support/randomProblem';

const without = [Infinity, Infinity, Infinity];
const on = (target: string, device: string): Decision => ({ target, kind: 'module', device, pinned: true });

const problems = fc
  .record({
    seed: fc.nat(1e5),
    nodes: fc.integer({ min: 2, max: 9 }),
    devices: fc.integer({ min: 2, max: 3 }),
  })
  .map(({ seed, nodes, devices }) => ({
    ...randomProblem(seed, { forwardNodes: nodes, modules: 3, devices }),
    seed,
  }));

describe('placementOfStep', () => {
  it('ties what decisions tie, and what shares a parameter', () => {
    fc.assert(
      fc.property(problems, ({ step, layers, seed }) => {
        const { problem, forwardNodes } = placementOfStep(
          step,
          layers,
          [],
          without.slice(0, step.devices.length),
        );
        // Random devices for the groups, as decisions: every node must end up on its group's device.
        const random = new Random(seed);
        const placement = forwardNodes.map((nodes) =>
          nodes.length > 0 ? random.int(0, step.devices.length - 1) : 0,
        );
        const decisions = forwardNodes.flatMap((nodes, group) =>
          nodes.map((node): Decision => ({
            ...{ target: step.nodeName[node], kind: 'operator' },
            device: step.devices[placement[group]],
          })),
        );
        const directives = directivesOf(step, layers, decisions, 'selective');
        const devices = deviceOfNodes(step, directives);
        const home = homeOfValues(step, devices);
        for (let node = 0; node < step.nodeCount; node++) {
          if (forwardNodes[problem.groupOf[node]].length === 0) continue;
          expect(devices[node], step.nodeName[node]).toBe(placement[problem.groupOf[node]]);
        }
        for (let value = 0; value < step.valueCount; value++) {
          if (step.valueKind[value] !== ValueKind.parameter) continue;
          const { offsets, items } = step.inputs;
          for (let node = 0; node < step.nodeCount; node++)
            if (items.slice(offsets[node], offsets[node + 1]).includes(value))
              expect(devices[node]).toBe(home[value]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('counts lasting bytes once, with whoever uses them', () => {
    fc.assert(
      fc.property(problems, ({ step, layers }) => {
        const { problem } = placementOfStep(step, layers, [], without.slice(0, step.devices.length));
        const used = new Set([...step.inputs.items, ...step.updates.items, ...step.outputs.items]);
        const lasting: number[] = [
          ValueKind.parameter,
          ValueKind.buffer,
          ValueKind.optimizerState,
          ValueKind.parameterGradient,
        ];
        let bytes = 0;
        for (const value of used)
          if (lasting.includes(step.valueKind[value])) bytes += step.valueBytes[value];
        expect(problem.groupBytes.reduce((sum, b) => sum + b, 0)).toBe(bytes);
      }),
      { numRuns: 100 },
    );
  });

  it('hands on every version of a value from the node that made it to those that read it', () => {
    const { step, layers } = layeredProblem(2, [], 2);
    const { problem } = placementOfStep(step, layers, [], [Infinity, Infinity]);
    const { offsets, items } = problem.resultReaders;
    problem.resultProducer.forEach((producer, result) => {
      const readers = items.slice(offsets[result], offsets[result + 1]);
      expect(readers.length).toBeGreaterThan(0);
      for (const reader of readers) expect(reader).toBeGreaterThan(producer);
    });
  });

  it('refuses pins that want two devices of what shares a parameter', () => {
    const builder = new StepBuilder();
    const weight = builder.value({ name: 'w', bytes: 8, kind: ValueKind.parameter, residentAtStart: true });
    ['first', 'second'].forEach((name, operator) => {
      builder.node({
        ...{ name, operator, phase: Phase.forward, module: 0, recomputable: true },
        inputs: [weight],
        outputs: [builder.value({ name: `${name}/out`, bytes: 1, kind: ValueKind.activation })],
        durationMs: [1, 1],
      });
    });
    const step = builder.build(['gpu0', 'gpu1'], new Float64Array(9).fill(1), []);
    const layers = layerIndexOf([{ id: 0, name: '', parent: 0, children: [] }], step);
    const pinned = (target: string, device: string): Decision => ({ target, kind: 'operator', device });
    expect(placementOfStep(step, layers, [pinned('second', 'gpu1')], [9, 9]).problem.pinnedDevice).toEqual(
      Int32Array.from([1]),
    );
    const pins = [pinned('first', 'gpu0'), pinned('second', 'gpu1')];
    expect(() => placementOfStep(step, layers, pins, [9, 9])).toThrowError(
      expect.objectContaining({ code: 'infeasible', where: { node: 'second' } }),
    );
  });
});

describe('placeStep', () => {
  const request = (blocks: number, pins: Decision[], memoryBytes: number[]) => ({
    ...layeredProblem(blocks, pins, memoryBytes.length),
    ...({ objective: 'latency', strategy: 'module-checkpoint', memoryBytes } as const),
  });

  it('stays on the fast device of a chain where there is room', async () => {
    const placed = await placeStep(request(3, [], [Infinity, Infinity]), uncontrolled);
    expect(placed.fits).toBe(true);
    expect(placed.directives.placement).toBeUndefined();
    expect(placed.ideal).toBeUndefined();
  });

  it('says what the simulator says of its decisions, bounds below and rules beside it', async () => {
    for (const memoryBytes of [
      [Infinity, Infinity],
      [900, Infinity],
      [700, 900, Infinity],
    ]) {
      const asked = request(4, [], memoryBytes);
      const placed = await placeStep(asked, uncontrolled);
      const directives = {
        ...directivesOf(asked.step, asked.layers, placed.decisions, 'module-checkpoint'),
        lateTransfers: placed.directives.lateTransfers,
      };
      const simulation = simulate(asked.step, compileSchedule(asked.step, directives));
      expect(placed.timeMs).toBe(simulation.stepTimeMs);
      expect(placed.peakBytes).toEqual([...simulation.perDevicePeakBytes]);
      expect(placed.fits).toBe(placed.peakBytes.every((bytes, device) => bytes <= memoryBytes[device]));
      expect(placed.boundMs).toBeLessThanOrEqual(placed.timeMs);
      for (const { fits, timeMs } of placed.baselines)
        if (fits) expect(placed.timeMs).toBeLessThanOrEqual(timeMs);
    }
  });

  it('leaves what is pinned where it is, with its backward pass', async () => {
    const asked = request(3, [on('layers.1', 'gpu1')], [Infinity, Infinity]);
    const { directives, decisions } = await placeStep(asked, uncontrolled);
    asked.step.nodeName.forEach((name, node) => {
      if (name.includes('layers.1')) expect(directives.placement?.[node], name).toBe(1);
    });
    expect(decisions.filter(({ pinned }) => pinned).map(({ target }) => target)).toEqual(['layers.1']);
  });

  it('names device and node where nothing fits', async () => {
    const { fits, lacking } = await placeStep(request(4, [], [150, 150]), uncontrolled);
    expect(fits).toBe(false);
    expect(lacking?.message).toMatch(/gpu[01] needs .* of .*, because of operator/);
    expect(lacking?.node).not.toBe('');
  });

  it('finds a shorter period than one device has', async () => {
    const asked = { ...request(4, [], [Infinity, Infinity]), objective: 'throughput' as const };
    const { timeMs, boundMs, directives } = await placeStep(asked, uncontrolled);
    const single = simulate(
      asked.step,
      compileSchedule(asked.step, directivesOf(asked.step, asked.layers, [], 'selective')),
    );
    expect(timeMs).toBeLessThan(periodMs(single));
    expect(timeMs).toBe(periodMs(simulate(asked.step, compileSchedule(asked.step, directives))));
    expect(boundMs).toBeLessThanOrEqual(timeMs);
  });
});

describe('planPlaced', () => {
  it('recomputes where that is faster than a slow device, and keeps to all limits', async () => {
    const problem = layeredProblem(6, [], 2);
    const keepAll = simulate(
      problem.step,
      compileSchedule(problem.step, directivesOf(problem.step, problem.layers, [], 'selective')),
    );
    const memoryBytes = [0.8 * keepAll.peakBytes, Infinity];
    const request = { ...problem, objective: 'latency', strategy: 'schedule', memoryBytes } as const;
    const placed = await placeStep(request, uncontrolled);
    const answer = await planPlaced({ ...request, problem }, placed, uncontrolled);
    const simulation = simulate(problem.step, compileSchedule(problem.step, answer.directives));
    expect(answer.infeasible).toBeUndefined();
    expect(simulation.perDevicePeakBytes[0]).toBeLessThanOrEqual(memoryBytes[0]);
    expect(simulation.stepTimeMs).toBeLessThanOrEqual(placed.timeMs);
    expect(answer.directives.recomputations.length).toBeGreaterThan(0);
    expect(answer.decisions.filter(({ pinned }) => pinned)).toEqual([]);
  });
});

it('follows the loss to the last layers', () => {
  const { step, layers } = layeredProblem(2, [], 2);
  const last = step.nodeName.findIndex((_, node) => step.nodePhase[node] === Phase.loss);
  const { placement } = directivesOf(step, layers, [on('layers.1', 'gpu1')], 'selective');
  expect(placement![last]).toBe(1);
});
