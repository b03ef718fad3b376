import type { Choice } from '../../planner-core/plan/plan';

/** What the keys of the table do. */
export interface TableCommands {
  move(by: number, extend: boolean): void;
  moveTo(end: 'first' | 'last'): void;
  /** Rows that Page Up and Page Down skip. */
  pageRows(): number;
  collapse(): void;
  expand(): void;
  /** undefined: hand the decision back to the planner. */
  choose(choice: Choice | undefined): void;
  /** Freezes modules, or trains them again. */
  freeze(): void;
  /** Puts the focus on the controls of the active row, and back on the table. */
  enterRow(): void;
  leaveRow(): void;
  /** Puts the focus on the device of the active row. */
  enterDevice(): void;
}

const choiceKeys: Readonly<Record<string, Choice>> = { k: 'keep', r: 'recompute', o: 'offload' };

/** Keys of a tree grid (WAI-ARIA practices), and K, R, O for choices, Backspace to release, F to freeze, D for the device. */
export function handleKey(event: KeyboardEvent, grid: HTMLElement, commands: TableCommands): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target !== grid) {
    // The focus is on a control of a row.
    if (event.key === 'Escape') commands.leaveRow();
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') moveFocus(event);
    return;
  }
  const choice = choiceKeys[event.key.toLowerCase()];
  if (choice) commands.choose(choice);
  else if (event.key.toLowerCase() === 'f') commands.freeze();
  else if (event.key.toLowerCase() === 'd') commands.enterDevice();
  else if (!run(event, commands)) return;
  event.preventDefault();
}

function run({ key, shiftKey }: KeyboardEvent, commands: TableCommands): boolean {
  switch (key) {
    case 'ArrowDown':
      commands.move(1, shiftKey);
      return true;
    case 'ArrowUp':
      commands.move(-1, shiftKey);
      return true;
    case 'PageDown':
      commands.move(commands.pageRows(), shiftKey);
      return true;
    case 'PageUp':
      commands.move(-commands.pageRows(), shiftKey);
      return true;
    case 'Home':
      commands.moveTo('first');
      return true;
    case 'End':
      commands.moveTo('last');
      return true;
    case 'ArrowLeft':
      commands.collapse();
      return true;
    case 'ArrowRight':
      commands.expand();
      return true;
    case 'Backspace':
    case 'Delete':
      commands.choose(undefined);
      return true;
    case 'Enter':
      commands.enterRow();
      return true;
    default:
      return false;
  }
}

/** Left and right walk the controls of a row. */
function moveFocus(event: KeyboardEvent): void {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return;
  const controls = [
    ...(target.closest('[role="row"]')?.querySelectorAll<HTMLElement>('button, select') ?? []),
  ].filter((control) => !control.hidden && !control.hasAttribute('disabled'));
  const at = controls.indexOf(target) + (event.key === 'ArrowRight' ? 1 : -1);
  controls[at]?.focus();
  event.preventDefault();
}
