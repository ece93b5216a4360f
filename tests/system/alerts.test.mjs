// Alerts on a real Postfix: a real incident reaches each kind of channel once, in its form; what is refused, late, silenced or
// interrupted; and its end. What is told when, over days, is tried in src/watch/alerts/alerts_test.c.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Alertmanager, Postfix, Postroom, Receiver, Sink, freePort, schemaProblem, temporaryDirectory, until } from '../harness/index.mjs';

const LONG = { timeout: 180000 };
const SOON = { timeout: 90000 };
const HMAC = 'a-secret-of-the-webhook';
const TOKEN = 'token-of-the-webhook-0001';
let postfix;
let postroom;
let receiver;
let relay;
let deadPort;
let manager;
let commands; // a directory of root's
let stopped; // the incident that Postfix is stopped

before(async () => {
	receiver = await Receiver.start();
	relay = await Sink.start();
	deadPort = await freePort();
	manager = await Alertmanager.start({ webhook: `${receiver.url}/passed-on` });
	commands = temporaryDirectory('commands');
	chmodSync(commands, 0o755);
	writeFileSync(join(commands, 'page.sh'), `#!/bin/sh\nprintf '%s ' "$@"\nhead -c 40\n`, { mode: 0o755 });
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix, { set: { 'http.public_url': 'https://queue.example/', 'alerts.commands': commands } });
	await until('the channels to be read', async () => (await postroom.api('GET', '/alerts/channels')).status === 200);
});
after(async () => {
	await postroom.stop();
	await postfix.stop();
	postfix.remove();
	relay.stop();
	receiver.stop();
});

const local = (id, kind, more = {}) => ({ id, kind, url: `${receiver.url}/${id}`, allow_local: true, ...more });
const channels = () => [
	local('hook', 'webhook', { hmac: HMAC, headers: [{ name: 'Authorization', value: `Bearer ${TOKEN}` }] }),
	local('slack', 'slack'), local('teams', 'teams'), local('matrix', 'matrix', { url: `${receiver.url}/_matrix/client/v3/rooms/!r:x` }),
	local('ntfy', 'ntfy', { url: `${receiver.url}/ntfy/topic`, template: '{{title}} * {{what}} {{key}}' }), local('discord', 'discord'),
	local('prom', 'alertmanager', { url: `${receiver.url}/am` }), local('later', 'webhook'), local('dead', 'webhook', { url: `http://127.0.0.1:${deadPort}/dead` }),
	{ id: 'real', kind: 'alertmanager', url: manager.url, allow_local: true },
	{ id: 'run', kind: 'command', command: 'page.sh', arguments: ['--urgent', 'now'] },
	{ id: 'mail', kind: 'mail', relay: `smtp://127.0.0.1:${relay.port}`, from: 'postroom@host.example', to: ['ops@host.example', 'two@host.example'], allow_local: true },
];
const put = async (what, body) => postroom.put(`/alerts/${what}`, { revision: (await postroom.get(`/alerts/${what}`)).revision, ...body });
const sent = async (query = '') => (await postroom.get(`/alerts?limit=200${query}`)).alerts;
const inOneHour = () => `${new Date(Date.now() + 3600000).toISOString().slice(0, 19)}Z`;

test('a test button shows what was answered, and is clearly a test', LONG, async () => {
	await put('channels', { channels: channels(), heartbeat: { enabled: false, every_s: 60 } });
	receiver.answer = ({ headers }) => ({ status: 202, body: `you sent ${headers.authorization}, thank you` });
	const told = await until('the notifier', async () => {
		const { status, body } = await postroom.api('POST', '/alerts/channels/hook/test');
		return status === 200 ? body : null;
	});
	assert.deepEqual([told.ok, told.status], [true, 202]);
	assert.match(told.answer, /^you sent Bearer \[secret\], thank you$/);
	const body = JSON.parse(receiver.at('/hook').at(-1).body);
	assert.match(body.alerts[0].annotations.summary, /This is a test/);
	assert.equal(body.alerts[0].labels.kind, 'test');
	receiver.answer = () => ({ status: 404, body: 'nobody here' });
	const refused = await postroom.post('/alerts/channels/slack/test');
	assert.deepEqual([refused.ok, refused.status, refused.answer], [false, 404, 'nobody here']);
	receiver.answer = () => null;
	const dead = await postroom.post('/alerts/channels/dead/test');
	assert.deepEqual([dead.ok, dead.status], [false, null]);
	assert.ok(dead.text.length > 10);
	const mail = await postroom.post('/alerts/channels/mail/test');
	assert.deepEqual([mail.ok, mail.status], [true, 250], JSON.stringify(mail));
	assert.match(relay.messages.at(-1).data, /^Subject: \[note\] Test: This is a test of Postroom's alerts\r?$/m);
	assert.equal((await postroom.api('POST', '/alerts/channels/nobody/test')).status, 404);
	const list = await until('the tests in the list', async () => {
		const all = await sent();
		return all.length === 4 ? all : null;
	});
	assert.deepEqual(list.map((a) => [a.channel, a.what, a.state, a.incidents.length]),
		[['mail', 'test', 'sent', 0], ['dead', 'test', 'given_up', 0], ['slack', 'test', 'given_up', 0], ['hook', 'test', 'sent', 0]]);
});

test('an incident reaches each channel once, in its form', LONG, async () => {
	receiver.requests.length = 0;
	relay.messages.length = 0;
	let refusals = 0;
	receiver.answer = ({ url }) => (url === '/later' && refusals++ < 2 ? { status: 429, headers: { 'Retry-After': '1' }, body: 'slowly' } : null);
	const events = [];
	const stream = request({ socketPath: postroom.socket, path: '/api/v1/events', headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } }, (reply) => reply.on('data', (data) => {
		for (const [, json] of data.toString().matchAll(/event: alerts\ndata: (.*)\n/g))
			events.push(JSON.parse(json));
	}));
	stream.on('error', () => {});
	stream.end();
	await put('rules', { rules: [{ id: 'rest', channels: channels().map((c) => c.id).slice(10), severities: ['act', 'watch', 'note'] }, { id: 'all', channels: channels().map((c) => c.id).slice(0, 10), severities: ['act', 'watch', 'note'] }] });
	await postfix.stop();
	const list = await until('all but the dead channel to be told', async () => {
		const all = (await sent()).filter((a) => a.what === 'fired');
		return all.filter((a) => a.state === 'sent').length >= 11 && all.some((a) => a.channel === 'dead' && a.state === 'failed') ? all : null;
	}, SOON);
	stopped = list[0].incidents[0];
	assert.equal(stopped.kind, 'postfix');
	const mine = list.filter((a) => a.incidents[0].id === stopped.id);
	assert.deepEqual(mine.map((a) => a.channel).sort(), channels().map((c) => c.id).sort());
	assert.equal(mine.find((a) => a.channel === 'dead').state, 'failed');
	await until('its event', () => events.length > 0);
	// Each is counted once, the tries that failed too; one channel takes none.
	const metrics = await postroom.get('//metrics');
	const value = (name) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)[1]);
	assert.ok(value('postroom_alerts_total\\{result="sent"\\}') >= 9, metrics);
	assert.ok(value('postroom_alerts_total\\{result="failed"\\}') >= 2 && value('postroom_alerts_waiting') >= 1 && value('postroom_alert_channels_failing') >= 1);
	assert.equal(schemaProblem('EventAlerts', events[0]), null);
	stream.destroy();

	const link = `https://queue.example/?page=incident&id=${stopped.id}`;
	const [hook] = receiver.at('/hook');
	assert.equal(hook.headers.authorization, `Bearer ${TOKEN}`);
	assert.equal(hook.headers['x-postroom-signature'], `sha256=${createHmac('sha256', HMAC).update(`${hook.headers['x-postroom-timestamp']}.${hook.body}`).digest('hex')}`);
	const v4 = JSON.parse(hook.body);
	assert.deepEqual(Object.keys(v4).sort(), ['alerts', 'commonAnnotations', 'commonLabels', 'externalURL', 'groupKey', 'groupLabels', 'receiver', 'status', 'truncatedAlerts', 'version']);
	assert.deepEqual([v4.version, v4.status, v4.receiver, v4.externalURL, v4.alerts.length], ['4', 'firing', 'hook', 'https://queue.example', 1]);
	const [alert] = v4.alerts;
	assert.equal(alert.annotations.summary, stopped.title);
	assert.ok(alert.annotations.description && alert.annotations.todo);
	assert.match(alert.annotations.runbook_url, /^https:\/\/queue\.example\/runbook\/[a-z-]+$/);
	assert.deepEqual([alert.generatorURL, alert.endsAt, alert.labels.incident, alert.labels.severity], [link, '0001-01-01T00:00:00Z', stopped.id, stopped.severity]);

	assert.match(JSON.parse(receiver.at('/slack')[0].body).text, new RegExp(`^Fired \\(${stopped.severity}\\): `));
	assert.ok(JSON.parse(receiver.at('/slack')[0].body).text.includes(link));
	const card = JSON.parse(receiver.at('/teams')[0].body).attachments[0];
	assert.equal(card.contentType, 'application/vnd.microsoft.card.adaptive');
	assert.equal(card.content.body[0].type, 'TextBlock');
	const matrix = receiver.requests.filter((r) => r.url.startsWith('/_matrix/'));
	assert.equal(matrix.length, 1);
	assert.equal(matrix[0].method, 'PUT');
	assert.match(matrix[0].url, /^\/_matrix\/client\/v3\/rooms\/!r:x\/send\/m\.room\.message\/[0-9a-f]{32}$/);
	assert.equal(JSON.parse(matrix[0].body).msgtype, 'm.text');
	const ntfy = JSON.parse(receiver.at('/ntfy/')[0].body);
	assert.deepEqual([ntfy.topic, ntfy.message, ntfy.click], ['topic', `${stopped.title} * Fired postfix`, link]);
	assert.deepEqual(JSON.parse(receiver.at('/discord')[0].body).allowed_mentions, { parse: [] });
	const [am] = JSON.parse(receiver.at('/am/api/v2/alerts')[0].body);
	assert.ok(Date.parse(am.endsAt) > Date.now() + 60000);
	assert.equal(am.generatorURL, link);

	const [mail] = relay.messages;
	assert.deepEqual([mail.from, mail.to], ['postroom@host.example', ['ops@host.example', 'two@host.example']]);
	assert.match(mail.data, /^Auto-Submitted: auto-generated\r?$/m);
	assert.match(mail.data, /^Date: \w{3}, \d+ \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r?$/m);
	assert.match(mail.data, new RegExp(`^References: <postroom\\.incident\\.${stopped.id}@`, 'm'));
	assert.ok(mail.data.replace(/=\r\n/g, '').includes(`id=3D${stopped.id}`), mail.data);

	const run = mine.find((a) => a.channel === 'run');
	assert.equal(run.status, 0);
	assert.match(run.answer, /--urgent now \{"alerts":\[\{"annotations":/);
	const held = await until('the real Alertmanager', async () => (await manager.alerts()).find((a) => a.labels.incident === stopped.id));
	assert.equal(held.labels.alertname, 'Postroom_postfix');
	assert.equal(held.generatorURL, link);
	const passed = await until('that it passes it on', () => receiver.at('/passed-on')[0]);
	assert.equal(JSON.parse(passed.body).alerts[0].annotations.summary, stopped.title);

	const later = receiver.at('/later');
	assert.equal(later.length, 3);
	assert.equal(new Set(later.map((r) => r.headers['idempotency-key'])).size, 1);
	for (const channel of ['hook', 'slack', 'teams', 'discord', 'ntfy/'])
		assert.equal(receiver.at(`/${channel}`).length, 1, channel);
	assert.equal(relay.messages.length, 1);
});

test('a receiver that was dead gets it once, through kills of server and notifier', LONG, async () => {
	const others = receiver.requests.length;
	for (const role of ['server', 'notifier']) {
		const [pid] = postroom.pids(role);
		process.kill(pid, 'SIGKILL');
		await until(`another ${role}`, () => postroom.pids(role).some((now) => now !== pid), SOON);
	}
	await until('the queue again', async () => (await postroom.api('GET', '/queue').catch(() => null))?.status === 200, SOON);
	const back = await Receiver.start({ port: deadPort });
	// A kill may be an incident of its own: only this one counts.
	const about = (requests) => requests.filter((r) => /^\/(hook|dead)$/.test(r.url) && JSON.parse(r.body).alerts.some((a) => a.labels.incident === stopped.id));
	await until('the alert', () => about(back.requests).length > 0, SOON);
	const told = await until('that it is noted', async () => (await sent('&channel=dead&state=sent')).find((a) => a.incidents[0]?.id === stopped.id), SOON);
	assert.ok(told.attempts > 1, JSON.stringify(await sent('&channel=dead')));
	assert.equal(about(back.requests).length, 1);
	assert.equal(about(receiver.requests.slice(others)).length, 0, 'nobody else is told again');
	back.stop();
});

test('what is silenced is noted and not sent, and told when that ends', LONG, async () => {
	const silence = await postroom.post('/alerts/silences', { kind: 'postfix', until: inOneHour(), reason: 'we know' });
	receiver.requests.length = 0;
	const { rules } = await postroom.get('/alerts/rules');
	await put('rules', { rules: [...rules, { id: 'second', channels: ['slack'], kinds: ['postfix'] }] });
	const noted = await until('the note', async () => (await sent('&state=silenced')).find((a) => a.rule === 'second'), SOON);
	assert.deepEqual([noted.channel, noted.rule, noted.text], ['slack', 'second', 'Silenced by root: we know']);
	assert.equal(receiver.at('/slack').length, 0);
	assert.equal((await postroom.api('DELETE', `/alerts/silences/${silence.id}`)).status, 204);
	await until('it to be told', () => receiver.at('/slack').length > 0, SOON);
	assert.equal(receiver.at('/slack').length, 1, JSON.stringify(await sent('&channel=slack')));
	await put('rules', { rules });
});

test('the end is told once to whom the beginning was told, in the same thread', LONG, async () => {
	receiver.requests.length = 0;
	relay.messages.length = 0;
	await postroom.stop();
	await postfix.up();
	// What the incidents remember goes, so that this one is over at the first turn: else it takes half an hour.
	execFileSync('python3', ['-c', `import sqlite3
db = sqlite3.connect(${JSON.stringify(postroom.keys['store.path'])})
db.execute('DELETE FROM incident_memory')
db.commit()`]);
	await postroom.up();
	await postroom.untilCurrent();
	const ends = () => receiver.at('/hook').map((r) => JSON.parse(r.body)).filter((b) => b.alerts[0].labels.incident === stopped.id);
	await until('the end', () => ends().length > 0 && relay.messages.some((m) => m.data.includes(`.incident.${stopped.id}@`)), SOON);
	const [{ status, alerts }] = ends();
	assert.deepEqual([ends().length, status, alerts[0].status], [1, 'resolved', 'resolved']);
	assert.notEqual(alerts[0].endsAt, '0001-01-01T00:00:00Z');
	const mail = relay.messages.find((m) => m.data.includes(`.incident.${stopped.id}@`));
	assert.match(mail.data, /^Subject: \[\w+\] Ended: /m);
	const kept = (await sent('&channel=hook')).filter((a) => a.what === 'resolved' && a.incidents[0].id === stopped.id);
	assert.deepEqual(kept.map((a) => a.incidents[0].state), ['ended']);
	assert.ok((await sent(`&incident=${stopped.id}`)).every((a) => a.incidents.some(({ id }) => id === stopped.id)));
	assert.ok((await sent(`&incident=${stopped.id}&channel=hook`)).length >= 2);
	assert.deepEqual(await sent('&incident=4711'), []);
});

test('the real Alertmanager is told of the end, too', LONG, async () => {
	await until('that it has ended there', async () => !(await manager.alerts()).some((a) => a.labels.incident === stopped.id), SOON);
	await until('that it passes that on', () => receiver.at('/passed-on').some((r) => JSON.parse(r.body).status === 'resolved'), SOON);
});

test('the command line lists, tests and silences', LONG, async () => {
	const list = await postroom.cli('alerts');
	assert.equal(list.status, 0);
	assert.match(list.stdout, /hook +sent +\d+ +Ended: /);
	const lines = (await postroom.cli('alerts', '--json', '--state', 'sent', '--limit', '3')).stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(lines.map((a) => a.state), ['sent', 'sent', 'sent']);
	assert.match((await postroom.cli('alerts', '--csv', '--fields', 'id,channel,state')).stdout, /^id,channel,state\r?\n\d+,/);
	assert.match((await postroom.cli('alerts', 'channels')).stdout, /^hook +webhook +on +http:\/\/127\.0\.0\.1:\d+\/…$/m);
	const tested = await postroom.cli('alerts', 'test', 'run');
	assert.equal(tested.status, 0, tested.stderr);
	assert.match(tested.stdout, /--urgent now/);
	assert.equal((await postroom.cli('alerts', 'test', 'nobody')).status, 1);
	assert.equal((await postroom.cli('alerts', 'silence', '--until', '2h')).status, 2);
	const made = await postroom.cli('alerts', 'silence', '--kind', 'flood', '--key', '*@office.example', '--until', '2h', '--reason', 'a campaign', '--json');
	const { id } = JSON.parse(made.stdout);
	assert.match((await postroom.cli('alerts', 'silences')).stdout, /flood +any +\*@office\.example +root +a campaign/);
	assert.equal((await postroom.cli('alerts', 'unsilence', String(id))).status, 0);
	assert.match((await postroom.cli('alerts', 'silences')).stdout, /Nothing is silenced/);
});

test('a heartbeat comes while the queue is watched', LONG, async () => {
	receiver.requests.length = 0;
	await put('channels', { channels: channels().map(({ hmac, headers, ...c }) => ({ ...c, headers: headers?.map(({ name }) => ({ name })) ?? [] })), heartbeat: { enabled: true, every_s: 10, url: `${receiver.url}/beat`, allow_local: true } });
	await until('two heartbeats', () => receiver.at('/beat').length >= 2, SOON);
	assert.equal(receiver.at('/beat')[0].method, 'GET');
	const { last } = (await postroom.get('/alerts/channels')).heartbeat;
	assert.deepEqual([last.ok, last.text], [true, 'It answered 200.']);
});

test('a server that hangs sends no heartbeat, so that the outside misses it', LONG, async () => {
	// The outside's own clock: it is told every ten seconds, and misses what has not come for three times as long. The supervisor, which would end
	// what hangs, stands still as well: nobody here can tell.
	const goOn = postroom.hang('server');
	let heard = { count: -1 };
	await until('the outside to miss it', () => {
		const count = receiver.at('/beat').length;
		if (count !== heard.count)
			heard = { count, at: Date.now() };
		return Date.now() - heard.at > 30000;
	}, SOON);
	goOn();
	await until('it to be heard again', () => receiver.at('/beat').length > heard.count, SOON);
});

test('no secret is in an answer, in the list, the audit or the log', LONG, async () => {
	const told = JSON.stringify([await postroom.get('/alerts/channels'), await sent()]) + postroom.log + JSON.stringify(postroom.audit());
	for (const secret of [HMAC, TOKEN])
		assert.ok(!told.includes(secret), secret);
});
