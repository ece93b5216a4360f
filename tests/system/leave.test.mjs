// `postroom leave`, before Postroom is removed: what a delete holds is brought back or finished, also what was active when it was held,
// and nothing stays on hold that nobody comes back for.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, Sink } from '../harness/index.mjs';

const LONG = { timeout: 120000 };
const SLOW = { default_destination_concurrency_limit: '2', default_destination_concurrency_failed_cohort_limit: '1000' };

let sink;
let postfix;
let postroom;

before(async () => {
	sink = await Sink.start({ rcpt: () => '450 4.2.0 later' });
	postfix = await Postfix.start({ sink, main: { ...SLOW, enable_long_queue_ids: 'yes' } });
	postroom = await Postroom.start(postfix, { tcp: true });
}, LONG);
after(async () => {
	await postroom?.stop();
	await postfix?.stop();
});

const leave = (...options) => postroom.cli('leave', ...options);

// In its grace time, with the service stopped.
async function deleted(ids) {
	await Promise.all(ids.map((id) => postroom.untilMessage(id)));
	const { job } = await postroom.job({ action: 'delete', ids, undo_seconds: 3600 });
	assert.deepEqual([job.state, job.counts.held], ['grace', ids.length]);
	await postroom.stop();
	return job.id;
}

test('nothing is under way', LONG, async () => {
	assert.match((await leave('--bring-back')).stderr, /stop it first/);
	assert.match((await leave('--bring-back', '--set', 'http.socket=')).stderr, /stop it first/, 'one without a socket');
	await postroom.stop();
	assert.deepEqual(await leave(), { status: 0, stdout: '', stderr: '' });
	assert.equal((await leave('--bring-back')).status, 0);
	assert.equal((await leave('--bring')).status, 2);
	await postroom.up();
});

test('brought back: also mail that was active when it was held, none of it lost', LONG, async () => {
	const deferred = await postfix.injectDeferred({ to: ['a@full.example'] });
	sink.hooks.greeting = () => 'silent';
	const active = await postfix.injectMany(8, (i) => ({ to: [`b${i}@slow.example`] }));
	await postfix.untilIn('active', active);
	const id = await deleted([deferred, ...active]);
	const look = await leave();
	assert.deepEqual([look.status, look.stdout], [1, '1 delete: 9 messages on hold until its grace time is over\n']);
	const done = await leave('--bring-back');
	assert.equal(done.status, 0, done.stderr);
	assert.match(done.stdout, /All of it is brought back/);
	assert.deepEqual([deferred, ...active].filter((one) => [null, 'hold'].includes(postfix.where(one))), []);
	// Postfix gives them their turn, and none is removed unseen.
	sink.hooks.greeting = () => null;
	sink.hooks.rcpt = () => null;
	sink.hangUp();
	await postfix.command('postqueue', '-f');
	await postfix.untilIn(null, [deferred, ...active]);
	assert.equal(sink.messages.length, 9);
	await postroom.up();
	assert.equal((await postroom.get(`/jobs/${id}`)).state, 'undone');
});

test('finished: what it holds is removed, and nothing else', LONG, async () => {
	sink.hooks.rcpt = () => '450 4.2.0 later';
	const [gone, stays] = [await postfix.injectDeferred({ to: ['c@full.example'] }), await postfix.injectDeferred({ to: ['d@full.example'] })];
	const id = await deleted([gone]);
	const done = await leave('--finish');
	assert.equal(done.status, 0, done.stderr);
	assert.deepEqual([postfix.where(gone), postfix.where(stays)], [null, 'deferred']);
	await postroom.up();
	const { job } = await postroom.untilJob(id);
	assert.deepEqual([job.state, job.counts.done], ['done', 1]);
});
