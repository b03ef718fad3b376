import { formatBandwidth } from '../base/format';
import { findLink } from '../devices/linkCatalogue';
import { storageCatalogue } from '../devices/storageCatalogue';
import type { OffloadLink } from './offloadTarget';
import type { PlanLink } from './plan';

/** What people call a link of the catalogues; undefined where it is in none. */
const linkTitle = (name: string): string | undefined =>
  findLink(name)?.title ?? storageCatalogue.find((storage) => storage.name === name)?.title;

type Rates = Pick<OffloadLink, 'outGBPerS' | 'inGBPerS'>;

/** `24 GB/s`, `24 GB/s out, 22 GB/s back` */
const rateText = (link: Rates, format: (gbPerS: number) => string): string => {
  const [out, back] = [format(link.outGBPerS), format(link.inGBPerS)];
  return out === back ? out : `${out} out, ${back} back`;
};

/** `PCIe 4.0 x16 (24 GB/s)`, `a link of 24 GB/s` */
export function shortLinkText(link: OffloadLink): string {
  const title = linkTitle(link.name);
  const rate = rateText(link, formatBandwidth);
  return title ? `${title} (${rate})` : `a link of ${rate}`;
}

/** `PCIe 4.0 x16, 24 GB/s, 0.01 ms latency`: all that a plan says of it, because a name does not bind its numbers. */
export function linkText(link: OffloadLink): string {
  const { name, latencyMs, shared, joulesPerGB } = link;
  return [
    linkTitle(name) ?? 'a link of its own',
    rateText(link, (gbPerS) => `${gbPerS} GB/s`),
    `${latencyMs} ms latency`,
    ...(shared ? ['one way at a time'] : []),
    ...(joulesPerGB === undefined ? [] : [`${joulesPerGB} J/GB`]),
  ].join(', ');
}

/** The same of a link between devices. */
export const machineLinkText = ({ gbPerS, ...link }: Omit<PlanLink, 'between'>): string =>
  linkText({ ...link, outGBPerS: gbPerS, inGBPerS: gbPerS });
