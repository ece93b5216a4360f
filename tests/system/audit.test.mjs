// The audit: everything of the contract makes exactly its record, a crash loses none, nothing is done whose record cannot be
// kept, and tampering is found by who has kept the first key.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, contract, temporaryDirectory, until, USERS } from '../harness/index.mjs';

const LONG = { timeout: 120_000 };
let postfix;
let postroom;

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	for (let i = 0; i < 3; i++)
		await postfix.injectDeferred();
	postroom = await Postroom.start(postfix);
}, LONG);
after(async () => {
	await postroom.stop();
	postfix.remove();
});

const directory = () => `${postroom.keys['store.path']}-audit`;
// What the service does by itself.
const OWN = /^(audit_(begin|seal|cut|key|torn|lost)|service_|role_|sandbox_|refused$)/;
const records = () => postroom.audit().filter(({ action }) => !OWN.test(action));
const promised = () => Number(execFileSync('python3', ['-c', `import sqlite3
print(sqlite3.connect(${JSON.stringify(postroom.keys['store.path'])}, timeout=60).execute("SELECT count(*) FROM audit_promised").fetchone()[0])`], { encoding: 'utf8' }));

// Every operation of the contract, asked for once in whatever way: most are refused for what they ask, and that is recorded, too.
// Streams that do not end are left out, and what would end what the test stands on.
const SKIPPED = new Set(['get /api/v1/events', 'post /api/v1/pauses/setup', 'delete /api/v1/pauses/setup']);
const VALUES = { id: '4711', n: '1', name: 'nobody', job: '4711' };

test('everything in the contract makes exactly its record', LONG, async () => {
	const begun = records().length;
	const expected = [];
	const note = (action, object, { status }) => expected.push(`${action} ${object} ${status} ${status < 400 ? 'done' : status < 500 ? 'refused' : 'failed'}`);
	for (const [path, operations] of Object.entries(contract.paths))
		for (const [method, operation] of Object.entries(operations)) {
			if (!['get', 'post', 'put', 'delete'].includes(method) || SKIPPED.has(`${method} ${path}`))
				continue;
			const address = path.replace(/\{(\w+)\}/g, (_, name) => VALUES[name] ?? '4711');
			const reply = await postroom.raw(method.toUpperCase(), address, method === 'post' || method === 'put' ? { body: {} } : {});
			// Who has not signed in is summed up.
			if (operation['x-audit'] && operation['x-right'] !== 'public')
				note(operation['x-audit'], address, reply);
		}
	// The same with what they want, where that can be done here.
	const ids = (await postroom.messages()).map(({ id }) => id);
	const ask = async (action, method, path, body) => {
		const reply = await postroom.api(method, path, body);
		assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${reply.text}`);
		note(action, `/api/v1${path}`, reply);
		return reply.body;
	};
	await ask('content_read', 'GET', `/messages/${ids[0]}/content`);
	await ask('source_read', 'GET', `/messages/${ids[0]}/raw`);
	const job = await ask('job', 'POST', '/jobs', { action: 'delete', ids: [ids[0]], undo_seconds: 600 });
	await until('the grace time', async () => (await postroom.get(`/jobs/${job.id}`)).state === 'grace');
	await ask('undo', 'POST', `/jobs/${job.id}/undo`, {});
	await ask('account', 'POST', '/users', { name: 'anna', role: 'operator', password: 'a long enough pass phrase' });
	await ask('token', 'POST', '/tokens', { name: 'script', role: 'viewer' });
	const { tokens: [{ id }] } = await postroom.get('/tokens?all=true');
	await ask('token', 'DELETE', `/tokens/${id}`);
	await ask('saved_view', 'POST', '/saved-views', { name: 'all', address: '?filter=' });
	await ask('flush', 'POST', '/flush', {});
	await ask('account', 'DELETE', '/users/anna');

	await until('all of them in the files', () => promised() === 0 && records().length >= begun + expected.length, { timeout: 20_000 }).catch(() => {}); // what is missing is told below
	const found = records().slice(begun).map(({ action, object, status, outcome }) => `${action} ${object} ${status} ${outcome}`);
	// A job's comes from the database, a moment later than those beside it.
	assert.deepEqual(found.sort(), expected.sort());
	const made = records().find(({ action, job: number }) => action === 'job' && number === job.id);
	assert.deepEqual([made.who, made.role, made.via, made.uid, made.count, made.text], ['root', 'admin', 'socket', 0, 1, 'delete of 1 messages']);
	assert.match(made.reference, /^[0-9a-f]{16}$/);
	assert.equal(new Set(records().map(({ reference }) => reference)).size, records().length);
	// It was written before; this process may not have read it yet.
	await until('the line in the log', () => new RegExp(`audit ${made.n}: job by root .*\\[${made.chain}\\]`).test(postroom.log));
});

test('it is found by person, action, message and job, and exported as lines and as CSV', LONG, async () => {
	const all = records();
	const job = all.findLast(({ action, job: number }) => action === 'job' && number).job;
	const list = async (query) => (await postroom.get(`/audit?${query}`)).records;
	assert.deepEqual([...new Set((await list('action=token')).map(({ action }) => action))], ['token']);
	assert.equal((await list('who=nobody-at-all')).length, 0);
	const ofJob = await list(`job=${job}`);
	assert.deepEqual(ofJob.map(({ action }) => action).sort(), ['job', 'undo']);
	// The trail of a message: what was read of it, and its jobs.
	const message = all.findLast(({ action, status }) => action === 'source_read' && status === 200).message;
	assert.deepEqual((await list(`message=${message}`)).map(({ action }) => action).sort(), ['content_read', 'job', 'source_read', 'undo']);
	// A page at a time, none twice, the newest first.
	const pages = [];
	for (let after = ''; after !== null && pages.length < 500;) {
		const { records: page, next } = await postroom.get(`/audit?limit=7${after && `&after=${after}`}`);
		pages.push(...page.map(({ id }) => id));
		after = next;
	}
	assert.deepEqual(pages, [...new Set(pages)].sort((a, b) => b - a));
	assert.ok(pages.length >= all.length);
	const lines = (await postroom.raw('GET', '/api/v1/audit/export?action=token')).body.trim().split('\n');
	assert.deepEqual(lines.map((line) => JSON.parse(line)), postroom.audit().filter(({ action }) => action === 'token'));
	const csv = (await postroom.raw('GET', '/api/v1/audit/export?action=token&format=csv')).body.trim().split('\r\n');
	assert.equal(csv.length, lines.length + 1);
	assert.match(csv[0], /^id,at,action,who,/);
	const cli = await postroom.cli('audit', 'list', 'action=token', '--json');
	assert.equal(cli.status, 0, cli.stderr);
	assert.equal(cli.stdout.trim().split('\n').length, lines.length);
	const state = await postroom.get('/audit/state?check=true');
	assert.deepEqual([state.whole, state.problem, state.key_waits], [true, null, true]);
});

// What `postroom audit verify` says of a copy of the files that was tampered with.
async function verify(keyFile, tamper) {
	const copy = join(temporaryDirectory('audit'), 'copy');
	cpSync(directory(), copy, { recursive: true });
	const newest = join(copy, readdirSync(copy).filter((name) => name.endsWith('.jsonl')).sort().at(-1));
	const lines = readFileSync(newest, 'utf8').split('\n').slice(0, -1);
	writeFileSync(newest, tamper(lines).map((line) => `${line}\n`).join(''));
	const { status, stdout, stderr } = await postroom.cli('audit', 'verify', keyFile, copy);
	return { status, text: stdout + stderr };
}

test('who has kept the first key proves it, and finds what was tampered with', LONG, async () => {
	const shown = await postroom.cli('audit', 'key');
	assert.equal(shown.status, 0, shown.stderr);
	assert.match(shown.stdout, /^postroom-audit-key-1 [0-9a-f]{16} [0-9a-f]{64}\n$/);
	const again = await postroom.cli('audit', 'key');
	assert.equal(again.status, 4);
	assert.match(again.stderr, /was shown before/);
	const keyFile = join(temporaryDirectory('key'), 'key');
	writeFileSync(keyFile, shown.stdout);
	// A stop seals.
	await postroom.stop();
	const whole = await postroom.cli('audit', 'verify', keyFile);
	assert.equal(whole.status, 0, whole.stdout + whole.stderr);
	assert.match(whole.stdout, /1 of 1 seals fit the key\.[^]*It is whole\./);
	const tampered = [
		[(lines) => lines.map((line) => line.replace('"who":"root"', '"who":"anna"')), /was changed/],
		[(lines) => lines.filter((_, i) => i !== 5), /records 6 to 6 are missing/],
		[(lines) => [...lines.slice(0, 4), lines[5], lines[4], ...lines.slice(6)], /was moved, or is there twice/],
		[(lines) => [...lines, lines[3]], /was moved, or is there twice/],
		[(lines) => lines.slice(0, -3), /the end is missing/],
		[(lines) => lines.map((line) => line.replace(/"mac":"./, '"mac":"x')), /was changed/],
		[(lines) => lines.slice(5), /the first, does not begin a file/],
	];
	for (const [tamper, says] of tampered) {
		const { status, text } = await verify(keyFile, tamper);
		assert.equal(status, 1, text);
		assert.match(text, says);
	}
	await postroom.up();
});

test('a crash behind a job leaves its record, once', LONG, async () => {
	const [{ id }] = await postroom.messages();
	const job = await postroom.post('/jobs', { action: 'hold', ids: [id] });
	for (const pid of postroom.pids('server'))
		process.kill(pid, 'SIGKILL');
	await until('the service again', async () => (await postroom.raw('GET', '/healthz').catch(() => ({}))).status === 200);
	const ofJob = () => records().filter(({ action, job: number }) => action === 'job' && number === job.id);
	await until('its record', () => ofJob().length > 0 && promised() === 0);
	assert.equal(ofJob().length, 1);
});

test('nothing is done whose record cannot be kept, and what earlier versions recorded is taken over', LONG, async () => {
	await postroom.stop();
	execFileSync('python3', ['-c', `import sqlite3
db = sqlite3.connect(${JSON.stringify(postroom.keys['store.path'])}, timeout=60)
db.execute("INSERT INTO audit (at, who, source, action, target, detail) VALUES (1769846400, 'berta', '192.0.2.1:5', 'POST', '/api/v1/jobs', '201 job 1: delete of 2 messages')")
db.commit()`]);
	chownSync(directory(), 0, 0);
	await postroom.up();
	await postroom.untilCurrent();
	const [{ id }] = await postroom.messages();
	for (const [method, path, body] of [['POST', '/jobs', { action: 'hold', ids: [id] }], ['GET', `/messages/${id}/content`]]) {
		const reply = await postroom.api(method, path, body);
		assert.deepEqual([reply.status, reply.body.code], [503, 'audit_unavailable'], reply.text);
		assert.match(reply.body.detail, /whose record cannot be kept/);
	}
	await until('the warning', async () => (await postroom.get('/queue')).warnings.some(({ code }) => code === 'audit_broken'));
	chownSync(directory(), USERS.server, USERS.server);
	await until('the audit again', async () => (await postroom.api('GET', `/messages/${id}/content`)).status === 200);
	const former = await until('the former record', () => records().find(({ action }) => action === 'former'));
	assert.deepEqual([former.at, former.who, former.text], ['2026-01-31T08:00:00.000Z', 'berta', 'POST 201 job 1: delete of 2 messages']);
	assert.equal((await postroom.get('/audit/state?check=true')).whole, true);
});
