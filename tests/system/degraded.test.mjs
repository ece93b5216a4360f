// When a part is missing, broken, stalled or killed: it is said with its fix, the rest goes on, and no
// message gets another outcome than the true one.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

let postfix;

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	await postfix.injectDeferred();
});
after(() => postfix.remove());

const warned = (postroom, code) => until(`the warning ${code}`, async () => (await postroom.get('/queue')).warnings.find((w) => w.code === code));
const calm = (postroom, code) => until(`no warning ${code} any more`, async () => !(await postroom.get('/queue')).warnings.some((w) => w.code === code));

test('Postfix stopped is said, and taken back when it runs again', async () => {
	const postroom = await Postroom.start(postfix);
	assert.equal((await postroom.get('/queue')).postfix.running, true);
	await postfix.stop();
	const stopped = await until('Postfix to be seen as stopped', async () => {
		const queue = await postroom.get('/queue');
		return queue.postfix.running === false ? queue : null;
	});
	assert.equal(stopped.messages, 1);
	assert.ok(stopped.warnings.some((w) => w.fix && /postfix/.test(w.fix)), JSON.stringify(stopped.warnings));
	await postfix.up();
	await until('Postfix to be seen as running', async () => (await postroom.get('/queue')).postfix.running === true);
	await postroom.stop();
});

test('a damaged database is kept, a new one is used, and the queue is there all the while', async () => {
	const postroom = new Postroom(postfix, { 'http.listen': '' });
	writeFileSync(postroom.keys['store.path'], 'this is no database, and long enough to be looked at'.repeat(100), { mode: 0o666 });
	await postroom.up();
	await postroom.untilCurrent();
	const warning = await warned(postroom, 'store_fresh');
	assert.match(warning.text, /postroom\.db/);
	const { token } = await postroom.post('/tokens', { name: 'script', role: 'viewer' });
	assert.match(token, /^postroom_/);
	await postroom.stop();
});

test('without a database the queue is shown, and nothing is done that could not be written down', async () => {
	const postroom = new Postroom(postfix, { 'http.listen': '' });
	mkdirSync(postroom.keys['store.path']);
	await postroom.up();
	await postroom.untilCurrent();
	await warned(postroom, 'store_closed');
	const { messages } = await postroom.get('/messages');
	assert.equal(messages.length, 1);
	const job = await postroom.api('POST', '/jobs', { action: 'delete', ids: [messages[0].id], undo_seconds: 0 });
	assert.equal(job.status, 503);
	assert.equal(job.body.code, 'store_unavailable');
	assert.equal(postfix.where(messages[0].id), 'deferred');
	assert.equal((await postroom.api('POST', '/tokens', { name: 'script', role: 'viewer' })).body.code, 'store_unavailable');
	await postroom.stop();
	rmSync(postroom.keys['store.path'], { recursive: true });
});

test('a helper that stalls keeps nobody else waiting, and a new one takes over', async () => {
	const postroom = await Postroom.start(postfix);
	const [helper] = postroom.pids('helper');
	const [{ id }] = (await postroom.get('/messages')).messages;
	const goOn = postroom.hang('helper');
	const began = Date.now();
	await postroom.get('/queue');
	await postroom.get(`/messages/${id}`);
	assert.ok(Date.now() - began < 20000);
	process.kill(helper, 'SIGKILL');
	goOn();
	await until('another helper', () => postroom.pids('helper').some((pid) => pid !== helper));
	await until('messages to be readable again', async () => (await postroom.api('GET', `/messages/${id}/content`)).status === 200);
	await calm(postroom, 'helper_unavailable');
	await postroom.stop();
});

test('after a restart the last known queue is there at once', async () => {
	const postroom = await Postroom.start(postfix);
	const { messages } = await postroom.get('/queue');
	await postroom.stop();
	await postroom.up();
	const first = await postroom.get('/queue');
	assert.equal(first.messages, messages);
	assert.ok(['saved', 'loading', 'current'].includes(first.source.state), first.source.state);
	await postroom.stop();
});

for (const role of ['server', 'helper', 'reader'])
	test(`the ${role} killed in the middle of a job: it is finished, each message with its outcome`, async () => {
		const postroom = await Postroom.start(postfix);
		const ids = await postfix.injectMany(2500);
		await postfix.untilIn('deferred', ids);
		await until('all to be seen', async () => (await postroom.get('/queue')).messages >= 2501);
		const { id } = await postroom.post('/jobs', { action: 'delete', ids, undo_seconds: 0 });
		await until('the job to be under way', () => ids.some((one) => postfix.where(one) !== 'deferred') || null);
		const [pid] = postroom.pids(role);
		process.kill(pid, 'SIGKILL');
		await until(`another ${role}`, () => postroom.pids(role).some((other) => other !== pid), { timeout: 30000 });
		const job = await until('the job to end', async () => {
			const { status, body } = await postroom.api('GET', `/jobs/${id}`).catch(() => ({}));
			return status === 200 && body.state === 'done' ? body : null;
		}, { timeout: 60000 });
		assert.equal(job.total, ids.length);
		assert.equal(job.counts.done + job.counts.gone + job.counts.unknown, ids.length, JSON.stringify(job.counts));
		assert.ok(job.counts.done > 0);
		const left = new Set((await postfix.queue()).map((m) => m.queue_id));
		assert.deepEqual(ids.filter((one) => left.has(one)), []);
		await postroom.stop();
	});
