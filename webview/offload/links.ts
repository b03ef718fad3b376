import { formatBandwidth } from '../../planner-core/base/format';
import { findDevice } from '../../planner-core/devices/catalogue';
import { hostLinkJoulesPerGB } from '../../planner-core/devices/energy';
import { findLink, linkCatalogue } from '../../planner-core/devices/linkCatalogue';
import { hostEnd } from '../../planner-core/devices/machine';
import { defaultStorage, findStorage, storageCatalogue } from '../../planner-core/devices/storageCatalogue';
import type { OffloadLink, OffloadPlace } from '../../planner-core/plan/offloadTarget';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { t } from '../base/l10n';

/** How a link is called on screen; one without a name in a catalogue by what it leads to. */
export const linkTitle = (name: string, to: OffloadPlace): string =>
  [...linkCatalogue, ...storageCatalogue].find((known) => known.name === name)?.title ??
  (to === 'host' ? t('the link to the host') : t('the link to storage'));

/** Links of the catalogues that lead to a place, as a person chooses from them. */
export const linkOptions = (to: OffloadPlace): { readonly value: string; readonly label: string }[] =>
  (to === 'host' ? linkCatalogue : storageCatalogue).map(({ name, title }) => ({
    value: name,
    label: title,
  }));

/**
 * What carries values where no link is chosen: the usual disk, or what links the first device to its host, by the machine,
 * else by the device catalogue. With its rate, where that is known.
 */
export function usualLinkText({ devices, links = [] }: PlanInputs, to: OffloadPlace): string {
  if (to === 'storage') {
    const disk = findStorage(defaultStorage);
    return disk ? `${linkTitle(disk.name, to)} · ${ratesTitle(disk)}` : t('a usual disk');
  }
  const [{ id, name }] = devices;
  const given = links.find(({ between }) => between.includes(id) && between.includes(hostEnd));
  const rate = given?.gbPerS ?? findDevice(name)?.hostLinkGBPerS;
  if (rate === undefined) return t("the machine's link");
  const title = given ? findLink(given.name)?.title : t('{0} to host', name);
  return `${title ?? t("the machine's link")} · ${formatBandwidth(rate)}`;
}

/** `24 GB/s`, or `6.5 GB/s out, 5 GB/s back` */
export const ratesTitle = ({ outGBPerS, inGBPerS }: OffloadLink): string =>
  outGBPerS === inGBPerS
    ? formatBandwidth(outGBPerS)
    : t('{0} out, {1} back', formatBandwidth(outGBPerS), formatBandwidth(inGBPerS));

/** The link of a catalogue; undefined for a name that none has. */
export function linkNamed(name: string): OffloadLink | undefined {
  const spec = findLink(name);
  if (!spec) return findStorage(name);
  const { gbPerS, latencyMs, shared } = spec;
  return {
    name: spec.name,
    outGBPerS: gbPerS,
    inGBPerS: gbPerS,
    latencyMs,
    shared,
    joulesPerGB: hostLinkJoulesPerGB,
  };
}
