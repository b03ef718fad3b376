import type { Block } from './block';
import type { CachingAllocator } from './cachingAllocator';

/** A highest value, and the schedule entry that reached it first; -1 before the first entry. */
export interface PeakAt {
  readonly bytes: number;
  readonly entry: number;
}

/** What an allocator says of one device over a step. */
export interface DevicePeaks {
  /** Of what tensors ask for: what the simulator counts. */
  readonly requested: PeakAt;
  /** Of the blocks in use, library workspaces included: torch.cuda.max_memory_allocated. */
  readonly allocated: PeakAt;
  /** Of the segments: torch.cuda.max_memory_reserved. */
  readonly reserved: PeakAt;
  /** What `allocated` consists of at its peak, with what the blocks hold beyond the requests. */
  readonly requestedThereBytes: number;
  readonly workspaceThereBytes: number;
}

/** Allocates tensors of a step by number, and watches the peaks. */
export class DeviceReplay {
  /** By value: its blocks while it is there. */
  private readonly tensors: (readonly Block[] | undefined)[];
  private workspaceBytes = 0;
  private requested: PeakAt = { bytes: 0, entry: -1 };
  private allocated: PeakAt = { bytes: 0, entry: -1 };
  private reserved: PeakAt = { bytes: 0, entry: -1 };
  private requestedThereBytes = 0;
  private workspaceThereBytes = 0;

  constructor(
    private readonly allocator: CachingAllocator,
    valueCount: number,
  ) {
    this.tensors = new Array<readonly Block[] | undefined>(valueCount).fill(undefined);
  }

  has(value: number): boolean {
    return this.tensors[value] !== undefined;
  }

  /** Allocates the tensors of a value, by their bytes; false when the device is full. */
  allocate(value: number, bytesOfTensors: readonly number[]): boolean {
    const blocks: Block[] = [];
    this.tensors[value] = blocks;
    for (const bytes of bytesOfTensors) {
      // PyTorch gives empty tensors no memory.
      const block = bytes > 0 ? this.allocator.allocate(bytes) : undefined;
      if (block) blocks.push(block);
      else if (bytes > 0) return false;
    }
    return true;
  }

  free(value: number): void {
    for (const block of this.tensors[value] ?? []) this.allocator.free(block);
    this.tensors[value] = undefined;
  }

  /** Memory of a library, which no tensor asked for; undefined when the device is full. */
  allocateWorkspace(bytes: number): Block | undefined {
    const block = this.allocator.allocate(bytes);
    if (block) this.workspaceBytes += bytes;
    return block;
  }

  freeWorkspace(block: Block): void {
    this.workspaceBytes -= block.requestedBytes;
    this.allocator.free(block);
  }

  /** A tensor that lives within one computation; undefined when the device is full. */
  allocateTemporary(bytes: number): Block | undefined {
    return this.allocator.allocate(bytes);
  }

  freeTemporary(block: Block): void {
    this.allocator.free(block);
  }

  /** Forgets the peaks so far, as torch.cuda.reset_peak_memory_stats. */
  resetPeaks(): void {
    this.requested = this.allocated = { bytes: -1, entry: -1 };
    // Segments stay: the entry that took the last one says more than the start of the step.
    const { reservedBytes } = this.allocator;
    if (reservedBytes < this.reserved.bytes) this.reserved = { bytes: reservedBytes, entry: -1 };
    this.observe(-1);
  }

  /** Takes the present into the peaks. */
  observe(entry: number): void {
    const { requestedBytes, allocatedBytes, reservedBytes } = this.allocator;
    const ofTensors = requestedBytes - this.workspaceBytes;
    if (ofTensors > this.requested.bytes) this.requested = { bytes: ofTensors, entry };
    if (reservedBytes > this.reserved.bytes) this.reserved = { bytes: reservedBytes, entry };
    if (allocatedBytes <= this.allocated.bytes) return;
    this.allocated = { bytes: allocatedBytes, entry };
    this.requestedThereBytes = ofTensors;
    this.workspaceThereBytes = this.workspaceBytes;
  }

  get peaks(): DevicePeaks {
    const { requested, allocated, reserved, requestedThereBytes, workspaceThereBytes } = this;
    return { requested, allocated, reserved, requestedThereBytes, workspaceThereBytes };
  }

  get retryCount(): number {
    return this.allocator.retryCount;
  }
}
