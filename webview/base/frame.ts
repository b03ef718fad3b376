/** Runs `task` once the browser has time, or after `atMostMs`, however often it is asked for. */
export function coalesceIdle(task: () => void, atMostMs: number): () => void {
  let scheduled = false;
  const run = (): void => {
    scheduled = false;
    task();
  };
  return () => {
    if (scheduled) return;
    scheduled = true;
    // Not in every browser: there, after what is waiting already.
    if (typeof requestIdleCallback === 'undefined') setTimeout(run);
    else requestIdleCallback(run, { timeout: atMostMs });
  };
}

/** Runs `task` once before the next repaint, however often it is asked for: a fast drag costs one repaint a frame. */
export function coalesceFrames(task: () => void): () => void {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      task();
    });
  };
}
