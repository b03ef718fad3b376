import type { Rule } from 'eslint';

export const translatedTexts: Rule.RuleModule;
