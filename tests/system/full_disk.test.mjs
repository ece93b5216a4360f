// Room to act: no block and no inode is left on the file system of the spool, of the database, or of both, and whoever filled it was
// root. Delete, hold and release go on for 10,000 messages, also over a kill, and it is said before, while and after.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Postfix, Postroom, smallDisk, until } from '../harness/index.mjs';

const LONG = { timeout: 180000 };
const MANY = 10000;
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
	disk?.empty();
});
after(() => disk?.empty());

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
	assert.deepEqual(postfix.ids('deferred').sort(), sorted);

	job = await all('delete', ids, { undo_seconds: 0 });
	assert.equal(job.counts.done, ids.length, JSON.stringify(job));
	assert.deepEqual(postfix.ids('deferred'), []);
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
	assert.match((await warning('store_reserve')).text, /Actions still work, from a reserve/);
	await work(ids);
	disk.empty();
	await noWarning('store_reserve');
	await reserved();
	return undefined;
});
