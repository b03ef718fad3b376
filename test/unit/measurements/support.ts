import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemoryByteSource } from '../../../planner-core/bytes/byteSource';
import type { PlanInputs } from '../../../planner-core/plan/planInputs';
import { PlannerSession } from '../../../planner-core/session/plannerSession';

const folder = path.resolve(import.meta.dirname, '../../fixtures/measurements');

export const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(path.join(folder, name)));
export const unpacked = (name: string): Uint8Array => new Uint8Array(gunzipSync(fixture(name)));

/** A model of `make.py`. */
export const openFixture = (name: string): PlannerSession =>
  PlannerSession.open(new MemoryByteSource(unpacked(`${name}.onnx.gz`)), `${name}.onnx`);

/** The step that was measured: training on the CPU. */
export function cpuInputs(session: PlannerSession): PlanInputs {
  const devices = [{ id: 'cpu0', name: 'EPYC 9654 (CPU)', memoryBytes: 2 ** 36 }];
  const inputs = session.defaultInputs(devices);
  return { ...inputs, workload: { ...inputs.workload, semantics: 'cpu' } };
}

export const text = (content: string): Uint8Array => new TextEncoder().encode(content);
