import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Series } from '../src/api/types';
import { choiceOf, isEmpty, isPoint, seriesLines, textOf, totalLines } from '../src/chart/lines';
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

const series = (over: Partial<Series>): Series => ({
  from: at(1_700_000_000),
  to: at(1_700_000_900),
  step: 300,
  by: 'recipient_domain',
  what: 'deferred',
  unit: 'recipients',
  series: [],
  other: [0, 0, null],
  known_from: null,
  ...over,
});

test('what the chart shows stands in the address, and a wrong word is the usual', () => {
  assert.deepEqual(choiceOf('deferred.login'), { what: 'deferred', by: 'login' });
  assert.deepEqual(choiceOf('x.y'), { what: 'depth', by: 'queue' });
  assert.equal(textOf(choiceOf('bounced.diagnosis')), 'bounced.diagnosis');
});

test('the largest keys are lines, further ones join the rest, and a gap stays one', () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({
    key: `${key}.example`,
    label: null,
    label_words: null,
    values: [1, 2, null],
  }));
  const lines = seriesLines(series({ series: keys, other: [4, 0, null] }), 'recipient_domain');
  assert.equal(lines.lines.length, 6);
  assert.deepEqual(lines.lines[0], { name: 'a.example', token: 'line-1', filter: 'domain:=a.example' });
  assert.deepEqual(lines.data.at(-1), [5, 2, null]);
  assert.deepEqual(lines.data[0], [1_700_000_000, 1_700_000_300, 1_700_000_600]);
  assert.ok(!isEmpty(lines));
});

test('without a rest there is no line for it, and nothing at all is said', () => {
  const cause = { key: 'greylisted', label: 'Greylisted: try again later', label_words: null, values: [1, 0, null] };
  const lines = seriesLines(series({ by: 'diagnosis', series: [cause] }), 'diagnosis');
  assert.deepEqual(
    lines.lines.map(({ name }) => name),
    ['Greylisted: try again later'],
  );
  assert.ok(isEmpty(seriesLines(series({ other: [null, null, null] }), 'login')));
  assert.ok(isPoint(seriesLines(series({ other: [null, null, 4] }), 'login')));
  assert.ok(!isPoint(seriesLines(series({ other: [null, 3, 4] }), 'login')));
});

test('of all mail the chosen result comes first, the others beside it', () => {
  const all = (['received', 'delivered', 'deferred', 'bounced'] as const).map((what) =>
    series({ by: 'total', what, series: [{ key: '', label: null, label_words: null, values: [3, 4, null] }] }),
  );
  const { lines } = totalLines(all, 'deferred');
  assert.deepEqual(
    lines.map(({ name }) => name),
    ['Deferred', 'Received', 'Delivered', 'Bounced'],
  );
  assert.equal(new Set(lines.map(({ token }) => token)).size, 4);
});
