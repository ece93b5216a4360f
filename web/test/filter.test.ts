import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codePoints, isEnded, markFault, negate, quote, replaced, term, terms, withField, withTerm } from '../src/lib/filter';

test('values are quoted only where they must be', () => {
  assert.equal(quote('anna@shop.example'), 'anna@shop.example');
  assert.equal(quote('over quota'), '"over quota"');
  assert.equal(quote('a"b\\c'), '"a\\"b\\\\c"');
  assert.equal(quote(''), '""');
  assert.equal(quote('or'), '"or"');
  assert.equal(quote('-x'), '"-x"');
  assert.equal(quote('a:b'), '"a:b"');
  assert.equal(quote('*@x'), '"*@x"');
  assert.equal(term('from', '', true), 'from:=""');
});

test('terms are split at blanks outside quotes', () => {
  assert.deepEqual(terms('queue:deferred  reason:"over quota" -from:x'), ['queue:deferred', 'reason:"over quota"', '-from:x']);
  assert.deepEqual(terms('reason:"not closed yet'), ['reason:"not closed yet']);
  assert.deepEqual(terms('"a \\" b" c'), ['"a \\" b"', 'c']);
  assert.deepEqual(terms('   '), []);
  assert.deepEqual(terms('a -(age>=5m age<10m) b'), ['a', '-(age>=5m age<10m)', 'b']);
  assert.deepEqual(terms('((a b) or "c (" d) e'), ['((a b) or "c (" d)', 'e']);
  assert.deepEqual(terms('(a "b (c" d'), ['(a "b (c" d']);
  assert.deepEqual(terms('a) b'), ['a)', 'b']);
});

test('what a stranger calls himself stays one term when a term is added', () => {
  for (const name of [
    'x or queue:deferred',
    'x" or queue:deferred',
    'x\\',
    'x\\" or "',
    'a  b',
    '" or id:*',
    'x) or (y',
    'a\nor\nb',
    'x\u3000id:*',
    'x\u2003or\u2003y',
  ]) {
    const own = `login:=${quote(name)}`;
    assert.deepEqual(terms(own), [own]);
    assert.equal(withTerm(own, 'queue:hold'), `${own} queue:hold`);
    assert.equal(withTerm(`${own} or ${own}`, 'queue:hold'), `(${own} or ${own}) queue:hold`);
  }
});

test('a clicked value is added once, and its opposite goes', () => {
  assert.equal(withTerm('a', 'queue:hold'), 'a queue:hold');
  assert.equal(withTerm('queue:hold', 'queue:hold'), 'queue:hold');
  assert.equal(withTerm('queue:hold', 'queue:hold', true), '-queue:hold');
  assert.equal(withTerm('-queue:hold', 'queue:hold'), 'queue:hold');
  assert.equal(withTerm('a (age>=5m age<10m)', '(age>=5m age<10m)', true), 'a -(age>=5m age<10m)');
});

test('what is added stands beside all that or joins, and not keeps what it turns round', () => {
  assert.equal(withTerm('a or b', 'queue:hold'), '(a or b) queue:hold');
  assert.equal(withTerm('(a or b) c', 'queue:hold'), '(a or b) c queue:hold');
  assert.equal(withTerm('"or" b', 'queue:hold'), '"or" b queue:hold');
  assert.equal(withTerm('not queue:hold x', 'queue:active'), 'not queue:hold x queue:active');
  assert.equal(withTerm('x', 'age>=5m age<10m'), 'x age>=5m age<10m');
  assert.equal(withTerm('x', 'age>=5m age<10m', true), 'x -(age>=5m age<10m)');
  assert.equal(withField('not queue:hold x', 'queue', 'active'), 'x queue:active');
  assert.equal(withField('queue:hold or x', 'queue', 'active'), '(queue:hold or x) queue:active');
  assert.equal(withField('queue:hold or x', 'queue', null), 'queue:hold or x');
  assert.equal(negate('not (a b)'), '(a b)');
  assert.equal(negate('a or b'), '-(a or b)');
});

test('spans of the server are characters, cursors of the browser are not', () => {
  assert.deepEqual(replaced('😀 fro x', { column: 3, length: 3 }, 'from:'), { text: '😀 from: x', cursor: 8 });
  assert.deepEqual(replaced('a b', { column: 1, length: 2 }, ''), { text: 'b', cursor: 0 });
  assert.equal(codePoints('😀 fro', 3), 2);
});

test('a field is replaced as a whole', () => {
  assert.equal(withField('queue:hold x -queue:active', 'queue', 'deferred'), 'x queue:deferred');
  assert.equal(withField('Queue:hold x', 'queue', null), 'x');
});

test('a fault is marked from its column to the next blank', () => {
  assert.deepEqual(markFault('queue:x frm:bob y', 9), ['queue:x ', 'frm:bob', ' y']);
  assert.deepEqual(markFault('abc', 9), ['abc', '', '']);
  assert.deepEqual(markFault('ä😀x frm:', 5), ['ä😀x ', 'frm:', '']);
});

test('a filter that is typed runs when its last term is ended, not half of a field, an operator or a number', () => {
  for (const text of [
    'fro',
    'from',
    '-fro',
    'from:',
    'from:=',
    'not',
    'not ',
    'a or',
    'a or ',
    '(a',
    '"over',
    'age>',
    'age>4',
    'recipients>50',
    'x from:',
  ])
    assert.equal(isEnded(text), false, text);
  for (const text of [
    '',
    'fro ',
    'from:a',
    '-from:a',
    '(a)',
    '"over quota"',
    'reason:"a b"',
    'age>4d',
    'size>1M',
    'recipients>50 ',
    'queue:deferred age>1d',
  ])
    assert.equal(isEnded(text), true, text);
});
