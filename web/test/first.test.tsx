import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident, Job, Pauses } from '../src/api/types';
import { dom } from './dom';

dom();
const { render } = await import('preact');
const { IncidentRow } = await import('../src/first/IncidentRow');
const { PressButton } = await import('../src/first/IncidentButtons');
const { Sparkline } = await import('../src/first/Sparkline');
const { settled } = await import('../src/lib/settled');
const { pathsOf } = await import('../src/lib/strip');
const { grownBy, happened } = await import('../src/lib/looked');
const { canPress, doneTo, heldCount } = await import('../src/state/incidentActions');
const { jobs } = await import('../src/state/jobs');
const { pauses } = await import('../src/state/pauses');
const { me } = await import('../src/state/session');
const { now } = await import('../src/state/clock');
const { summary } = await import('../src/state/live');
const { incidents } = await import('../src/state/incidents');
const { Notices } = await import('../src/ui/Notices');
const { incidentOf, incidentsOf } = await import('./incidents');

function drawn(node: preact.ComponentChild): Element {
  const box = document.createElement('div');
  render(node, box);
  return box;
}

const SINCE = Date.parse('2026-11-22T02:41:00Z');
const jobOf = (change: Partial<Job>): Job =>
  ({
    id: 5,
    action: 'hold',
    state: 'done',
    created: '2026-11-22T03:00:00Z',
    finished: '2026-11-22T03:00:05Z',
    by: 'anna',
    note: null,
    filter: 'login:=info@office.example',
    total: 436,
    counts: {
      planned: 0,
      sent: 0,
      held: 0,
      done: 430,
      gone: 6,
      changed: 0,
      refused: 0,
      unknown: 0,
      cancelled: 0,
      undone: 0,
      stopped: 0,
    },
    undo_until: null,
    undoes: null,
    ...change,
  }) as Job;
const withJobs = (...list: Job[]) => {
  jobs.value = new Map(list.map((job) => [job.id, job]));
};
const signedIn = (...rights: string[]) => {
  me.value = { name: 'anna', role: 'operator', rights, version: '1' } as unknown as NonNullable<typeof me.value>;
};
const buttons = (box: Element) => [...box.querySelectorAll('.i-actions button, .i-actions a')].map((each) => each.textContent!.trim());

test('a row says how bad, what, since when, how much and how it grew; facts before advice, and a stranger’s words as text', () => {
  signedIn('viewer', 'operator', 'pauses');
  withJobs();
  const box = drawn(
    <IncidentRow
      incident={incidentOf({
        evidence: [{ text: '311 attempts failed', words: null, quote: 'host a.example[192.0.2.1] said: 421 <b>no</b>' }],
      })}
    />,
  );
  const text = box.textContent!;
  for (const part of [
    'needs somebody: Flood',
    'login info@office.example',
    '436',
    '+436',
    '311 attempts failed. 421 <b>no</b>',
    '412 a minute',
  ])
    assert.ok(text.includes(part), `${part} in ${text}`);
  assert.ok(text.indexOf('311 attempts') < text.indexOf('412 a minute'));
  assert.equal(box.querySelector('b'), null);
  assert.deepEqual(buttons(box), ['Hold all 436', 'Show']);
});

test('who may only look is offered nothing that acts', () => {
  signedIn('viewer');
  assert.deepEqual(buttons(drawn(<IncidentRow incident={incidentOf()} />)), ['Show']);
});

test('new mail of a flood can be held as well, until it is', () => {
  signedIn('viewer', 'operator', 'pauses');
  withJobs();
  const offered = (incident: Incident) => drawn(<IncidentRow incident={incident} />).querySelector('.i-new')?.textContent ?? null;
  const flood = incidentOf({ actions: ['hold', 'delete', 'pause'] });
  pauses.value = null;
  assert.equal(offered(flood), 'Hold new mail too …');
  assert.equal(offered(incidentOf({ actions: ['hold', 'pause'], kind: 'destination' })), null, 'there it stands beside the title');
  assert.equal(offered(incidentOf({ actions: ['hold', 'pause'], state: 'ended' })), null);
  assert.equal(offered(incidentOf()), null);
  pauses.value = { pauses: [{ id: 1, kind: 'login', key: 'info@office.example', state: 'in_force', domains: [] }] } as unknown as Pauses;
  assert.equal(offered(flood), null, 'it is held back');
  pauses.value = null;
  signedIn('viewer');
  assert.equal(offered(flood), null);
});

test('an action without a filter would be about all mail: it is not offered', () => {
  const disk = incidentOf({ kind: 'spool_full', filter: null, messages: null, actions: ['delete', 'hold', 'retry_gently', 'flush'] });
  for (const what of ['delete', 'hold', 'retry_gently'] as const) assert.equal(canPress(disk, what), false, what);
  assert.equal(canPress(disk, 'flush'), true);
  signedIn('viewer', 'operator', 'pauses');
  assert.deepEqual(buttons(drawn(<IncidentRow incident={disk} />)), ['Try the whole queue']);
});

test('after a hold exactly these can be deleted or let go; a hold of before, or one that was taken back, is none', () => {
  signedIn('viewer', 'operator', 'pauses');
  const incident = incidentOf();
  withJobs(jobOf({}));
  assert.equal(doneTo(incident, SINCE).held?.id, 5);
  assert.equal(heldCount(jobOf({})), 430);
  assert.deepEqual(buttons(drawn(<IncidentRow incident={incident} />)), ['Delete these 430 …', 'Release', 'Show']);
  withJobs(jobOf({ created: '2026-11-22T02:00:00Z' }));
  assert.equal(doneTo(incident, SINCE).held, undefined);
  withJobs(jobOf({ filter: 'login:=other' }));
  assert.equal(doneTo(incident, SINCE).held, undefined);
  withJobs(jobOf({}), jobOf({ id: 6, action: 'release', undoes: 5 }));
  assert.equal(doneTo(incident, SINCE).held, undefined);
});

test('a delete can be undone while its time runs, then nothing is left to press for it', () => {
  signedIn('viewer', 'operator', 'pauses');
  const until = now.value + 240_000;
  const deleted = jobOf({ id: 7, action: 'delete', state: 'grace', undo_until: new Date(until).toISOString() });
  withJobs(jobOf({}), { ...deleted, filter: 'login:=info@office.example queue:hold' });
  assert.deepEqual(buttons(drawn(<IncidentRow incident={incidentOf()} />)), ['Undo delete, 4 min left', 'Show']);
  assert.deepEqual(doneTo(incidentOf(), until + 1), {});
});

test('under a hand rows keep their places: numbers follow, what is gone is over, what is new waits', () => {
  const [a, b, c] = [incidentOf({ id: 'a' }), incidentOf({ id: 'b' }), incidentOf({ id: 'c' })];
  const next = settled([a, b], [c, { ...b, messages: 7 }]);
  assert.deepEqual(
    next.map(({ id, state, messages }) => [id, state, messages]),
    [
      ['a', 'ended', 436],
      ['b', 'open', 7],
    ],
  );
});

test('the small chart has a bar an hour, none where nothing is known, and says itself in words', () => {
  const box = drawn(<Sparkline points={[null, 0, 5, 10]} />);
  assert.equal(box.querySelectorAll('rect:not(.axis)').length, 3);
  assert.match(box.querySelector('svg')!.getAttribute('aria-label')!, /at most 10, now 10$/);
  assert.equal(
    drawn(<Sparkline points={[null, null]} />)
      .querySelector('svg')!
      .getAttribute('aria-label'),
    'Not known yet',
  );
});

test('the strip has a path for each run of samples', () => {
  const frame = { from: 0, to: 100, most: 10, width: 100, height: 40 };
  const { line, area } = pathsOf([0, 50, 60, 100], [0, 10, null, 5], frame);
  assert.equal(line, 'M0.0 40.0L50.0 0.0M100.0 20.0');
  assert.equal(area, 'M0.0 40.0L50.0 0.0L50.0 40L0.0 40ZM100.0 20.0L100.0 40L100.0 40Z');
  assert.deepEqual(pathsOf([], [], frame), { line: '', area: '' });
});

test('since somebody looked: new, grown, cleared, what passed, jobs, settings, a restart', () => {
  const looked = SINCE + 3_600_000;
  const at = (minutes: number) => new Date(looked + minutes * 60_000).toISOString();
  const list: Incident[] = [
    incidentOf({ id: '1', noticed: at(5) }),
    incidentOf({ id: '2', noticed: at(5), state: 'ended', until: at(9) }),
    incidentOf({ id: '3', noticed: at(-50), state: 'ended', until: at(9) }),
    incidentOf({ id: '4', noticed: at(-50), points: new Array<number>(24).fill(30), messages: 75 }),
    incidentOf({ id: '5', noticed: at(-50), points: new Array<number>(24).fill(80), messages: 75 }),
    incidentOf({ id: '6', noticed: at(5), caused_by: '1' }),
  ];
  const found = happened(looked, looked + 7_200_000, {
    incidents: list,
    jobs: [jobOf({ created: at(1) }), jobOf({ id: 4, created: at(-1) })],
    settings: [],
    postfixSince: at(30),
  });
  const ids = (all: Incident[]) => all.map(({ id }) => id);
  assert.deepEqual(
    [ids(found.fresh), ids(found.passed), ids(found.cleared), found.grown.map(({ incident, by }) => [incident.id, by])],
    [['1'], ['2'], ['3'], [['4', 45]]],
  );
  assert.deepEqual(
    found.jobs.map(({ id }) => id),
    [5],
  );
  assert.equal(found.started, at(30));
  assert.equal(grownBy(incidentOf({ points: new Array<null>(24).fill(null) }), looked, looked + 7_200_000), null);
  assert.equal(grownBy(incidentOf(), looked, looked + 100 * 3_600_000), null);
});

test('what stands as an incident on the first screen is not said again as a notice', () => {
  const warning = (code: string) => ({ code, severity: 'error', text: code, fix: null, count: null, since: null });
  summary.value = {
    warnings: [warning('helper_unavailable'), warning('spool_low'), warning('store_broken')],
  } as unknown as NonNullable<typeof summary.value>;
  incidents.value = incidentsOf({
    incidents: [
      incidentOf({ id: '1', kind: 'blind', subject: { kind: 'service', key: 'helper_unavailable' } }),
      incidentOf({ id: '2', kind: 'spool_full', subject: { kind: 'service', key: 'bytes' } }),
    ],
  });
  assert.deepEqual(
    [...drawn(<Notices />).querySelectorAll('bdi')].map((each) => each.textContent),
    ['store_broken'],
  );
});

test('the notice of a channel that fails leads to the channels', () => {
  const failing = { code: 'alert_channel_failing', severity: 'warning', text: 'pager takes nothing', fix: null, count: null, since: null };
  summary.value = { warnings: [failing] } as unknown as NonNullable<typeof summary.value>;
  assert.equal(
    drawn(<Notices />)
      .querySelector('a')
      ?.getAttribute('href'),
    '/?page=alerts&tab=channels',
  );
  summary.value = { warnings: [{ ...failing, code: 'store_broken' }] } as unknown as NonNullable<typeof summary.value>;
  assert.equal(drawn(<Notices />).querySelector('a'), null);
});

test('a button to release promises no more than what is on hold', () => {
  const name = (kind: Incident['kind']) =>
    drawn(<PressButton incident={{ ...incidentOf(), kind, messages: 79, actions: ['release'] }} what="release" />).textContent?.trim();
  assert.equal(name('flood'), 'Release what is on hold');
  assert.equal(name('held_forgotten'), 'Release all 79');
});
