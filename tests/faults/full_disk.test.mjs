// Room to act: no block and no inode is left on the file system of the spool, of the database, or of both, and whoever filled it was
// root. Delete, hold and release go on for 10,000 messages (for fewer in the short form), also over a kill, and it is said before, while
// and after.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, linkSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, test } from 'node:test';
import { Postfix, Postroom, smallDisk, until } from '../harness/index.mjs';
import { size } from './size.mjs';

const LONG = { timeout: 180000 };
const MANY = size(1500, 10000);
const generator = join(process.env.POSTROOM_BUILD ?? new URL('../../build', import.meta.url).pathname, 'tests/bench/queue_generate');
// Nothing is tried meanwhile: what this counts are the files.
const QUIET = { enable_long_queue_ids: 'yes', queue_run_delay: '4000s', minimal_backoff_time: '4000s', maximal_backoff_time: '8000s' };

let disk;
let postfix;
let postroom;

before(() => { disk = smallDisk({ megabytes: 200 }); });
afterEach(async () => {
	await postroom?.stop();
	postroom = null;
	postfix?.remove();
	disk?.clear();
});

// Runs `make` while new directories of the harness are on the small disk.
async function there(make) {
	const before = process.env.POSTROOM_TEST_TMP;
	process.env.POSTROOM_TEST_TMP = disk.dir;
	try {
		return await make();
	} finally {
		if (before === undefined)
			delete process.env.POSTROOM_TEST_TMP;
		else
			process.env.POSTROOM_TEST_TMP = before;
	}
}

function generate(count) {
	execFileSync(generator, ['--queue-directory', postfix.spool, '--count', String(count), '--recipients', '1'], { stdio: 'ignore' });
	return postfix.ids('deferred');
}

const store = () => postroom.keys['store.path'];
const sql = (text) => execFileSync('python3', ['-c', 'import sqlite3, sys\nprint(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])', store(), text]).toString().trim();
const reserved = () => until('the reserve', () => statSync(`${store()}-wal`).size >= 16 << 20 && Number(sql('PRAGMA freelist_count')) >= 2000);
const warning = (code) => until(`the warning ${code}`, async () => (await postroom.get('/queue')).warnings.find((w) => w.code === code));
const noWarning = (code) => until(`no warning ${code}`, async () => !(await postroom.get('/queue')).warnings.some((w) => w.code === code));

async function all(action, ids, more = {}) {
	const { id } = await postroom.post('/jobs', { action, ids, ...more });
	return until(`the end of ${action}`, async () => {
		const job = await postroom.get(`/jobs/${id}`);
		return ['done', 'grace', 'cancelled'].includes(job.state) ? job : null;
	}, { timeout: 60000 });
}

// Each action on everything, with a kill in the middle of one, and at the end nothing is left.
async function work(ids) {
	const sorted = [...ids].sort();
	const wanted = new Set(ids);
	const deferred = () => postfix.ids('deferred').filter((id) => wanted.has(id)).sort();
	let job = await all('hold', ids);
	assert.equal(job.counts.done, ids.length, JSON.stringify(job));
	assert.deepEqual(postfix.ids('hold').sort(), sorted);
	job = await all('release', ids);
	assert.equal(job.counts.done, ids.length, JSON.stringify(job));
	assert.deepEqual(postfix.ids('hold'), []);

	// A delete with a grace time, killed on its way, and taken back.
	const { id } = await postroom.post('/jobs', { action: 'delete', ids, undo_seconds: 600 });
	await until('some to be on hold', () => postfix.ids('hold').length > 0);
	process.kill(postroom.pids('server')[0], 'SIGKILL');
	job = await until('the grace time', async () => {
		const now = await postroom.get(`/jobs/${id}`).catch(() => null);
		return now?.state === 'grace' ? now : null;
	}, { timeout: 60000 });
	assert.equal(job.counts.held, ids.length, JSON.stringify(job));
	await postroom.post(`/jobs/${id}/undo`);
	await until('all to be back', async () => (await postroom.get(`/jobs/${id}`)).state === 'undone', { timeout: 60000 });
	assert.deepEqual(postfix.ids('hold'), []);
	assert.deepEqual(deferred(), sorted);

	job = await all('delete', ids, { undo_seconds: 0 });
	assert.equal(job.counts.done, ids.length, JSON.stringify(job));
	assert.deepEqual(deferred(), []);
}

test('spool and database on a full disk', LONG, async (t) => {
	if (!disk)
		return t.skip('nothing may be mounted here');
	postfix = await there(() => Postfix.start({ main: QUIET }));
	postroom = await there(() => Postroom.start(postfix, { ready: false }));
	const ids = generate(MANY);
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === MANY, { timeout: 60000 });
	await reserved();
	disk.fill();
	assert.equal(disk.free(), 0);
	assert.match((await warning('store_reserve')).text, /Delete, hold and release still work, from a reserve for about \d{5} messages/);
	const spool = await warning('spool_full');
	assert.match(spool.text, /0\.0 MiB left: Postfix takes no mail over SMTP .* below 14\.6 MiB/);
	assert.match(spool.fix, /postroom delete FILTER --undo 0/);
	const check = await postroom.cli('check', '--json');
	assert.equal(check.status, 1);
	const codes = check.stdout.trim().split('\n').map((line) => JSON.parse(line).code);
	assert.ok(codes.includes('spool_full') && codes.includes('store_reserve'), check.stdout);
	await work(ids);

	// With room again all of it is taken back, and the reserve is there for the next time.
	disk.empty();
	await noWarning('store_reserve');
	await noWarning('spool_full');
	await reserved();
	return undefined;
});

test('the spool alone', LONG, async (t) => {
	if (!disk)
		return t.skip('nothing may be mounted here');
	postfix = await there(() => Postfix.start({ main: QUIET }));
	postroom = await Postroom.start(postfix);
	const ids = generate(size(300, 1000));
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === ids.length);
	disk.fill();
	await warning('spool_full');
	assert.ok(!(await postroom.get('/queue')).warnings.some((w) => /^store_/.test(w.code)));
	await work(ids);
	return undefined;
});

test('the database alone, without a block or an inode, over a stop and a start', LONG, async (t) => {
	if (!disk)
		return t.skip('nothing may be mounted here');
	postfix = await Postfix.start({ main: QUIET });
	postroom = await there(() => Postroom.start(postfix));
	await reserved();
	const ids = generate(size(200, 500));
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === ids.length);
	disk.fillInodes();
	assert.equal(disk.freeInodes(), 0);
	disk.fill();
	assert.match((await warning('store_reserve')).text, /0 inodes/);
	await work(ids.slice(0, ids.length / 2));
	await postroom.stop();
	await postroom.up();
	await postroom.untilCurrent();
	await work(ids.slice(ids.length / 2));
	assert.deepEqual((await postroom.api('GET', '//readyz')).body, { status: 'ready', waiting: [] });
	return undefined;
});

// Names that the helper makes in hold to have room there, and that a kill left.
function leaveNames(count) {
	const name = (i) => `.postroom-room-${i.toString(16).padStart(8, '0')}`.padEnd(255, 'x');
	const first = join(postfix.spool, 'hold', name(0));
	writeFileSync(first, '', { mode: 0o600 });
	chownSync(first, statSync(join(postfix.spool, 'hold')).uid, -1);
	for (let i = 1; i < count; i++)
		linkSync(first, join(postfix.spool, 'hold', name(i)));
}

const namesLeft = () => readdirSync(join(postfix.spool, 'hold')).filter((name) => name.startsWith('.'));

test('names left in hold by a kill are nothing to Postfix, and go at the next start', LONG, async () => {
	postfix = await Postfix.start({ main: QUIET });
	const ids = await postfix.injectMany(2);
	await postfix.untilIn('deferred', ids);
	await postfix.feed('postsuper', ['-h', '-'], `${ids[0]}\n`);
	leaveNames(50);
	const listed = await postfix.queue();
	assert.deepEqual(listed.map((m) => m.queue_id).sort(), [...ids].sort());
	await postfix.command('postsuper', '-ps');
	await postfix.reload();
	assert.equal(namesLeft().length, 50);
	// postsuper alone says something, and does nothing.
	const said = readFileSync(postfix.log, 'utf8').split('\n').filter((line) => /postroom-room|fatal|panic|(?:postsuper|qmgr|showq)\[\d+\]: (?:warning|error)/.test(line));
	assert.deepEqual(said.filter((line) => !/postsuper\[\d+\]: warning: bogus file name: hold\/\.postroom-room-/.test(line)), []);
	postroom = await Postroom.start(postfix);
	await until('none to be left', () => namesLeft().length === 0);
	assert.equal((await postroom.get('/queue')).messages, 2);
	assert.deepEqual(postfix.ids('hold'), [ids[0]]);
});

test('said before it happens', LONG, async (t) => {
	if (!disk)
		return t.skip('nothing may be mounted here');
	postfix = await there(() => Postfix.start({ main: { ...QUIET, message_size_limit: String(1 << 20), queue_minfree: String(20 << 20) } }));
	postroom = await there(() => Postroom.start(postfix));
	await reserved();
	disk.leave(30 << 20);
	assert.match((await warning('spool_low')).text, /at 20\.0 MiB Postfix takes no more mail/);
	assert.match((await warning('store_low')).text, /When it is full, actions go on from a reserve for about \d+ messages/);
	// Postfix does as it was said.
	disk.leave(15 << 20);
	await warning('spool_full');
	await assert.rejects(postfix.inject(), /452 4\.3\.1 Insufficient system storage/);
	return undefined;
});

test('no block is free from the start', LONG, async (t) => {
	if (!disk)
		return t.skip('nothing may be mounted here');
	postfix = await Postfix.start({ main: QUIET });
	const ids = await postfix.injectMany(3);
	await postfix.untilIn('deferred', ids);
	postroom = await there(() => new Postroom(postfix, { 'http.listen': '' }));
	disk.fill();
	await postroom.up();
	await postroom.untilCurrent();
	// The queue is read and shown; what cannot be done is said, with the reason and the way out.
	assert.equal((await postroom.get('/messages')).matched, 3);
	const said = await until('a warning', async () => (await postroom.get('/queue')).warnings.find((w) => /^store_/.test(w.code)));
	assert.match(said.text, /no space|is full/i);
	const reply = await postroom.api('POST', '/jobs', { action: 'hold', ids });
	/* The audit is asked first. */
	assert.deepEqual([reply.status, reply.body.code], [503, 'audit_unavailable'], reply.text);
	assert.deepEqual((await postroom.api('GET', '//readyz')).body, { status: 'not_ready', waiting: ['store'] });
	disk.empty();
	const { job } = await until('room to be seen', async () => {
		const again = await postroom.api('POST', '/jobs', { action: 'hold', ids });
		return again.status === 201 ? postroom.untilJob(again.body.id) : null;
	});
	assert.equal(job.counts.done, 3);
	assert.equal((await postroom.api('GET', '//readyz')).status, 200);
	await reserved();
	return undefined;
});

test('a database on a file system that became read-only: reading goes on', LONG, async (t) => {
	if (disk?.kind !== 'ext4')
		return t.skip('no ext4 may be mounted here');
	postfix = await Postfix.start({ main: QUIET });
	const ids = await postfix.injectMany(3);
	await postfix.untilIn('deferred', ids);
	postroom = await there(() => Postroom.start(postfix));
	await reserved();
	disk.forceReadOnly();
	const reply = await postroom.api('POST', '/jobs', { action: 'hold', ids });
	assert.deepEqual([reply.status, reply.body.code], [503, 'store_unavailable'], reply.text);
	const said = await warning('store_broken');
	assert.match(said.text, /The queue is shown as before, but no action or setting is taken/);
	assert.deepEqual((await postroom.api('GET', '//readyz')).body, { status: 'not_ready', waiting: ['store'] });
	assert.equal((await postroom.api('GET', '//healthz')).status, 200);
	assert.equal((await postroom.get('/messages')).matched, 3);
	assert.deepEqual(ids.map((id) => postfix.where(id)), ids.map(() => 'deferred'));
	await postroom.stop();
	disk.unmount();
	disk = null;
	return undefined;
});
