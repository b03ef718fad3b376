import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../../webview');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);

it.each(sources)(
  '%s writes no inline style and no markup, which the content security policy blocks',
  (name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    expect(text).not.toMatch(/\.attr\(\s*['"]style|setAttribute\(\s*['"]style|['"]?style['"]?:\s*[`'"]/);
    expect(text).not.toMatch(/innerHTML|insertAdjacentHTML|outerHTML/);
  },
);

it.each(sources.filter((name) => name !== path.join('ui', 'controls.ts')))(
  '%s knows nothing of the control toolkit',
  (name) => {
    const text = readFileSync(path.join(folder, name), 'utf8');
    expect(text).not.toMatch(/webview-ui-toolkit|createElement\(\s*['"]vscode-/);
  },
);
