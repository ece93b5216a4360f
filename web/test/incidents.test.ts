import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident, Incidents } from '../src/api/types';
import { dom } from './dom';

dom();
const { incidents, isSnoozed, needing, watching } = await import('../src/state/incidents');
const { now } = await import('../src/state/clock');
const { startTab } = await import('../src/state/tab');
const { me } = await import('../src/state/session');
const { incidentOf, incidentsOf } = await import('./incidents');

const listed = (...list: Incident[]): Incidents => incidentsOf({ incidents: list });

test('those that need somebody, and those to watch: open, not put aside, no symptom', () => {
  const until = (ms: number) => new Date(now.value + ms).toISOString();
  incidents.value = listed(
    incidentOf({ id: '1' }),
    incidentOf({ id: '2', severity: 'watch' }),
    incidentOf({ id: '3', severity: 'note' }),
    incidentOf({ id: '4', state: 'quiet' }),
    incidentOf({ id: '5', snoozed_until: until(60_000) }),
    incidentOf({ id: '6', caused_by: '1' }),
    incidentOf({ id: '7', snoozed_until: until(-1000) }),
  );
  assert.deepEqual(
    needing.value.map(({ id }) => id),
    ['1', '7'],
  );
  assert.deepEqual(
    watching.value.map(({ id }) => id),
    ['2'],
  );
  assert.equal(isSnoozed(incidentOf({ snoozed_until: until(1000) }), now.value), true);
  assert.equal(isSnoozed(incidentOf({ snoozed_until: null }), now.value), false);
});

test('the tab says how many and how bad, in words and by its icon, and nothing once signed out', () => {
  const link = document.createElement('link');
  link.setAttribute('rel', 'icon');
  link.setAttribute('href', 'icon.svg');
  document.head.append(link);
  incidents.value = listed();
  me.value = { name: 'anna', role: 'operator', rights: ['viewer', 'operator'], version: '1' } as unknown as NonNullable<typeof me.value>;
  const stop = startTab();
  assert.match(document.title, /^Queue · /);
  assert.equal(link.getAttribute('href'), 'icon.svg');
  incidents.value = listed(incidentOf({ id: '2', severity: 'watch' }));
  assert.match(document.title, /^Queue · /);
  assert.match(link.href, /icon-watch\.svg$/);
  incidents.value = listed(incidentOf({ id: '1' }), incidentOf({ id: '2', severity: 'watch' }));
  assert.match(document.title, /^\(1\) Queue · /);
  assert.match(link.href, /icon-act\.svg$/);
  me.value = null;
  assert.equal(document.title, 'Postroom');
  stop();
});
