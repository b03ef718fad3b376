// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { refusal, refusalText } from '../../../../webview/layers/refusal';
import { sampleState } from '../support/sample';

const { step } = await sampleState();
const [module, other] = (step?.layers ?? []).filter(({ kind }) => kind === 'module');
const reason = 'it cannot be wrapped';

describe('why a choice was not made', () => {
  it('is not said where it was', () => {
    expect(refusalText([])).toBe('');
    expect(refusalText([{ target: module, reason: undefined }])).toBe('');
  });

  it('names the one layer, counts several, and says each reason once', () => {
    expect(refusalText([{ target: other, reason }])).toBe(`${other.name} stays as it is: ${reason}.`);
    const meant = [
      { target: module, reason: undefined },
      { target: other, reason },
      { target: module, reason },
    ];
    expect(refusalText(meant)).toBe(`2 of 3 layers stay as they are: ${reason}.`);
  });

  it('goes with the next selection, not with the same', () => {
    const { element, show, forget } = refusal();
    const selected = ['module a'];
    show(selected, [{ target: other, reason }]);
    forget(selected);
    expect(element.hidden).toBe(false);
    forget(['module b']);
    expect(element.hidden).toBe(true);
  });
});
