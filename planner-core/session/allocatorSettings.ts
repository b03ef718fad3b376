import { HeadroomError } from '../base/errors';
import { cudaContext } from '../devices/architecture';
import { pytorchVersionOf } from '../operators/pytorchVersion';
import { defaultAllocatorConfig, type AllocatorConfig } from '../simulator/allocator/allocatorConfig';

export const allocatorKinds = ['default', 'expandable'] as const;
export const cublasWorkspaces = ['auto', 'persistent', 'per-call', 'none'] as const;

/** How the memory of a CUDA device is accounted for beyond what tensors ask for: facts of a machine, not of a plan. */
export interface AllocatorSettings {
  /** 'expandable': expandable_segments of PYTORCH_CUDA_ALLOC_CONF. */
  readonly allocator: (typeof allocatorKinds)[number];
  /** roundup_power2_divisions of PYTORCH_CUDA_ALLOC_CONF: a power of two; 1 is off. */
  readonly roundupPower2Divisions: number;
  /** max_split_size_mb of PYTORCH_CUDA_ALLOC_CONF; 0 is off. */
  readonly maxSplitSizeMiB: number;
  /** The CUDA context, which nvidia-smi counts and torch.cuda does not; 0 leaves it out. */
  readonly contextBytes: number;
  /**
   * Whether cuBLAS handles keep their workspaces, as up to PyTorch 2.13, or take one for each call. 'auto' goes by the
   * PyTorch that exported the model; 'none' leaves them out.
   */
  readonly cublasWorkspace: (typeof cublasWorkspaces)[number];
}

export const defaultAllocatorSettings: AllocatorSettings = {
  allocator: 'default',
  roundupPower2Divisions: 1,
  maxSplitSizeMiB: 0,
  contextBytes: cudaContext.bytes,
  cublasWorkspace: 'auto',
};

export function allocatorConfigOf(settings: AllocatorSettings): AllocatorConfig {
  return {
    ...defaultAllocatorConfig,
    expandableSegments: settings.allocator === 'expandable',
    roundupPower2Divisions: settings.roundupPower2Divisions,
    maxSplitSizeBytes: settings.maxSplitSizeMiB > 0 ? settings.maxSplitSizeMiB * 1024 ** 2 : Infinity,
  };
}

/** Undefined where workspaces are left out. */
export function keepsCublasWorkspace(
  { cublasWorkspace }: AllocatorSettings,
  producer: string,
): boolean | undefined {
  if (cublasWorkspace === 'none') return undefined;
  if (cublasWorkspace !== 'auto') return cublasWorkspace === 'persistent';
  const version = pytorchVersionOf(producer);
  return !version || version.major < 2 || (version.major === 2 && version.minor <= 13);
}

/** Throws 'bad-usage' for settings that PyTorch refuses (c10/core/AllocatorConfig.h); returns the others. */
export function checkAllocatorSettings(settings: AllocatorSettings): AllocatorSettings {
  const { roundupPower2Divisions: divisions, maxSplitSizeMiB } = settings;
  if (!Number.isInteger(Math.log2(divisions)) || divisions < 1) {
    throw new HeadroomError(
      'bad-usage',
      `roundup_power2_divisions is ${divisions}.`,
      'Give a power of two; 1 is off.',
    );
  }
  if (maxSplitSizeMiB !== 0 && !(maxSplitSizeMiB > 20)) {
    throw new HeadroomError(
      'bad-usage',
      `max_split_size_mb is ${maxSplitSizeMiB}.`,
      'Give more than 20 MiB, or 0 for no limit.',
    );
  }
  return settings;
}
