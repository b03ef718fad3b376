import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { planFormat, type Decision } from '../../../planner-core/plan/plan';
import { pointAtBudget, type Frontier, type FrontierPoint } from '../../../planner-core/planners/frontier';
import type { ModelSummary, PlanView, StepView } from '../../../planner-core/session/types';
import { compileSchedule } from '../../../planner-core/simulator/compileSchedule';
import { keepEverything, type Directives } from '../../../planner-core/simulator/schedule';
import { simulate } from '../../../planner-core/simulator/simulate';
import { ValueKind } from '../../../planner-core/step/stepGraph';
import type { HarnessPlanner } from './harnessHost';
import { syntheticStep, type SyntheticStep } from './syntheticStep';

/** A frontier of more points takes long to simulate and shows nothing new. */
const mostCounts = 120;

/** Stands for the planner behind a made-up step: its frontier is simple, but simulated by the real simulator. */
export class SyntheticPlanner implements HarnessPlanner {
  private readonly made: SyntheticStep;
  private readonly view: StepView;
  private readonly curve: Frontier;

  constructor(blockCount: number, hiddenMiB: number, devices: readonly string[]) {
    this.made = syntheticStep(blockCount, hiddenMiB, devices);
    this.view = this.stepView();
    this.curve = this.computeFrontier();
  }

  summary(): Promise<ModelSummary> {
    const { nodeCount } = this.made.step;
    return Promise.resolve({
      file: 'gpt2_small.train.onnx',
      format: 'ONNX',
      producer: 'pytorch 2.9.0',
      opset: 20,
      inputs: [{ name: 'input_ids', dtype: 'int64', shape: ['batch', 'seq'] }],
      outputs: [{ name: 'logits', dtype: 'float32', shape: ['batch', 'seq', 50257] }],
      operatorCount: nodeCount,
      parameterCount: 124439808,
      weightType: 'float32',
      parameterBytes: this.view.parameterBytes,
      dims: [
        { name: 'batch', assumed: 1 },
        { name: 'seq', assumed: 1024 },
      ],
      unprofiledOperators: [],
      diagnostics: [],
      fingerprint: 'synthetic',
    });
  }

  configure(): Promise<StepView> {
    return Promise.resolve(this.view);
  }

  frontier(): Promise<Frontier> {
    return Promise.resolve(this.curve);
  }

  plan(inputs: PlanInputs): Promise<PlanView> {
    const budgetBytes = inputs.budgetBytes ?? inputs.devices[0].memoryBytes;
    const points = this.curve.strategies[inputs.strategy];
    const fitting = pointAtBudget(points, budgetBytes);
    const point = fitting ?? points[0];
    const { step, blocks, modules } = this.made;
    const again = new Set<number>();
    for (let i = 1; i < point.directives.recomputations.length; i += 2)
      again.add(point.directives.recomputations[i]);
    const decisions = blocks.flatMap((block, i): Decision[] =>
      block.forward.slice(0, 3).every((node) => again.has(node))
        ? [
            {
              target: modules.filter((m) => m.className === 'Block')[i].name,
              kind: 'module',
              choice: 'recompute',
            },
          ]
        : [],
    );
    return Promise.resolve({
      directives: point.directives,
      infeasible: fitting
        ? undefined
        : {
            message: `No plan fits: the least found needs ${(point.peakBytes / 2 ** 30).toFixed(2)} GiB, at lm_head.`,
            leastBytes: point.peakBytes,
            node: 'lm_head',
          },
      plan: {
        format: planFormat,
        model: { file: 'gpt2_small.train.onnx', fingerprint: 'synthetic' },
        workload: inputs.workload,
        devices: inputs.devices,
        budgetBytes,
        strategy: inputs.strategy,
        planner: point.planner,
        decisions: [...decisions, ...inputs.pins],
        prediction: {
          peakBytes: point.peakBytes,
          peakPhase: 'backward',
          peakNode: step.nodeName[0],
          peakModule: '',
          stepTimeMs: point.stepTimeMs,
          keepAllPeakBytes: this.view.keepAllPeakBytes,
          keepAllStepTimeMs: this.view.keepAllStepTimeMs,
          overheadPercent: point.overheadPercent,
          lowerBoundPercent: point.lowerBoundPercent,
          savedBytes: 0,
          perDevicePeakBytes: {},
        },
        assumptions: this.view.assumptions,
      },
    });
  }

  private stepView(): StepView {
    const { step, layers, modules } = this.made;
    const sum = (kind: number): number =>
      step.valueBytes.reduce(
        (total, bytes, value) => total + (step.valueKind[value] === kind ? bytes : 0),
        0,
      );
    const keepAll = simulate(step, compileSchedule(step, keepEverything));
    return {
      step,
      layers,
      modules,
      parameterBytes: sum(ValueKind.parameter),
      gradientBytes: sum(ValueKind.parameterGradient),
      optimizerBytes: sum(ValueKind.optimizerState),
      bufferBytes: 0,
      inputBytes: sum(ValueKind.input),
      savedBytes: layers.filter((row) => row.parent < 0).reduce((total, row) => total + row.savedBytes, 0),
      macs: 0,
      trafficBytes: 0,
      recognitions: [],
      keepAllPeakBytes: keepAll.peakBytes,
      keepAllStepTimeMs: keepAll.stepTimeMs,
      assumptions: [
        'eager PyTorch, CUDA semantics',
        'fused attention',
        'times from a roofline, not measured',
      ],
      diagnostics: step.diagnostics,
    };
  }

  private computeFrontier(): Frontier {
    const { blocks } = this.made;
    // Every number of blocks, where there are few.
    const stride = Math.max(1, Math.ceil(blocks.length / mostCounts));
    const counts = Array.from({ length: Math.floor(blocks.length / stride) + 1 }, (_, k) => k * stride);
    const whole = counts.map((k) =>
      this.point('first blocks', (block, position, length) => block < k && position < length - 1),
    );
    const selective = counts.flatMap((k) =>
      [
        [0, 5, 6, 8],
        [0, 5, 6, 8, 3],
        [0, 1, 2, 3, 5, 6, 7, 8, 9, 10],
      ].map((chosen) =>
        this.point('operators by ms per byte', (block, position) => block < k && chosen.includes(position)),
      ),
    );
    const finer = counts.flatMap((k) =>
      [[8], [0, 8], [0, 6, 8, 5]].map((chosen) =>
        this.point(
          'schedule search',
          (block, position) => block >= blocks.length - k && chosen.includes(position),
        ),
      ),
    );
    const every = (n: number) => (block: number, position: number, length: number) =>
      block % n === n - 1 && position < length - 1;
    const root = Math.max(2, Math.round(Math.sqrt(blocks.length)));
    const keepAll = this.point('keep all', () => false);
    return {
      strategies: {
        'module-checkpoint': pareto(whole),
        selective: pareto([...whole, ...selective]),
        schedule: pareto([...whole, ...selective, ...finer]),
      },
      baselines: [
        { ...keepAll, name: 'keep all', family: 'modules', description: '' },
        { ...this.point('every block', every(1)), name: 'every block', family: 'modules', description: '' },
        {
          ...this.point('every 2nd block', every(2)),
          name: 'every 2nd block',
          family: 'modules',
          description: '',
        },
        { ...this.point('√n', every(root)), name: '√n', family: 'modules', description: '' },
      ],
      floorBytes: 0.82 * Math.min(...whole.map((point) => point.peakBytes)),
      floorNode: 'lm_head',
    };
  }

  private point(
    planner: string,
    recomputes: (block: number, position: number, length: number) => boolean,
  ): FrontierPoint {
    const { step, blocks } = this.made;
    const pairs = blocks
      .flatMap(({ forward, firstBackward }, block) =>
        forward
          .filter((_, position) => recomputes(block, position, forward.length))
          .map((node) => [firstBackward, node] as const),
      )
      .sort(([a, x], [b, y]) => a - b || x - y);
    const directives: Directives = { ...keepEverything, recomputations: Int32Array.from(pairs.flat()) };
    const { peakBytes, stepTimeMs } = simulate(step, compileSchedule(step, directives));
    const overheadPercent = (stepTimeMs / this.view.keepAllStepTimeMs - 1) * 100;
    return {
      peakBytes,
      stepTimeMs,
      overheadPercent,
      lowerBoundPercent: 0.55 * overheadPercent,
      planner,
      directives,
    };
  }
}

function pareto(points: readonly FrontierPoint[]): FrontierPoint[] {
  const sorted = [...points].sort((a, b) => a.peakBytes - b.peakBytes || a.stepTimeMs - b.stepTimeMs);
  return sorted.filter((point, i) =>
    sorted.slice(0, i).every((before) => before.stepTimeMs > point.stepTimeMs),
  );
}
