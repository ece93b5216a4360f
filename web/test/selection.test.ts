import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, countOf, headState, isMarked, mark, NOTHING, selectAll, targetOf, toggle } from '../src/state/selection';

test('marks by name', () => {
  const two = toggle(toggle(NOTHING, 'A'), 'B');
  assert.equal(countOf(two), 2);
  assert.equal(countOf(toggle(two, 'A')), 1);
  assert.equal(countOf(NOTHING), 0, 'the value before is untouched');
  assert.deepEqual(targetOf(two), { ids: ['A', 'B'] });
});

test('all of a view less exceptions', () => {
  const all = selectAll('v1', 12_431);
  assert.ok(isMarked(all, 'anything'));
  const less = mark(toggle(all, 'A'), ['B', 'C'], false);
  assert.equal(countOf(less), 12_428);
  assert.equal(isMarked(less, 'B'), false);
  assert.deepEqual(targetOf(less), { view: 'v1', except: ['A', 'B', 'C'] });
  assert.equal(countOf(toggle(less, 'A')), 12_429);
});

test('the box in the head', () => {
  const loaded = ['A', 'B'];
  assert.equal(headState(NOTHING, loaded), 'none');
  assert.equal(headState(mark(NOTHING, ['A'], true), loaded), 'some');
  assert.equal(headState(mark(NOTHING, ['A', 'B', 'Z'], true), loaded), 'all');
  assert.equal(headState(selectAll('v', 9), loaded), 'all');
  assert.equal(headState(toggle(selectAll('v', 9), 'A'), loaded), 'some');
});

test('a range may be drawn either way', () => {
  assert.deepEqual(between(9, 3), [3, 9]);
  assert.deepEqual(between(3, 3), [3, 3]);
});
