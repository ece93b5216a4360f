import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markFault, quote, term, terms, withField, withoutTerm, withTerm } from '../src/lib/filter';

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

test('a clicked value is added once, and its opposite goes', () => {
  assert.equal(withTerm('a', 'queue:hold'), 'a queue:hold');
  assert.equal(withTerm('queue:hold', 'queue:hold'), 'queue:hold');
  assert.equal(withTerm('queue:hold', 'queue:hold', true), '-queue:hold');
  assert.equal(withTerm('-queue:hold', 'queue:hold'), 'queue:hold');
  assert.equal(withoutTerm('a b a', 'a'), 'b a');
  assert.equal(withTerm('a (age>=5m age<10m)', '(age>=5m age<10m)', true), 'a -(age>=5m age<10m)');
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
