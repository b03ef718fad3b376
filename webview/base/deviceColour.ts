/** How many colours there are for devices; more devices share them. */
const colourCount = 8;

/** Class whose `--device` is the colour of a device, by its index among all of a machine. */
export const deviceClass = (device: number): string => `device-${Math.max(0, device) % colourCount}`;

/** Classes of every colour, for what is painted on a canvas. */
export const deviceClasses: readonly string[] = Array.from({ length: colourCount }, (_, i) => deviceClass(i));
