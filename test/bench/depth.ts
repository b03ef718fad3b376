import { MemoryByteSource } from '../../planner-core/bytes/byteSource';
import { defaultDeviceName, findDevice } from '../../planner-core/devices/catalogue';
import { strategies } from '../../planner-core/plan/plan';
import { PlannerSession } from '../../planner-core/session/plannerSession';
import { decoderTransformer } from '../fixtures/generatedModels/decoderTransformer';
import { onnxFile } from '../fixtures/onnx-builder/onnx';
import { printTable } from './lib/table';
import { ms } from './lib/timing';

const depths = [8, 16, 32, 80];
/** The fastest counts: what else the machine does only makes runs slower. */
const runs = 3;

/** How the curves of all strategies grow with the number of like layers: what is solved once a class costs nothing more. */
export async function benchDepth(): Promise<void> {
  const spec = findDevice(defaultDeviceName)!;
  const devices = [{ id: 'gpu0', name: spec.name, memoryBytes: spec.memoryBytes }];
  const rows: string[][] = [];
  let shallowestMs = 0;
  for (const depth of depths) {
    const bytes = decoder(depth);
    let fastestMs = Infinity;
    let wallMs = Infinity;
    let cells: string[] = [];
    for (let run = 0; run < runs; run++) {
      const session = PlannerSession.open(new MemoryByteSource(bytes), 'decoder.onnx');
      const inputs = session.defaultInputs(devices);
      const { step, keepAllPeakBytes } = session.configure(inputs);
      const start = process.cpuUsage();
      const startedMs = performance.now();
      const frontier = await session.frontier(inputs);
      const { user, system } = process.cpuUsage(start);
      wallMs = Math.min(wallMs, performance.now() - startedMs);
      fastestMs = Math.min(fastestMs, (user + system) / 1000);
      cells = [
        String(step.nodeCount),
        ...strategies.map((strategy) => {
          const share = (100 * frontier.strategies[strategy][0].peakBytes) / keepAllPeakBytes;
          return `${share.toFixed(1)} %`;
        }),
      ];
    }
    shallowestMs ||= fastestMs;
    rows.push([
      String(depth),
      ms(wallMs),
      ms(fastestMs),
      `× ${(fastestMs / shallowestMs).toFixed(2)}`,
      ...cells,
    ]);
  }
  printTable(
    'All curves of a decoder by its depth; "least" is the smallest peak against keeping everything',
    [
      'layers',
      'wall ms',
      'processor ms',
      `against ${depths[0]}`,
      'nodes',
      ...strategies.map((strategy) => `least ${strategy}`),
    ],
    rows,
  );
}

/** A decoder of so many layers. */
function decoder(layers: number): Uint8Array {
  // The generator is asked for operators, of which a layer has some ninety.
  let operators = 1;
  let model = decoderTransformer(operators);
  const has = (layer: number): boolean =>
    (model.nodes ?? []).some(({ name }) => name?.includes(`/h.${layer}/`) ?? false);
  while (!has(layers - 1)) model = decoderTransformer((operators += 40));
  return onnxFile(model);
}
