import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasInvisible, pieces, plain, shortReason } from '../src/lib/text';

test('what is visible stays as it is', () => {
  for (const text of ['', 'anna@shop.example', 'söder@пример.example', '日本語 – “x”', 'a\tb\nc', '😀']) {
    assert.deepEqual(pieces(text), [{ text }]);
    assert.equal(hasInvisible(text), false);
  }
});

test('direction marks, zero-width, controls and tags become marks', () => {
  assert.equal(plain('evil\u202egpj.exe'), 'evil[U+202E]gpj.exe');
  assert.equal(plain('a\u200bb\u2066c\u0007d\u009be\ufefff\u{e0041}g'), 'a[U+200B]b[U+2066]c[U+0007]d[U+009B]e[U+FEFF]f[U+E0041]g');
  assert.deepEqual(pieces('\u202e'), [{ mark: 'U+202E', code: 0x202e }]);
  assert.equal(plain('\r'), '[U+000D]');
  assert.equal(plain('\ufffd'), '[U+FFFD]');
});

test('a text of nothing else ends', () => {
  assert.equal(pieces('\u200b'.repeat(100_000)).length, 100_000);
});

test('a reason in a row is its reply', () => {
  assert.equal(
    shortReason('host mx1.shop.example[192.0.2.14] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)'),
    '452 4.2.2 Mailbox full',
  );
  assert.equal(shortReason('host a[::1] refused to talk to me: 421 4.7.0 busy'), '421 4.7.0 busy');
  assert.equal(shortReason('connect to mx[192.0.2.1]:25: Connection refused'), 'connect to mx[192.0.2.1]:25: Connection refused');
});
