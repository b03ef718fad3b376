import { writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Gives a profile a language pack that translates nothing of VS Code itself: with it VS Code can be set to a language
 * without the pack that the marketplace has for it, and extensions show their own translations.
 * @param {{userData: string}} profile
 * @param {string} language e.g. "zh-cn"
 */
export function addLanguagePack({ userData }, language) {
  const translations = path.join(userData, `${language}.i18n.json`);
  writeFileSync(translations, JSON.stringify({ contents: {} }));
  // What an installed pack looks like: VS Code asks each for the extension it came with.
  const extensions = [{ extensionIdentifier: { id: `test.empty-${language}` }, version: '1.0.0' }];
  const pack = { hash: 'empty', label: language, extensions, translations: { vscode: translations } };
  writeFileSync(path.join(userData, 'languagepacks.json'), JSON.stringify({ [language]: pack }));
}
