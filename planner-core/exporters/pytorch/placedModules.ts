import type { ModelGraph } from '../../graph/modelGraph';
import type { LayerIndex } from '../../plan/layerIndex';
import { Phase, type StepGraph } from '../../step/stepGraph';
import type { NotCarried } from '../targets';

interface Placed {
  /** Module -> device id, the root among them; modules inside run where the nearest one above does. */
  readonly place: Readonly<Record<string, string>>;
  readonly notes: readonly NotCarried[];
}

/**
 * Placement by module, from devices by node (-1: the first device). A module whose own operators are on several devices
 * runs on the one most of them are on: PyTorch runs an operator where its operands are.
 */
export function placedModules(
  { graph, step, layers }: { graph: ModelGraph; step: StepGraph; layers: LayerIndex },
  deviceOfNode: Int16Array,
): Placed {
  if (deviceOfNode.every((device) => device <= 0)) return { place: {}, notes: [] };
  const votes = layers.layers.map(() => step.devices.map(() => 0));
  for (let node = 0; node < step.nodeCount; node++) {
    if (step.nodePhase[node] !== Phase.forward || step.nodeModule[node] < 0) continue;
    votes[step.nodeModule[node]][Math.max(0, deviceOfNode[node])]++;
  }
  const notes: NotCarried[] = [];
  const deviceOf: number[] = [];
  const place: Record<string, string> = {};
  for (const { id, name, parent, forwardNodes } of layers.layers) {
    const own = votes[id];
    const total = own.reduce((sum, count) => sum + count, 0);
    const inherited = parent >= 0 && id !== 0 ? deviceOf[parent] : 0;
    const first = forwardNodes.length > 0 ? Math.max(0, deviceOfNode[forwardNodes[0]]) : inherited;
    const most = own.indexOf(Math.max(...own));
    const device = total === 0 ? (id === 0 ? 0 : first) : own[inherited] === own[most] ? inherited : most;
    deviceOf[id] = device;
    const elsewhere = total - own[device];
    if (elsewhere > 0) {
      const where = name === '' ? 'the model itself' : name;
      notes.push({
        decision: `the devices of ${elsewhere} of ${total} operators of ${where}`,
        why: 'PyTorch runs an operator where its operands are, and a module has one place',
        instead: `they run on ${step.devices[device]}, with the others`,
      });
    }
    if (id === 0 || device !== inherited) place[graph.modules[id].name] = step.devices[device];
  }
  return { place, notes };
}
