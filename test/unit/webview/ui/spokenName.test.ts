import { expect, it } from 'vitest';
import { spokenName } from '../../../../webview/ui/spokenName';

it('has the words that are seen in the name, and signs not', () => {
  expect(spokenName('Reset', 'Put every setting back')).toBe('Reset: Put every setting back');
  expect(spokenName('Stop', 'Stop looking')).toBe('Stop looking');
  expect(spokenName('In words', 'Show in plain words')).toBe('In words: Show in plain words');
  expect(spokenName('表格', '显示表格中的数')).toBe('显示表格中的数');
  expect(spokenName('×', 'Close')).toBe('Close');
});
