import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steady } from '../src/lib/steady';

const item = (key: string, messages: number) => ({ key, messages });
const keep = (old: string[], next: [string, number][]) =>
  steady(
    old.map((key) => item(key, 1)),
    next.map(([key, messages]) => item(key, messages)),
    (each) => each.key,
    (each) => ({ ...each, messages: 0 }),
  )
    .map((each) => `${each.key}${each.messages}`)
    .join(' ');

test('a list under a hand keeps its order: counts change, new ones come last, those gone are empty', () => {
  assert.equal(
    keep(
      ['a', 'b', 'c'],
      [
        ['c', 9],
        ['a', 5],
        ['b', 2],
      ],
    ),
    'a5 b2 c9',
  );
  assert.equal(
    keep(
      ['a', 'b'],
      [
        ['x', 7],
        ['b', 3],
      ],
    ),
    'a0 b3 x7',
  );
  assert.equal(keep([], [['x', 7]]), 'x7');
});
