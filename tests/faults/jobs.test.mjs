// Jobs while everything dies: killed again and again, IDs used again between view and action, two jobs on the
// same messages, and one of a million in bounded memory. What counts is the mail afterwards, and that
// nothing false was said of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';
import { queueFile } from '../harness/queue_file.mjs';
import { FULL, random, size } from './size.mjs';

const generator = join(process.env.POSTROOM_BUILD, 'tests/bench/queue_generate');
const PATIENCE = { timeout: FULL ? 3600000 : 180000 };
const LONG = { timeout: FULL ? 7200000 : 240000 };
// Nothing is delivered, and nothing leaves the deferred queue by itself.
const STILL = {
	defer_transports: 'smtp, relay, local, lmtp, error', maximal_queue_lifetime: '30d', bounce_queue_lifetime: '30d', minimal_backoff_time: '4000s',
};
// What a job may take of the server's memory, however many messages it has: its batches (4,000 items), the
// pages of the store, rows of the index that moved, and what is followed in the log.
const JOB_MEMORY = 128 << 20;

async function generated(count) {
	const postfix = await Postfix.start({ main: { ...STILL, enable_long_queue_ids: 'yes' } });
	execFileSync(generator, ['--queue-directory', postfix.spool, '--count', String(count)]);
	return postfix;
}

async function started(postfix, count) {
	const postroom = await Postroom.start(postfix);
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === count, PATIENCE);
	return postroom;
}

const jobOf = (postroom, id) => postroom.get(`/jobs/${id}`).catch(() => null);
const ended = (postroom, id, states = ['done']) => until(`job ${id} to end`, async () => {
	const job = await jobOf(postroom, id);
	return job && states.includes(job.state) ? job : null;
}, PATIENCE);

async function act(postroom, action, filter, more = {}) {
	const { id: view } = await until('a view', () => postroom.post('/views', { filter }).catch(() => null), PATIENCE);
	return (await until(`a ${action}`, () => postroom.post('/jobs', { action, view, ...more }).catch(() => null), PATIENCE)).id;
}

const KILLS = size(8, 200);
const MANY = size(3000, 100000);

test(`killed ${KILLS} times in jobs of ${MANY} messages: the queue ends as after runs that nobody disturbed`, LONG, async (t) => {
	const seed = Date.now() >>> 0;
	const fraction = random(seed);
	t.diagnostic(`seed ${seed}`);
	const postfix = await generated(MANY);
	const spared = await postfix.injectDeferred({ from: 'spared@bystander.example', to: ['x@mail.example'] });
	const all = postfix.ids('deferred').filter((id) => id !== spared).sort();
	const postroom = await started(postfix, MANY + 1);
	let kills = 0;
	// Now the server, now the whole service at once: both end in the middle of whatever they do.
	const kill = async () => {
		kills++;
		if (kills % 2 === 0) {
			postroom.pids('server').forEach((pid) => process.kill(pid, 'SIGKILL'));
			return;
		}
		postroom.child.kill('SIGKILL');
		await until('all its processes to be gone', () => !postroom.child, PATIENCE);
		await postroom.up();
	};
	const disturbed = async (id, most) => {
		for (let n = 0; n < most && !['done', 'cancelled'].includes((await jobOf(postroom, id))?.state); n++) {
			// A batch takes about this long.
			await new Promise((done) => setTimeout(done, fraction() * size(200, 1500)));
			await kill();
		}
		return ended(postroom, id);
	};
	const begin = async (action, filter, more) => {
		await until('the view to be current', async () => (await postroom.get('/queue').catch(() => null))?.source.state === 'current', PATIENCE);
		return act(postroom, action, filter, more);
	};
	for (const [action, filter, queue] of [['hold', '-from:bystander.example', 'hold'], ['release', 'queue:hold', 'deferred']]) {
		const job = await disturbed(await begin(action, filter), Math.ceil(KILLS / 3));
		assert.equal(job.counts.done, MANY, `${action}: ${JSON.stringify(job.counts)}`);
		const there = new Set(queue === 'hold' ? postfix.ids('hold') : ['deferred', 'active', 'incoming'].flatMap((name) => postfix.ids(name)));
		assert.deepEqual(all.filter((id) => !there.has(id)).slice(0, 3), [], `every message is in ${queue}`);
		await until('the page to know it', async () => (await postroom.get('/queue').catch(() => null))?.counts.hold === (queue === 'hold' ? MANY : 0), PATIENCE);
	}
	const job = await disturbed(await begin('delete', '-from:bystander.example', { undo_seconds: 0 }), KILLS - kills);
	assert.equal(job.counts.done + job.counts.unknown, MANY, JSON.stringify(job.counts));
	assert.deepEqual((await postfix.queue()).map((m) => m.queue_id), [spared], 'nothing is left of them, and nothing else was touched');
	const pages = [];
	for (let after; after !== null;) {
		const page = await postroom.get(`/jobs/${job.id}/items?limit=1000${after ? `&after=${after}` : ''}`);
		pages.push(page.items);
		after = page.next;
	}
	const items = pages.flat();
	assert.deepEqual(items.map((i) => i.id).sort(), all, 'an outcome for each');
	assert.ok(items.filter((i) => i.outcome === 'unknown').every((i) => i.detail?.length > 10));
	t.diagnostic(`${kills} kills; of the delete: ${JSON.stringify(job.counts)}`);
	await postroom.stop();
});

// Files made as cleanup makes them, an hour ahead so that the queue manager leaves them alone.
function put(postfix, id, sender, age, uid) {
	const dir = join(postfix.spool, 'deferred', id[0]);
	const arrival = Math.floor(Date.now() / 1000) - age;
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	chownSync(dir, uid, -1);
	const path = join(dir, id);
	writeFileSync(`${path}.new`, queueFile({ arrival, sender }), { mode: 0o700 });
	chownSync(`${path}.new`, uid, -1);
	utimesSync(`${path}.new`, Date.now() / 1000 + 10800, Date.now() / 1000 + 10800);
	// Takes the name of what was there in one step.
	renameSync(`${path}.new`, path);
}

const REUSED = size(200, 100000);

test(`${REUSED} short IDs are used again by other messages between view and action: none of those is deleted or re-queued`, LONG, async () => {
	const postfix = await Postfix.start({ main: { ...STILL, enable_long_queue_ids: 'no' } });
	const uid = Number(execFileSync('id', ['-u', 'postfix']));
	const ids = Array.from({ length: REUSED }, (_, i) => `${(0xa0000 + i).toString(16).toUpperCase()}${(0x3f000 + i).toString(16).toUpperCase()}`);
	for (const id of ids)
		put(postfix, id, 'meant@shop.example', 900, uid);
	const postroom = await started(postfix, REUSED);
	for (const [action, more] of [['delete', { undo_seconds: 0 }], ['requeue', {}], ['delete', { undo_seconds: 60 }]]) {
		const sender = `other-${action}-${more.undo_seconds ?? 0}@corp.example`;
		const { id: view } = await postroom.post('/views', { filter: 'queue:deferred' });
		// The plan is written; nobody can act on it yet.
		const goOn = postroom.hang('helper');
		let id;
		try {
			id = (await postroom.post('/jobs', { action, view, ...more })).id;
			await until('the plan', async () => (await jobOf(postroom, id)).counts.planned + (await jobOf(postroom, id)).counts.sent === REUSED, PATIENCE);
			for (const one of ids)
				put(postfix, one, sender, 300, uid);
		} finally {
			goOn();
		}
		const job = await ended(postroom, id);
		assert.equal(job.counts.changed, REUSED, `${action}: ${JSON.stringify(job.counts)}`);
		assert.deepEqual(postfix.ids('hold'), [], 'none is left on hold');
		const left = await postfix.queue();
		assert.deepEqual(left.map((m) => m.queue_id).sort(), [...ids].sort());
		assert.ok(left.every((m) => m.sender === sender), `all are those that came later (${action})`);
		await until('the page to know each of them once', async () => {
			const { counts } = await postroom.get('/queue');
			const page = await postroom.get(`/messages?limit=1&filter=${encodeURIComponent(`from:${sender}`)}`);
			return page.matched === REUSED && counts.deferred === REUSED && counts.hold === 0;
		}, PATIENCE);
	}
	await postroom.stop();
});

const SHARED = size(400, 20000);

test(`two jobs at once on the same ${SHARED} messages: each message is acted on once, and both say what is true`, LONG, async () => {
	const postfix = await generated(SHARED);
	const postroom = await started(postfix, SHARED);
	const both = async (first, second) => {
		const asked = await Promise.all([act(postroom, ...first), act(postroom, ...second)]);
		return Promise.all(asked.map((id) => ended(postroom, id)));
	};
	const holds = await both(['hold', ''], ['hold', '']);
	assert.ok(holds.every((job) => job.counts.done === SHARED), 'both wanted it held, and it is');
	assert.equal(postfix.ids('hold').length, SHARED);
	await until('the page to know it', async () => (await postroom.get('/queue')).counts.hold === SHARED, PATIENCE);
	const [requeued, removed] = await both(['requeue', 'queue:hold'], ['delete', 'queue:hold', { undo_seconds: 0 }]);
	// Who comes second finds it gone, or in maildrop, where a delete still reaches it.
	assert.ok(requeued.counts.done + removed.counts.done >= SHARED, JSON.stringify([requeued.counts, removed.counts]));
	assert.equal(requeued.counts.done + requeued.counts.gone + requeued.counts.changed + requeued.counts.refused, SHARED, JSON.stringify(requeued.counts));
	assert.equal(removed.counts.done + removed.counts.gone + removed.counts.changed + removed.counts.refused, SHARED, JSON.stringify(removed.counts));
	// Counted by their files: nothing is there twice, and nothing is gone that nobody deleted.
	const left = SHARED - removed.counts.done;
	const present = () => ['maildrop', 'incoming', 'active', 'deferred', 'hold'].reduce((sum, queue) => sum + postfix.ids(queue).length, 0);
	await until(`${left} messages to be left`, () => present() === left, PATIENCE);
	await postroom.stop();
});

const LARGE = size(12000, 1000000);

test(`a job of ${LARGE} messages keeps the server's memory within ${JOB_MEMORY >> 20} MB of what it was, and is undone like one of ten`, LONG, async (t) => {
	const postfix = await generated(LARGE);
	const postroom = await started(postfix, LARGE);
	const memory = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${postroom.pids('server')[0]}/status`, 'utf8'))[1]) * 1024;
	const before = memory();
	let most = before;
	const watched = async (id, states) => {
		let told = false;
		const job = await until(`job ${id}`, async () => {
			most = Math.max(most, memory());
			const now = await jobOf(postroom, id);
			told ||= now?.speed > 0 && now.seconds_left >= 0;
			return states.includes(now?.state) ? now : null;
		}, PATIENCE);
		return { job, told };
	};
	const { job, told } = await watched(await act(postroom, 'delete', '', { undo_seconds: 86400 }), ['grace']);
	assert.equal(job.counts.held, LARGE, JSON.stringify(job.counts));
	assert.ok(told || !FULL, 'its speed and the time that is left were told');
	assert.equal(postfix.ids('hold').length, LARGE);
	const first = await postroom.get(`/jobs/${job.id}/items?outcome=changed&limit=10`);
	assert.deepEqual([first.items, first.next], [[], null], 'a rare outcome is found, or not, over all of them');
	await postroom.post(`/jobs/${job.id}/undo`);
	const undone = await watched(job.id, ['undone']);
	assert.equal(undone.job.counts.undone, LARGE, JSON.stringify(undone.job.counts));
	assert.equal(postfix.ids('hold').length, 0);
	t.diagnostic(`server: ${before >> 20} MB before, ${most >> 20} MB at most`);
	assert.ok(most - before < JOB_MEMORY, `${before >> 20} MB before, ${most >> 20} MB at most`);
	await postroom.stop();
});
