import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRoute, parseRoute } from '../src/state/route';

test('an empty address is the queue', () => {
  const route = parseRoute('');
  assert.equal(route.page, 'queue');
  assert.equal(route.sort, '-arrival');
  assert.equal(formatRoute(route), '/');
});

test('what is in the address comes back the same', () => {
  const route = {
    ...parseRoute(''),
    filter: 'reason:"over quota" from:ä&b=c#d+e',
    sort: '-size' as const,
    open: ['ABC123', '4dCzQ80sf8z1p3V6'],
    range: '1700000000-1700003600',
    jobs: '12',
  };
  assert.deepEqual(parseRoute(formatRoute(route).slice(1)), route);
});

test('nonsense falls back and never throws', () => {
  const route = parseRoute('?page=../../x&sort=drop&open=ALL,-,a;b,%00,ABC123&id=%E0%A4%A');
  assert.equal(route.page, 'queue');
  assert.equal(route.sort, '-arrival');
  assert.deepEqual(route.open, ['ABC123']);
});

test('a link stays a link: at most twenty open rows', () => {
  const ids = Array.from({ length: 60 }, (_, index) => `ABC${1000 + index}`);
  assert.equal(parseRoute(formatRoute({ ...parseRoute(''), open: ids }).slice(1)).open.length, 20);
});
