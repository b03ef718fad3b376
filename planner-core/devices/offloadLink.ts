/** What carries values between the first device and where they go. Rates are decimal, what large transfers reach. */
export interface OffloadLink {
  /** Name in the link catalogue or the storage catalogue, or 'custom'. */
  readonly name: string;
  /** Away from the device. */
  readonly outGBPerS: number;
  /** Back to the device. */
  readonly inGBPerS: number;
  readonly latencyMs: number;
  /** One transfer at a time, both directions together; else one in each direction. */
  readonly shared: boolean;
  /** Energy of a transfer, joules for 1e9 bytes; absent: not known. */
  readonly joulesPerGB?: number;
}
