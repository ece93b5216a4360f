import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dom } from './dom';

dom();
const { catalogue, chooseLanguage, laterWords, localeOf, startLanguage, language } = await import('../src/words/language');
const { languageChoice } = await import('../src/state/prefs');
const { W } = await import('../src/words');
const { count } = await import('../src/lib/format');
const { settingsPageWords } = await import('../src/words/settings');

const browserSpeaks = (...tags: string[]): void => {
  Object.defineProperty(globalThis, 'navigator', { value: { languages: tags }, configurable: true });
};

test('the language is the one that was chosen, else the first of the browser’s that there is', () => {
  assert.equal(chooseLanguage('browser', ['de-AT', 'en']), 'de');
  assert.equal(chooseLanguage('browser', ['fr', 'pl-PL', 'DE']), 'de');
  assert.equal(chooseLanguage('browser', ['fr']), 'en');
  assert.equal(chooseLanguage('browser', []), 'en');
  assert.equal(chooseLanguage('en', ['de']), 'en');
  assert.equal(chooseLanguage('de', ['en']), 'de');
  assert.equal(chooseLanguage('toString', ['de']), 'de');
});

test('numbers and times are those of the reader’s region', () => {
  assert.equal(localeOf('de', ['fr', 'de-CH', 'de-DE']), 'de-CH');
  assert.equal(localeOf('de', ['de']), 'de-DE');
  assert.equal(localeOf('en', ['de-DE']), 'en-GB');
});

test('German is loaded before it is shown, that of other pages before they are', async () => {
  browserSpeaks('fr', 'de-CH');
  await startLanguage();
  assert.equal(language(), 'de');
  assert.equal(document.documentElement.lang, 'de');
  assert.equal(W.title.queue, 'Warteschlange');
  assert.match(count(1204), /^1['’]204$/);
  assert.equal(settingsPageWords.name, 'Setting');
  await laterWords();
  assert.equal(settingsPageWords.name, 'Einstellung');
  assert.equal(catalogue('settingsPageWords', { name: 'Setting' }).name, 'Einstellung');
  assert.equal(languageChoice.value, 'browser');
});
