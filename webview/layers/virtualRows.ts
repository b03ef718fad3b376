import { replaceKeepingFocus } from '../base/dom';
import { observeSize, type Size } from '../base/size';
import { RowView, rowHeight, type RowActions, type RowContent } from './rowView';

/** Rows drawn beyond each end of the viewport, so that scrolling shows no gaps. */
const overscan = 4;
/** Without scrolling for so long, rows are put in order. */
const restMs = 120;

/**
 * Keeps elements only for the rows in sight; those that scroll out are used for those that scroll in, where they are in the
 * page: a browser takes a moved element for a new one. Once scrolling rests, rows are in the page in the order in which they
 * are read.
 */
export class VirtualRows {
  /** Of the rows in sight, from `first` on. */
  private views: RowView[] = [];
  private first = 0;
  /** Out of the page, for when more rows are in sight again. */
  private spare: RowView[] = [];
  private count = 0;
  private contentOf: ((position: number) => RowContent) | undefined;
  private size: Size;
  private rest: ReturnType<typeof setTimeout> | undefined;
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
    // After a jump what is in sight is enough to draw.
    this.redraw(isJump ? 0 : overscan);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.settle(), restMs);
  }

  private settle(): void {
    this.redraw();
    const elements = this.views.map(({ element }) => element);
    if (elements.some((element, i) => this.body.children[i] !== element)) {
      replaceKeepingFocus(this.body, elements);
    }
  }

  /** Has an element for each position of [first, end); those in sight before and after stay what they are. */
  private moveWindow(first: number, end: number): void {
    const from = Math.max(first, this.first);
    const to = Math.max(from, Math.min(end, this.first + this.views.length));
    const left = this.views;
    const kept = left.splice(from - this.first, to - from);
    const take = (): RowView => left.shift() ?? this.added();
    const before = Array.from({ length: Math.min(from, end) - first }, take);
    const after = Array.from({ length: end - first - before.length - kept.length }, take);
    for (const { element } of left) element.remove();
    this.spare.push(...left);
    this.views = [...before, ...kept, ...after];
    this.first = first;
  }

  private added(): RowView {
    const view = this.spare.pop() ?? new RowView(this.actions);
    this.body.append(view.element);
    return view;
  }
}
