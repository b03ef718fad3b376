import { durations, type StepDraft } from './draft';
import { Phase, ValueKind, type ValueId } from './stepGraph';
import type { Optimizer } from './workload';

/** Bytes of optimizer state for one parameter. Adam's step counter is a 4-byte tensor for every parameter. */
export function optimizerStateBytes(optimizer: Optimizer, parameterBytes: number): number {
  switch (optimizer) {
    case 'none':
    case 'sgd':
      return 0;
    case 'momentum':
      return parameterBytes;
    case 'adam':
    case 'adamw':
      return 2 * parameterBytes + 4;
  }
}

/** Adds one update for every parameter with a gradient, in place and without temporaries (fused implementation). */
export function addOptimizer(draft: StepDraft, gradients: ReadonlyMap<number, ValueId>): void {
  const { optimizer } = draft.workload;
  if (optimizer === 'none') return;
  for (const [tensor, gradient] of gradients) {
    const { name } = draft.graph.tensors[tensor];
    const parameterBytes = draft.tensors[tensor]!.bytes;
    const stateBytes = optimizerStateBytes(optimizer, parameterBytes);
    const updates = [draft.storage[tensor]];
    if (stateBytes > 0) {
      updates.push(
        draft.builder.value({
          name: `${optimizer} state of ${name}`,
          bytes: stateBytes,
          kind: ValueKind.optimizerState,
          residentAtStart: true,
        }),
      );
    }
    draft.builder.node({
      name: `${optimizer} update of ${name}`,
      phase: Phase.optimizer,
      operator: -1,
      module: 0,
      inputs: [gradient],
      outputs: [],
      updates,
      durationMs: durations(draft, {
        macs: 0,
        trafficBytes: 3 * parameterBytes + 2 * stateBytes,
        rate: 'fp32',
      }),
      recomputable: false,
    });
  }
}
