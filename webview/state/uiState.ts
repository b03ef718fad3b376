import { baselineFamilies, type BaselineFamily } from '../../planner-core/planners/baselines/baseline';

/** Columns of the layer tree that have an order. */
const sortColumns = ['layer', 'kept', 'time', 'measured-time', 'measured-bytes'] as const;
export type SortColumn = (typeof sortColumns)[number];

/** The order of layers within their module. */
export interface Sorting {
  readonly column: SortColumn;
  readonly direction: 'ascending' | 'descending';
}

/** What the colour of a box in the graph of modules means. */
export const graphColours = ['choice', 'device', 'memory'] as const;
export type GraphColour = (typeof graphColours)[number];

/** What only the view knows: where the pointer is, what is open and selected. */
export interface UiState {
  /** Budget under the slider while it is dragged; undefined when the host's budget holds. */
  readonly dragBudgetBytes?: number;
  /** Node of the step under the pointer in the timeline. */
  readonly hoverNode?: number;
  /** Sample of the shown timeline under the crosshair. */
  readonly hoverSample?: number;
  /** Stay of the shown timeline's tensors (`TensorLives`) under the pointer or the keyboard. */
  readonly hoverTensor?: number;
  /** Key of the row of the layer tree under the pointer. */
  readonly hoverRow?: string;
  /** Keys of selected rows (`rowKey`), the last one is active. */
  readonly selected: readonly string[];
  /** Keys of open modules; undefined: as many levels as fit. */
  readonly expanded?: readonly string[];
  readonly filter: string;
  /** Keys of modules that a person closed among those the filter found, which are open otherwise. */
  readonly closedWhileFiltered: readonly string[];
  /** undefined: layers in the order of the model. */
  readonly sorting?: Sorting;
  /** Part of the step that the timeline shows, in ms (in samples when no duration is known); undefined: all of it. */
  readonly zoom?: readonly [number, number];
  /** What the timeline compares the plan with (`ComparisonChoice`); undefined: nothing. */
  readonly compareWith?: string;
  /** Number of the host's comparison that `compareWith` has followed; undefined: of none. */
  readonly followedComparison?: number;
  /** Layers are shown as a graph of modules, not as a tree. */
  readonly showsGraph: boolean;
  /** Keys of open boxes of the graph; undefined: the outermost. */
  readonly graphOpen?: readonly string[];
  readonly graphColour: GraphColour;
  /** Lanes show one step, where they could show the pipeline it runs in. */
  readonly hidesPipeline: boolean;
  /** Charts that are shown as tables. */
  readonly tables: readonly ChartName[];
  /** Measurements are loaded, and not wanted on screen. */
  readonly hidesMeasured: boolean;
  /** Families of well-known rules that the frontier does not show. */
  readonly hiddenBaselines: readonly BaselineFamily[];
}

const chartNames = [
  'frontier',
  'timeline',
  'comparison',
  'differences',
  'lanes',
  'transfers',
  'pipeline',
  'offload',
  'placements',
  'graph',
] as const;
export type ChartName = (typeof chartNames)[number];

export const initialUiState: UiState = {
  selected: [],
  filter: '',
  closedWhileFiltered: [],
  showsGraph: false,
  graphColour: 'choice',
  hidesPipeline: false,
  tables: [],
  hidesMeasured: false,
  hiddenBaselines: [],
};

const persistedKeys = [
  'selected',
  'expanded',
  'filter',
  'sorting',
  'zoom',
  'compareWith',
  'followedComparison',
  'showsGraph',
  'graphOpen',
  'graphColour',
  'hidesPipeline',
  'tables',
  'hidesMeasured',
  'hiddenBaselines',
] as const;

/** What survives hiding the editor: not the drag, not the hover. */
export function persistedPart(ui: UiState): Partial<UiState> {
  return Object.fromEntries(persistedKeys.map((key) => [key, ui[key]]));
}

/** Reads what `persistedPart` wrote; anything of another shape (an older version's state) is left out. */
export function restoredUiState(saved: unknown): UiState {
  if (typeof saved !== 'object' || saved === null) return initialUiState;
  const { selected, expanded, filter, sorting, zoom, tables, hidesMeasured, hiddenBaselines } =
    saved as Record<string, unknown>;
  const { compareWith, showsGraph, graphOpen, graphColour } = saved as Record<string, unknown>;
  const { hidesPipeline, followedComparison } = saved as Record<string, unknown>;
  return {
    selected: isStrings(selected) ? selected : [],
    expanded: isStrings(expanded) ? expanded : undefined,
    filter: typeof filter === 'string' ? filter : '',
    closedWhileFiltered: [],
    sorting: isSorting(sorting) ? sorting : undefined,
    zoom: isRange(zoom) ? zoom : undefined,
    compareWith: typeof compareWith === 'string' ? compareWith : undefined,
    followedComparison: typeof followedComparison === 'number' ? followedComparison : undefined,
    showsGraph: showsGraph === true,
    graphOpen: isStrings(graphOpen) ? graphOpen : undefined,
    graphColour: graphColours.find((name) => name === graphColour) ?? 'choice',
    hidesPipeline: hidesPipeline === true,
    tables: isStrings(tables) ? chartNames.filter((name) => tables.includes(name)) : [],
    hidesMeasured: hidesMeasured === true,
    hiddenBaselines: isStrings(hiddenBaselines)
      ? baselineFamilies.filter((family) => hiddenBaselines.includes(family))
      : [],
  };
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const isRange = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((item) => Number.isFinite(item));

function isSorting(value: unknown): value is Sorting {
  if (typeof value !== 'object' || value === null) return false;
  const { column, direction } = value as Record<string, unknown>;
  return (
    sortColumns.some((name) => name === column) && (direction === 'ascending' || direction === 'descending')
  );
}
