import { expect, it } from 'vitest';
import { spokenName } from '../../../../webview/ui/spokenName';

it('has the words that are seen in the name, and signs not', () => {
  expect(spokenName('Reset', 'Put every setting back')).toBe('Reset: Put every setting back');
  expect(spokenName('Stop', 'Stop looking')).toBe('Stop looking');
  expect(spokenName('×', 'Close')).toBe('Close');
});
