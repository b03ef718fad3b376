import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatMemory } from '../../planner-core/base/format';
import { dynamicRematerialisation } from '../../planner-core/planners/baselines/dynamicRematerialisation';
import type { EvictionScore } from '../../planner-core/planners/baselines/evictionScores';
import { dynamicKnapsack, greedyKnapsack } from '../../planner-core/planners/baselines/knapsack';
import { memoryBudgetSaves } from '../../planner-core/planners/baselines/memoryBudget';
import { recomputeOnce } from '../../planner-core/planners/baselines/recomputeOnce';
import { computeFrontier } from '../../planner-core/planners/computeFrontier';
import { MemoryProfile } from '../../planner-core/planners/memoryProfile';
import { pointAtBudget } from '../../planner-core/planners/frontier';
import { recomputableNodes } from '../../planner-core/plan/layerIndex';
import { uncontrolled } from '../../planner-core/base/job';
import { bytesOfMarked, keptValues } from '../../planner-core/simulator/keptValues';
import type { Directives } from '../../planner-core/simulator/schedule';
import { readGraphInstance } from '../../planner-core/step/graphInstance';
import { defaultWorkload } from '../../planner-core/step/workload';
import type { StepGraph } from '../../planner-core/step/stepGraph';
import { dimsFor, openSession } from '../conformance/predict';
import { readPyTorch2 } from '../conformance/truth/pytorch2';
import { printTable } from './lib/table';

/** A row of PyTorch's partitioner as recorded; budget null: its default partition, which computes nothing again. */
interface RecordedCut {
  readonly budget: number | null;
  readonly solver: 'dp' | 'greedy' | 'ilp';
  readonly batch: number;
  readonly size: number;
  readonly dropout: string;
  readonly saved_bytes: number;
  readonly backward_flops: number;
}

const mib = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);
const giga = (flops: number): string => (flops / 1e9).toFixed(2);
const percent = (value: number): string => `${value.toFixed(1)} %`;

/** PyTorch's memory budget and DTR as recorded, beside the same rules simulated here and the plans of our planners. */
export async function benchPeers(repoRoot: string): Promise<void> {
  const data = path.resolve(repoRoot, '../shared/data');
  if (!existsSync(data)) {
    console.log('\npeers: skipped, the recorded answers (../shared/data) are not here');
    return;
  }
  const budgets = await budgetRows(path.join(data, 'truth/pytorch-2.13'));
  printTable('PyTorch activation_memory_budget', budgetHeader, budgets);
  const online = dtrRows(path.join(data, 'instances/remat'));
  printTable('Dynamic tensor rematerialisation', dtrHeader, online);
  writeFileSync(path.join(repoRoot, 'docs/planning-peers.md'), documentOf(budgets, online));
}

const budgetHeader = [
  'model',
  'budget',
  'solver',
  'PyTorch saves MiB',
  'PyTorch repeats GFLOP',
  'rule saves MiB',
  'rule repeats GFLOP',
  'rule peak',
  'rule time',
  'ours saves MiB',
  'ours repeats GFLOP',
  'ours time',
  'proven least',
];

async function budgetRows(folder: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const model of readPyTorch2(folder)) {
    const file = JSON.parse(readFileSync(path.join(folder, `${model.model}.json`), 'utf8')) as {
      peers: { mincut?: readonly RecordedCut[] };
    };
    const recorded = file.peers.mincut ?? [];
    const none = recorded.find(({ budget }) => budget === null);
    if (!none) continue;
    const label = `none ${none.batch}×${none.size} fp32 dropout ${none.dropout}`;
    const point = model.points.find((candidate) => candidate.label === label);
    const session = openSession(model.trainFile);
    const dims = point && dimsFor(session, point);
    if (!dims) {
      console.log(`peers: ${model.model} has other sizes built in`);
      continue;
    }
    const base = session.defaultInputs([{ id: 'gpu0', name: 'A100 SXM 80GB', memoryBytes: 80 * 1024 ** 3 }]);
    const pools = session['steps'].poolsOf({
      ...base,
      workload: { ...defaultWorkload, ...point.workload, dims },
    });
    const { context } = pools;
    const frontier = await computeFrontier(pools, uncontrolled);
    const keepAll = frontier.baselines[0];
    for (const cut of recorded) {
      const solver = cut.solver === 'greedy' ? greedyKnapsack : dynamicKnapsack;
      const again =
        cut.budget === null
          ? new Int32Array(0)
          : recomputeOnce(context, memoryBudgetSaves(context, cut.budget, solver).saved);
      const rule = context.planned('rule', again, []);
      const ours = pointAtBudget(frontier.strategies.schedule, rule.peakBytes)!;
      rows.push([
        `${model.model} ${cut.batch}×${cut.size}`,
        cut.budget === null ? 'none' : String(cut.budget),
        cut.budget === null ? '' : cut.solver,
        mib(cut.saved_bytes),
        giga(cut.backward_flops - none.backward_flops),
        mib(savedBytes(context.step, rule.directives)),
        giga(repeatedFlops(context.step, rule.directives)),
        formatMemory(rule.peakBytes),
        percent(100 * (rule.stepTimeMs / keepAll.stepTimeMs - 1)),
        mib(savedBytes(context.step, ours.directives)),
        giga(repeatedFlops(context.step, ours.directives)),
        percent(ours.overheadPercent),
        percent(ours.lowerBoundPercent),
      ]);
    }
  }
  return rows;
}

const savedBytes = (step: StepGraph, directives: Directives): number =>
  bytesOfMarked(step, keptValues(step, directives));

function repeatedFlops(step: StepGraph, { recomputations }: Directives): number {
  let flops = 0;
  for (let i = 1; i < recomputations.length; i += 2) flops += 2 * step.macs[recomputations[i]];
  return flops;
}

const dtrHeader = ['trace', 'budget', 'score', 'simrd', 'here'];

/** Recorded names of the scores. */
const scores: Readonly<Record<string, EvictionScore>> = {
  'simrd DTR': 'h_DTR',
  'simrd DTREqClass': 'h_DTR eq',
  'simrd LRU': 'LRU',
  'simrd LargestStorage': 'largest',
};

/** Values a run may look at. */
const maxWork = 2e8;

interface RecordedRun {
  readonly who: string;
  readonly rows: readonly {
    readonly ratio: number;
    readonly budget_bytes: number;
    readonly result: string;
    readonly overhead: number | null;
  }[];
}

function dtrRows(folder: string): string[][] {
  const rows: string[][] = [];
  for (const name of ['densenet121', 'inceptionv4', 'transformer', 'unet', 'lstm', 'unroll_gan']) {
    const text = readFileSync(path.join(folder, `dtr-${name}.json`), 'utf8');
    const { reference } = JSON.parse(text) as { reference: readonly RecordedRun[] };
    const { step } = readGraphInstance(text);
    const fixed = recomputableNodes(step).map((flag) => 1 - flag);
    const profile = new MemoryProfile(step);
    const baseMs = profile.ofRecomputations(new Int32Array(0)).stepTimeMs;
    for (const { who, rows: runs } of reference) {
      const score = scores[who.replace(/ \(.*/, '')];
      if (!score) continue;
      for (const { ratio, budget_bytes: budget, result, overhead } of runs) {
        if (![0.9, 0.8, 0.5].includes(ratio)) continue;
        const pairs = dynamicRematerialisation(step, fixed, budget, score, maxWork);
        const addedMs = pairs ? profile.ofRecomputations(pairs).stepTimeMs - baseMs : undefined;
        rows.push([
          name,
          String(ratio),
          score,
          overhead === null ? result : percent(100 * (overhead - 1)),
          addedMs === undefined ? 'gives up' : percent((100 * addedMs) / baseMs),
        ]);
      }
    }
  }
  return rows;
}

function documentOf(budgets: readonly string[][], online: readonly string[][]): string {
  const table = (header: readonly string[], rows: readonly string[][]): string =>
    [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  return `# Planners of others, beside ours

Written by \`npm run bench -- peers\`. What others answered was recorded by running them; it is not part of this repository, and without
it the bench skips.

## PyTorch's activation memory budget

PyTorch 2.13, \`torch.compile\` with \`activation_memory_budget\`: a minimum cut between forward and backward, then a knapsack (dp, greedy,
ilp) over results of heavy operators. "PyTorch" columns are its own account of the graph it compiles. "rule" is the same rule on our step
(\`planner-core/planners/baselines/memoryBudget.ts\`), simulated; "ours" is the fastest plan of any schedule within the rule's peak. Times are
added to the step that keeps everything, on an A100 as our cost model has it; "proven least" is what no plan within that peak can go below.

Where the set-ups differ:

- PyTorch plans the decomposed graph (batch norm, layer norm, softmax, GELU in pieces) and counts what is fused as free; our step runs eager
  operators, each at its own price, so the rule repeats cheap operators that cost PyTorch nothing, and keeps other tensors.
- Saved bytes leave parameters and inputs out on both sides. PyTorch counts outputs of its forward graph, the loss included; we count what
  backward and repeats read of the forward pass.
- FLOPs are those of products and convolutions on both sides (two for a multiply-add); PyTorch's repeats are its backward FLOPs less those of
  its default partition.
- What the loss keeps (the logits' softmax) stays in our step; PyTorch may compute it again, with the product that makes it: the llama rows.
- Where the optimizer is the peak, nothing has to be given up: ours then keeps everything (the llama rows again).
- Where PyTorch used "ilp" the rule uses the dynamic programme, which is exact but for rounding bytes to a ten-thousandth of the budget axis.
- A smaller fraction is not always a smaller peak: what is computed again at the start of backward is all there at once. The rule shows it, as
  PyTorch's users do (github.com/pytorch/pytorch/issues/197838).

${table(budgetHeader, budgets)}

## Dynamic tensor rematerialisation

The authors' simulator (simrd, RuntimeV2EagerOptimized, github.com/uwsampl/dtr-prototype) on their logs, beside our simulation
(\`planner-core/planners/baselines/dynamicRematerialisation.ts\`) of the same graphs at the same budgets: added time.

Where the set-ups differ: simrd drops a tensor when the logged program dropped its last reference, ours after its last use, which is never
later; ties are broken differently; simrd may give up results that are pinned to the end. "gives up" is out of memory, more than eight times the
step's computations repeated, or too much work for the bench.

${table(dtrHeader, online)}
`;
}
