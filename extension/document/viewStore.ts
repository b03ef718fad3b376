import type { ViewState } from '../../planner-core/protocol/messages';

/** A change of the state all views of a document share. */
export interface ViewUpdate {
  /** Number of the state after the update; rises by one with every update. */
  readonly revision: number;
  readonly parts: Partial<ViewState>;
  /** Parts that became undefined. */
  readonly cleared: readonly (keyof ViewState)[];
}

type Listener = (update: ViewUpdate) => void;

/** The single source of truth for what the views of one document show. */
export class ViewStore {
  private current: ViewState;
  private lastRevision = 0;
  private readonly listeners = new Set<Listener>();

  constructor(initial: ViewState) {
    this.current = initial;
  }

  get state(): ViewState {
    return this.current;
  }

  get revision(): number {
    return this.lastRevision;
  }

  /** Sets `parts` and removes those named in `cleared`; parts with the value undefined count as cleared. */
  update(parts: Partial<ViewState>, cleared: readonly (keyof ViewState)[] = []): void {
    const next = { ...this.current, ...parts };
    const removed = [...new Set([...cleared, ...undefinedKeys(parts)])];
    for (const key of removed) delete next[key];
    this.current = next;
    const update = { revision: ++this.lastRevision, parts, cleared: removed };
    for (const listener of [...this.listeners]) listener(update);
  }

  /** Returns the function that stops listening. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

function undefinedKeys(parts: Partial<ViewState>): (keyof ViewState)[] {
  return (Object.keys(parts) as (keyof ViewState)[]).filter((key) => parts[key] === undefined);
}
