/** What PyTorch's CUDA build runs on, and by which name its libraries tell such devices apart. */
export interface GpuArchitecture {
  readonly software: 'cuda' | 'rocm';
  /** Compute capability of NVIDIA devices ("sm90"), gfx target of AMD ones ("gfx942"). */
  readonly name: string;
}

/** By what device names begin with. NVIDIA: developer.nvidia.com/cuda-gpus; AMD: the GPU table of the ROCm documentation. */
const families: readonly (readonly [pattern: RegExp, software: GpuArchitecture['software'], name: string])[] =
  [
    [/^V100\b/, 'cuda', 'sm70'],
    [/^(T4\b|RTX 20|GTX 16)/, 'cuda', 'sm75'],
    [/^(A100|A30|A800)\b/, 'cuda', 'sm80'],
    [/^(A10|A10G|A16|A40|RTX A\d+)\b|^RTX 30/, 'cuda', 'sm86'],
    [/^Jetson AGX Orin\b/, 'cuda', 'sm87'],
    [/^(L4|L20|L40|L40S)\b|^RTX 40|^RTX \d+ Ada\b/, 'cuda', 'sm89'],
    [/^(H100|H200|H800|H20|GH200)\b/, 'cuda', 'sm90'],
    [/^(B100|B200|GB200)\b/, 'cuda', 'sm100'],
    [/^RTX (50|PRO )/, 'cuda', 'sm120'],
    [/^MI2\d\d/, 'rocm', 'gfx90a'],
    [/^MI3[02]\d/, 'rocm', 'gfx942'],
    [/^MI35\d/, 'rocm', 'gfx950'],
  ];

/** Undefined for devices that are no CUDA device to PyTorch: processors, TPUs, Gaudi, Apple GPUs. */
export function architectureOf(deviceName: string): GpuArchitecture | undefined {
  const family = families.find(([pattern]) => pattern.test(deviceName.trim()));
  return family && { software: family[1], name: family[2] };
}

const mib = 1024 ** 2;

/**
 * Bytes PyTorch gives a cuBLAS (hipBLAS) handle to work in, unless CUBLAS_WORKSPACE_CONFIG says otherwise: 2 buffers of
 * 4 MiB and 8 of 16 KiB, 32 MiB from Hopper on (aten/src/ATen/cuda/CublasHandlePool.cpp).
 */
export function blasHandleBytes({ software, name }: GpuArchitecture): number {
  if (software === 'rocm') return name === 'gfx942' || name === 'gfx950' ? 128 * mib : 32 * mib;
  return Number(name.slice(2)) >= 90 ? 32 * mib : 2 * 4 * mib + 8 * 16 * 1024;
}

/** What a CUDA context takes of a device, outside of PyTorch's sight: the more kernels are loaded, the more. */
export const cudaContext = { bytes: 450 * mib, toleranceBytes: 150 * mib } as const;
