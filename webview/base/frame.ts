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
