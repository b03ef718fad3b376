import type { SplitView } from '../../../../planner-core/session/machines/splitModel';

/** A split of two operators each that sends one tensor; its edit puts the module of that name on the server. */
export function someSplit(module: string): SplitView {
  return {
    ...{ totalMs: 5, boundMs: 5, computeMs: [2, 1], transferMs: 2, sentBytes: 2048, operators: [2, 2] },
    sent: [{ name: `out of ${module}`, shape: '1×64', bytes: 2048, from: 'edge' }],
    edit: {
      kind: 'several',
      label: 'Split between edge and server',
      edits: [{ kind: 'device', targets: [{ target: module, kind: 'module' }], device: 'server' }],
    },
  };
}
