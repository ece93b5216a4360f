import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, oneDecimal, percent, postfixTime, sinceWhen, size, span, when } from '../src/lib/format';

test('sizes', () => {
  assert.deepEqual([0, 812, 1000, 4200, 9949, 118_000, 999_600, 3_400_000, 2e12].map(size), [
    '0 B',
    '812 B',
    '1.0 kB',
    '4.2 kB',
    '9.9 kB',
    '118 kB',
    '1.0 MB',
    '3.4 MB',
    '2.0 TB',
  ]);
});

test('spans have at most two units', () => {
  assert.deepEqual([0, 45, 59.6, 360, 7800, 7200, 356_400, 432_000, 1_300_000].map(span), [
    '0 s',
    '45 s',
    '1 min',
    '6 min',
    '2 h 10 min',
    '2 h',
    '4 d 3 h',
    '5 d',
    '2 w 1 d',
  ]);
  assert.equal(span(-5), '0 s');
});

test('Postfix times take the largest unit that divides', () => {
  assert.deepEqual([0, 90, 300, 4000, 432_000, 3600].map(postfixTime), ['0s', '90s', '5m', '4000s', '5d', '1h']);
});

test('shares are never 0 for something nor 100 for less than all', () => {
  assert.deepEqual(
    [percent(0, 10), percent(1, 1000), percent(999, 1000), percent(10, 10), percent(1, 3), percent(1, 0)],
    ['0 %', '<1 %', '>99 %', '100 %', '33 %', '0 %'],
  );
});

test('counts and rates', () => {
  assert.equal(count(12_431), '12,431');
  assert.equal(oneDecimal(2.345), '2.3');
  assert.equal(oneDecimal(45.6), '46');
});

test('a time says as much as it must', () => {
  const now = new Date(2026, 10, 22, 14, 5, 9).getTime();
  assert.equal(when(new Date(2026, 10, 22, 9, 1, 2).toISOString(), now), '09:01:02');
  assert.equal(when(new Date(2026, 10, 3, 9, 1, 2).toISOString(), now), '3 Nov 09:01');
  assert.equal(when(new Date(2024, 1, 3).toISOString(), now), '3 Feb 2024');
  assert.equal(when('nonsense', now), '');
});

test('since when: never a bare time of another day', () => {
  const now = new Date(2026, 10, 30, 2, 30).getTime();
  const at = (day: number, hour: number): string => sinceWhen(new Date(2026, 10, day, hour, 45).toISOString(), now);
  assert.deepEqual([at(30, 1), at(29, 17), at(29, 1), at(27, 16)], ['01:45', 'Sun 17:45', '29 Nov', '27 Nov']);
});
