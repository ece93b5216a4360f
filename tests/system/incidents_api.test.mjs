// Incidents as the API and the command line tell them: one that is there, its note, putting it aside, what outlives
// a restart and a store that is away, and who may do what. What tells each kind is in incidents.test.mjs.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { execFileSync, spawn } from 'node:child_process';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, binary, schemaProblem, until } from '../harness/index.mjs';

const LONG = { timeout: 180000 };
const SOON = { timeout: 90000 };
let postfix;
let postroom;
let tokens;
let stopped; // the incident that Postfix is stopped

before(async () => {
	postfix = await Postfix.start();
	await postfix.injectDeferred();
	postroom = await Postroom.start(postfix);
	tokens = Object.fromEntries(await Promise.all(['viewer', 'operator'].map(async (role) => [role, (await postroom.post('/tokens', { name: role, role })).token])));
});
after(async () => {
	await postroom.stop();
	await postfix.stop();
	postfix.remove();
});

const list = (query = '') => postroom.get(`/incidents${query}`);
const one = (id) => postroom.get(`/incidents/${id}`);
// One that ended two days ago: to end one here takes half an hour.
const plantEnded = () => execFileSync('python3', ['-c', `import sqlite3, time
db = sqlite3.connect(${JSON.stringify(postroom.keys['store.path'])})
columns = [row[1] for row in db.execute('PRAGMA table_info(incidents)') if row[1] != 'id']
db.execute('INSERT INTO incidents (id, %s) SELECT 5000, %s FROM incidents WHERE id = ${Number(stopped.id)}' % (', '.join(columns), ', '.join(columns)))
db.execute("UPDATE incidents SET state = 2, title = 'over', until = ?, noticed = ? WHERE id = 5000", (int(time.time()) - 172800, int(time.time()) - 180000))
db.execute("INSERT INTO incident_moments (incident, at, kind, text) VALUES (5000, 1, 1, 'opened')")
db.commit()`]);
const inHours = (hours) => new Date(Math.floor(Date.now() / 1000 + hours * 3600) * 1000).toISOString().replace('.000', '');

test('when nothing is wrong one line says so, with what is compared', LONG, async () => {
	const calm = await until('the queue to be known', async () => {
		const answer = await list();
		return answer.summary.deferred === 1 && answer.summary.postfix_since ? answer : null;
	}, SOON);
	assert.equal(calm.calm, true);
	assert.equal(calm.kept, true);
	assert.match(calm.sentence, /^Nothing unusual\. 1 deferred \((no history yet to compare with|the mail log is still being read)\)\./);
	assert.equal(calm.sentence_words.code, 'calm_nothing');
	assert.equal(calm.sentence_words.then.params.deferred, 1);
	assert.equal(calm.summary.postfix_running, true);
	assert.ok(Date.now() - Date.parse(calm.summary.postfix_since) < 600000, calm.summary.postfix_since);
	assert.equal(calm.summary.deferred_growth, null);
	assert.deepEqual(calm.incidents, []);
	const { status, stdout } = await postroom.cli('incidents');
	assert.equal(status, 0);
	assert.match(stdout, /^Nothing unusual\./);
	const told = await postroom.cli('status');
	assert.equal(told.status, 0);
	assert.match(told.stdout, /Deferred +1\b/);
	assert.match(told.stdout, /Nothing unusual\./);
});

test('an incident is there, is told as an event, and by the command line', LONG, async () => {
	const events = [];
	const stream = request({ socketPath: postroom.socket, path: '/api/v1/events', headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } }, (reply) => {
		let text = '';
		reply.on('data', (data) => {
			text += data;
			for (const [, data] of text.matchAll(/event: incidents\ndata: (.*)\n/g))
				events.push(JSON.parse(data));
		});
	});
	stream.on('error', () => {});
	stream.end();
	await postfix.stop();
	const found = await until('the incident', async () => {
		const answer = await list();
		return answer.incidents.find((i) => i.kind === 'postfix') ? answer : null;
	}, SOON);
	stopped = found.incidents.find((i) => i.kind === 'postfix');
	assert.equal(found.calm, false);
	assert.match(found.sentence, /needs? somebody\.$/);
	assert.equal(found.summary.postfix_running, false);
	assert.equal(found.summary.postfix_since, null);
	assert.deepEqual([stopped.state, stopped.until, stopped.caused_by, stopped.notes], ['open', null, null, []]);
	await until('its event', () => events.length > 0);
	assert.equal(schemaProblem('EventIncidents', events[0]), null);
	stream.destroy();
	const detail = await one(stopped.id);
	assert.equal(detail.timeline[0].kind, 'opened');
	assert.ok(Date.parse(stopped.since) <= Date.parse(stopped.noticed));
	const { stdout } = await postroom.cli('incidents', '--json');
	assert.ok(stdout.trim().split('\n').map((line) => JSON.parse(line)).some((i) => i.id === stopped.id));
	const csv = await postroom.cli('incidents', '--csv', '--fields', 'id,kind,title');
	assert.ok(csv.stdout.split('\n').some((line) => line.startsWith(`${stopped.id},postfix,`)), csv.stdout);
	const shown = await postroom.cli('incidents', stopped.id);
	assert.equal(shown.status, 0);
	assert.ok(shown.stdout.includes(stopped.title), shown.stdout);
	assert.equal((await postroom.cli('incidents', '999999')).status, 1);
});

test('notes and putting aside are for operators, and say who did it', LONG, async () => {
	const until30 = inHours(2);
	for (const [path, body] of [['notes', { text: 'x' }], ['snooze', { until: until30 }]]) {
		const refused = await postroom.api('POST', `/incidents/${stopped.id}/${path}`, body, { token: tokens.viewer });
		assert.deepEqual([refused.status, refused.body.code], [403, 'forbidden']);
		const missing = await postroom.api('POST', `/incidents/999999/${path}`, body);
		assert.deepEqual([missing.status, missing.body.code], [404, 'incident_not_found']);
	}
	assert.equal((await postroom.api('GET', `/incidents/${stopped.id}`, undefined, { token: tokens.viewer })).status, 200);
	for (const [path, body, code] of [
		['notes', { text: ' ' }, 'invalid_value'], ['notes', {}, 'missing_member'], ['notes', { text: 'x'.repeat(1001) }, 'invalid_value'],
		['snooze', { until: inHours(-1) }, 'invalid_value'], ['snooze', { until: inHours(24 * 31) }, 'invalid_value'],
		['snooze', { until: 5 }, 'invalid_value'], ['snooze', {}, 'missing_member'], ['snooze', { until: null, x: 1 }, 'unknown_member'],
	]) {
		const refused = await postroom.api('POST', `/incidents/${stopped.id}/${path}`, body);
		assert.deepEqual([refused.status, refused.body.code], [400, code], JSON.stringify(body));
	}
	const note = await postroom.post(`/incidents/${stopped.id}/notes`, { text: ' ticket opened, wait ' }, { token: tokens.operator });
	assert.equal(note.text, 'ticket opened, wait');
	assert.equal((await postroom.cli('incidents', 'note', stopped.id, 'second', 'note')).status, 0);
	const aside = await postroom.post(`/incidents/${stopped.id}/snooze`, { until: until30 }, { token: tokens.operator });
	assert.deepEqual([aside.snoozed_until, aside.notes.map((n) => n.text)], [until30, ['ticket opened, wait', 'second note']]);
	const detail = await one(stopped.id);
	assert.deepEqual(detail.timeline.map((m) => m.kind), ['opened', 'note', 'note', 'snoozed']);
	// It is still in the list, and needs nobody.
	const { incidents } = await list();
	assert.equal(incidents.find((i) => i.id === stopped.id).snoozed_by, aside.snoozed_by);
	assert.equal((await postroom.post(`/incidents/${stopped.id}/snooze`, { until: null })).snoozed_until, null);
	assert.equal((await postroom.cli('incidents', 'snooze', stopped.id, '2h')).status, 0);
	assert.ok((await one(stopped.id)).snoozed_until);
	const audit = (await postroom.cli('incidents', 'snooze', stopped.id, 'tomorrow')).status;
	assert.equal(audit, 2);
});

test('incident, notes and what was put aside outlive a restart', LONG, async () => {
	const before = await one(stopped.id);
	await postroom.stop();
	plantEnded();
	await postroom.up();
	await postroom.untilCurrent();
	const after = await until('the incident after the restart', async () => {
		const { incidents } = await list();
		return incidents.find((i) => i.id === stopped.id);
	}, SOON);
	assert.deepEqual([after.notes, after.since, after.snoozed_until], [before.notes, before.since, before.snoozed_until]);
	const { timeline } = await one(stopped.id);
	assert.deepEqual(timeline.slice(0, before.timeline.length), before.timeline);
	assert.ok(!timeline.some((m) => m.kind === 'ended'), JSON.stringify(timeline));
});

test('without the store incidents go on, say that they are not kept, and lose nothing', LONG, async () => {
	// Another process begins to write, and does not end.
	const python = spawn('python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(${JSON.stringify(postroom.keys['store.path'])}, isolation_level=None)
db.execute('BEGIN IMMEDIATE')
print('locked', flush=True)
sys.stdin.read()
`], { stdio: ['pipe', 'pipe', 'inherit'] });
	await new Promise((done) => python.stdout.once('data', done));
	const refused = await postroom.api('POST', `/incidents/${stopped.id}/notes`, { text: 'lost?' });
	assert.deepEqual([refused.status, refused.body.code], [503, 'store_unavailable']);
	assert.equal((await one(stopped.id)).notes.length, 2);
	await until('that they are not kept', async () => !(await list()).kept, SOON);
	assert.ok((await list()).incidents.some((i) => i.id === stopped.id));
	python.stdin.end();
	await until('that they are kept again', async () => (await list()).kept, SOON);
	await postroom.post(`/incidents/${stopped.id}/notes`, { text: 'kept' });
	assert.equal((await one(stopped.id)).notes.at(-1).text, 'kept');
});

test('all: with those that have ended, also of before a restart', LONG, async () => {
	const { incidents } = await list('?state=all');
	assert.deepEqual(incidents.filter((i) => i.id === '5000').map((i) => [i.state, i.title]), [['ended', 'over']]);
	assert.ok(incidents.some((i) => i.id === stopped.id));
	assert.ok(incidents.every((i, n) => n === 0 || Date.parse(incidents[n - 1].noticed) >= Date.parse(i.noticed)));
	assert.deepEqual((await one(5000)).timeline.map((m) => m.kind), ['opened']);
	const recent = await list(`?state=all&since=${inHours(-24)}`);
	assert.ok(!recent.incidents.some((i) => i.id === '5000'));
	// A note on it is for those who look back; nothing is left to put aside.
	await postroom.post('/incidents/5000/notes', { text: 'it was the firewall' });
	assert.equal((await one(5000)).notes[0].text, 'it was the firewall');
	const refused = await postroom.api('POST', '/incidents/5000/snooze', { until: inHours(1) });
	assert.deepEqual([refused.status, refused.body.code], [409, 'incident_ended']);
	const { stdout } = await postroom.cli('incidents', '--all');
	assert.match(stdout, /over +ended/);
	assert.equal((await postroom.api('GET', '/incidents?state=some')).body.code, 'invalid_value');
	assert.equal((await postroom.api('GET', '/incidents?since=yesterday')).body.code, 'invalid_value');
	// The next number is above every one that was given.
	await postfix.up();
});

test('what was done to its messages stands in its timeline, and in the last hour', LONG, async () => {
	const changed = await postroom.put('/settings', { values: { queue_run_delay: '250s' } });
	await until('the change', async () => (await postroom.get(`/settings/changes/${changed.id}`)).state === 'applied');
	await postroom.job({ action: 'hold', ids: (await postroom.messages()).map((m) => m.id) });
	const { last_hour } = await until('both in the last hour', async () => {
		const answer = await list();
		return answer.last_hour.length >= 2 ? answer : null;
	}, SOON);
	assert.match(last_hour[0].text, /^root put 1 message on hold$/);
	assert.deepEqual(last_hour[0].words, { code: 'did_hold', params: { who: 'root', count: 1 } });
	assert.match(last_hour[0].link, /^\/\?jobs=\d+$/);
	assert.match(last_hour[1].text, /^root set queue_run_delay to 250s$/);
	const moment = (await one(stopped.id)).timeline.find((m) => m.kind === 'settings');
	assert.deepEqual([moment.text, moment.words, moment.link], ['root set queue_run_delay to 250s', { code: 'did_set', params: { who: 'root', name: 'queue_run_delay', value: '250s' } }, '/?page=settings']);
	assert.match((await postroom.cli('status')).stdout, /Last hour:\n.*root put 1 message on hold/);
});

test('--watch asks again and again, in a pipe one below the other', LONG, async () => {
	const watching = spawn(binary, ['status', '--watch', '--config', postroom.configFile], { stdio: ['ignore', 'pipe', 'inherit'] });
	let out = '';
	watching.stdout.on('data', (data) => { out += data; });
	await until('two answers', () => (out.match(/^Deferred /gm) ?? []).length >= 2);
	watching.kill('SIGINT');
	assert.ok(!out.includes('\u001b'), out);
	assert.match(out, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\nDeferred /);
});
