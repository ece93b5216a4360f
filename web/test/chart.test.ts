import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, isPreset, spanOf } from '../src/chart/range';

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();

test('a missing sample is a gap, never zero', () => {
  const samples = [0, 300, 600, 1500, 1800].map((second) => ({ at: at(1_700_000_000 + second), deferred: 5 }));
  const [times, values] = columnsOf(samples, 300, ['deferred']);
  assert.deepEqual(values, [5, 5, 5, null, 5, 5]);
  assert.equal(times![3], 1_700_000_900);
});

test('ranges in the address', () => {
  const now = 1_700_000_000_000;
  assert.deepEqual(spanOf('7d', now), { from: 1_700_000_000 - 604_800, to: 1_700_000_000 });
  assert.deepEqual(spanOf('1600000000-1600003600', now), { from: 1_600_000_000, to: 1_600_003_600 });
  for (const wrong of ['', 'x', '5-3', '1700000001-1700000000', '9999999d'])
    assert.equal(spanOf(wrong, now).to - spanOf(wrong, now).from, 86_400);
  assert.ok(isPreset('24h') && !isPreset('1600000000-1600003600'));
});
