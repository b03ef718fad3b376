import type { ErrorValue } from '../base/errors';
import type { ExportTarget, PictureTarget } from '../exporters/targets';
import type { SourceLine } from '../graph/sourceLine';
import type { MeasuredStep } from '../measurements/measuredStep';
import type { Edit, PlanInputs, Target } from '../plan/planInputs';
import type { Frontier } from '../planners/frontier';
import type { PinPrice } from '../session/pinPrices';
import type { Proof } from '../session/refine';
import type { ModelSummary, PlanView, Progress, StepView } from '../session/types';
import type { ComparedPlan, ComparisonForm, PlanSource } from './comparedPlan';
import type { GoalsQuestion, GoalsState } from './goals';
import type { ScaleRequest, ScaleState, SplitRequest, SplitState } from './machineQuestions';
import type { ShownForm, ShownThings } from './shownThings';
import type { SizesFileRole, SizesRequest, SizesState } from './sizeQuestions';

/** Raised whenever a message changes shape; checked in the handshake. */
export const protocolVersion = 1;

/** What the view shows. The host owns it; a part that is undefined has not been computed (or has become invalid). */
export interface ViewState {
  readonly inputs: PlanInputs;
  /** Devices a person can choose from. */
  readonly deviceCatalogue: readonly { readonly name: string; readonly memoryBytes: number }[];
  readonly model?: ModelSummary;
  readonly step?: StepView;
  readonly frontier?: Frontier;
  readonly plan?: PlanView;
  /** What is proven for the plan's budget, and how far the search for more is. */
  readonly proof?: Proof;
  /** What each pin of the inputs costs, in their order. */
  readonly pinPrices?: readonly PinPrice[];
  /** What was asked to fit, and the answers so far. */
  readonly goals?: GoalsState;
  /** Where to cut the model between two devices, as last asked. */
  readonly split?: SplitState;
  /** How to train the model on many servers, as last asked. */
  readonly scale?: ScaleState;
  /** Which plan for which size of the inputs, as last asked. */
  readonly sizes?: SizesState;
  /** What was measured of the step, where measurements are loaded. */
  readonly measured?: MeasuredStep;
  /** A plan that the one on screen is held against. */
  readonly compared?: ComparedPlan;
  /** Set while the planner works. */
  readonly progress?: Progress;
  /** Shown in the editor body instead of the panes when there is no step; else as a banner. */
  readonly error?: ErrorValue;
  /** Name of the saved plan when it was made for another structure of the model. */
  readonly stalePlan?: string;
  /** Edits are kept in memory, Save asks for a place (git:, read-only file systems). */
  readonly readOnly: boolean;
}

export type HostToView =
  /** The whole state: answer to 'ready'. */
  | {
      readonly type: 'snapshot';
      readonly protocol: number;
      readonly revision: number;
      readonly state: ViewState;
    }
  /** Parts that changed. A part named in `cleared` became undefined. */
  | {
      readonly type: 'update';
      readonly revision: number;
      readonly parts: Partial<ViewState>;
      readonly cleared: readonly (keyof ViewState)[];
    }
  /** A picture to draw as pixels, which only a view can; comes before the answer to 'picture'. */
  | { readonly type: 'picture'; readonly svg: string; readonly suffix: string }
  /** Asks what is on screen to be saved; the answer is 'shown'. */
  | { readonly type: 'list-shown' }
  /** Asks for one of these; the answer is a request 'save-file'. */
  | { readonly type: 'save-shown'; readonly name: string; readonly form: ShownForm }
  /** Answer to a request; the state that results from an edit comes first, as an update. */
  | {
      readonly type: 'reply';
      readonly request: number;
      readonly revision: number;
      readonly error?: ErrorValue;
    };

export type ViewToHost =
  /** Sent once the view listens, and again after it was hidden and restored. */
  | { readonly type: 'ready'; readonly protocol: number }
  /** What is selected in the layer tree: the palette's commands apply to it. Not answered. */
  | { readonly type: 'selection'; readonly targets: readonly Target[] }
  /** Answer to 'list-shown'. Not answered itself. */
  | { readonly type: 'shown'; readonly things: ShownThings }
  | { readonly type: 'edit'; readonly request: number; readonly edit: Edit }
  | { readonly type: 'undo' | 'redo' | 'save'; readonly request: number }
  | { readonly type: 'export'; readonly request: number; readonly target: ExportTarget }
  | { readonly type: 'picture'; readonly request: number; readonly target: PictureTarget }
  /** A picture or a table that the view has made, to be written to a file whose name ends in `suffix`. */
  | {
      readonly type: 'save-file';
      readonly request: number;
      readonly suffix: string;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'cancel' | 'stop-asking'; readonly request: number }
  | { readonly type: 'ask'; readonly request: number; readonly question: GoalsQuestion }
  | { readonly type: 'ask-split'; readonly request: number; readonly question: SplitRequest }
  | { readonly type: 'ask-scale'; readonly request: number; readonly question: ScaleRequest }
  | { readonly type: 'ask-sizes'; readonly request: number; readonly question: SizesRequest }
  /** Asks a person for a file, and then the question with what is in it. */
  | {
      readonly type: 'choose-sizes-file';
      readonly request: number;
      readonly role: SizesFileRole;
      readonly question: SizesRequest;
    }
  /** Holds the plan on screen against another one, which becomes `compared`. */
  | { readonly type: 'compare-with'; readonly request: number; readonly source: PlanSource }
  /** Shows the plan on screen and the one it was held against as texts, in editors of their own. */
  | { readonly type: 'show-comparison'; readonly request: number; readonly form: ComparisonForm }
  /** Opens the program where a layer comes from. */
  | { readonly type: 'open-source'; readonly request: number; readonly source: SourceLine }
  /** Makes the machine of the inputs the default of new plans. */
  | { readonly type: 'save-machine'; readonly request: number }
  | { readonly type: 'reload'; readonly request: number }
  | { readonly type: 'stale-plan'; readonly request: number; readonly action: 'keep' | 'rebase' | 'discard' }
  | { readonly type: 'show-log'; readonly request: number };
