import { formatMemory } from '../../planner-core/base/format';
import { deviceState, deviceStateText, tightestDevice } from '../../planner-core/plan/deviceMemory';
import type { AllocatorView } from '../../planner-core/session/allocatorView';
import type { PlanDevice } from '../../planner-core/plan/plan';
import type { PlacementView } from '../../planner-core/session/types';
import type { Phrase } from '../header/sentence';
import { advantageText, bottleneckText, boundText, overText, timeText } from './placementWords';
import { t, translated } from '../base/l10n';

/** How long the step takes where its layers were put, what is proven about that, and what holds it up. */
export function placementSentence(
  placement: PlacementView,
  devices: readonly PlanDevice[],
  infeasible: string | undefined,
  allocators: readonly AllocatorView[] = [],
): Phrase[] {
  const over = overText(
    placement.perDevice.map(({ peakBytes }) => peakBytes),
    devices,
  );
  const inFlight = overInFlight(placement, devices);
  const bound = boundText(placement);
  const phrases: Phrase[] = [{ text: `${timeText(placement)}${bound ? `; ${bound}.` : '.'}` }];
  if (infeasible)
    phrases.push({ text: infeasible, tone: 'error' }, { text: t('See what fits'), opens: 'goals' });
  else if (over.length > 0) phrases.push({ text: t('Does not fit: {0}.', over.join(', ')), tone: 'error' });
  else if (inFlight.length > 0)
    phrases.push(
      { text: t('Fits one step at a time: {0}.', peaksText(placement)), tone: 'good' },
      { text: t('With all steps in flight {0}.', inFlight.join(', ')), tone: 'error' },
    );
  else phrases.push({ text: t('Fits: {0}.', peaksText(placement)), tone: 'good' });
  const tightest = tightestDevice(allocators);
  // Limits are about tensors: the allocator and the context come on top.
  if (!infeasible && over.length === 0 && tightest && deviceState(tightest) !== 'fits') {
    phrases.pop();
    phrases.push({
      text: t(
        "{0}: {1}; it takes {2} of {3} with PyTorch's allocator and the CUDA context.",
        tightest.device,
        translated(deviceStateText(tightest)),
        formatMemory(tightest.totalBytes),
        formatMemory(tightest.memoryBytes),
      ),
      tone: deviceState(tightest) === 'just-fits' ? 'warning' : 'error',
    });
  }
  for (const text of [bottleneckText(placement), advantageText(placement)]) if (text) phrases.push({ text });
  return phrases;
}

/** What a stream asks too much of: plans are made for one step of it, and a pipeline has several in flight. */
function overInFlight({ pipeline }: PlacementView, devices: readonly PlanDevice[]): string[] {
  const peaks = new Map(pipeline?.run.devices.map(({ device, peakBytes }) => [device, peakBytes]));
  return overText(
    devices.map(({ id }) => peaks.get(id) ?? 0),
    devices,
  );
}

/** Devices with nothing in memory are left out. */
const peaksText = ({ perDevice }: PlacementView): string =>
  perDevice
    .filter(({ peakBytes }) => peakBytes > 0)
    .map(({ device, peakBytes }) => `${device} ${formatMemory(peakBytes)}`)
    .join(', ');
