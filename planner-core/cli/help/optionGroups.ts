import { deviceCatalogue } from '../../devices/catalogue';
import { linkCatalogue } from '../../devices/linkCatalogue';
import { machinePresets } from '../../devices/machinePresets';
import { storageCatalogue } from '../../devices/storageCatalogue';

/** Options that several commands have. */
export type OptionGroup = 'step' | 'step details' | 'devices' | 'offloading' | 'allocator' | 'planning';

const mostCharacters = 100;

/** Names in lines that fit a terminal, each below the last. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= mostCharacters)
      lines.splice(-1, 1, `${last}, ${name}`);
    else lines.push(name);
  }
  return lines.join(',\n                          ');
}

const namesOf = (list: readonly { readonly name: string }[]): string => wrapped(list.map(({ name }) => name));

/** What each group says, below its name. Nothing has to be given: what is assumed is printed with the answer. */
export const optionGroups: Readonly<Record<OptionGroup, string>> = {
  step: `  --dim NAME=N            size of a named dimension (repeat)
  --optimizer O           none (default) | sgd | momentum | adam | adamw
  --loss L                sum (default) | cross-entropy | none
  --precision P           fp32 (default) | bf16-autocast | fp16-autocast | bf16
  --mode MODE             training (default) | inference
  --micro-batches N       gradient accumulation: passes an update sums (default 1)
  --freeze MODULE         do not train this module's parameters (repeat)`,
  'step details': `  --optimizer-update U    auto (default: foreach on CUDA, for-loop on CPU) | foreach | for-loop | fused
  --step S                steady (default) | first: whether optimizer state exists from the start
  --zero-grad Z           set-to-none (default) | zero
  --model-output O        held (default) | dropped: whether the program holds the output during backward
  --attention A           auto (default) | fused | math
  --dropout D             as-exported (default) | 0
  --checkpointing C       non-reentrant (default) | reentrant
  --semantics S           cuda (default) | cpu: whose kernels' memory behaviour to model
  --as-exported PATTERN   do not read a pattern, or one operator, as the PyTorch call it comes from (repeat)
  --kv-cache N            inference: tokens already in the key-value cache (default 0)
  --liveness L            inference: eager (default: arguments and variables live on) | ideal
  --in-place I            inference: activations (default: on images) | none`,
  planning: `  --strategy STRATEGY     module-checkpoint (default): whole modules in torch.utils.checkpoint | selective: operators
                          inside blocks | schedule: any valid recomputation
  --pin TARGET=CHOICE     decide a layer yourself: keep, recompute, offload, or the id of a device (repeat)
  --calibration FILE      what was measured of a device (headroom calibrate); default: a roofline, nothing measured`,
  devices: `  --device NAME[:MEMORY]  a device (default "RTX 4090"); repeat for several: gpu0, gpu1 … (the budget is the first one's)
  --machine PRESET|FILE   devices and links at once; FILE is JSON with "devices" and "links" as plans have them
  --link A-B=LINK         what joins two devices, or a device and host: LINK, or GB/s[,latency in µs] (repeat)
  DEVICE                  ${namesOf(deviceCatalogue)}
  PRESET                  ${namesOf(machinePresets)}
  LINK                    ${namesOf(linkCatalogue)}
                          pcie4 means pcie4x16`,
  offloading: `  --offload PLACE         none (default) | host | storage: where plans may send what is not needed for a while
  --link LINK             over what: a LINK, a STORAGE, or GB/s out[/back][,latency in µs]
  --host-memory SIZE      how much a plan may use there, e.g. 64GiB
  STORAGE                 ${namesOf(storageCatalogue)}`,
  allocator: `  --allocator A           default | expandable: expandable_segments of PYTORCH_CUDA_ALLOC_CONF
  --roundup-power2 N      its roundup_power2_divisions, a power of two (default 1: off)
  --max-split MIB         its max_split_size_mb, more than 20 (default 0: off)
  --context SIZE          the CUDA context (default 450MiB)
  --no-context            leave the CUDA context out
  --cublas-workspace W    auto (default: by the exporting PyTorch) | persistent | per-call | none`,
};
