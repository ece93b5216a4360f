import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pause, Pauses } from '../src/api/types';
import { dom } from './dom';

dom();
const { marksOf } = await import('../src/chart/useHistory');
const { pauses } = await import('../src/state/pauses');

test('a pause is marked where it begins, and where it has ended', () => {
  const pause = { id: 1, key: 'big.example', by: 'anna', since: '2026-12-01T04:00:00Z', ended: null, filter: 'paused:=big.example' };
  const of = (...list: object[]): Pauses => ({ setup: 'done', pauses: list as Pause[], foreign: [], throttles: [] });
  pauses.value = of(pause);
  assert.deepEqual(
    marksOf([]).map(({ at, kind, text }) => [at, kind, text]),
    [[1_796_097_600, 'pause', 'Held back: big.example, by anna']],
  );
  pauses.value = of({ ...pause, ended: '2026-12-01T05:00:00Z' });
  assert.deepEqual(
    marksOf([]).map(({ at, text }) => [at, text]),
    [
      [1_796_097_600, 'Held back: big.example, by anna'],
      [1_796_101_200, 'No longer held back: big.example'],
    ],
  );
  pauses.value = null;
});
