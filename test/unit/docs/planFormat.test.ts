import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planFormatText } from '../../../scripts/lib/planFormat.mjs';

const repoRoot = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(repoRoot, file), 'utf8');

interface Node {
  /** Described where it is defined. */
  $ref?: string;
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
  additionalProperties?: Node | boolean;
}

/** Every field of the schema, however deep. */
function fields(node: Node): [string, Node][] {
  const inner = [node.items, node.additionalProperties].filter((part) => typeof part === 'object');
  return [
    ...Object.entries(node.properties ?? {}).flatMap(([name, field]): [string, Node][] => [
      [name, field],
      ...fields(field),
    ]),
    ...inner.flatMap(fields),
  ];
}

describe('docs/plan-format.md', () => {
  const schema = JSON.parse(read('media/plan.schema.json')) as Node;

  it('is what the schema says: if not, run node scripts/planFormat.mjs', () => {
    expect(read('docs/plan-format.md')).toBe(planFormatText(schema));
  });

  it('has a described row for every field of the schema', () => {
    const text = read('docs/plan-format.md');
    const all = fields(schema);
    expect(all.length).toBeGreaterThan(60);
    for (const [name, { $ref, description }] of all) {
      expect(text).toContain(`| \`${name}\` |`);
      if ($ref) continue;
      expect(description ?? '', name).not.toBe('');
      expect(text).toContain(description!.replaceAll('|', '\\|'));
    }
  });
});
