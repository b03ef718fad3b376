import { architectureOf } from '../../devices/architecture';
import { deviceCatalogue } from '../../devices/catalogue';
import type { PlanDevice } from '../../plan/plan';
import type { PlanningQuestion } from './planningQuestion';

/** How many devices are offered. */
const offered = 3;

/** The devices with the least memory of those that have enough, and that run the same software. */
export function largerDevices(question: PlanningQuestion, neededBytes: number): PlanDevice[] {
  const [first] = question.inputs.devices;
  const software = architectureOf(first.name)?.software;
  if (!software) return [];
  return deviceCatalogue
    .filter(
      ({ name, memoryBytes }) => memoryBytes >= neededBytes && architectureOf(name)?.software === software,
    )
    .sort((a, b) => a.memoryBytes - b.memoryBytes || b.halfTflops - a.halfTflops)
    .slice(0, offered)
    .map(({ name, memoryBytes }) => ({ id: first.id, name, memoryBytes }));
}
