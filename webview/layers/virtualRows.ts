import { coalesceIdle } from '../base/frame';
import { observeSize, type Size } from '../base/size';
import { RowView, rowHeight, type RowActions, type RowContent } from './rowView';

/** Rows drawn beyond each end of the viewport, so that scrolling shows no gaps. */
const overscan = 4;
/** Longest wait for them after a jump, which has enough to draw with what is in sight. */
const overscanWithinMs = 100;

/** Keeps elements only for the rows in sight; those that scroll out are used for those that scroll in. */
export class VirtualRows {
  /** Of the rows in sight, from `first` on, in their order in the page. */
  private views: RowView[] = [];
  private first = 0;
  /** Out of the page, for when more rows are in sight again. */
  private spare: RowView[] = [];
  private count = 0;
  private contentOf: ((position: number) => RowContent) | undefined;
  private size: Size;
  private readonly settle = coalesceIdle(() => this.redraw(), overscanWithinMs);
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
    scroller.addEventListener('scroll', () => this.scrolled());
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
    return this.views[position - this.first]?.element;
  }

  /** Position of the row an event came from; -1 outside of rows. */
  positionOf(target: EventTarget | null): number {
    if (!(target instanceof Element)) return -1;
    const element = target.closest('[role="row"]');
    const at = this.views.findIndex((view) => view.element === element);
    return at < 0 ? -1 : this.first + at;
  }

  scrollIntoView(position: number): void {
    const top = position * rowHeight;
    // The sticky header covers one row.
    const visible = this.size.height - rowHeight;
    if (top < this.scrollTop) this.scroller.scrollTop = top;
    else if (top + rowHeight > this.scrollTop + visible) this.scroller.scrollTop = top + rowHeight - visible;
  }

  private redraw(beyond = overscan): void {
    const { contentOf } = this;
    if (!contentOf) return;
    const first = Math.max(0, Math.floor(this.scrollTop / rowHeight) - beyond);
    const end = Math.min(this.count, Math.ceil((this.scrollTop + this.size.height) / rowHeight) + beyond);
    this.moveWindow(first, Math.max(first, end));
    this.views.forEach((view, i) => view.update(contentOf(first + i)));
  }

  private scrolled(): void {
    this.scrollTop = this.scroller.scrollTop;
    const top = this.scrollTop / rowHeight;
    const isJump = top >= this.first + this.views.length || top + this.pageRows < this.first;
    this.redraw(isJump ? 0 : overscan);
    if (isJump) this.settle();
  }

  /**
   * Has an element for each position of [first, end), in their order in the page too. Those in sight before and after stay
   * where they are; where there are none, all do: an element that is moved costs the browser as much as a new one.
   */
  private moveWindow(first: number, end: number): void {
    const stay = { from: Math.max(first, this.first), to: Math.min(end, this.first + this.views.length) };
    const isJump = stay.from >= stay.to;
    const left = this.views;
    const kept = left.splice(isJump ? 0 : stay.from - this.first, isJump ? end - first : stay.to - stay.from);
    const take = (): RowView => left.pop() ?? this.spare.pop() ?? new RowView(this.actions);
    const before = Array.from({ length: isJump ? 0 : stay.from - first }, take);
    const after = Array.from({ length: end - first - before.length - kept.length }, take);
    this.body.prepend(...before.map(({ element }) => element));
    this.body.append(...after.map(({ element }) => element));
    for (const { element } of left) element.remove();
    this.spare.push(...left);
    this.views = [...before, ...kept, ...after];
    this.first = first;
  }
}
