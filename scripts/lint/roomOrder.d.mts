import type { Rule } from 'eslint';

export const roomOrder: Rule.RuleModule;
