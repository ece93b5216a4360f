import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterScroll,
  EDGE,
  type Extent,
  Extras,
  listHeight,
  reveal,
  rowAt,
  rowsInSight,
  SMALL_STEP,
  SPACER_MAX,
  spacerHeight,
  topOf,
  toReal,
  toVirtual,
} from '../src/lib/window';

const ROW = 34;
const none = new Extras();
const extentOf = (count: number, viewport = 700): Extent => ({ virtual: listHeight(count, ROW, none), viewport });

test('a short list is one to one', () => {
  const extent = extentOf(1000);
  assert.equal(spacerHeight(extent), 34_000);
  for (const at of [0, 1, 500, 33_300]) assert.equal(toVirtual(at, extent), at);
});

for (const count of [470_589, 1_000_000, 10_000_000]) {
  const extent = extentOf(count);
  const realEnd = spacerHeight(extent) - extent.viewport;
  const virtualEnd = extent.virtual - extent.viewport;

  test(`${count} rows: the spacer is bounded, both ends are exact`, () => {
    assert.ok(spacerHeight(extent) <= SPACER_MAX);
    assert.equal(toVirtual(0, extent), 0);
    assert.equal(toVirtual(realEnd, extent), virtualEnd);
    assert.equal(toVirtual(EDGE / 2, extent), EDGE / 2);
    assert.equal(toVirtual(realEnd - 100, extent), virtualEnd - 100);
  });

  test(`${count} rows: the map is monotonic and inverts to within a pixel`, () => {
    let before = -1;
    for (let step = 0; step <= 2000; step += 1) {
      const real = (realEnd * step) / 2000;
      const virtual = toVirtual(real, extent);
      assert.ok(virtual >= before);
      before = virtual;
      assert.ok(Math.abs(toReal(virtual, extent) - real) < 1e-3);
    }
  });

  test(`${count} rows: every row can be reached and shown`, () => {
    for (const row of [0, 1, Math.floor(count / 3), Math.floor(count / 2), count - 2, count - 1]) {
      const virtual = reveal(row, 0, extent, ROW, none);
      const [first, last] = rowsInSight(virtual, extent, count, ROW, none, 0);
      assert.ok(row >= first && row < last, `${row} in ${first}..${last}`);
      assert.ok(virtual >= 0 && virtual <= virtualEnd);
    }
  });

  test(`${count} rows: a small step is one to one, even where the map is compressed`, () => {
    const middle = toVirtual(realEnd / 2, extent);
    assert.equal(afterScroll(middle, realEnd / 2, realEnd / 2 + 100, extent), middle + 100);
    const dragged = afterScroll(middle, realEnd / 2, realEnd / 2 + SMALL_STEP + 1, extent);
    assert.equal(dragged, toVirtual(realEnd / 2 + SMALL_STEP + 1, extent));
    assert.equal(afterScroll(middle, 50, 0, extent), 0);
    assert.equal(afterScroll(middle, realEnd - 50, realEnd, extent), virtualEnd);
  });
}

test('open rows push those below and keep those above', () => {
  const extras = new Extras();
  extras.set(5, 200);
  extras.set(2, 100);
  assert.equal(topOf(2, ROW, extras), 68);
  assert.equal(topOf(3, ROW, extras), 202);
  assert.equal(topOf(6, ROW, extras), 6 * ROW + 300);
  assert.equal(rowAt(68 + ROW + 99, 10, ROW, extras), 2);
  assert.equal(rowAt(68 + ROW + 100, 10, ROW, extras), 3);
  for (let row = 0; row < 10; row += 1) assert.equal(rowAt(topOf(row, ROW, extras), 10, ROW, extras), row);
  extras.set(2, 0);
  assert.deepEqual(extras.openRows(), [5]);
  assert.equal(extras.total(), 200);
});

test('an empty list and a list shorter than the viewport', () => {
  assert.deepEqual(rowsInSight(0, extentOf(0), 0, ROW, none, 6), [0, 0]);
  assert.deepEqual(rowsInSight(0, extentOf(3), 3, ROW, none, 6), [0, 3]);
  assert.equal(toVirtual(500, extentOf(3)), 0);
});

test('reveal moves as little as it can', () => {
  const extent = extentOf(1000);
  assert.equal(reveal(3, 0, extent, ROW, none), 0);
  assert.equal(reveal(30, 0, extent, ROW, none), 31 * ROW - 700);
  assert.equal(reveal(5, 1000, extent, ROW, none), 170);
});
