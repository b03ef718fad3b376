import { formatMemory } from '../base/format';
import { deviceStateText } from '../plan/deviceMemory';
import type { AllocatorView } from '../session/allocatorView';
import { table } from './output';

/** What a CUDA device shows as used, from what tensors ask for to what nvidia-smi says. */
export function allocatorText(view: AllocatorView): string {
  const { requested, allocated, reserved } = view.peaks;
  const tolerance = view.contextToleranceBytes > 0 ? `± ${formatMemory(view.contextToleranceBytes)}` : '';
  const place = ({ phase, node }: { readonly phase: string; readonly node: string }): string =>
    node ? `${phase}: ${node}` : phase;
  const fell = view.outOfMemory;
  return [
    table([
      [`memory of ${view.device} (${view.name})`, '', 'most in'],
      ['requested by tensors', formatMemory(view.requestedPeakBytes), place(requested)],
      ['allocated (max_memory_allocated)', formatMemory(view.allocatedPeakBytes), place(allocated)],
      ['reserved (max_memory_reserved)', formatMemory(view.reservedPeakBytes), place(reserved)],
      ['as nvidia-smi shows it', formatMemory(view.totalBytes), tolerance],
      ...view.breakdown.map(({ label, bytes }) => [`  ${label}`, formatMemory(bytes), '']),
      ['the device has', formatMemory(view.memoryBytes), deviceStateText(view)],
    ]),
    ...(fell ? [`out of memory in the ${fell.step} step, ${place(fell)}`] : []),
    ...view.unknown.map((what) => `not known: ${what}`),
  ].join('\n');
}
