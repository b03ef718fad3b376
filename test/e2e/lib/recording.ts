import type { Locator, Page } from 'playwright-core';
import { animatedGif, type AnimationFrame } from './animatedGif';

const cursorId = 'recording-cursor';
const movesOnTheWay = 4;
const moveMs = 60;

/** Pictures of the window, one after the other, with a pointer that a headless browser does not draw. */
export class Recording {
  private readonly frames: AnimationFrame[] = [];
  /** Where nothing answers to it. */
  private at = { x: 900, y: 85 };

  constructor(private readonly page: Page) {}

  async start(): Promise<void> {
    await this.page.evaluate((id) => {
      const cursor = document.createElement('div');
      cursor.id = id;
      cursor.style.cssText =
        'position:fixed;z-index:1000000;width:22px;height:22px;pointer-events:none;background:white;' +
        'filter:drop-shadow(0 0 1px black) drop-shadow(0 1px 2px black);' +
        'clip-path:polygon(0 0, 0 76%, 20% 60%, 33% 92%, 46% 86%, 33% 55%, 58% 55%)';
      document.body.append(cursor);
    }, cursorId);
    await this.point(this.at.x, this.at.y);
  }

  /** What is on screen now, shown for a while. */
  async show(showMs: number): Promise<void> {
    this.frames.push({ png: await this.page.screenshot(), showMs });
  }

  /** Moves the pointer to the middle of an element, or to a fraction of its width. */
  async moveTo(target: Locator, fraction = 0.5): Promise<void> {
    const box = await target.boundingBox();
    if (!box) throw new Error('what the pointer should go to is not visible');
    await this.moveToPoint(box.x + fraction * box.width, box.y + box.height / 2);
  }

  async moveToPoint(x: number, y: number, moves = movesOnTheWay): Promise<void> {
    const from = this.at;
    for (let i = 1; i <= moves; i++) {
      const part = i / moves;
      await this.point(from.x + part * (x - from.x), from.y + part * (y - from.y));
      await this.show(moveMs);
    }
  }

  gif(): Uint8Array {
    return animatedGif(this.frames);
  }

  private async point(x: number, y: number): Promise<void> {
    this.at = { x, y };
    await this.page.mouse.move(x, y);
    await this.page.evaluate(
      ([id, left, top]) => {
        const cursor = document.getElementById(id as string)!;
        cursor.style.left = `${left}px`;
        cursor.style.top = `${top}px`;
      },
      [cursorId, x, y] as const,
    );
  }
}
