import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dom } from './dom';

dom();
const { frictionOf } = await import('../src/state/actions');

test('friction follows risk', () => {
  assert.equal(frictionOf('hold', 500, false), 'none');
  assert.equal(frictionOf('retry', 1, false), 'none');
  assert.equal(frictionOf('delete', 1, false), 'confirm');
  assert.equal(frictionOf('delete', 10, false), 'confirm');
  assert.equal(frictionOf('delete', 11, false), 'type');
  assert.equal(frictionOf('bounce', 11, false), 'type');
  assert.equal(frictionOf('requeue', 1, false), 'confirm');
});

test('all that match: what cannot be taken back wants the number typed, the rest is summed up', () => {
  for (const action of ['requeue', 'bounce', 'delete'] as const) assert.equal(frictionOf(action, 1, true), 'type');
  for (const action of ['retry', 'hold', 'release'] as const) assert.equal(frictionOf(action, 1, true), 'confirm');
});
