import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Group, Job, Message, Preview, QueueSummary } from '../src/api/types';
import { dom } from './dom';

dom();
const { render } = await import('preact');
const { Row } = await import('../src/queue/Row');
const { Text } = await import('../src/ui/Text');
const { Problem } = await import('../src/ui/Problem');
const { JobCard } = await import('../src/jobs/JobCard');
const { jobs, takesBack } = await import('../src/state/jobs');
const { Live } = await import('../src/ui/Live');
const { Notices } = await import('../src/ui/Notices');
const { heard, liveState, summary } = await import('../src/state/live');
const { now } = await import('../src/state/clock');
const { PreviewSummary } = await import('../src/actions/PreviewSummary');

function drawn(node: preact.ComponentChild): Element {
  const box = document.createElement('div');
  render(node, box);
  return box;
}

const message: Message = {
  id: 'ABC1234',
  queue: 'deferred',
  arrival: '2026-11-22T08:00:00Z',
  size: 4200,
  sender: '',
  recipient_count: 3,
  next_retry: null,
  expires: null,
  forced_expire: true,
  deleting: null,
  paused: null,
  origin: null,
  subject: null,
  diagnosis: {
    id: 'over-quota',
    title: 'Mailbox full',
    title_words: { code: 'diagnosis.over-quota.title', params: {} },
    severity: 'watch',
  },
  recipients: [
    {
      address: 'anna\u202e@shop.example',
      original: null,
      reason: '452 4.2.2 <b>over</b> quota',
      dsn: '4.2.2',
      remote_host: null,
      paused: null,
    },
  ],
};
const nothing = () => {};
const row = (gone: boolean) => (
  <Row
    row={{ id: 'ABC1234', gone, fate: gone ? 'delivered' : null, message }}
    offset={4}
    top={0}
    focused
    marked
    open={false}
    onMark={nothing}
    onOpen={nothing}
  />
);

test('a row shows what is known, with marks for what is invisible and no markup of strangers', () => {
  const box = drawn(row(false));
  const text = box.textContent!;
  for (const part of [
    'deferred',
    'expires',
    'ABC1234',
    '<> (null sender)',
    'annaU+202E@shop.example',
    '+2',
    'Mailbox full',
    '452 4.2.2 <b>over</b> quota',
    '4.2 kB',
    'unknown',
  ])
    assert.ok(text.includes(part), part);
  assert.equal(box.querySelector('b'), null);
  assert.equal(box.querySelector('[role=row]')!.getAttribute('aria-rowindex'), '6');
  assert.equal(box.querySelector('[role=row]')!.getAttribute('aria-selected'), 'true');
});

test('mail that is being deleted is shown as that, with when, not as held', () => {
  const until = new Date(now.value + 250_000).toISOString();
  const box = drawn(
    <Row
      row={{ id: 'ABC1234', gone: false, fate: null, message: { ...message, queue: 'hold', deleting: { job: 7, until } } }}
      offset={4}
      top={0}
      focused
      marked={false}
      open={false}
      onMark={nothing}
      onOpen={nothing}
    />,
  );
  const text = box.textContent!;
  for (const part of ['deleting', 'gone in 4 min']) assert.ok(text.includes(part), `${part} in ${text}`);
  for (const part of ['held', 'on release']) assert.ok(!text.includes(part), part);
  assert.match(box.querySelector('[role=row]')!.getAttribute('aria-label')!, /^deleting, /);
});

test('a row that left says what became of it and cannot be marked', () => {
  const box = drawn(row(true));
  assert.ok(box.textContent!.includes('delivered'));
  assert.equal(box.querySelector('input'), null);
});

test('text is isolated in its direction', () => {
  assert.ok(drawn(<Text text="x" />).querySelector('bdi'));
});

test('a problem shows its reference', () => {
  const box = drawn(<Problem problem={{ title: 'x', status: 500, detail: 'It broke.', code: 'internal', reference: 'r-42' }} />);
  assert.ok(box.textContent!.includes('It broke.') && box.textContent!.includes('r-42'));
});

const summaryOf = (state: string, loaded = 0, expected: number | null = null): QueueSummary => ({
  host: 'mail.example',
  instance: '/etc/postfix',
  generation: 1,
  as_of: '2026-11-22T08:00:00Z',
  age: 2,
  source: { kind: 'spool', state, loaded, expected } as QueueSummary['source'],
  counts: { incoming: 0, active: 0, deferred: 5, hold: 0, maildrop: 0, corrupt: 0 },
  deleting: 0,
  messages: 5,
  bytes: 1,
  oldest_arrival: null,
  postfix: { running: true, version: '3.7.11' },
  warnings: [],
});

test('the head says whether the queue is seen as it is: from before a restart, half read, live', () => {
  liveState.value = 'live';
  heard.value = now.value;
  summary.value = summaryOf('saved');
  assert.match(drawn(<Live />).textContent!, /^from before the restart, as of \d\d:\d\d:\d\d$/);
  summary.value = summaryOf('loading', 200_000, 1_000_000);
  const half = drawn(<Live />);
  assert.equal(half.textContent, 'reading, 800,000 of about 1,000,000 left');
  assert.equal(half.querySelector('progress')!.getAttribute('max'), '1000000');
  summary.value = summaryOf('loading', 7);
  assert.equal(drawn(<Live />).textContent, 'reading, 7 so far');
  summary.value = summaryOf('current');
  assert.match(drawn(<Live />).textContent!, /^live, as of /);
  liveState.value = 'reconnecting';
  assert.match(drawn(<Live />).textContent!, /^reconnecting/);
});

test('what is older than half a minute is never called live: the source hangs, or nothing was heard', () => {
  liveState.value = 'live';
  heard.value = now.value;
  summary.value = { ...summaryOf('current'), age: 300 };
  const hangs = drawn(<Live />);
  assert.equal(hangs.textContent, 'not live: 5 min old');
  assert.equal(hangs.querySelector('.live.now'), null);
  summary.value = summaryOf('current');
  heard.value = now.value - 29_000;
  assert.match(drawn(<Live />).textContent!, /^not live: 31 s old/);
  heard.value = now.value - 20_000;
  assert.match(drawn(<Live />).textContent!, /^live, as of /);
});

test('advice of the service stands on the page with its exact line to type', () => {
  const line = 'sysctl -w fs.inotify.max_user_watches=65536';
  summary.value = {
    ...summaryOf('current'),
    warnings: [
      {
        code: 'watches_exhausted',
        severity: 'warning',
        text: 'Not all directories can be watched.',
        words: null,
        fix: line,
        fix_words: null,
        count: null,
        since: null,
      },
    ],
  };
  assert.deepEqual(
    [...drawn(<Notices />).querySelectorAll('code')].map((code) => code.textContent),
    [line],
  );
});

const job: Job = {
  id: 7,
  action: 'retry',
  state: 'running',
  created: '2026-11-22T08:00:00Z',
  started: '2026-11-22T08:00:00Z',
  finished: null,
  by: 'anna',
  note: null,
  filter: 'domain:bigmail.example',
  total: 5000,
  counts: {
    planned: 3000,
    sent: 0,
    held: 0,
    done: 1200,
    gone: 0,
    changed: 0,
    refused: 0,
    unknown: 0,
    cancelled: 0,
    undone: 0,
    stopped: 800,
  },
  rate: 30,
  undo_seconds: null,
  undo_until: null,
  problem: null,
  speed: 0.5,
  seconds_left: 6000,
  results: { delivered: 900, deferred: 200, bounced: 0, unknown: 100 },
  stopped_destinations: [{ destination: 'bigmail.example', reply: '421 4.7.28 <b>Unusual</b> rate', untried: 800 }],
  undoes: null,
  reloads: 0,
};

test('a job tells its pace, the time left, what came of the attempts, and where it stopped and why', () => {
  const text = drawn(<JobCard job={job} />).textContent!;
  for (const part of [
    '2,000 of 5,000, 0.5 a second, at most 30 a minute to each destination, 1 h 40 min left',
    '1,200 done',
    '800 not tried',
    '900 delivered',
    '200 deferred again',
    '100 not known yet',
    'bigmail.example gave the same refusal again; 800 messages for it are left as they were.',
    '421 4.7.28 <b>Unusual</b> rate',
  ])
    assert.ok(text.includes(part), `${part} in ${text}`);
  assert.ok(!text.includes('returned'));
});

test('a hold that has ended offers to be taken back, until another job has done so, and for a day', () => {
  const counts = { ...job.counts, planned: 0, done: 5000, stopped: 0 };
  const hold: Job = {
    ...job,
    id: 8,
    action: 'hold',
    state: 'done',
    counts,
    finished: '2026-11-22T08:00:10Z',
    rate: null,
    results: null,
    stopped_destinations: [],
  };
  const back: Job = { ...hold, id: 9, action: 'release', undoes: 8 };
  const at = Date.parse('2026-11-22T09:00:00Z');
  jobs.value = new Map([[8, hold]]);
  assert.equal(takesBack(hold, at), 'release');
  assert.equal(takesBack(hold, at + 86_400_000), undefined);
  assert.equal(takesBack({ ...hold, state: 'running' }, at), undefined);
  assert.equal(takesBack({ ...hold, counts: { ...counts, done: 0 } }, at), undefined);
  assert.equal(takesBack({ ...hold, action: 'retry' }, at), undefined);
  jobs.value = new Map([
    [8, hold],
    [9, { ...back, state: 'cancelled', counts: { ...counts, done: 0 } }],
  ]);
  assert.equal(takesBack(hold, at), 'release');
  jobs.value = new Map([
    [8, hold],
    [9, back],
  ]);
  assert.equal(takesBack(hold, at), undefined);
  assert.equal(takesBack(back, at), 'hold');
  assert.match(drawn(<JobCard job={hold} />).textContent!, /Taken back by job 9/);
  assert.match(drawn(<JobCard job={back} />).textContent!, /Takes back job 8/);
});

/* Under `npm test` the working directory is web/. */
const sources = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(entry.name) ? [path] : [];
  });

test('every icon that is named exists', () => {
  const have = new Set(readdirSync('src/icons').map((name) => name.replace('.svg', '')));
  const used = sources('src').flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/(?:Icon name=|icon=)"([a-z0-9-]+)"/g)].map((match) => match[1]!),
  );
  assert.ok(used.length > 30);
  assert.deepEqual(
    used.filter((name) => !have.has(name)),
    [],
  );
});

test('every icon that the page loads is named somewhere', () => {
  const named = new Set(
    sources('src').flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/["'`]([a-z0-9-]+)["'`]/g)].map((match) => match[1]!)),
  );
  assert.deepEqual(
    readdirSync('src/icons').filter((name) => name.endsWith('.svg') && !named.has(name.slice(0, -4))),
    [],
  );
});

test('nothing writes markup from text, and no style or handler stands in it', () => {
  for (const path of sources('src')) {
    const text = readFileSync(path, 'utf8');
    assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|eval\(/.test(text), path);
  }
});

test('the wait that a reply asks for stands beside the next attempt: the longest of all recipients', async () => {
  const { ScheduleCard } = await import('../src/message/ScheduleCard');
  const asked = (seconds: number | null) => ({ ...message.recipients[0]!, phase: null, diagnosis: null, asked_delay_seconds: seconds });
  const detail = (...recipients: ReturnType<typeof asked>[]) =>
    ({
      ...message,
      recipients,
      diagnoses: [],
      schedule: {
        created: null,
        next_earliest: null,
        next_latest: null,
        due: false,
        then: [],
        expires: null,
        lifetime: null,
        minimal_backoff: null,
        maximal_backoff: null,
        queue_run_delay: null,
      },
    }) as unknown as import('../src/api/types').MessageDetail;
  assert.match(drawn(<ScheduleCard message={detail(asked(null), asked(180), asked(900))} />).textContent ?? '', /asks for 15 min/);
  assert.doesNotMatch(drawn(<ScheduleCard message={detail(asked(null))} />).textContent ?? '', /asks for/);
});

test('a preview names a cause by its reply where two replies have it', () => {
  const reason = (key: string, title: string | null) =>
    ({ key, messages: 1, diagnosis: title === null ? null : { id: 'x', title, severity: 'watch' } }) as Group;
  const texts = (reason_: Group[]) =>
    [
      ...drawn(
        <PreviewSummary
          preview={
            {
              matched: 3,
              possible: 3,
              recipients: 3,
              bytes: 9,
              warnings: [],
              not_found: [],
              sample: [],
              groups: { queue: [], sender: [], recipient_domain: [], reason: reason_ },
            } as unknown as Preview
          }
        />,
      ).querySelectorAll('.reason-line'),
    ].map((line) => line.textContent);
  assert.deepEqual(texts([reason('452 over', 'Mailbox full'), reason('450 wait', null)]), ['1 Mailbox full', '1 450 wait']);
  assert.deepEqual(texts([reason('452 over', 'Mailbox full'), reason('552 quota', 'Mailbox full')]), [
    '1 Mailbox full: 452 over',
    '1 Mailbox full: 552 quota',
  ]);
});
