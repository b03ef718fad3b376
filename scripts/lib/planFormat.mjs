/** The documentation of the plan format, made from its schema: one table an object, one row a field. */
export function planFormatText(schema) {
  const sections = [];
  const visit = (node, path, title) => {
    const required = new Set(node.required ?? []);
    const rows = Object.entries(node.properties ?? {}).map(([name, field]) => {
      const here = path === '' ? name : `${path}.${name}`;
      const inner = resolved(schema, field);
      queue.push([inner, here]);
      return `| \`${name}\` | ${typeText(schema, field)} | ${required.has(name) ? 'always' : absentText(field)} | ${cell(field.description ?? inner.description ?? '')} |`;
    });
    if (rows.length > 0) sections.push(section(title, node.description, rows));
  };
  const queue = [[schema, '']];
  const seen = new Set();
  while (queue.length > 0) {
    const [node, path] = queue.shift();
    for (const [part, suffix] of nested(schema, node)) {
      const name = path + suffix;
      if (seen.has(name)) continue;
      seen.add(name);
      visit(part, name, name === '' ? 'The plan' : `\`${name}\``);
    }
  }
  return [head, ...sections].join('\n\n') + '\n';
}

const head = `# The plan file

\`<model file>.plan.json\`, JSON. This page is made from \`media/plan.schema.json\` (\`node scripts/planFormat.mjs\`; a test
holds the two together); VS Code checks and completes plan files against the same schema.

**Versions.** \`format\` names the version. Within \`headroom-plan/1\` new fields are optional, and a plan without one means
what it meant before there was one. A later version comes with a way up from each version before it
(\`planner-core/plan/migrate.ts\`): older plans open, newer ones are refused with the advice to update.

**Same input, same bytes.** Fields are written in the order of this page, free keys sorted, decisions by kind and target, names as people count (\`h.2\` before \`h.10\`);
fields without a value are left out. No field holds a time, a path or a name of a machine.

**Checking.** \`headroom check PLAN\` reads the file against the schema, compares the structure of the model, looks up
every device, link, module and operator, simulates the step again, compares every number of \`prediction\`,
and holds the peaks against the budget, each device's memory and what offloading may take.`;

const section = (title, description, rows) =>
  [
    `## ${title}`,
    ...(description ? ['', description] : []),
    '',
    '| field | type | there | meaning |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');

/** The objects a field holds: itself, the items of its list, the values of its free keys. */
function nested(schema, field) {
  const node = resolved(schema, field);
  if (node.properties) return [[node, '']];
  if (node.items && !Array.isArray(node.items))
    return nested(schema, node.items).map(([inner, suffix]) => [inner, `[]${suffix}`]);
  if (typeof node.additionalProperties === 'object')
    return nested(schema, node.additionalProperties).map(([inner, suffix]) => [inner, `.*${suffix}`]);
  return [];
}

function resolved(schema, node) {
  if (!node.$ref) return node;
  const target = node.$ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((at, key) => at[key], schema);
  return { ...target, ...(node.description ? { description: node.description } : {}) };
}

function typeText(schema, field) {
  const node = resolved(schema, field);
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum) return node.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (node.type === 'array') {
    const bounds =
      node.minItems !== undefined && node.minItems === node.maxItems ? `${node.minItems} of ` : 'list of ';
    return bounds + typeText(schema, node.items);
  }
  if (node.type === 'object' && typeof node.additionalProperties === 'object' && !node.properties)
    return `names with ${typeText(schema, node.additionalProperties)}`;
  const limits = [
    ...(node.minimum === undefined ? [] : [`at least ${node.minimum}`]),
    ...(node.exclusiveMinimum === undefined ? [] : [`more than ${node.exclusiveMinimum}`]),
    ...(node.maximum === undefined ? [] : [`at most ${node.maximum}`]),
    ...(node.minLength ? ['not empty'] : []),
  ];
  const name = { integer: 'whole number', string: 'text', boolean: 'true or false' }[node.type] ?? node.type;
  return [name, ...limits].join(', ');
}

const absentText = (field) =>
  field.default === undefined ? 'optional' : `optional, \`${JSON.stringify(field.default)}\``;

const cell = (text) => text.replaceAll('|', '\\|');
