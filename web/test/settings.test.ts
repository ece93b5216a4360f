import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsOf, splitTime } from '../src/settings/times';

test('times are split as Postfix reads them', () => {
  assert.deepEqual(splitTime('5d', 's'), { number: '5', unit: 'd' });
  assert.deepEqual(splitTime('5', 'd'), { number: '5', unit: 'd' });
  assert.equal(splitTime('5days', 'd'), null);
  assert.equal(splitTime('-5d', 'd'), null);
  assert.equal(splitTime('1.5d', 'd'), null);
});

test('seconds', () => {
  assert.equal(secondsOf('5', 'd'), 432_000);
  assert.equal(secondsOf('0', 'h'), 0);
  assert.equal(secondsOf('', 'h'), null);
  assert.equal(secondsOf('1e3', 's'), null);
});
