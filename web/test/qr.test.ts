import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qrCode, qrPath } from '../src/account/qr';

/* What the modules of a code say: the reading direction, written apart from what draws it. */
test('a code has its corners, its timing, and the size that the text wants', () => {
  const grid = qrCode('HELLO')!;
  assert.equal(grid.length, 21);
  const corner = (row: number, column: number): string =>
    Array.from({ length: 7 }, (_, down) =>
      Array.from({ length: 7 }, (_, right) => (grid[row + down]![column + right] ? '#' : '.')).join(''),
    ).join('\n');
  const wanted = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######'].join('\n');
  for (const [row, column] of [
    [0, 0],
    [0, 14],
    [14, 0],
  ] as const)
    assert.equal(corner(row, column), wanted);
  for (let at = 8; at < 13; at++) assert.deepEqual([grid[6]![at], grid[at]![6]], [at % 2 === 0, at % 2 === 0]);
  assert.equal(qrCode('x'.repeat(150))!.length, 17 + 4 * 8);
  assert.equal(qrCode('x'.repeat(666))!.length, 17 + 4 * 20);
});

test('a text that is too long has no code', () => {
  assert.equal(qrCode('x'.repeat(667)), null);
});

test('a path draws each run of dark modules once', () => {
  assert.equal(
    qrPath([
      [true, true, false],
      [false, true, false],
      [false, false, false],
    ]),
    'M0 0h2v1h-2zM1 1h1v1h-1z',
  );
});
