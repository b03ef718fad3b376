import path from 'node:path';
import { HeadroomError } from '../../planner-core/base/errors';
import { openFile } from '../../planner-core/node/fileByteSource';
import type { PlanInputs } from '../../planner-core/plan/planInputs';
import { defaultWorkload } from '../../planner-core/step/workload';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import type { Profile } from '../../planner-core/session/profile';
import type { TruthPoint } from './truth/point';

export function openSession(file: string): PlannerSession {
  const source = openFile(file);
  try {
    return PlannerSession.open(source, path.basename(file));
  } finally {
    source.close();
  }
}

/** What Headroom says of a measured step; undefined where the file has other sizes built in. */
export function predict(session: PlannerSession, point: TruthPoint): Profile | undefined {
  const inputs = planInputs(session, point);
  if (!inputs) return undefined;
  const rule = point.checkpointed.length > 0 ? point.checkpointed.join(',') : 'none';
  try {
    return session.profile(inputs, rule);
  } catch (error) {
    // A module that this export does not show by name (a slice of a Sequential): the plan cannot be said.
    if (error instanceof HeadroomError && error.code === 'unknown-module') return undefined;
    throw error;
  }
}

/** The workload of a measured step on one device; undefined where the file has other sizes built in. */
export function planInputs(session: PlannerSession, point: TruthPoint): PlanInputs | undefined {
  const dims = dimsFor(session, point);
  if (!dims) return undefined;
  return {
    ...session.defaultInputs([{ id: 'gpu0', name: 'A100 SXM 80GB', memoryBytes: 80 * 1024 ** 3 }]),
    workload: { ...defaultWorkload, ...point.workload, dims },
    strategy: 'module-checkpoint',
  };
}

/** Sizes for the named dimensions; undefined where the file has other sizes built in. */
export function dimsFor(session: PlannerSession, point: TruthPoint): Record<string, number> | undefined {
  const dims: Record<string, number> = {};
  for (const [position, { shape }] of session.summary.inputs.entries()) {
    for (const [axis, dim] of (shape ?? []).entries()) {
      const size = point.inputShapes[position]?.[axis];
      if (typeof dim === 'string') dims[dim] = size;
      else if (dim !== size) return undefined;
    }
  }
  return dims;
}
