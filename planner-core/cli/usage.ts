import { linkCatalogue } from '../devices/linkCatalogue';
import { storageCatalogue } from '../devices/storageCatalogue';
import { machinePresets } from '../devices/machinePresets';
import { exportTargets } from '../exporters/targets';

/** Text of `headroom --help`. */
export const usage = `headroom: what a training step keeps in memory, and plans that fit a budget. No GPU, no Python.

  headroom inspect MODEL… [--dim NAME=N]… [--json]
  headroom profile MODEL… [workload] [allocator] [--plan FILE | --checkpoint CHECKPOINT] [--json]
  headroom frontier MODEL [workload] [--json]
  headroom plan MODEL --budget 8GiB|70%|--device NAME [workload] [allocator] [--strategy STRATEGY] [--planner auto|NAME]
                [--objective fit|latency|throughput|energy|carbon] [--offload host|storage [--link LINK] [--host-memory SIZE]] [--pin TARGET=keep|recompute|offload|DEVICE]… [--time-limit S] [--prove]
                [--out FILE] [--json | --verbose]
  headroom plan MODEL --budget 8GiB|70% --offload host --chunks SIZE|auto [--update-on auto|device|host] [workload] [--json]
  headroom plan MODEL --budget 8GiB|70% --offload host|storage --packs N|auto --micro-batches N [workload] [--json]
  headroom plan MODEL --sizes SIZES|FILE --budget 8GiB [--dimensions NAME,NAME] [--merge PERCENT] [--measured FILE]… [workload]
                [--strategy STRATEGY] [--pin …]… [--out FILE] [--json]
  headroom fit MODEL [--memory 24GiB] [--max-overhead PERCENT] [--largest DIMENSION] [workload] [allocator]
                [--strategy STRATEGY] [--pin …]… [--offload host|storage [--link LINK] [--host-memory SIZE]] [--json]
  headroom split MODEL --between A,B [--bandwidth GB/s,GB/s] [--one-way] [--pin TARGET=DEVICE]… [workload] [--json]
  headroom share MODEL MODEL… [--memory 24GiB] [--alignment any|turns] [--dim [JOB:]NAME=N]… [--offload host [--link LINK]]
                [workload] [--strategy STRATEGY] [--out FOLDER] [--json]
  headroom scale MODEL --servers N --devices-per-server N [--device NAME] [--global-batch N] [--micro-batch N,N…]
                [--device-link LINK] [--server-link LINK] [--memory 80GiB] [--zero 0|1|2|3] [workload] [--json]
  headroom check PLAN [--model MODEL] [allocator] [--json]
  headroom diff PLAN PLAN [--json | --verbose]
  headroom calibrate MEASUREMENTS --device NAME [--out FILE] [--json]
  headroom measure MODEL TRACE… [workload] [--calibrate [--out FILE]] [--json]
  headroom solve INSTANCE… [--budget BYTES | --budget-ratio R] [--time-limit S]
                [--objective time|latency|throughput|energy] [--device ID] [--runtime-ratio R] [--json]
  headroom export PLAN --target TARGET [--model MODEL] [allocator] [--out FILE]
  headroom report MODEL --plan PLAN [allocator] --out FILE

workload:
  --dim NAME=N            size of a named dimension (repeat); others are assumed and reported
  --mode MODE             training (default) | inference
  --precision P           fp32 (default) | bf16-autocast | fp16-autocast | bf16
  --optimizer O           none (default) | sgd | momentum | adam | adamw
  --loss L                sum (default) | cross-entropy | none
  --semantics S           cuda (default) | cpu: whose kernels' memory behaviour to model
  --attention A           auto (default) | fused | math
  --dropout D             as-exported (default) | 0
  --optimizer-update U    auto (default: foreach on CUDA, for-loop on CPU) | foreach | for-loop | fused
  --micro-batches N       gradient accumulation: passes an update sums (default 1)
  --zero-grad Z           set-to-none (default) | zero
  --step S                steady (default) | first: whether optimizer state exists from the start
  --checkpointing C       non-reentrant (default) | reentrant
  --model-output O        held (default) | dropped: whether the program holds the output during backward
  --freeze MODULE         do not train this module's parameters (repeat)
  --as-exported PATTERN   do not read a pattern, or one operator, as the PyTorch call it comes from (repeat)
  --kv-cache N            inference: tokens already in the key-value cache (default 0)
  --liveness L            inference: eager (default: arguments and variables live on) | ideal
  --in-place I            inference: activations (default: on images) | none
  --device NAME[:MEMORY]  a device of the catalogue; repeat for several: gpu0, gpu1 … (first: the one the budget is for)
  --machine PRESET|FILE   devices and links at once: MACHINE, or a JSON file with "devices" and "links" as plans have them
  --link A-B=LINK         what joins two devices, or a device and host: LINK, or GB/s[,latency in microseconds] (repeat)
  --offload PLACE         none (default) | host | storage: where plans may send what is not needed for a while
  --link LINK             with --offload, over what: LINK, STORAGE, or GB/s out[/back][,latency in microseconds]
  --host-memory SIZE      with --offload, how much a plan may use there, e.g. 64GiB
  --chunks SIZE|auto      with --offload host: parameters, gradients and optimizer state move in chunks of one size
  --update-on PLACE       with --chunks: auto (default: some on either) | device | host
  --host-device NAME      with --chunks: the processor that updates on the host (default: EPYC 9654 (CPU))
  --packs N|auto          with --offload: layers come to the device in packs, which take groups of micro-batches in turn
  --carbon-intensity G    grams of carbon dioxide for a kilowatt-hour, for --objective carbon
  --calibration FILE      what was measured of a device (headroom calibrate); default: a roofline, nothing measured

allocator, for what CUDA devices take beyond requested bytes:
  --allocator A           default | expandable: expandable_segments of PYTORCH_CUDA_ALLOC_CONF
  --roundup-power2 N      its roundup_power2_divisions, a power of two (default 1: off)
  --max-split MIB         its max_split_size_mb, more than 20 (default 0: off)
  --context SIZE          the CUDA context (default 450MiB)
  --no-context            leave the CUDA context out
  --cublas-workspace W    auto (default: by the exporting PyTorch) | persistent | per-call | none

--budget:   for what tensors ask of the first device; without it, the largest budget whose plan fits the device given with
            what PyTorch's allocator and the CUDA context add
--objective: where layers run that are not pinned: all on the first device (fit, default), where one step takes the
            least time (latency), or where a pipeline has the shortest period, or with micro-batches the shortest
            update (throughput); or on one device, that a step under the budget takes the least energy or carbon dioxide
--alignment: any (default): steps of jobs that share a device may meet in any way; turns: one step runs after the other.
            --dim 2:batch=8 holds for the second model; --out: a folder for a plan file of each
--sizes:    sizes that inputs come in: a histogram ("128:0.3 256:0.5", "p50:128 p99:512"), or a file of one, of a size a line,
            CSV or JSON; prints which plan to use up to which size. --merge: use one plan where it is slower than the best by at most so much (default 2)
            --measured: layers at some sizes, a table or a trace of the PyTorch profiler (FILE@seq=64,128 where it has no shapes)
MACHINE:    ${machinePresets.map(({ name }) => name).join(' | ')}
LINK:       ${linkCatalogue.map(({ name }) => name).join(' | ')}
STORAGE:    ${storageCatalogue.map(({ name }) => name).join(' | ')}
CHECKPOINT: none | every-block | every-2nd-block | first-half | MODULE,MODULE…
--verbose:  a line for every decision, and for every difference
--prove:    search for a proof, and with the strategy schedule for better plans, for --time-limit (default 30 s)
TARGET:     ${exportTargets.slice(0, 8).join(' | ')} |
            ${exportTargets.slice(8).join(' | ')}
            what a target cannot say of the plan goes to stderr; accelerate and onnx need --out
STRATEGY:   module-checkpoint (default) | selective | schedule

stdout carries the result only; messages go to stderr. With several files, --json prints one document a line.
Exit codes: 0 done, 1 infeasible or check failed, 2 bad usage or unreadable input.
`;
