import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dom } from './dom';

dom();
const { selection, cleared, marked, restoreMarks } = await import('../src/state/marks');
const { selectAll, mark, NOTHING } = await import('../src/state/selection');
const { route, filter } = await import('../src/state/route');

const queueWith = (text: string): void => {
  route.value = { ...route.value, page: 'queue', filter: text };
};

test('another filter clears what is marked, however one came to it, and it can be restored', () => {
  queueWith('from:shop.example');
  selection.value = selectAll('view-1', 12431);
  assert.equal(marked.value, 12431);
  /* As the link to the queue does. */
  queueWith('');
  assert.equal(filter.value, '');
  assert.equal(marked.value, 0);
  assert.equal(cleared.value?.mode, 'all');
  restoreMarks();
  assert.equal(marked.value, 12431);
  selection.value = mark(NOTHING, ['ABCDEF'], true);
  queueWith('queue:hold');
  assert.equal(marked.value, 0);
});

test('a look at a message or at the settings leaves the marks', () => {
  queueWith('from:shop.example');
  selection.value = selectAll('view-1', 3);
  route.value = { ...route.value, page: 'message', id: 'ABCDEF', filter: '' };
  assert.equal(marked.value, 3);
  queueWith('from:shop.example');
  assert.equal(marked.value, 3);
});
