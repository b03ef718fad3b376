import path from 'node:path';

/**
 * ESLint rule: imports go one way. Options: [{ root, zones: [{ target, from }] }]; a file under `target` must not import a
 * file under `from` (folders relative to `root`).
 */
export const roomOrder = {
  meta: {
    type: 'problem',
    docs: { description: 'a room imports only rooms above it' },
    messages: {
      forbidden: '{{target}} must not import {{from}}: data walks one way (see planner-core/README.md).',
    },
    schema: [{ type: 'object' }],
  },
  create(context) {
    const { root, zones } = context.options[0];
    const relative = (file) => path.relative(root, file).split(path.sep).join('/');
    const isUnder = (file, folder) => file === folder || file.startsWith(`${folder}/`);
    const here = relative(context.filename);
    const relevant = zones.filter((zone) => isUnder(here, zone.target));
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const imported = relative(path.resolve(path.dirname(context.filename), source));
      const zone = relevant.find(({ from }) => isUnder(imported, from));
      if (zone) context.report({ node, messageId: 'forbidden', data: zone });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
