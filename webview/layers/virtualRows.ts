import { observeSize, type Size } from '../base/size';
import { RowView, rowHeight, type RowActions, type RowContent } from './rowView';

/** Rows drawn beyond each end of the viewport, so that scrolling shows no gaps. */
const overscan = 4;

/** Keeps elements only for the rows in sight; those that scroll out are used for those that scroll in. */
export class VirtualRows {
  private readonly views = new Map<number, RowView>();
  private count = 0;
  private contentOf: ((position: number) => RowContent) | undefined;
  private size: Size;
  /** Asking the element would force a layout at every drawing. */
  private scrollTop = 0;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly body: HTMLElement,
    private readonly actions: RowActions,
  ) {
    this.size = observeSize(scroller, (size) => {
      this.size = size;
      this.redraw();
    });
    scroller.addEventListener('scroll', () => {
      this.scrollTop = scroller.scrollTop;
      this.redraw();
    });
  }

  /** Rows that fit the viewport, the header aside. */
  get pageRows(): number {
    return Math.max(1, Math.floor(this.size.height / rowHeight) - 1);
  }

  /** Shows `count` rows whose content is asked for when they are in sight. */
  draw(count: number, contentOf: (position: number) => RowContent): void {
    if (count !== this.count) this.body.style.height = `${count * rowHeight}px`;
    this.count = count;
    this.contentOf = contentOf;
    this.redraw();
  }

  elementAt(position: number): HTMLElement | undefined {
    return this.views.get(position)?.element;
  }

  /** Position of the row an event came from; -1 outside of rows. */
  positionOf(target: EventTarget | null): number {
    if (!(target instanceof Element)) return -1;
    const element = target.closest('[role="row"]');
    for (const [position, view] of this.views) if (view.element === element) return position;
    return -1;
  }

  scrollIntoView(position: number): void {
    const top = position * rowHeight;
    // The sticky header covers one row.
    const visible = this.size.height - rowHeight;
    if (top < this.scrollTop) this.scroller.scrollTop = top;
    else if (top + rowHeight > this.scrollTop + visible) this.scroller.scrollTop = top + rowHeight - visible;
  }

  private redraw(): void {
    if (!this.contentOf) return;
    const first = Math.max(0, Math.floor(this.scrollTop / rowHeight) - overscan);
    const last = Math.min(this.count, Math.ceil((this.scrollTop + this.size.height) / rowHeight) + overscan);
    const spare: RowView[] = [];
    for (const [position, view] of this.views) {
      if (position >= first && position < last) continue;
      this.views.delete(position);
      spare.push(view);
    }
    for (let position = first; position < last; position++) {
      let view = this.views.get(position);
      if (!view) {
        view = spare.pop() ?? new RowView(this.actions);
        this.views.set(position, view);
        this.body.append(view.element);
      }
      view.update(this.contentOf(position));
    }
    for (const { element } of spare) element.remove();
  }
}
