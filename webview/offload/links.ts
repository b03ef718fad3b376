import { hostLinkJoulesPerGB } from '../../planner-core/devices/energy';
import { findLink, linkCatalogue } from '../../planner-core/devices/linkCatalogue';
import { findStorage, storageCatalogue } from '../../planner-core/devices/storageCatalogue';
import type { OffloadLink, OffloadPlace } from '../../planner-core/plan/offloadTarget';
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
