import { formatMemory, formatOverhead } from '../../base/format';
import type { ModelGraph } from '../../graph/modelGraph';
import type { Plan, Prediction } from '../../plan/plan';
import { notCarriedLines } from '../targets';
import { applyRuntime } from './applyRuntime';
import type { CarriedPlan } from './carriedPlan';
import { devicesRuntime } from './devicesRuntime';
import { measureRuntime } from './measureRuntime';
import { namedTensors } from './namedTensors';
import { offloadRuntime } from './offloadRuntime';
import { pythonLiteral } from './pythonLiteral';
import { selectiveRuntime } from './selectiveRuntime';
import { stateRuntime } from './stateRuntime';
import type { CarriedSizes } from './sizedPlans';

/** The plan as one Python file that needs nothing but PyTorch. */
export function pytorchFile(
  graph: ModelGraph,
  plan: Plan,
  carried: CarriedPlan,
  prediction: Prediction,
  moved: { readonly outBytes: number; readonly inBytes: number },
  sized: CarriedSizes,
): string {
  const { workload, budgetBytes } = plan;
  const data: [string, unknown][] = [
    ['FINGERPRINT', plan.model.fingerprint],
    ['BUDGET_BYTES', budgetBytes],
    [
      'PREDICTED',
      {
        saved_bytes: prediction.savedBytes,
        peak_bytes: prediction.peakBytes,
        keep_all_peak_bytes: prediction.keepAllPeakBytes,
        overhead_percent: Number(prediction.overheadPercent.toFixed(3)),
        out_bytes: moved.outBytes,
        back_bytes: moved.inBytes,
      },
    ],
    ['WORKLOAD', { ...workload, dims: { ...workload.dims }, frozen: [...workload.frozen] }],
    [
      'PLAN',
      {
        checkpoint: carried.checkpoints.map(({ module, save, calls }) => ({ module, save, calls })),
        offload: carried.offload ?? null,
        state: carried.state,
        place: carried.place,
        devices: carried.devices,
      },
    ],
    ['SIZED', { dimensions: sized.dimensions, plans: sized.plans }],
  ];
  return [
    ...headLines(plan, prediction, carried).map((line) => commentLine(line)),
    imports,
    '',
    ...data.map(([name, value]) => `${name} = ${pythonLiteral(value)}\n`),
    '# What tells this model from others: its parameters and buffers, as far as the model file names them.',
    `PARAMETERS = ${parameterTable(graph)}`,
    '',
    applyRuntime.trimEnd(),
    '',
    selectiveRuntime.trimEnd(),
    '',
    offloadRuntime.trimEnd(),
    '',
    stateRuntime.trimEnd(),
    '',
    devicesRuntime.trimEnd(),
    '',
    measureRuntime.trim(),
    '',
  ].join('\n');
}

const imports = `import argparse
import collections
import contextlib
import difflib
import functools
import gc
import importlib
import json
import os
import sys
import types
import weakref

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_leaves, tree_map, tree_unflatten
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts`;

function headLines(plan: Plan, prediction: Prediction, { notCarried, state }: CarriedPlan): string[] {
  const hasState = state.length > 0;
  const { model, workload, budgetBytes, strategy, planner } = plan;
  const dims = Object.entries(workload.dims).map(([name, size]) => `${name} ${size}`);
  const setting = [
    ...dims,
    workload.precision,
    `optimizer ${workload.optimizer}`,
    `${workload.semantics} kernels`,
  ];
  return [
    `Memory plan of Headroom for ${model.file}, as PyTorch code.`,
    '',
    `Assumes ${setting.join(', ')}; ${strategy} by ${planner}.`,
    `Predicts a peak of ${formatMemory(prediction.peakBytes)} (budget ${formatMemory(budgetBytes)}, ` +
      `without the plan ${formatMemory(prediction.keepAllPeakBytes)}), a step ${formatOverhead(prediction.overheadPercent)}.`,
    '',
    '  import this file, call apply(model) once, train as before;',
    ...(hasState
      ? ['  and offload_state(model, optimizer) once: optimizer state waits in host memory;']
      : []),
    ...(plan.sizes?.plans ? [applyBySize(plan.sizes.dimensions)] : []),
    '  python FILE --model mymodule:make_model --inputs mymodule:make_inputs --measure',
    '',
    'Needs PyTorch 2.4 or newer and nothing else; tried with 2.13.',
    ...(notCarried.length > 0 ? ['', ...notCarriedLines(notCarried)] : []),
    '',
  ];
}

/** How the plan of each batch is chosen. */
function applyBySize(dimensions: readonly string[]): string {
  const sizes = dimensions.map((name, i) => {
    const axis = dimensions.length === 1 ? 1 : i - dimensions.length;
    return `${JSON.stringify(name)}: x.shape[${axis}]`;
  });
  return `  each batch by its own plan: apply(model, sizes=lambda x: {${sizes.join(', ')}});`;
}

/** Names come from model files: nothing in them may end the comment. */

const commentLine = (text: string): string =>
  `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')}`.trimEnd();

function parameterTable(graph: ModelGraph): string {
  const rows = namedTensors(graph).map(([name, shape]) => {
    const inner = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
    return `    ${JSON.stringify(name)}: (${inner}),`;
  });
  return rows.length > 0 ? `{\n${rows.join('\n')}\n}` : '{}';
}
