import { isOpenable, type Box } from './boxes';

export interface GraphKeyActions {
  /** Makes a box the active one and selects it. */
  go(box: Box): void;
  setOpen(box: Box, isOpen: boolean): void;
  zoom(factor: number): void;
  fit(): void;
}

/** What the keys work on. */
export interface GraphGround {
  readonly all: readonly Box[];
  /** As drawn, outer before inner. */
  readonly visible: readonly Box[];
  readonly open: ReadonlySet<number>;
  readonly active: number;
}

/**
 * The keys of a tree that lies on its side: left and right go along the flow, down opens and goes in, up goes out and closes;
 * Enter opens and closes, + − zoom, 0 shows all. Returns whether the key was one of them.
 */
export function handleGraphKey(key: string, ground: GraphGround, actions: GraphKeyActions): boolean {
  const { all, visible, open } = ground;
  const at = visible.findIndex(({ id }) => id === ground.active);
  const box = visible.at(Math.max(0, at));
  if (!box) return false;
  const isOpen = open.has(box.id) && isOpenable(box);
  switch (key) {
    case 'ArrowRight':
      actions.go(visible[Math.min(at + 1, visible.length - 1)]);
      return true;
    case 'ArrowLeft':
      actions.go(visible[Math.max(at - 1, 0)]);
      return true;
    case 'ArrowDown':
      if (isOpen) actions.go(all[box.children[0]]);
      else if (isOpenable(box)) actions.setOpen(box, true);
      return true;
    case 'ArrowUp':
      if (isOpen) actions.setOpen(box, false);
      else if (box.parent > 0) actions.go(all[box.parent]);
      return true;
    case 'Home':
      actions.go(visible[0]);
      return true;
    case 'End':
      actions.go(visible[visible.length - 1]);
      return true;
    case 'Enter':
    case ' ':
      if (isOpenable(box)) actions.setOpen(box, !isOpen);
      return true;
    case '+':
    case '=':
      actions.zoom(1.25);
      return true;
    case '-':
      actions.zoom(0.8);
      return true;
    case '0':
      actions.fit();
      return true;
    default:
      return false;
  }
}
