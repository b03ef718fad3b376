import type { Target } from '../../planner-core/plan/planInputs';

/** What rows of the layer tree are called while they are dragged: nothing else takes them, and they take nothing else. */
const kind = 'application/x-headroom-layers';

export function startLayerDrag(event: DragEvent, targets: readonly Target[]): void {
  const { dataTransfer } = event;
  if (!dataTransfer) return;
  dataTransfer.effectAllowed = 'move';
  dataTransfer.setData(kind, JSON.stringify(targets));
}

/** Lets an element take dragged layers. `over` is called with undefined once nothing is above it any more. */
export function acceptLayers(
  element: HTMLElement,
  over: (event: DragEvent | undefined) => void,
  drop: (event: DragEvent, targets: readonly Target[]) => void,
): void {
  const isOurs = (event: DragEvent): boolean => event.dataTransfer?.types.includes(kind) ?? false;
  element.addEventListener('dragover', (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'move';
    over(event);
  });
  element.addEventListener('dragleave', (event) => {
    if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget))) over(undefined);
  });
  element.addEventListener('drop', (event) => {
    over(undefined);
    const data = event.dataTransfer?.getData(kind);
    if (!data) return;
    event.preventDefault();
    drop(event, JSON.parse(data) as Target[]);
  });
}
