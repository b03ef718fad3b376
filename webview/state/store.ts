import type { ErrorValue } from '../../planner-core/base/errors';
import type { Edit } from '../../planner-core/plan/planInputs';
import type { ViewState } from '../../planner-core/protocol/messages';
import type { Theme } from '../base/theme';
import { initialUiState, type UiState } from './uiState';

/** An edit that was sent and not answered yet; the view shows its effect at once. */
export interface PendingEdit {
  readonly request: number;
  readonly edit: Edit;
}

export interface State {
  /** What the host last said; undefined before the first snapshot. */
  readonly host?: ViewState;
  /** Revision of the host's state that is shown. */
  readonly revision: number;
  readonly ui: UiState;
  readonly pending: readonly PendingEdit[];
  readonly theme: Theme;
  /** A failure of the last request, or of the handshake. */
  readonly failure?: ErrorValue;
}

/** The one mutable place of the view. Everything on screen is a function of `state`. */
export class Store {
  private current: State;
  private readonly listeners = new Set<() => void>();

  constructor(ui: UiState = initialUiState, theme: Theme = { highContrast: false, generation: 0 }) {
    this.current = { revision: 0, ui, pending: [], theme };
  }

  get state(): State {
    return this.current;
  }

  update(changes: Partial<State>): void {
    this.current = { ...this.current, ...changes };
    for (const listener of this.listeners) listener();
  }

  updateUi(changes: Partial<UiState>): void {
    this.update({ ui: { ...this.current.ui, ...changes } });
  }

  subscribe(listener: () => void): void {
    this.listeners.add(listener);
  }
}
