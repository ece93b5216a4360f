import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speakServer } from '../src/words/server';
import { translated } from '../src/words/translated';

const TITLE = { code: 'diagnosis.over-quota.title', params: {} };
const reply = {
  warnings: [{ code: 'a', text: 'Look.', words: { code: 'a', params: { n: 2 } }, fix: 'x', fix_words: null }],
  messages: [{ id: 'A', subject: 'Look.', diagnosis: { id: 'over-quota', title: 'Mailbox full', title_words: TITLE }, next: null }],
  chips: [{ text: 'a', words: 'that have a' }],
};

test('texts with words are said in the page’s language wherever they stand; others and the reply itself stay', () => {
  assert.equal(translated(reply), reply);
  speakServer({ a: '{n} Hinweise.', [TITLE.code]: 'Postfach voll' });
  const before = JSON.stringify(reply);
  const found = translated(reply);
  assert.equal(found.warnings[0]!.text, '2 Hinweise.');
  assert.equal(found.warnings[0]!.fix, 'x');
  assert.equal(found.messages[0]!.diagnosis.title, 'Postfach voll');
  assert.equal(found.messages[0]!.subject, 'Look.');
  assert.deepEqual(found.chips, reply.chips);
  assert.equal(JSON.stringify(reply), before);
  speakServer(null);
});
