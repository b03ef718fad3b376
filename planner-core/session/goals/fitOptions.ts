import type { Job } from '../../base/job';
import { formatMemory } from '../../base/format';
import { strategies } from '../../plan/plan';
import { applyEdit, type PlanInputs } from '../../plan/planInputs';
import { largerDevices } from './deviceLevers';
import { Fitter, type Fit } from './fitter';
import type { Effect, FitOption, FitOptions, Need } from './goal';
import { levers, offloadId, strategyId, type Lever } from './levers';
import type { PlanningQuestion } from './planningQuestion';
import { dataOf } from './samples';
import { sizeLevers, type SizeLever } from './sizeLevers';

/** Combinations of two shown at most. */
const maxPairs = 6;
/** An option that does not suffice and saves a smaller share than this is not worth a line. */
const noticeable = 0.01;

const intrusion: Readonly<Record<Effect, number>> = { none: 0, rounding: 1, training: 2 };

/**
 * What to change so that the step fits the memory, each answer with simulated numbers: one thing where that is enough,
 * else two. Ranked: what fits first, on this device first, then by time for the same data, then by how little it
 * changes; what does not fit follows by what it needs. Throws 'cancelled' when the job is.
 */
export async function fitOptions(question: PlanningQuestion, job: Job): Promise<FitOptions> {
  const { start, fitter, inputs } = question;
  const now = start.fitKept();
  const answer = { goal: 'options', now: { ...needOf(now), fits: now.verdict === 'fits' } } as const;
  if (now.verdict === 'fits') return { ...answer, memoryBytes: fitter.memoryBytes, options: [] };
  const trial = new Trial(question, now, job);

  const simple = levers(inputs, start.state);
  const searched = sizeLevers(question);
  const singles: Tried[] = [];
  const total = simple.length + searched.length + 1;
  for (const lever of simple) {
    singles.push(await trial.of([lever]));
    job.progress((0.6 * singles.length) / total);
  }
  for (const lever of searched) {
    const found = await lever.find(inputs, (changed) => trial.keptFits(changed), job);
    if (found) singles.push(await trial.of([found]));
    job.progress((0.6 * singles.length) / total);
  }
  const helpful = singles.filter(({ option, levers: [lever] }) => trial.helps(option) || lever.isPlanned);
  const useful = withoutIdleFreedom(helpful);
  const devices = await trial.devices(now.totalBytes ?? now.peakBytes);
  const isMild = ({ option }: Tried): boolean => option.effect !== 'training';
  const isEnough = (tried: readonly Tried[]): boolean => tried.some((one) => one.option.fits && isMild(one));
  let pairs: Tried[] = [];
  if (!isEnough(useful)) pairs = await trial.pairs(useful.filter(isMild), searched);
  if (!isEnough([...useful, ...pairs])) pairs.push(...(await trial.pairs(useful, searched)));
  job.progress(1);
  const shown = [...withoutShortfalls(useful), ...shownPairs(pairs), ...devices];
  const options = shown.map(({ option }) => option).sort(byRank);
  return { ...answer, memoryBytes: fitter.memoryBytes, options };
}

interface Tried {
  readonly levers: readonly Lever[];
  readonly option: FitOption;
}

const needOf = ({ peakBytes, totalBytes, toleranceBytes, stepTimeMs, overheadPercent }: Need): Need => ({
  peakBytes,
  totalBytes,
  toleranceBytes,
  stepTimeMs,
  overheadPercent,
});

const takenBytes = ({ totalBytes, peakBytes }: Need): number => totalBytes ?? peakBytes;

function byRank(a: FitOption, b: FitOption): number {
  if (a.fits !== b.fits) return a.fits ? -1 : 1;
  if (a.isOtherDevice !== b.isOtherDevice) return a.isOtherDevice ? 1 : -1;
  if (!a.fits) return takenBytes(a.need) - takenBytes(b.need) || (a.id < b.id ? -1 : 1);
  return (
    a.relativeTime - b.relativeTime || intrusion[a.effect] - intrusion[b.effect] || (a.id < b.id ? -1 : 1)
  );
}

/**
 * Without plans that are free to do more than others and are no better for it: what offloads beside what does not, any
 * schedule beside checkpoints.
 */
function withoutIdleFreedom(singles: readonly Tried[]): Tried[] {
  const byId = new Map(singles.map((single) => [single.option.id, single.option]));
  const idle = new Set<string>();
  for (const [i, strategy] of strategies.entries()) {
    const less = strategies.slice(0, i);
    const lessFree = [
      [strategyId(strategy), less.map(strategyId)],
      [offloadId(strategy), [...less.map(offloadId), ...strategies.slice(0, i + 1).map(strategyId)]],
    ] as const;
    for (const [id, others] of lessFree) {
      const option = byId.get(id);
      if (option && others.some((other) => isNoWorse(byId.get(other), option))) idle.add(id);
    }
  }
  return singles.filter(({ option }) => !idle.has(option.id));
}

function isNoWorse(a: FitOption | undefined, b: FitOption): boolean {
  if (!a || a.fits !== b.fits) return a?.fits ?? false;
  return a.fits ? a.relativeTime <= b.relativeTime : takenBytes(a.need) <= takenBytes(b.need);
}

/** Without what does not suffice where more or something else of the same family does. */
function withoutShortfalls(singles: readonly Tried[]): Tried[] {
  const enough = new Set(
    singles.filter(({ option }) => option.fits).map(({ levers: [{ family }] }) => family),
  );
  return singles.filter(({ option, levers: [{ family }] }) => option.fits || !enough.has(family));
}

/** The best pairs that fit; when none does, the one that needs least. */
function shownPairs(pairs: readonly Tried[]): Tried[] {
  const unique = [...new Map(pairs.map((pair) => [pair.option.id, pair])).values()];
  const ranked = unique.sort((a, b) => byRank(a.option, b.option));
  const fitting = ranked.filter(({ option }) => option.fits);
  return fitting.length > 0 ? fitting.slice(0, maxPairs) : ranked.slice(0, 1);
}

/** Tries levers: builds the step they make, and plans it where one of them recomputes. */
class Trial {
  constructor(
    private readonly question: PlanningQuestion,
    private readonly now: Fit,
    private readonly job: Job,
  ) {}

  async keptFits(inputs: PlanInputs): Promise<boolean> {
    await this.job.checkpoint();
    const step = this.question.step(inputs);
    await this.job.checkpoint();
    return step.mismatch === undefined && step.fitKept().verdict === 'fits';
  }

  async of(chosen: readonly Lever[]): Promise<Tried> {
    const { question, job } = this;
    await job.checkpoint();
    const edits = chosen.flatMap((lever) => lever.edits);
    const inputs = edits.reduce(applyEdit, question.inputs);
    const step = question.step(inputs);
    await job.checkpoint();
    const fit = chosen.some((lever) => lever.isPlanned) ? await step.fit(Infinity, job) : step.fitKept();
    const label = labelOf(chosen);
    const budgetBytes = question.budgetFor(fit);
    const option: FitOption = {
      id: chosen.map(({ id }) => id).join(' + '),
      label,
      note: chosen
        .map(({ note }) => note)
        .filter(Boolean)
        .join(' '),
      effect: chosen.reduce<Effect>(
        (most, { effect }) => (intrusion[effect] > intrusion[most] ? effect : most),
        'none',
      ),
      isOtherDevice: false,
      fits: fit.verdict === 'fits',
      reason: fit.reason,
      need: needOf(fit),
      relativeTime: this.relativeTime(inputs, fit),
      edit: question.edit(label, edits, budgetBytes),
    };
    return { levers: chosen, option };
  }

  /** Does an option need noticeably less than keeping everything does now? */
  helps(option: FitOption): boolean {
    return option.fits || takenBytes(option.need) < (1 - noticeable) * takenBytes(this.now);
  }

  /** Every two families, each at the position that needs least; what is searched for is searched anew. */
  async pairs(singles: readonly Tried[], searched: readonly SizeLever[]): Promise<Tried[]> {
    const least = new Map<string, Tried>();
    for (const single of singles) {
      const { family } = single.levers[0];
      const known = least.get(family);
      if (!known || takenBytes(single.option.need) < takenBytes(known.option.need)) least.set(family, single);
    }
    const finders = new Map(searched.map((lever) => [lever.family, lever]));
    const chosen = [...least.values()].map(({ levers: [lever] }) => lever);
    // What is searched for comes last, so that it is pulled no further than needed.
    chosen.sort((a, b) => Number(finders.has(a.family)) - Number(finders.has(b.family)));
    const pairs: Tried[] = [];
    for (let second = 1; second < chosen.length; second++) {
      for (let first = 0; first < second; first++) {
        const [a, b] = [chosen[first], chosen[second]];
        const changed = a.edits.reduce(applyEdit, this.question.inputs);
        const finder = finders.get(b.family);
        const lever = finder ? await finder.find(changed, (inputs) => this.fitsWith(a, inputs), this.job) : b;
        if (lever) pairs.push(await this.of([a, lever]));
        this.job.progress(0.6 + (0.4 * second) / chosen.length);
      }
    }
    return pairs;
  }

  /** Devices with enough memory, nothing else changed. */
  async devices(neededBytes: number): Promise<Tried[]> {
    const { question, now } = this;
    const found: Tried[] = [];
    for (const device of largerDevices(question, neededBytes)) {
      await this.job.checkpoint();
      const edit = { kind: 'devices', devices: [device, ...question.inputs.devices.slice(1)] } as const;
      const inputs = applyEdit(question.inputs, edit);
      const { state } = question.step(inputs);
      const fit = new Fitter(() => state, question.fitter.allocator, device.memoryBytes)
        .step(inputs)
        .fitKept();
      if (fit.verdict !== 'fits') continue;
      const label = `Run on ${device.name} (${formatMemory(device.memoryBytes)})`;
      const option: FitOption = {
        ...{ id: `device:${device.name}`, label, note: 'Everything is kept.', effect: 'none' },
        ...{ isOtherDevice: true, fits: true, reason: '', need: needOf(fit) },
        relativeTime: fit.stepTimeMs / now.stepTimeMs,
        edit: question.edit(label, [edit], undefined),
      };
      found.push({ levers: [], option });
    }
    return found;
  }

  private async fitsWith(lever: Lever, inputs: PlanInputs): Promise<boolean> {
    if (!lever.isPlanned) return this.keptFits(inputs);
    const step = this.question.step(inputs);
    return step.mismatch === undefined && (await step.fit(Infinity, this.job)).verdict === 'fits';
  }

  private relativeTime(inputs: PlanInputs, { stepTimeMs }: Fit): number {
    const { dims, inputs: before } = this.question;
    if (this.now.stepTimeMs <= 0) return 1;
    return stepTimeMs / dataOf(dims, inputs) / (this.now.stepTimeMs / dataOf(dims, before));
  }
}

/** `Use bf16 autocast and checkpoint whole modules`. */
function labelOf([first, ...others]: readonly Lever[]): string {
  return [first.label, ...others.map(({ label }) => label[0].toLowerCase() + label.slice(1))].join(' and ');
}
