/** Power of a device, watts. */
export interface DevicePower {
  /** While it computes. */
  readonly computeW: number;
  /** While it waits for a transfer, its clocks up. */
  readonly waitW: number;
}

/**
 * Of what a board draws at full load, what it draws while it waits with its clocks up: an assumption. Idle boards of data
 * centres draw 10 to 15 % (A100 about 50 W of 400 W, H100 about 70 W of 700 W), their memory and clocks stay up here.
 */
const waitingShare = 0.25;

/** Power by the catalogue's figure, which is the limit of the board; undefined where that is not known. */
export function devicePower(powerW: number): DevicePower | undefined {
  return powerW > 0 ? { computeW: powerW, waitW: waitingShare * powerW } : undefined;
}

/**
 * Joules to move 1e9 bytes between a device and host memory over PCIe: 5 pJ a bit for both ends of the link (as PHY
 * vendors state it for PCIe 4), and 20 pJ a bit for the host's DRAM (M. Horowitz, Computing's energy problem, ISSCC 2014:
 * 1.3 to 2.6 nJ for 64 bits). Not measured.
 */
export const hostLinkJoulesPerGB = 0.2;

/** Joules of a kilowatt-hour. */
export const joulesPerKWh = 3.6e6;
