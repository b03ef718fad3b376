/** Attributes and options whose value people read or hear. */
const shownProperties = new Set([
  'title',
  'label',
  'caption',
  'placeholder',
  'placeHolder',
  'prompt',
  'tooltip',
  'alt',
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'aria-valuetext',
]);
/** Properties of elements that put text on the screen. */
const shownFields = new Set(['textContent', 'innerText', 'title', 'ariaLabel', 'placeholder']);
/** Functions that put text on the screen, and the number of the first argument that is text. */
const shownArguments = new Map([
  ['el', 2],
  ['svgEl', 2],
  ['mark', 2],
  ['setText', 1],
  ['say', 0],
  ['fillText', 0],
]);
/** Attributes and options that only the machine reads. */
const codeProperties = new Set([
  'class',
  'id',
  'd',
  'transform',
  'viewBox',
  'points',
  'font',
  'href',
  'accept',
  'style',
]);
const codeFunctions = new Set([
  'querySelector',
  'querySelectorAll',
  'closest',
  'matches',
  'on',
  'replace',
  'RegExp',
]);
/** What the log says is for bug reports, which all can read. */
const logFunctions = new Set(['trace', 'debug', 'info', 'warn', 'error']);

/** A word, and none of an identifier such as `is-active`. */
const word = /(?<![\w-])\p{L}{3,}(?![\w-])/u;
/** Two words with a space between them, or one beside a value; markup has neither. */
const sentence = /^[^<=$]*(?:(?<![\w-])\p{L}{2,}[,:;.…)]? (?:\p{L}+(?![\w-])|[’'(“]|$)|^ \p{L}{2,} )/u;

/**
 * ESLint rule: what people read goes through `t('…')` or `l10n.t('…')`. Reported are words where they are put on the screen,
 * and sentences anywhere. Options: [{ names: [...] }], texts that are the same in every language: trade names, units.
 */
export const translatedTexts = {
  meta: {
    type: 'problem',
    docs: { description: 'texts that people read can be translated' },
    messages: { untranslated: 'Write “{{text}}” as t(…), with a row in l10n/bundle.l10n.zh-cn.json.' },
    schema: [{ type: 'object' }],
  },
  create(context) {
    const names = new Set(context.options[0]?.names ?? []);
    const check = (node, parts) => {
      const place = placeOf(node);
      if (place === 'code') return;
      const isText = (part) => (place === 'shown' ? word.test(part) : sentence.test(part));
      if (!parts.some((part) => !names.has(part.trim()) && isText(part))) return;
      context.report({ node, messageId: 'untranslated', data: { text: parts.join('…').trim() } });
    };
    return {
      Literal: (node) => typeof node.value === 'string' && check(node, [node.value]),
      TemplateLiteral: (node) =>
        check(
          node,
          node.quasis.map(({ value }) => value.cooked),
        ),
    };
  },
};

/** Where a text goes: 'shown' on the screen, 'code' for the machine, else undefined: nothing is known. */
function placeOf(node) {
  let inner = node;
  for (let outer = node.parent; outer; inner = outer, outer = outer.parent) {
    switch (outer.type) {
      case 'CallExpression':
      case 'NewExpression':
        return placeOfArgument(outer, inner);
      case 'Property':
        if (inner === outer.key) return 'code';
        return placeOfName(keyName(outer), shownProperties);
      case 'AssignmentExpression':
        return inner === outer.right ? placeOfName(outer.left.property?.name, shownFields) : 'code';
      case 'ConditionalExpression':
        if (inner === outer.test) return 'code';
        break;
      case 'BinaryExpression':
        if (outer.operator !== '+') return 'code';
        break;
      case 'LogicalExpression':
      case 'TemplateLiteral':
      case 'SpreadElement':
      case 'ArrayExpression':
        break;
      case 'ArrowFunctionExpression':
      case 'ReturnStatement':
      case 'VariableDeclarator':
        return undefined;
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
      case 'TSLiteralType':
      case 'TSExternalModuleReference':
      case 'MemberExpression':
      case 'SwitchCase':
      case 'TaggedTemplateExpression':
        return 'code';
      default:
        if (outer.type.endsWith('Statement')) return undefined;
    }
  }
  return undefined;
}

function placeOfArgument(call, argument) {
  const { callee } = call;
  const name = callee.name ?? callee.property?.name;
  // What went through a translation is done; what an error of the program says is for its makers.
  if (name === 't' || name === 'Error' || codeFunctions.has(name)) return 'code';
  const on = callee.object?.property?.name ?? callee.object?.name;
  if (on === 'classList' || (on === 'log' && logFunctions.has(name))) return 'code';
  const first = shownArguments.get(name);
  if (first === undefined) return undefined;
  return call.arguments.indexOf(argument) >= first ? 'shown' : 'code';
}

function placeOfName(name, shown) {
  if (shown.has(name)) return 'shown';
  return codeProperties.has(name) || name === 'className' ? 'code' : undefined;
}

const keyName = ({ key, computed }) => (computed ? undefined : (key.name ?? key.value));
