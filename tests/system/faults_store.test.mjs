// The database locked, read-only, damaged or taken away while the service runs: it is said, no action is
// claimed that was not written down, and when the trouble ends, so does the warning.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, renameSync, statSync, truncateSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

const LONG = { timeout: 90000 };
let postfix;
let postroom;
let ids;

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes', minimal_backoff_time: '4000s' } });
});
after(() => postfix.remove());
beforeEach(async () => {
	ids = await postfix.injectMany(5);
	await postfix.untilIn('deferred', ids);
	postroom = await Postroom.start(postfix);
	for (const id of ids)
		await postroom.untilMessage(id);
});
afterEach(() => postroom.stop());

const store = () => postroom.keys['store.path'];
const warned = () => until('a warning about the database', async () => (await postroom.get('/queue')).warnings.find((w) => /^store_/.test(w.code)));
const calm = () => until('no such warning any more', async () => !(await postroom.get('/queue')).warnings.some((w) => /^store_/.test(w.code)), { timeout: 40000 });

// Another process begins to write, and does not end: gives the function that lets go.
// `alone`: others cannot read, either.
async function lock({ alone = false } = {}) {
	const python = spawn('python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(${JSON.stringify(store())}, isolation_level=None)
${alone ? "db.execute('PRAGMA locking_mode = EXCLUSIVE')" : ''}
db.execute('BEGIN IMMEDIATE')
print('locked', flush=True)
sys.stdin.read()
`], { stdio: ['pipe', 'pipe', 'inherit'] });
	await new Promise((done) => python.stdout.once('data', done));
	return () => python.stdin.end();
}

// Until the trouble is over no job is made; afterwards it is, and does what it says.
async function refusedMeanwhile(end) {
	const refused = await postroom.api('POST', '/jobs', { action: 'delete', ids, undo_seconds: 0 });
	assert.deepEqual([refused.status, refused.body.code], [503, 'store_unavailable'], refused.text);
	assert.ok(refused.body.detail.length > 10);
	await warned();
	assert.equal((await postroom.get('/queue')).source.state, 'current');
	for (const id of ids)
		assert.equal(postfix.where(id), 'deferred');
	await end();
	const { job } = await until('the store to be of use again', async () => {
		const { status, body } = await postroom.api('POST', '/jobs', { action: 'delete', ids, undo_seconds: 0 });
		return status === 201 ? postroom.untilJob(body.id) : null;
	}, { timeout: 40000 });
	assert.equal(job.counts.done, ids.length);
	await calm();
}

test('locked by another process', LONG, async () => {
	const unlock = await lock();
	await refusedMeanwhile(unlock);
});

test('locked while the service starts: nobody is told that his password is wrong', LONG, async () => {
	const password = 'correct horse battery';
	const signIn = () => postroom.api('POST', '/login', { name: 'ann', password }, { tcp: true });
	await postroom.post('/users', { name: 'ann', role: 'viewer', password });
	await postroom.stop();
	const unlock = await lock({ alone: true });
	await postroom.up();
	const early = await signIn();
	assert.deepEqual([early.status, early.body.code], [503, 'store_unavailable'], early.text);
	unlock();
	await until('the sign-in', async () => {
		const { status, text } = await signIn();
		assert.notEqual(status, 401, text);
		return status === 200;
	}, { timeout: 40000 });
});

test('a job under way waits for the database, and ends truly', LONG, async () => {
	const { id } = await postroom.post('/jobs', { action: 'retry', ids, rate: 30 });
	await until('the first one', async () => (await postroom.get(`/jobs/${id}`)).counts.done >= 1);
	const unlock = await lock();
	await warned();
	assert.notEqual((await postroom.get(`/jobs/${id}`)).state, 'done');
	unlock();
	const { job } = await until('the end of the job', () => postroom.untilJob(id), { timeout: 40000 });
	// What is refused as before, again and again, is not tried further.
	assert.equal(job.counts.done + job.counts.stopped, ids.length, JSON.stringify(job.counts));
	await calm();
});

test('damaged while it is used', LONG, async () => {
	await postroom.job({ action: 'hold', ids });
	await postroom.job({ action: 'release', ids });
	await postroom.stop();
	// Everything but the header, which is what a torn disk leaves.
	const { size } = statSync(store());
	const bytes = Buffer.alloc(size - 100, 0x5a);
	execFileSync('dd', [`of=${store()}`, 'bs=1', 'seek=100', 'conv=notrunc', 'status=none'], { input: bytes.subarray(0, Math.min(bytes.length, 200000)) });
	await postroom.up();
	await postroom.untilCurrent();
	const warning = await warned();
	assert.match(warning.text, /postroom\.db/);
	// Whether a new one is begun or none is used: nothing is claimed that is not so.
	const reply = await postroom.api('POST', '/jobs', { action: 'hold', ids });
	if (reply.status === 201) {
		const { job } = await postroom.untilJob(reply.body.id);
		assert.equal(job.counts.done, ids.length);
		assert.ok(readdirSync(dirname(store())).some((name) => name.startsWith(basename(store())) && !/-(wal|shm)$/.test(name) && name !== basename(store())), 'the old one is kept');
	} else {
		assert.equal(reply.body.code, 'store_unavailable');
		for (const id of ids)
			assert.equal(postfix.where(id), 'deferred');
	}
	await postfix.feed('postsuper', ['-H', '-'], ids.join('\n'));
});

test('cut off while it is used', LONG, async () => {
	await postroom.job({ action: 'hold', ids });
	truncateSync(store(), 4096);
	const reply = await postroom.api('POST', '/jobs', { action: 'release', ids });
	if (reply.status === 201) {
		const { items } = await postroom.untilJob(reply.body.id);
		for (const item of items)
			assert.equal(item.outcome === 'done', postfix.where(item.id) !== 'hold', JSON.stringify(item));
	} else {
		assert.equal(reply.body.code, 'store_unavailable');
		assert.deepEqual(ids.map((id) => postfix.where(id)), ids.map(() => 'hold'));
	}
	assert.equal((await postroom.get('/queue')).source.state, 'current');
	await postfix.feed('postsuper', ['-H', '-'], ids.join('\n'));
});

test('read-only from the start', LONG, async () => {
	await postroom.stop();
	for (const name of readdirSync(dirname(store())))
		chmodSync(`${dirname(store())}/${name}`, 0o444);
	execFileSync('chown', ['-R', 'root', dirname(store())]);
	chmodSync(dirname(store()), 0o555);
	await postroom.up();
	await postroom.untilCurrent();
	const warning = await warned();
	assert.ok(warning.fix?.length > 5, JSON.stringify(warning));
	const reply = await postroom.api('POST', '/jobs', { action: 'delete', ids, undo_seconds: 0 });
	// Its record could not be kept either, which is asked first.
	assert.deepEqual([reply.status, reply.body.code], [503, 'audit_unavailable'], reply.text);
	assert.deepEqual(ids.map((id) => postfix.where(id)), ids.map(() => 'deferred'));
	assert.equal((await postroom.get('/messages')).matched >= ids.length, true);
	const check = await postroom.cli('check', '--json');
	assert.equal(check.status, 1);
	assert.match(check.stdout, /store_unwritable|store_/);
});

test('taken away while it is used: the next start begins a new one', LONG, async () => {
	renameSync(store(), `${store()}.away`);
	const reply = await postroom.api('POST', '/jobs', { action: 'hold', ids });
	if (reply.status === 201) {
		const { job } = await postroom.untilJob(reply.body.id);
		assert.equal(job.counts.done, ids.length);
		assert.deepEqual(ids.map((id) => postfix.where(id)), ids.map(() => 'hold'));
	}
	await postroom.stop();
	await postroom.up();
	await postroom.untilCurrent();
	await until('a new database', () => existsSync(store()));
	const { job } = await postroom.job({ action: 'release', ids });
	assert.equal(job.state, 'done');
	assert.deepEqual(postfix.ids('hold'), []);
});
