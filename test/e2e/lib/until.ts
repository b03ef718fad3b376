const pollMs = 50;

/**
 * Waits until the condition holds. What it throws meanwhile counts as "not yet" (an element may be redrawn under it)
 * and is told when time is up.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (let last = ''; ;) {
    try {
      if (await condition()) return;
      last = '';
    } catch (error) {
      last = ` (last: ${String(error)})`;
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}${last}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
