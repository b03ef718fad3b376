import { RuleTester } from 'eslint';
import { describe, it } from 'vitest';
import { translatedTexts } from '../../../scripts/lint/translatedTexts.mjs';

RuleTester.describe = describe;
RuleTester.it = it;

const options = [{ names: ['SGD', 'pinned memory'] }];
const errors = [{ messageId: 'untranslated' }];

new RuleTester().run('translated-texts', translatedTexts, {
  valid: [
    "el('p', { class: 'muted note' }, t('Nothing is recomputed.'));",
    "l10n.t('The model is not open.');",
    "el('span', { class: `swatch is-${band}` }, name);",
    "el('span', {}, '×', ' · ', '42 %');",
    "el('span', {}, 'SGD');",
    "setAttributes(bar, { 'aria-current': 'page', role: 'treegrid' });",
    "if (mode === 'not a text') stop();",
    'const key = `${kind} ${name}`;',
    "element.querySelector('table thead th');",
    "element.className = 'pane is-open';",
    "throw new Error('This cannot happen here');",
    'log.info(`Opening ${name} now`);',
    'const path = `M ${x} ${y}`;',
    'const html = `<p>of the page</p>`;',
    "import { a } from 'a module';",
  ].map((code) => ({ code, options })),
  invalid: [
    "el('p', {}, 'Nothing is recomputed.');",
    "el('p', {}, fits ? 'fits' : t('too large'));",
    "el('p', {}, `${count} layers`);",
    "el('p', {}, ...['one', 'two'], 'waits');",
    "svgEl('text', { x: 1 }, 'budget');",
    "setText(line, 'budget');",
    "announcer.say('done');",
    "line.textContent = 'done';",
    "button.title = pinned ? 'release' : '';",
    "setAttributes(bar, { 'aria-label': 'Layers' });",
    "const item = { label: 'custom' };",
    "const text = 'Nothing is recomputed.';",
    'const text = `${first} to ${last}`;',
    "function words() { return 'the same peak'; }",
    "throw new HeadroomError('bad-usage', 'Open a model first.');",
    "const text = t('All of it') + 'and more of it';",
  ].map((code) => ({
    code,
    options,
    errors: code.includes("'one', 'two'") ? [...errors, ...errors, ...errors] : errors,
  })),
});
