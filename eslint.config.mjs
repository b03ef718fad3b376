import tseslint from 'typescript-eslint';
import { roomOrder } from './scripts/lint/roomOrder.mjs';
import { translatedTexts } from './scripts/lint/translatedTexts.mjs';

/** The rooms of planner-core in the order the data walks; a room imports only rooms before it. */
const rooms = [
  'base',
  'bytes',
  'graph',
  'formats',
  'operators',
  'recognition',
  'devices',
  'step',
  'measurements',
  'simulator',
  'plan',
  'solvers',
  'planners',
  'exporters',
  'session',
  'protocol',
  'node',
  'cli',
];

const zones = [
  ...rooms.flatMap((room, i) =>
    rooms.slice(i + 1).map((later) => ({ target: `planner-core/${room}`, from: `planner-core/${later}` })),
  ),
  { target: 'planner-core', from: 'extension' },
  { target: 'planner-core', from: 'webview' },
  { target: 'webview', from: 'extension' },
  { target: 'extension', from: 'webview' },
  ...['node', 'cli', 'formats'].map((room) => ({
    target: 'webview',
    from: `planner-core/${room}`,
  })),
];

const noVscode = {
  paths: [{ name: 'vscode', message: 'Only extension/ may import vscode.' }],
};
const pure = {
  paths: noVscode.paths,
  patterns: [{ group: ['node:*', 'fs', 'path'], message: 'Node built-ins belong in node/ and cli/.' }],
};

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'test/fixtures/**', 'test/e2e/artifacts/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { headroom: { rules: { 'room-order': roomOrder, 'translated-texts': translatedTexts } } },
    rules: {
      'headroom/room-order': ['error', { root: import.meta.dirname, zones }],
      'max-lines': ['error', { max: 600 }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-imports': ['error', noVscode],
      eqeqeq: ['error', 'always'],
    },
  },
  {
    files: ['extension/**/*.ts', 'webview/**/*.ts'],
    // The threads of the planner know no language; what they say of their end is for the log.
    ignores: ['extension/planner/solverThread.*.ts'],
    rules: { 'headroom/translated-texts': ['error', { names: ['g/kWh'] }] },
  },
  { files: ['extension/**/*.ts', 'test/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['planner-core/**/*.ts', 'webview/**/*.ts'],
    ignores: ['planner-core/node/**', 'planner-core/cli/**'],
    rules: { 'no-restricted-imports': ['error', pure] },
  },
);
