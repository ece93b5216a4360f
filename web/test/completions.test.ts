import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FilterCompletion } from '../src/api/types';
import { dom } from './dom';

dom();
const { completed, completions, reach, reached } = await import('../src/state/completions');

const item = (insert: string, complete: boolean): FilterCompletion => ({
  kind: complete ? 'value' : 'field',
  insert,
  label: insert,
  label_words: null,
  field: 'from',
  messages: complete ? 3 : null,
  complete,
});
const offer = (column: number, length: number): void => {
  completions.value = {
    generation: 1,
    column,
    length,
    items: [item('from:', false), item('from:=a@x.example', true), item('from:=b@x.example', true)],
  };
};

test('the arrows go through the list and back to the text, in a ring', () => {
  offer(1, 0);
  reached.value = -1;
  const steps = [1, 1, 1, 1, -1, -1].map((step) => {
    reach(step);
    return reached.value;
  });
  assert.deepEqual(steps, [0, 1, 2, -1, 2, 1]);
});

test('a completion takes the place of what was begun; a blank follows a whole term that ends the text', () => {
  offer(6, 3);
  assert.deepEqual(completed('😀 ab fro', item('from:', false)), { text: '😀 ab from:', cursor: 11 });
  assert.deepEqual(completed('😀 ab fro', item('from:=a', true)), { text: '😀 ab from:=a ', cursor: 14 });
  assert.deepEqual(completed('😀 ab fro x', item('from:=a', true)), { text: '😀 ab from:=a x', cursor: 13 });
});
