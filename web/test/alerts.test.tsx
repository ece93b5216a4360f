import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from 'preact';
import type { AlertChannel, AlertRule, AlertSilence, Alert } from '../src/api/types';
import { dom } from './dom';

dom();
const { draftOf, idOf, keep, withDraft, writeOf } = await import('../src/alerts/draft');
const { daysText, hoursText, ruleText } = await import('../src/alerts/ruleText');
const { withEverything } = await import('../src/alerts/everything');
const { withoutChannel } = await import('../src/alerts/Channels');
const { memberOf } = await import('../src/alerts/ChannelFields');
const { joined } = await import('../src/alerts/useSent');
const { morning } = await import('../src/alerts/SilenceDialog');
const { aboutText } = await import('../src/alerts/silenceText');
const { silences } = await import('../src/incident/Alerted');
const { sentencesOf } = await import('../src/alerts/AlertsPage');
const { ChannelCard } = await import('../src/alerts/ChannelCard');
const { tests } = await import('../src/alerts/useTest');
const { AlertState } = await import('../src/alerts/AlertState');

const channel = (id: string, more: Partial<AlertChannel> = {}): AlertChannel => ({
  id,
  name: id,
  kind: 'webhook',
  enabled: true,
  url: `https://${id}.example/…`,
  headers: [],
  hmac_set: false,
  template: null,
  command: null,
  arguments: [],
  relay: null,
  from: null,
  to: [],
  user: null,
  password_set: false,
  allow_local: false,
  resolved: true,
  limit_per_hour: 60,
  failing_since: null,
  ...more,
});

const rule = (more: Partial<AlertRule> = {}): AlertRule => ({
  id: 'r',
  name: 'A rule',
  enabled: true,
  kinds: [],
  severities: ['act'],
  key: null,
  channels: ['pager'],
  hours: null,
  quiet: null,
  group: 'none',
  group_wait_s: 0,
  repeat_s: 14_400,
  resolved: true,
  ...more,
});

const names = (id: string): string => ({ pager: 'Pager', team: 'Team chat', mail: 'Mail' })[id] ?? id;

test('a channel that is left as it is keeps its secrets: none of them is written', () => {
  const stored = channel('pager', { hmac_set: true, headers: [{ name: 'Authorization', value_set: true }] });
  const written = keep(stored);
  for (const name of ['url', 'hmac', 'password']) assert.ok(!(name in written), name);
  assert.deepEqual(written.headers, [{ name: 'Authorization' }]);
  assert.equal(written.name, 'pager');
});

test('a secret that is typed is written, one that is to be forgotten is null', () => {
  const draft = draftOf('webhook', channel('pager', { hmac_set: true }));
  assert.equal(writeOf({ ...draft, url: ' https://other.example/x ' }).url, 'https://other.example/x');
  assert.equal(writeOf({ ...draft, hmac: { set: true, typed: 'a key of sixteen', forget: false } }).hmac, 'a key of sixteen');
  assert.equal(writeOf({ ...draft, hmac: { set: true, typed: '', forget: true } }).hmac, null);
});

test('only the members of its kind are written', () => {
  const mail = writeOf({
    ...draftOf('mail', null),
    id: 'm',
    relay: 'smtp://r.example:587',
    from: 'a@x.example',
    to: 'b@x.example\n\n c@x.example ',
  });
  assert.deepEqual(mail.to, ['b@x.example', 'c@x.example']);
  for (const name of ['url', 'headers', 'command', 'hmac']) assert.ok(!(name in mail), name);
  const command = writeOf({ ...draftOf('command', null), id: 'c', command: 'page', arguments: '--level\nhigh now' });
  assert.deepEqual(command.arguments, ['--level', 'high now']);
  assert.ok(!('relay' in command) && !('url' in command));
});

test('a token goes into the header of its kind, with the word that people leave out', () => {
  const draft = { ...draftOf('matrix', null), id: 'x', token: { set: false, typed: 'syt_abc', forget: false } };
  assert.deepEqual(writeOf(draft).headers, [{ name: 'Authorization', value: 'Bearer syt_abc' }]);
  const stored = channel('x', { kind: 'ntfy', headers: [{ name: 'authorization', value_set: true }] });
  assert.equal(draftOf('ntfy', stored).token.set, true);
  assert.deepEqual(draftOf('ntfy', stored).headers, []);
  assert.deepEqual(keep(stored).headers, [{ name: 'Authorization' }]);
  assert.deepEqual(writeOf({ ...draftOf('ntfy', stored), token: { set: true, typed: '', forget: true } }).headers, []);
});

test('a draft goes where its channel was, a new one to the end, all others as they are', () => {
  const all = [channel('a'), channel('b'), channel('c')];
  const changed = withDraft(all, { ...draftOf('webhook', all[1]!), name: 'other' });
  assert.deepEqual(
    changed.map(({ id, name }) => [id, name]),
    [
      ['a', 'a'],
      ['b', 'other'],
      ['c', 'c'],
    ],
  );
  assert.equal(withDraft(all, { ...draftOf('slack', null), id: 'd' }).at(-1)!.id, 'd');
});

test('an ID is made of the name, and is no other’s', () => {
  assert.equal(idOf('Night pager (Zürich)', []), 'night-pager-zurich');
  assert.equal(idOf('Night pager', ['night-pager', 'night-pager-2']), 'night-pager-3');
  assert.match(idOf('…', []), /^[a-z0-9-]{1,32}$/);
  assert.match(idOf('x'.repeat(90), ['x'.repeat(28)]), /^[a-z0-9-]{1,32}$/);
});

test('a rule is one sentence', () => {
  assert.equal(
    ruleText(rule(), names),
    'Incidents that need somebody, of any kind, go to Pager: at once, again every 4 hours and when they are over.',
  );
  assert.equal(
    ruleText(
      rule({
        severities: ['watch', 'act'],
        kinds: ['destination', 'reputation'],
        key: '*.bigmail.example',
        channels: ['pager', 'team', 'mail'],
        group: 'kind',
        group_wait_s: 300,
        repeat_s: 0,
        resolved: false,
        hours: { from: '08:00', to: '18:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'], outside: true },
        quiet: { from: '22:00', to: '07:00', days: [], outside: false },
      }),
      names,
    ),
    'Incidents that need somebody or are to watch, of the kind Destination or Reputation about *.bigmail.example, go to Pager, Team chat and ' +
      'Mail: after waiting 5 minutes for others, one message for each kind and only once. Only outside 08:00 to 18:00 on Mon to Fri. In ' +
      'quiet hours (between 22:00 and 07:00) only what needs somebody is told; the rest waits until they end.',
  );
  assert.match(ruleText(rule({ repeat_s: 86_400 }), names), /again every day/);
  assert.match(ruleText(rule({ repeat_s: 1_800 }), names), /again every 30 minutes/);
  assert.match(ruleText(rule({ severities: [] }), names), /^Incidents that need somebody or are to watch,/);
});

test('days that follow each other are a span; all of them are not named', () => {
  assert.equal(daysText(['fri', 'mon', 'wed']), 'Mon, Wed and Fri');
  assert.equal(daysText(['sat', 'sun']), 'Sat and Sun');
  assert.equal(hoursText({ from: '00:00', to: '00:00', days: ['sat', 'sun'], outside: false }), 'all day on Sat and Sun');
  const all: AlertRule['hours'] = { from: '22:00', to: '07:00', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], outside: false };
  assert.equal(hoursText(all), 'between 22:00 and 07:00');
});

test('the first channel comes with a rule; a second one is told by the same', () => {
  const one = withEverything([], 'team');
  assert.deepEqual(
    one.map(({ channels, severities }) => [channels, severities]),
    [[['team'], ['act']]],
  );
  assert.deepEqual(withEverything(one, 'pager')[0]!.channels, ['team', 'pager']);
  assert.deepEqual(withEverything(withEverything(one, 'pager'), 'pager')[0]!.channels, ['team', 'pager']);
});

test('a channel that goes is taken out of the rules, and a rule that had no other goes with it', () => {
  const rules = [rule({ id: 'both', channels: ['pager', 'team'] }), rule({ id: 'one' }), rule({ id: 'other', channels: ['team'] })];
  assert.deepEqual(
    withoutChannel(rules, 'pager').map(({ id, channels }) => [id, channels]),
    [
      ['both', ['team']],
      ['other', ['team']],
    ],
  );
});

test('what is refused is told at its field', () => {
  const problem = { title: '', status: 400, detail: 'x', code: 'invalid_template', reference: '', member: 'channels[2].template' } as const;
  assert.equal(memberOf('channels', 2, problem), 'template');
  assert.equal(memberOf('channels', 1, problem), undefined);
  assert.equal(memberOf('rules', 2, problem), undefined);
});

const alert = (id: number, more: Partial<Alert> = {}): Alert => ({
  id,
  incidents: [],
  more: 0,
  channel: 'pager',
  rule: 'r',
  what: 'fired',
  at: '2026-11-30T10:00:00Z',
  state: 'sent',
  attempts: 1,
  next_attempt: null,
  sent_at: null,
  title: 'x',
  text: 'y',
  status: 200,
  answer: null,
  took_ms: 12,
  ...more,
});

test('of two lists of alerts the newer form of each is kept, the newest first', () => {
  const old = [alert(3, { state: 'waiting' }), alert(2), alert(1)];
  assert.deepEqual(
    joined([alert(4), alert(3)], old).map(({ id, state }) => [id, state]),
    [
      [4, 'sent'],
      [3, 'sent'],
      [2, 'sent'],
      [1, 'sent'],
    ],
  );
});

const draw = (node: preact.ComponentChild): string => {
  const box = document.createElement('div');
  render(node, box);
  return box.textContent!;
};

test('how an alert went is said in words: what was answered in figures, how often it was tried', () => {
  assert.equal(draw(<AlertState alert={alert(1)} kind="webhook" />), ' sent HTTP 200, 12 ms');
  assert.equal(draw(<AlertState alert={alert(1, { status: 250, took_ms: 1500 })} kind="mail" />), ' sent SMTP 250, 1.5 s');
  assert.match(
    draw(<AlertState alert={alert(1, { state: 'given_up', status: 3, attempts: 31 })} kind="command" />),
    /^ given up exit 3, .*tried 31 times/,
  );
  const next = new Date(Date.now() + 245_000).toISOString();
  assert.match(
    draw(<AlertState alert={alert(1, { state: 'failed', status: 503, attempts: 2, next_attempt: next })} kind="slack" />),
    /not taken yet HTTP 503, 12 ms, tried twicenext try in 4 min/,
  );
});

const all = { revision: 1, heartbeat: { url: null, every_s: 60, enabled: false, allow_local: false, last: null } };
const texts = (channels: AlertChannel[], rules: AlertRule[], list: AlertSilence[] = []): string[] =>
  sentencesOf({ channels: { ...all, channels }, rules: { revision: 1, rules }, silences: list }, Date.now()).map(({ bad, text }) =>
    bad ? `! ${text}` : text,
  );

test('whether somebody would be told is the first thing that is said', () => {
  assert.deepEqual(texts([channel('pager')], []).slice(0, 1), ['! Channels are set up, but no rule uses them: nobody is called.']);
  assert.deepEqual(texts([channel('pager')], [rule({ enabled: false })]).slice(0, 1), [
    '! Channels are set up, but no rule uses them: nobody is called.',
  ]);
  assert.deepEqual(texts([channel('pager', { enabled: false })], [rule()]).slice(0, 1), [
    '! All channels are switched off: nobody is called.',
  ]);
  assert.deepEqual(texts([channel('pager')], [rule()]), ['pager would be told.', 'No heartbeat: if this host dies, nobody is told.']);
  const failing = texts(
    [channel('pager', { failing_since: new Date().toISOString() }), channel('team')],
    [rule({ channels: ['pager', 'team'] })],
  );
  assert.match(failing[0]!, /^! pager fails since \d\d:\d\d\.$/);
  assert.equal(failing[1], 'team would be told.');
});

test('a channel says that nobody uses it, and shows an address without its secret', () => {
  const text = draw(<ChannelCard channel={channel('pager')} rules={[]} last={undefined} onEdit={() => {}} onRemove={() => {}} />);
  for (const part of ['No rule uses it', 'https://pager.example/…', 'Nothing was sent by it yet']) assert.ok(text.includes(part), part);
  const used = draw(<ChannelCard channel={channel('pager')} rules={[rule()]} last={alert(1)} onEdit={() => {}} onRemove={() => {}} />);
  for (const part of ['Used by A rule', 'works']) assert.ok(used.includes(part), part);
});

test('a channel whose test was not taken is not called well, until an alert was', () => {
  const answer = { ok: false, status: 500, took_ms: 3, text: 'It answered 500.', answer: '' };
  const tested = Date.parse('2026-11-30T12:00:00Z');
  tests.value = new Map([['pager', { busy: false, at: tested, answer, problem: null }]]);
  const health = (sentAt: string): string =>
    draw(
      <ChannelCard
        channel={channel('pager')}
        rules={[rule()]}
        last={alert(1, { sent_at: sentAt })}
        onEdit={() => {}}
        onRemove={() => {}}
      />,
    );
  assert.match(health('2026-11-30T11:00:00Z'), /its test was not taken/);
  assert.doesNotMatch(health('2026-11-30T11:00:00Z'), / works/);
  assert.match(health('2026-11-30T12:00:01Z'), / works/);
  assert.deepEqual(texts([channel('pager')], [rule()]).slice(0, 1), ['! pager did not take its test.']);
  tests.value = new Map();
});

const silence = (more: Partial<AlertSilence>): AlertSilence => ({
  id: 1,
  kind: null,
  key: null,
  severity: null,
  until: '2026-12-01T00:00:00Z',
  reason: 'x',
  by: 'anna',
  at: '2026-11-30T00:00:00Z',
  ...more,
});

test('a silence is about an incident as the service means it', () => {
  const incident = { kind: 'destination', severity: 'act', subject: { kind: 'recipient_domain', key: 'Mail.bigmail.example' } } as const;
  for (const about of [
    {},
    { kind: 'destination' },
    { key: '*.bigmail.example' },
    { key: 'mail.BIGMAIL.exampl?' },
    { severity: 'act' },
  ] as const)
    assert.ok(silences(silence(about), incident), JSON.stringify(about));
  for (const about of [{ kind: 'flood' }, { key: 'bigmail.example' }, { key: 'mail.bigmail?example?' }, { severity: 'note' }] as const)
    assert.ok(!silences(silence(about), incident), JSON.stringify(about));
});

test('what a silence is about is said in words', () => {
  assert.equal(aboutText({ kind: null, key: null, severity: null }), 'everything');
  assert.equal(aboutText({ kind: 'destination', key: 'full.example', severity: 'act' }), 'Destination, about full.example, needs somebody');
});

test('tomorrow morning is after now, at eight', () => {
  const late = new Date(2026, 10, 30, 23, 59).getTime();
  const at = new Date(morning(late));
  assert.deepEqual([at.getDate(), at.getMonth(), at.getHours(), at.getMinutes()], [1, 11, 8, 0]);
});
