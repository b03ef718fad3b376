/** Sustained host link rates, one direction, GB/s: what pinned copies reach, not the nominal figure. */
const pcie3 = 12;
const pcie4 = 24;
const pcie5 = 50;

export type DeviceRow = readonly [
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
  multiprocessors: number,
  source: string,
];

/** Figures that were not compared with the document they are from: do so before you rely on the last digit. */
const unchecked = (document: string): string => `${document} (vendor datasheet, not checked)`;

/**
 * The devices. Peaks in TFLOPS without sparsity: a datasheet's figure "with sparsity" is twice as much. Consumer cards
 * are listed with fp32 accumulation, which is what PyTorch uses. Peer links are one direction, half of the total that
 * datasheets print; PCIe where there is no other. Memory is what a framework can use of unified memory.
 */
// prettier-ignore
export const rows: readonly DeviceRow[] = [
  // name                   GiB   fp32   tf32   half   fp8  GB/s  host   peer      W  units  source
  ['B200',                  179,  80,    1100,  2250, 4500, 8000, pcie5, 900,   1000,  148, 'NVIDIA Blackwell datasheet (HGX B200)'],
  ['H200 SXM',              141,  67,     495,   989, 1979, 4800, pcie5, 450,    700,  132, 'NVIDIA H200 datasheet'],
  ['H100 SXM',               80,  67,     495,   989, 1979, 3350, pcie5, 450,    700,  132, 'NVIDIA H100 datasheet'],
  ['H100 NVL',               94,  60,     418,   835, 1671, 3900, pcie5, 300,    400,  132, unchecked('NVIDIA H100 NVL product brief')],
  ['H100 PCIe',              80,  51,     378,   756, 1513, 2000, pcie5, 300,    350,  114, 'NVIDIA H100 PCIe product brief PB-11133'],
  ['H20',                    96,  44,      74,   148,  296, 4000, pcie5, 450,    400,   78, unchecked('NVIDIA H20 specification, as resellers print it')],
  ['A100 SXM 80GB',          80,  19.5,   156,   312,    0, 2039, pcie4, 300,    400,  108, 'NVIDIA A100 datasheet'],
  ['A100 PCIe 80GB',         80,  19.5,   156,   312,    0, 1935, pcie4, 300,    300,  108, unchecked('NVIDIA A100 datasheet')],
  ['A100 40GB',              40,  19.5,   156,   312,    0, 1555, pcie4, 300,    400,  108, 'NVIDIA A100 whitepaper (SXM; PCIe: 250 W)'],
  ['L40S',                   48,  91.6,   183,   362,  733,  864, pcie4, pcie4,  350,  142, 'NVIDIA L40S datasheet'],
  ['L40',                    48,  90.5,  90.5,   181,  362,  864, pcie4, pcie4,  300,  142, 'NVIDIA L40 datasheet'],
  ['L4',                     24,  30.3,    60,   121,  242,  300, pcie4, pcie4,   72,   58, unchecked('NVIDIA L4 datasheet')],
  ['A10',                    24,  31.2,  62.5,   125,    0,  600, pcie4, pcie4,  150,   72, unchecked('NVIDIA A10 datasheet')],
  ['A10G',                   24,  31.5,    35,    70,    0,  600, pcie4, pcie4,  300,   80, unchecked('AWS EC2 G5 documentation: half the tensor rate of an A10')],
  ['A40',                    48,  37.4,  74.8, 149.7,    0,  696, pcie4, 56,     300,   84, 'NVIDIA A40 datasheet'],
  ['T4',                     16,  8.1,      0,    65,    0,  320, pcie3, pcie3,   70,   40, 'NVIDIA T4 datasheet'],
  ['V100 SXM2 16GB',         16,  15.7,     0,   125,    0,  900, pcie3, 150,    300,   80, unchecked('NVIDIA V100 datasheet')],
  ['V100 SXM2 32GB',         32,  15.7,     0,   125,    0,  900, pcie3, 150,    300,   80, unchecked('NVIDIA V100 datasheet')],
  ['RTX 3060',               12,  12.7,  12.7,  25.5,    0,  360, pcie4, pcie4,  170,   28, unchecked('NVIDIA RTX 3060 specification, rates by the ratios of the GA102 whitepaper')],
  ['RTX 3080',               10,  29.8,  29.8,  59.5,    0,  760, pcie4, pcie4,  320,   68, unchecked('NVIDIA Ampere GA102 whitepaper')],
  ['RTX 3090',               24,  35.6,  35.6,    71,    0,  936, pcie4, 56,     350,   82, unchecked('NVIDIA Ampere GA102 whitepaper')],
  ['RTX 4060 Laptop',         8,  14.6,  14.6,  29.1,   58,  256,    12,    12,  115,   24, unchecked('NVIDIA Ada GPU architecture whitepaper, laptop specification (2.37 GHz, PCIe x8)')],
  ['RTX 4080',               16,  48.7,  48.7,  97.5,  195,  717, pcie4, pcie4,  320,   76, unchecked('NVIDIA Ada GPU architecture whitepaper')],
  ['RTX 4090',               24,  82.6,  82.6, 165.2,  330, 1008, pcie4, pcie4,  450,  128, 'NVIDIA Ada GPU architecture whitepaper'],
  ['RTX 5090',               32, 104.8, 104.8, 209.5,  419, 1792, pcie5, pcie5,  575,  170, 'NVIDIA RTX Blackwell whitepaper (bandwidth and power compared)'],
  ['RTX A6000',              48,  38.7,  77.4, 154.8,    0,  768, pcie4, 56,     300,   84, unchecked('NVIDIA RTX A6000 datasheet')],
  ['RTX 6000 Ada',           48,  91.1,   182,   364,  728,  960, pcie4, pcie4,  300,  142, unchecked('NVIDIA RTX 6000 Ada datasheet')],
  // PyTorch sees the two dies of a card as two devices: the datasheet's figures are halved.
  ['MI250X (one die)',       64,  23.9,     0, 191.5,    0, 1638, pcie4, 100,    280,  110, unchecked('AMD Instinct MI250X datasheet, halved')],
  ['MI300X',                192, 163.4, 653.7,  1307, 2615, 5300, pcie5, 448,    750,  304, 'AMD Instinct MI300X datasheet'],
  // Their fp32 matrix rate is not published: 0, which runs fp32 at the bf16 rate.
  ['Gaudi 2',                96,     0,     0,   432,    0, 2450, pcie4, 300,    600,    0, 'Intel, Gaudi 3 at Hot Chips 2024 (generation table)'],
  ['Gaudi 3',               128,     0,     0,  1835, 1835, 3670, pcie5, 600,    900,    0, 'Intel, Gaudi 3 at Hot Chips 2024'],
  // The power of v5e and later is not published.
  ['TPU v4',                 32,     0,     0,   275,    0, 1228, pcie3, 300,    192,    0, 'Google Cloud TPU v4 documentation (links: 2400 Gbps, not checked)'],
  ['TPU v5e',                16,     0,     0,   197,    0,  819, pcie3, 200,      0,    0, 'Google Cloud TPU v5e documentation'],
  ['TPU v5p',                95,     0,     0,   459,  459, 2765, pcie4, 600,      0,    0, 'Google Cloud TPU v5p documentation'],
  ['TPU v6e',                32,     0,     0,   918,    0, 1638, pcie5, 400,      0,    0, 'Google Cloud TPU v6e documentation'],
  // macOS lets the GPU use about three quarters of the memory (recommendedMaxWorkingSetSize).
  ['Apple M1 Max (64 GiB)',  48,  10.4,     0,  10.4,    0,  400,   400, 400,     60,    0, 'Apple M1 Max announcement (32 cores)'],
  ['Apple M2 Max (96 GiB)',  72,  13.6,     0,  13.6,    0,  400,   400, 400,     70,    0, 'Apple M2 Max announcement (38 cores)'],
  ['Apple M3 Max (48 GiB)',  36,  14.3,     0,  14.3,    0,  400,   400, 400,     80,    0, 'Apple M3 Max announcement (40 cores)'],
  ['Apple M4 Max (64 GiB)',  48,  17.2,     0,  17.2,    0,  546,   546, 546,     90,    0, 'Apple M4 Max announcement (40 cores)'],
  ['Jetson AGX Orin 64GB',   64,  5.3,      0,    42,    0,  205,   205, 205,     60,   16, unchecked('NVIDIA Jetson AGX Orin datasheet')],
  // Peaks of all cores at their sustained clock; a large server's memory.
  ['Xeon 8480+ (CPU)',      512,  7,        0,   200,    0,  307,   100, pcie5,  350,    0, unchecked('Intel Xeon 8480+ specification: 56 cores, AMX bf16')],
  ['EPYC 9654 (CPU)',       768,  7.4,      0,  14.8,    0,  461,   100, pcie5,  360,    0, unchecked('AMD EPYC 9654 specification: 96 cores, AVX-512 bf16')],
  ['Ryzen 9 7950X (CPU)',    64,  2.3,      0,   4.6,    0,   83,    50, pcie4,  170,    0, unchecked('AMD Ryzen 9 7950X specification: 16 cores, AVX-512 bf16, DDR5-5200')],
  ['Core i7-13700H (CPU)',   32,  1.1,      0,     0,    0,   83,    40, pcie4,   45,    0, unchecked('Intel Core i7-13700H specification: 6 + 8 cores, AVX2, DDR5-5200')],
  ['Raspberry Pi 5 (CPU)',    8,  0.15,     0,     0,    0,   17,    10,     1,   12,    0, 'Raspberry Pi 5 announcement: 4 Cortex-A76 at 2.4 GHz (16 flop a cycle), 32-bit LPDDR4X-4267, 12 W at peak; links assumed'],
  // What POET (ICML 2022) plans with, in its chipsets.py: rates, power at the supply, links to an SD card. It measured 0.12
  // GFLOPS on the Pi's layers, and counts its joules by that. Memory of microcontrollers: four bytes a cycle.
  ['Raspberry Pi 4 (CPU)',    4, 0.002,     0,     0,    0,    5.5, 0.0245, 0.0245, 3,   0, 'POET (ICML 2022): Cortex-A72, 2 GFLOPS, 0.6 A at 5 V; STREAM as sci-pi.org.uk measured it'],
  ['Cortex-M4F (CPU)', 256 / 2 ** 20, 6.37e-6, 0, 0,    0, 0.256, 0.00444, 0.00444, 0.011, 0, 'POET (ICML 2022): 3.328 mA at 3.3 V; nRF52840: 64 MHz, 256 KiB'],
  ['Cortex-M0+ (CPU)',  32 / 2 ** 20, 1.667e-7, 0, 0,   0, 0.192, 0.00444, 0.00444, 0.066, 0, 'POET (ICML 2022): 20 mA at 3.3 V; Arduino MKR1000: SAMD21 at 48 MHz, 32 KiB'],
];
