import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeWords } from '../src/lib/encoded';

test('both encodings, several words, any character set', () => {
  assert.equal(decodeWords('=?utf-8?b?UmVjaG51bmcg4oCTIGJpdHRlIHByw7xmZW4=?='), 'Rechnung – bitte prüfen');
  assert.equal(decodeWords('Re: =?UTF-8?Q?S=C3=B6der_?= =?utf-8?q?Shop?= now'), 'Re: Söder Shop now');
  assert.equal(decodeWords('=?iso-8859-1?Q?Gr=FC=DFe?='), 'Grüße');
  assert.equal(decodeWords('=?utf-8*de?q?=C3=BC?='), 'ü');
});

test('what cannot be decoded stays', () => {
  for (const text of ['', 'plain = ? text', '=?no-such-set?q?x?=', '=?utf-8?b?%%%?=', '=?utf-8?x?y?=', '=?utf-8?q?open'])
    assert.equal(decodeWords(text), text);
});
