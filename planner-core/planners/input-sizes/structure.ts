import type { BuiltStep } from '../../step/buildStep';
import { workColumns } from './workColumns';

/** Two steps with the same text have the same computations on the same values, whatever their sizes. */
export function structureText({ step, work = [] }: BuiltStep): string {
  const { inputs, outputs, updates, nodeName, nodePhase, residentAtStart, residentAtEnd, recomputable } =
    step;
  const tables = [inputs, outputs, updates].flatMap(({ offsets, items }) => [offsets, items]);
  const columns = [...tables, nodePhase, residentAtStart, residentAtEnd, recomputable];
  return [nodeName.join(), ...columns.map((column) => column.join()), workColumns(work).shape.text].join(
    '\n',
  );
}
