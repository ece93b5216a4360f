/* The page beneath a path: every address that it makes is beneath it. Loaded once, as the page is, at such a place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

Object.defineProperty(globalThis, 'location', { value: new URL('https://mail.example/postroom/?page=settings'), configurable: true });
const place = await import('../src/api/place');
const { url } = await import('../src/api/client');
const { formatRoute, parseRoute } = await import('../src/state/route');

test('addresses of the server and of the page', () => {
  assert.equal(place.HERE, '/postroom/');
  assert.equal(url('/queue'), '/postroom/api/v1/queue');
  assert.equal(place.path('/print?view=1'), '/postroom/print?view=1');
  assert.equal(formatRoute(parseRoute('')), '/postroom/');
  assert.equal(formatRoute(parseRoute('?page=alerts')), '/postroom/?page=alerts');
});

test('addresses that the server, the team or this browser have kept', () => {
  for (const [kept, here] of [
    ['/?jobs=12', '/postroom/?jobs=12'],
    ['?filter=queue:hold', '/postroom/?filter=queue:hold'],
    ['/?filter=queue:hold', '/postroom/?filter=queue:hold'],
    ['?', '/postroom/'],
    ['/?', '/postroom/'],
  ]) {
    assert.equal(place.pageAt(kept!), here);
  }
});

test('what the browser keeps is kept for this path, and Cockpit has its own word for what it opens', () => {
  assert.equal(place.ownName('postroom.theme'), 'postroom.theme /postroom/');
  assert.equal(place.resource('/postroom/print'), '/postroom/print');
  globalThis.postroomHost = { name: 'cockpit localhost', resource: (address) => `/cockpit/channel/x?${address}` };
  assert.equal(place.ownName('postroom.theme'), 'postroom.theme cockpit localhost');
  assert.equal(place.resource('/postroom/print'), '/cockpit/channel/x?/postroom/print');
  globalThis.postroomHost = undefined;
});
