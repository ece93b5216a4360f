// Jobs that something happens to: processes killed in the middle, restarts, a full store, a message
// that somebody else takes. What counts is the mail afterwards, and that nothing false was said of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

const LONG = { timeout: 120000 };
// Enough for several batches of 1,000, so that a job has a middle.
const MANY = 3500;

async function filled({ long = 'no', count = MANY } = {}) {
	const sink = await Sink.start({ rcpt: () => '450 4.2.0 Try again later' });
	const postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: long, defer_transports: 'smtp' } });
	const ids = await postfix.injectMany(count, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@mail.example`] }), { connections: 8 });
	await postfix.untilIn('deferred', ids);
	const postroom = await Postroom.start(postfix);
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === count, { timeout: 30000 });
	return { sink, postfix, ids, postroom };
}

async function viewOf(postroom, filter = '') {
	return (await postroom.post('/views', { filter })).id;
}

async function ended(postroom, id, state = 'done') {
	return until(`job ${id} to be ${state}`, async () => {
		const job = await postroom.get(`/jobs/${id}`).catch(() => null);
		return job?.state === state ? job : null;
	}, { timeout: 60000 });
}

const killOne = (postroom, role) => postroom.pids(role).forEach((pid) => process.kill(pid, 'SIGKILL'));

for (const role of ['server', 'helper', 'reader'])
	test(`the ${role} is killed in the middle of a delete: every message is deleted once, and the outcome is true`, LONG, async () => {
		const { postfix, postroom } = await filled();
		const spared = await postfix.injectMany(1, () => ({ from: 'spared@shop.example', to: ['x@mail.example'] }));
		await postfix.untilIn('deferred', spared);
		await until('it to be seen', async () => (await postroom.get('/queue')).counts.deferred === MANY + 1);
		const view = await viewOf(postroom, '-from:spared');
		const { id } = await postroom.post('/jobs', { action: 'delete', view, undo_seconds: 0 });
		await until('a first batch', async () => (await postroom.get(`/jobs/${id}`)).counts.done > 0);
		killOne(postroom, role);
		const job = await ended(postroom, id);
		assert.deepEqual((await postfix.queue()).map((m) => m.queue_id), spared, 'nothing else was touched');
		assert.equal(job.counts.done + job.counts.gone + job.counts.unknown, MANY, JSON.stringify(job.counts));
		assert.ok(job.counts.unknown + job.counts.gone <= 1000, `only what was under way may be unknown: ${JSON.stringify(job.counts)}`);
		assert.equal(job.counts.planned + job.counts.sent + job.counts.held + job.counts.refused + job.counts.changed, 0);
	});

test('the whole service is killed in the middle of a hold; after the next start everything is held', LONG, async () => {
	const { postfix, ids, postroom } = await filled({ long: 'yes' });
	const { id } = await postroom.post('/jobs', { action: 'hold', view: await viewOf(postroom) });
	await until('a first batch', async () => (await postroom.get(`/jobs/${id}`)).counts.done > 0);
	postroom.child.kill('SIGKILL');
	await until('all its processes to be gone', () => !postroom.child);
	await postroom.up();
	const job = await ended(postroom, id);
	assert.equal(job.counts.done, MANY, JSON.stringify(job.counts));
	assert.equal(postfix.ids('hold').length, ids.length);
});

test('a grace time outlives the service: nothing is lost, and undo works afterwards', LONG, async () => {
	const { postfix, ids, postroom } = await filled({ count: 5 });
	const { id } = await postroom.post('/jobs', { action: 'delete', ids, undo_seconds: 3600 });
	await ended(postroom, id, 'grace');
	await postroom.stop();
	assert.equal(postfix.ids('hold').length, 5);
	await postroom.up();
	assert.equal((await postroom.get(`/jobs/${id}`)).state, 'grace');
	await postroom.post(`/jobs/${id}/undo`);
	const job = await ended(postroom, id, 'undone');
	assert.equal(job.counts.undone, 5);
	assert.deepEqual(postfix.ids('deferred').sort(), [...ids].sort());
});

test('somebody else releases and deletes during the grace time: that counts, and is said', LONG, async () => {
	const { postfix, ids, postroom } = await filled({ count: 3 });
	const { id } = await postroom.post('/jobs', { action: 'delete', ids, undo_seconds: 3 });
	await ended(postroom, id, 'grace');
	await postfix.feed('postsuper', ['-H', '-'], `${ids[0]}\n`);
	await postfix.feed('postsuper', ['-d', '-'], `${ids[1]}\n`);
	await ended(postroom, id);
	const { items } = await postroom.get(`/jobs/${id}/items`);
	assert.deepEqual(Object.fromEntries(items.map((i) => [i.id, i.outcome])), { [ids[0]]: 'changed', [ids[1]]: 'gone', [ids[2]]: 'done' });
	assert.deepEqual((await postfix.queue()).map((m) => m.queue_id), [ids[0]]);
});

test('a retried message is followed in the log: what became of it stands beside its outcome', LONG, async () => {
	const sink = await Sink.start({ rcpt: () => '450 4.2.0 Try again later' });
	const postfix = await Postfix.start({ sink });
	const ids = await postfix.injectMany(2, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@mail.example`] }));
	await postfix.untilIn('deferred', ids);
	const postroom = await Postroom.start(postfix);
	await until('both to be seen', async () => (await postroom.get('/queue')).counts.deferred === 2);
	sink.hooks.rcpt = (to) => (/^<?u0@/.test(to) ? null : '450 4.7.1 Greylisted, come back later');
	const { job } = await postroom.job({ action: 'retry', ids });
	const items = await until('what the log says', async () => {
		const page = await postroom.get(`/jobs/${job.id}/items`);
		const all = Object.fromEntries(page.items.map((i) => [i.id, i]));
		return all[ids[0]].result && all[ids[1]].result ? all : null;
	});
	assert.equal(items[ids[0]].result, 'delivered');
	assert.match(items[ids[0]].reply, /^u0@mail\.example: 250 /);
	assert.equal(items[ids[1]].result, 'deferred');
	assert.match(items[ids[1]].reply, /^u1@mail\.example: .*Greylisted/);
	assert.deepEqual((await postroom.get(`/jobs/${job.id}`)).results, { delivered: 1, deferred: 1, bounced: 0, unknown: 0 });
	const told = async (query) => (await postroom.get(`/jobs/${job.id}/items?${query}`)).items.map((i) => i.id);
	assert.deepEqual(await told('result=delivered'), [ids[0]]);
	assert.deepEqual(await told('result=deferred&outcome=done&limit=1'), [ids[1]]);
	assert.deepEqual(await told('result=deferred&outcome=gone'), []);
	assert.deepEqual(await told('result=unknown'), []);
	assert.equal((await postroom.api('GET', `/jobs/${job.id}/items?result=done`)).body.code, 'invalid_value');
	const { stdout } = await postroom.cli('jobs', String(job.id), '--result', 'deferred');
	assert.match(stdout, new RegExp(`${ids[1]} +done +deferred`));
	assert.ok(!stdout.includes(ids[0]), stdout);
});

test('a paced retry stops at a destination that refuses as before, and goes on with the others', LONG, async () => {
	const sink = await Sink.start({ rcpt: () => '450 4.7.0 Try again later' });
	const postfix = await Postfix.start({ sink, main: { default_destination_concurrency_failed_cohort_limit: '0' } });
	const refused = await postfix.injectMany(6, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@Refusing.example`] }));
	const taken = await postfix.injectMany(6, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@taking.example`] }));
	await postfix.untilIn('deferred', refused, taken);
	const postroom = await Postroom.start(postfix);
	await until('all to be seen with their reasons', async () => {
		const { messages } = await postroom.get('/messages?filter=queue:deferred');
		return messages.length === 12 && messages.every((m) => /Try again later/.test(m.recipients[0].reason));
	});
	sink.hooks.rcpt = (to) => (/taking/.test(to) ? null : '450 4.7.0 Try again later');
	const { id } = await postroom.post('/jobs', { action: 'retry', ids: [...refused, ...taken], rate: 60 });
	const job = await ended(postroom, id);
	assert.deepEqual([job.counts.done, job.counts.stopped], [9, 3], JSON.stringify(job.counts));
	assert.equal(job.stopped_destinations.length, 1);
	assert.equal(job.stopped_destinations[0].destination, 'refusing.example');
	assert.equal(job.stopped_destinations[0].untried, 3);
	assert.match(job.stopped_destinations[0].reply, /Try again later/);
	await until('the results', async () => {
		const { results } = await postroom.get(`/jobs/${id}`);
		return results.delivered === 6 && results.deferred === 3;
	});
	const { items } = await postroom.get(`/jobs/${id}/items?outcome=stopped`);
	assert.ok(items.length === 3 && items.every((i) => refused.includes(i.id) && /same refusal again/.test(i.detail)), JSON.stringify(items));
	const { stdout } = await postroom.cli('jobs', String(id));
	assert.match(stdout, /refusing\.example gave the same refusal again, 3 left untried/);
	assert.match(stdout, /6 delivered, 3 deferred again/);
});

test('a paced retry does not stop for what is one recipient’s: full mailboxes hide no others', LONG, async () => {
	const sink = await Sink.start({ rcpt: () => '452 4.2.2 Mailbox full' });
	const postfix = await Postfix.start({ sink, main: { default_destination_concurrency_failed_cohort_limit: '0' } });
	const ids = await postfix.injectMany(8, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	const postroom = await Postroom.start(postfix);
	await until('all to be seen with their reasons', async () => {
		const { messages } = await postroom.get('/messages?filter=queue:deferred');
		return messages.length === ids.length && messages.every((m) => /Mailbox full/.test(m.recipients[0].reason));
	});
	sink.hooks.rcpt = (to) => (/u[67]@/.test(to) ? null : '452 4.2.2 Mailbox full');
	const { id } = await postroom.post('/jobs', { action: 'retry', ids, rate: 600 });
	const job = await ended(postroom, id);
	assert.deepEqual([job.counts.done, job.counts.stopped, job.stopped_destinations], [8, 0, []]);
	await until('the results', async () => (await postroom.get(`/jobs/${id}`)).results.delivered === 2);
	await postroom.stop();
});

test('a store without room: no action is taken, and it is said why', LONG, async (t) => {
	const postfix = await Postfix.start({ main: { defer_transports: 'smtp' } });
	const ids = await postfix.injectMany(50, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@mail.example`] }));
	await postfix.untilIn('deferred', ids);
	const small = mkdtempSync(join(tmpdir(), 'postroom-small-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0777', 'tmpfs', small], { stdio: 'ignore' });
	} catch {
		rmdirSync(small);
		t.skip('no right to mount');
		return;
	}
	t.after(async () => {
		await postroom?.stop();
		execFileSync('umount', ['-l', small]);
		rmdirSync(small);
	});
	const postroom = await Postroom.start(postfix, { set: { 'store.path': join(small, 'postroom.db') } });
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === 50);
	execFileSync('sh', ['-c', `dd if=/dev/zero of=${small}/filler bs=4096 2>/dev/null; true`]);
	let refused;
	for (let i = 0; i < 40 && !refused; i++) {
		const reply = await postroom.api('POST', '/jobs', { action: 'hold', ids, note: 'n'.repeat(900) });
		if (reply.status !== 201)
			refused = reply;
		else
			await postroom.untilJob(reply.body.id).catch(() => {});
	}
	assert.equal(refused?.status, 503, JSON.stringify(refused?.body));
	assert.equal(refused.body.code, 'store_unavailable');
	assert.match(refused.body.detail, /space/);
	await until('the page to say so', async () => (await postroom.get('/queue')).warnings.some((w) => /^store_/.test(w.code)));
	execFileSync('rm', [join(small, 'filler')]);
	const again = await postroom.job({ action: 'hold', ids });
	assert.equal(again.job.state, 'done');
	assert.equal(postfix.ids('hold').length, 50);
});
