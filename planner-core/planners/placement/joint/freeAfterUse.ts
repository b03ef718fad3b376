import type { JointAction, JointProblem } from './jointProblem';

/** The same schedule with every result freed right after its last use; what it held to the end because it is kept stays. */
export function freeAfterUse(
  { inputs, deviceCount, isKept }: JointProblem,
  actions: readonly JointAction[],
): JointAction[] {
  const freed: JointAction[][] = actions.map(() => []);
  /** By result and device where it is: the last action so far that made or read it. */
  const lastUse = new Map<number, number>();
  const end = (pair: number): void => {
    const last = lastUse.get(pair);
    if (last === undefined) return;
    freed[last].push({ op: 'free', task: Math.floor(pair / deviceCount), device: pair % deviceCount });
    lastUse.delete(pair);
  };
  actions.forEach((action, at) => {
    if (action.op === 'free') end(action.task * deviceCount + action.device);
    else if (action.op === 'copy') {
      lastUse.set(action.task * deviceCount + action.from, at);
      lastUse.set(action.task * deviceCount + action.to, at);
    } else {
      for (let i = inputs.offsets[action.task]; i < inputs.offsets[action.task + 1]; i++)
        lastUse.set(inputs.items[i] * deviceCount + action.device, at);
      lastUse.set(action.task * deviceCount + action.device, at);
    }
  });
  for (const pair of [...lastUse.keys()]) if (!isKept[Math.floor(pair / deviceCount)]) end(pair);
  return actions.flatMap((action, at) => (action.op === 'free' ? freed[at] : [action, ...freed[at]]));
}
