import type { Plan } from '../../../planner-core/plan/plan';
import { defaultWorkload } from '../../../planner-core/step/workload';

/** A plan with every optional part. */
export const examplePlan: Plan = {
  format: 'headroom-plan/1',
  model: { file: 'gpt2.onnx', fingerprint: 'a1b2c3' },
  workload: { ...defaultWorkload, dims: { seq: 1024, batch: 16 } },
  devices: [
    { id: 'gpu0', name: 'RTX 4090', memoryBytes: 25769803776 },
    { id: 'gpu1', name: '', memoryBytes: 0 },
    { id: 'cpu', name: 'EPYC 9654 (CPU)', memoryBytes: 7, count: 2 },
  ],
  links: [{ between: ['gpu0', 'cpu'], name: 'pcie4x16', gbPerS: 24, latencyMs: 0.01, shared: false }],
  objective: 'latency',
  offload: {
    to: 'host',
    link: {
      ...{ name: 'pcie4x16', outGBPerS: 24, inGBPerS: 22 },
      ...{ latencyMs: 0.01, shared: false, joulesPerGB: 0.2 },
    },
    memoryBytes: 68719476736,
  },
  minimise: 'carbon',
  carbonGramsPerKWh: 380,
  calibration: {
    file: 'my4090.json',
    calibration: {
      format: 'headroom-calibration/1',
      device: 'RTX 4090',
      launchMs: 0.004,
      memoryEfficiency: 0.85,
      classes: { gemm: { compute: 0.6, memory: 0.8, samples: 12, timeRatio: [0.9, 1.2] } },
      usableMemoryBytes: 25000000000,
      provenance: 'measured',
    },
  },
  budgetBytes: 8589934592,
  strategy: 'schedule',
  planner: 'insertion greedy',
  decisions: [
    { target: '/h.0/attn/Softmax', kind: 'operator', choice: 'recompute' },
    { target: 'transformer.h.1', kind: 'module', choice: 'keep', device: 'gpu1', pinned: true },
    { target: 'transformer.h.0', kind: 'module', choice: 'offload' },
  ],
  recomputations: [{ before: '/h.0/attn/Softmax backward', operator: '/h.0/attn/Softmax' }],
  offloads: [
    { value: '/h.0/attn/MatMul', fetchBefore: [] },
    { value: '/h.0/mlp/Gelu', goneBefore: '/h.2/ln_1', fetchBefore: ['/h.1/mlp/Gelu backward'] },
  ],
  lateTransfers: true,
  replicas: [{ device: 'gpu0', replicas: ['gpu1'] }],
  prediction: {
    peakBytes: 8000000000,
    peakPhase: 'backward',
    peakNode: '/lm_head/MatMul backward',
    peakModule: 'lm_head',
    stepTimeMs: 123.25,
    keepAllPeakBytes: 9000000000,
    keepAllStepTimeMs: 120,
    overheadPercent: 2.7083,
    lowerBoundPercent: 2.5,
    savedBytes: 1000000000,
    perDevicePeakBytes: { gpu1: 0, gpu0: 8000000000 },
    offloadPeakBytes: 600000000,
    stallMs: 1.5,
    energyJoules: 55,
    carbonGrams: 0.0058,
    throughput: { timeMs: 246.5, perDevicePeakBytes: { gpu0: 8000000000, gpu1: 8000000000 } },
  },
  assumptions: ['eager PyTorch, CUDA semantics'],
};
