import { expect, it } from 'vitest';
import type { Diagnostic } from '../../../../planner-core/base/diagnostic';
import { prominent } from '../../../../webview/header/notices';

const of = (severity: Diagnostic['severity'], code: string, node?: string): Diagnostic => ({
  severity,
  code,
  message: `about ${code}`,
  node,
});

it('shows one notice for each code that matters, errors first', () => {
  const shown = prominent([
    of('info', 'assumed-dimension'),
    of('info', 'exported-for-evaluation'),
    of('warning', 'shape-mismatch', 'a'),
    of('warning', 'shape-mismatch', 'a'),
    of('warning', 'shape-mismatch', 'b'),
    of('error', 'broken'),
  ]);
  expect(shown.map(({ first, count }) => [first.code, first.node, count])).toEqual([
    ['broken', undefined, 1],
    ['shape-mismatch', 'a', 2],
    ['exported-for-evaluation', undefined, 1],
  ]);
});
