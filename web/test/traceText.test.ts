import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceText } from '../src/lib/traceText';

test('the log is asked for a whole address, domain or ID of a filter', () => {
  for (const [filter, text] of [
    ['to:=anna@shop.example', 'anna@shop.example'],
    ['to:"anna@shop.example" queue:deferred', 'anna@shop.example'],
    ['anna@shop.example', 'anna@shop.example'],
    ['from:*@shop.example', 'shop.example'],
    ['domain:shop.example', 'shop.example'],
    ['domain:=bücher.example', 'bücher.example'],
    ['id:4jdQ2Y4Npqz8VsC', '4jdQ2Y4Npqz8VsC'],
    ['4jdQ2Y4Npqz8VsC', '4jdQ2Y4Npqz8VsC'],
    ['3F2A91C04D', '3F2A91C04D'],
    ['<20261130.1@mail.shop.example>', '20261130.1@mail.shop.example'],
    ['from:a@shop.example to:b@shop.example', 'b@shop.example'],
  ] as const)
    assert.equal(traceText(filter), text, filter);
});

test('it is not asked for a part, a word, what is excluded or one of several', () => {
  for (const filter of [
    '',
    'from:shop',
    'hotmail',
    'deferred',
    'queue:deferred age>1h',
    '-to:anna@shop.example',
    'not from:anna@shop.example',
    'to:a@shop.example or to:b@shop.example',
    'reason:"anna@shop.example"',
    'domain:*.example',
    'to:anna@*',
  ])
    assert.equal(traceText(filter), null, filter);
});
