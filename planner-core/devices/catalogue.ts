/**
 * Devices with their dense peaks. Figures as printed in vendor datasheets and whitepapers (tensor-core rates without
 * sparsity, fp32 accumulation); GB and TFLOPS are decimal. A figure a device does not have is 0.
 */
export interface DeviceSpec {
  readonly name: string;
  /** Usable memory as the framework reports it is a little less: users can enter their own. */
  readonly memoryBytes: number;
  readonly fp32Tflops: number;
  /** Rate of fp32 convolutions and, where enabled, matrix products on tensor cores. */
  readonly tf32Tflops: number;
  /** bf16 or fp16. */
  readonly halfTflops: number;
  readonly fp8Tflops: number;
  readonly memoryGBPerS: number;
  /** Link to host memory, one direction. */
  readonly hostLinkGBPerS: number;
  /** Link to a peer of the same kind, one direction. */
  readonly peerLinkGBPerS: number;
  readonly powerW: number;
}

const gib = 1024 ** 3;

/** Sustained host link rates, one direction, GB/s: what pinned copies reach, not the nominal figure. */
const pcie3 = 12;
const pcie4 = 24;
const pcie5 = 50;

type Row = [
  name: string,
  memoryGiB: number,
  fp32: number,
  tf32: number,
  half: number,
  fp8: number,
  memoryGBPerS: number,
  hostLink: number,
  peerLink: number,
  powerW: number,
];

// prettier-ignore
const rows: Row[] = [
  // name                   GiB   fp32   tf32   half   fp8  GB/s  host   peer     W
  ['B200',                  179,  80,    1100,  2250, 4500, 8000, pcie5, 900,   1000],
  ['H200 SXM',              141,  67,     495,   989, 1979, 4800, pcie5, 450,    700],
  ['H100 SXM',               80,  67,     495,   989, 1979, 3350, pcie5, 450,    700],
  ['H100 NVL',               94,  60,     418,   835, 1671, 3900, pcie5, 300,    400],
  ['H100 PCIe',              80,  51,     378,   756, 1513, 2000, pcie5, 300,    350],
  ['A100 SXM 80GB',          80,  19.5,   156,   312,    0, 2039, pcie4, 300,    400],
  ['A100 PCIe 80GB',         80,  19.5,   156,   312,    0, 1935, pcie4, 300,    300],
  ['A100 40GB',              40,  19.5,   156,   312,    0, 1555, pcie4, 300,    400],
  ['L40S',                   48,  91.6,   183,   362,  733,  864, pcie4, pcie4,  350],
  ['L4',                     24,  30.3,    60,   121,  242,  300, pcie4, pcie4,   72],
  ['A10',                    24,  31.2,  62.5,   125,    0,  600, pcie4, pcie4,  150],
  ['A10G',                   24,  31.5,    35,    70,    0,  600, pcie4, pcie4,  300],
  ['A40',                    48,  37.4,  74.8, 149.7,    0,  696, pcie4, 56,     300],
  ['T4',                     16,  8.1,      0,    65,    0,  320, pcie3, pcie3,   70],
  ['V100 SXM2 16GB',         16,  15.7,     0,   125,    0,  900, pcie3, 150,    300],
  ['V100 SXM2 32GB',         32,  15.7,     0,   125,    0,  900, pcie3, 150,    300],
  ['RTX 3060',               12,  12.7,  12.7,  25.5,    0,  360, pcie4, pcie4,  170],
  ['RTX 3090',               24,  35.6,  35.6,    71,    0,  936, pcie4, 56,     350],
  ['RTX 4090',               24,  82.6,  82.6, 165.2,  330, 1008, pcie4, pcie4,  450],
  ['RTX 5090',               32, 104.8, 104.8, 209.5,  419, 1792, pcie5, pcie5,  575],
  ['RTX A6000',              48,  38.7,  77.4, 154.8,    0,  768, pcie4, 56,     300],
  ['RTX 6000 Ada',           48,  91.1,   182,   364,  728,  960, pcie4, pcie4,  300],
  ['MI250X (one die)',       64,  23.9,     0, 191.5,    0, 1638, pcie4, 100,    280],
  ['MI300X',                192, 163.4, 653.7,  1307, 2615, 5300, pcie5, 448,    750],
  ['TPU v4',                 32,     0,     0,   275,    0, 1228, pcie3, 150,    192],
  ['TPU v5e',                16,     0,     0,   197,    0,  819, pcie3, 100,    200],
  ['TPU v5p',                95,     0,     0,   459,  459, 2765, pcie4, 300,    350],
  ['Apple M3 Max (48 GiB)',  36,  14.3,     0,  14.3,    0,  400,   400, 400,     80],
  ['Apple M4 Max (64 GiB)',  48,  17.2,     0,  17.2,    0,  546,   546, 546,     90],
  ['Jetson AGX Orin 64GB',   64,  5.3,      0,    42,    0,  205,   205, 205,     60],
  ['Xeon 8480+ (CPU)',      512,  7,        0,   100,    0,  307,   100, pcie5,  350],
  ['EPYC 9654 (CPU)',       768,  7.4,      0,  14.8,    0,  461,   100, pcie5,  360],
];

export const deviceCatalogue: readonly DeviceSpec[] = rows.map(
  ([name, memoryGiB, fp32, tf32, half, fp8, memoryGBPerS, hostLinkGBPerS, peerLinkGBPerS, powerW]) => ({
    name,
    memoryBytes: memoryGiB * gib,
    fp32Tflops: fp32,
    tf32Tflops: tf32,
    halfTflops: half,
    fp8Tflops: fp8,
    memoryGBPerS,
    hostLinkGBPerS,
    peerLinkGBPerS,
    powerW,
  }),
);

export const defaultDeviceName = 'RTX 4090';

export function findDevice(name: string): DeviceSpec | undefined {
  const wanted = name.trim().toLowerCase();
  return deviceCatalogue.find((device) => device.name.toLowerCase() === wanted);
}
