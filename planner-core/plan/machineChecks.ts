import { jsonChecks, type Check, type Complaint } from '../base/jsonChecks';
import { offloadPlaces, type OffloadLink, type OffloadTarget } from './offloadTarget';
import type { PlanDevice, PlanLink } from './plan';

/** Checks of devices, links and where values go as plans, machine files and settings write them. */
export function machineChecks(complain: Complaint) {
  const { string, nonEmpty, amount, positive, count, boolean, oneOf, listOf, objectOf } =
    jsonChecks(complain);
  const between: Check<readonly [string, string]> = (value, path) => {
    const ends = listOf(nonEmpty)(value, path);
    if (ends.length !== 2) throw complain(path, 'does not name two ends');
    return [ends[0], ends[1]];
  };
  const devices = listOf(
    objectOf<PlanDevice>({ id: nonEmpty, name: string, memoryBytes: amount, count }, ['count']),
    1,
  );
  const links = listOf(
    objectOf<PlanLink>({ between, name: nonEmpty, gbPerS: positive, latencyMs: amount, shared: boolean }),
  );
  const machine = objectOf<{ devices: readonly PlanDevice[]; links: readonly PlanLink[] }>(
    { devices, links },
    ['links'],
  );
  const offloadLink = objectOf<OffloadLink>(
    {
      ...{ name: nonEmpty, outGBPerS: positive, inGBPerS: positive, latencyMs: amount },
      ...{ shared: boolean, joulesPerGB: amount },
    },
    ['joulesPerGB'],
  );
  const offload = objectOf<OffloadTarget>(
    { to: oneOf(offloadPlaces), link: offloadLink, memoryBytes: positive },
    ['link', 'memoryBytes'],
  );
  return { devices, links, machine, offload };
}
