import type { Decision, Plan } from '../plan/plan';
import { csvText } from './csv';

/** A row of the layer tree; parents come before children. */
export interface LayerFacts {
  readonly id: number;
  /** -1 for the root's children. */
  readonly parent: number;
  readonly kind: 'module' | 'operator';
  readonly name: string;
  readonly type: string;
  readonly parameterBytes: number;
  /** Kept for backward. */
  readonly savedBytes: number;
  readonly macs: number;
  readonly trafficBytes: number;
  readonly forwardMs: number;
  readonly backwardMs: number;
  readonly bound: string;
}

/** A layer with what the plan decides for it, or for the nearest module around it of which it decides something. */
export interface DecidedLayer extends LayerFacts {
  readonly decision: Pick<Decision, 'choice' | 'device' | 'pinned'>;
}

/** The layers with what is decided for them. */
export function decidedLayers(layers: readonly LayerFacts[], { decisions }: Plan): DecidedLayer[] {
  const own = new Map(decisions.map((decision) => [`${decision.kind} ${decision.target}`, decision]));
  const decided = new Map<number, DecidedLayer>();
  for (const layer of layers) {
    const { choice, device, pinned } = own.get(`${layer.kind} ${layer.name}`) ?? {};
    const around = decided.get(layer.parent)?.decision;
    const decision = { choice: choice ?? around?.choice, device: device ?? around?.device, pinned };
    decided.set(layer.id, { ...layer, decision });
  }
  return [...decided.values()];
}

/** The layer table as CSV: bytes and milliseconds of the step that keeps everything, and what the plan decides. */
export function layersCsv(layers: readonly LayerFacts[], plan: Plan): string {
  const header = [
    ...['kind', 'name', 'type', 'parameter_bytes', 'kept_bytes', 'macs', 'traffic_bytes', 'forward_ms'],
    ...['backward_ms', 'bound_by', 'choice', 'device', 'by_hand'],
  ];
  const rows = decidedLayers(layers, plan).map((layer) => [
    ...[layer.kind, layer.name, layer.type, layer.parameterBytes, layer.savedBytes, layer.macs],
    ...[layer.trafficBytes, layer.forwardMs, layer.backwardMs, layer.bound],
    ...[layer.decision.choice, layer.decision.device, layer.decision.pinned ? 1 : 0],
  ]);
  return csvText(header, rows);
}
