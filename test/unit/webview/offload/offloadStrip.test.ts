// @vitest-environment jsdom
import { scaleLinear } from 'd3';
import { describe, expect, it, vi } from 'vitest';
import { offloadRows, offloadStrip, offloadSummary } from '../../../../webview/offload/offloadStrip';
import { someOffload } from './sample';

const all = scaleLinear([0, 100], [60, 560]);

describe('what leaves the device, below the timeline', () => {
  it('draws each transfer in the lane of its direction, where the timeline has it', () => {
    const strip = offloadStrip(() => undefined);
    strip.render(someOffload(), all, 574);
    const out = [...strip.element.querySelectorAll('.offload-out')];
    expect(out.map((mark) => mark.getAttribute('x'))).toEqual(['110', '130']);
    expect(out.map((mark) => mark.getAttribute('width'))).toEqual(['20', '10']);
    expect(strip.element.querySelectorAll('.offload-back')).toHaveLength(2);
    expect(strip.element.querySelector('.offload-wait title')?.textContent).toBe(
      'backward of gelu waits 2.00 ms: its input is not back yet',
    );
  });

  it('leaves out what is not in sight, and cuts what is in part', () => {
    const strip = offloadStrip(() => undefined);
    strip.render(someOffload(), scaleLinear([12, 40], [60, 560]), 574);
    const out = [...strip.element.querySelectorAll('.offload-out')];
    expect(out.map((mark) => Number(mark.getAttribute('x')))).toEqual([60, 60 + (2 / 28) * 500]);
    expect(strip.element.querySelectorAll('.offload-back')).toHaveLength(0);
  });

  it('picks the layer of a transfer', () => {
    const pick = vi.fn();
    const strip = offloadStrip(pick);
    strip.render(someOffload(), all, 574);
    strip.element.querySelector('.offload-back')?.dispatchEvent(new MouseEvent('click'));
    expect(pick).toHaveBeenCalledWith(expect.objectContaining({ target: 'add', direction: 'in' }));
  });

  it('is not there where nothing may leave', () => {
    const strip = offloadStrip(() => undefined);
    strip.render(someOffload(), all, 574);
    strip.render(undefined, all, 574);
    expect(strip.element.hidden).toBe(true);
  });

  it('says what it costs, and that nothing leaves where nothing has to', () => {
    expect(offloadSummary(someOffload())).toBe(
      '144 MiB out and 144 MiB back over PCIe 4.0 x16 (24 GB/s); the device waits 2.00 ms; up to 144 MiB of host memory.',
    );
    const idle = { ...someOffload(), outBytes: 0, inBytes: 0, transfers: [], stalls: [] };
    expect(offloadSummary(idle)).toMatch(/^Nothing leaves the device/);
  });

  it('has every transfer and every wait in its table', () => {
    const rows = offloadRows(someOffload());
    expect(rows).toHaveLength(5);
    expect(rows[3]).toEqual(['a', 'back', '96.0 MiB', '70.0 ms', '74.0 ms', 'gelu']);
    expect(rows[4].slice(0, 2)).toEqual(['backward of gelu', 'waits for its input']);
  });
});
