// Mail that was being delivered when it was put on hold comes back without loss: Postfix destroys a message that its queue manager
// still knows (docs/POSTFIX.md). 50 messages wait in active for a next hop that accepts connections and says nothing; each way back
// from hold is gone, then the next hop answers, and every message must arrive once.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

const COUNT = 50;
const LONG = { timeout: 120000 };
const SLOW = {
	default_destination_concurrency_limit: '2', default_destination_concurrency_failed_cohort_limit: '1000', queue_run_delay: '3s',
	minimal_backoff_time: '3s', maximal_backoff_time: '3s',
};

let batch = 0;

// 50 in active; the next hop says nothing.
async function stuck(postfix, postroom, sink, count = COUNT) {
	const name = `b${++batch}`;
	sink.hooks.greeting = () => 'silent';
	const ids = await postfix.injectMany(count, (i) => ({ to: [`${name}-${i}@slow.example`] }));
	await postfix.untilIn('active', ids);
	await until('all to be seen in active', async () => (await postroom.messages(`queue:active to:${name}`)).length === count);
	return { ids, addresses: Array.from({ length: count }, (_, i) => `${name}-${i}@slow.example`) };
}

const reloads = (postfix) => postfix.logText().split('\n').filter((line) => /master\[\d+\]: reload -- /.test(line)).length;

// The next hop answers, and every message reaches it, once.
async function arrive(postfix, sink, { ids, addresses }) {
	sink.hooks.greeting = () => null;
	sink.hangUp();
	const times = (address) => sink.messages.filter((message) => message.to.includes(address)).length;
	await until('every message to arrive', async () => {
		await postfix.command('postqueue', '-f');
		return addresses.every((address) => times(address) > 0) || ids.every((id) => postfix.where(id) === null);
	}, { timeout: 60000 });
	assert.deepEqual(addresses.filter((address) => times(address) !== 1), [], 'lost, or delivered twice');
	await postfix.untilIn(null, ids);
	const sent = new Set([...postfix.logText().matchAll(/ ([0-9A-Za-z]+): to=<[^>]*>,.* status=sent/g)].map((match) => match[1]));
	assert.deepEqual(ids.filter((id) => !sent.has(id)), [], 'the log tells its end');
}

for (const [name, main] of [['short IDs', {}], ['long IDs', { enable_long_queue_ids: 'yes' }]]) {
	describe(name, () => {
		let sink;
		let postfix;
		let postroom;
		before(async () => {
			sink = await Sink.start();
			postfix = await Postfix.start({ sink, main: { ...SLOW, ...main } });
			postroom = await Postroom.start(postfix);
		}, LONG);
		after(async () => {
			await postroom?.stop();
			await postfix?.stop();
		});

		test('held, then released: one reload, nothing lost', LONG, async () => {
			const mail = await stuck(postfix, postroom, sink);
			await postroom.job({ action: 'hold', ids: mail.ids });
			await postfix.untilIn('hold', mail.ids);
			const earlier = reloads(postfix);
			const { job } = await postroom.job({ action: 'release', ids: mail.ids });
			assert.equal(job.counts.done, COUNT);
			assert.equal(reloads(postfix), earlier + 1);
			assert.equal(job.reloads, 1);
			await arrive(postfix, sink, mail);
		});

		test('the preview says what it takes; with no_reload they stay on hold until Postfix was reloaded', LONG, async () => {
			const mail = await stuck(postfix, postroom, sink);
			await postroom.job({ action: 'hold', ids: mail.ids });
			await until('all to be seen on hold', async () => (await postroom.messages('queue:hold')).length === COUNT);
			const preview = await postroom.post('/previews', { action: 'release', ids: mail.ids });
			const warning = preview.warnings.find(({ code }) => code === 'release_reload');
			assert.equal(warning.count, COUNT);
			assert.match(warning.text, /^50 have perhaps been put on hold while being delivered\..* reloaded once \(about 1 s /);
			assert.deepEqual(preview.commands, ['postfix reload', 'postsuper -H -']);
			const earlier = reloads(postfix);
			const { id } = await postroom.post('/jobs', { action: 'release', ids: mail.ids, no_reload: true });
			const job = await until('it to say why they stay', async () => {
				const now = await postroom.get(`/jobs/${id}`);
				return now.problem ? now : null;
			});
			assert.match(job.problem, /stays on hold for now/);
			assert.equal(job.state, 'running');
			assert.deepEqual(postfix.ids('hold').sort(), [...mail.ids].sort());
			assert.equal(reloads(postfix), earlier);
			await postfix.reload();
			const ended = await postroom.untilJob(id);
			assert.deepEqual([ended.job.counts.done, ended.job.reloads, ended.job.problem], [COUNT, 0, null]);
			await arrive(postfix, sink, mail);
		});

		// Of the messages that were waiting only the delivery agents say something; the queue manager drops them in silence.
		test('held, then found to be gone: the timeline says so, and they come back all the same', LONG, async () => {
			const mail = await stuck(postfix, postroom, sink);
			await postroom.job({ action: 'hold', ids: mail.ids });
			sink.hooks.greeting = () => null;
			sink.hangUp();
			const missed = () => mail.ids.filter((id) => postfix.logText().includes(`open active ${id}: No such file`));
			await until('an agent to find no file', () => missed().length > 0);
			const [id] = missed();
			const events = await until('the event', async () => {
				const { events: all } = await postroom.get(`/messages/${id}`);
				return all.some((event) => /^open active /.test(event.text)) && all;
			});
			assert.deepEqual(events.filter((event) => event.queue_id !== id), []);
			await postroom.job({ action: 'release', ids: mail.ids });
			await arrive(postfix, sink, mail);
		});

		test('held, then the hold undone', LONG, async () => {
			const mail = await stuck(postfix, postroom, sink);
			const { job: hold } = await postroom.job({ action: 'hold', ids: mail.ids });
			const { job } = await postroom.job({ action: 'release', undoes: hold.id });
			assert.equal(job.counts.done, COUNT);
			await arrive(postfix, sink, mail);
		});

		test('deleted, and undone in the grace time', LONG, async () => {
			const mail = await stuck(postfix, postroom, sink);
			const { job } = await postroom.job({ action: 'delete', ids: mail.ids, undo_seconds: 600 });
			await postfix.untilIn('hold', mail.ids);
			await postroom.post(`/jobs/${job.id}/undo`);
			const undone = await postroom.untilJob(job.id, ['undone']);
			assert.equal(undone.job.counts.undone, COUNT);
			await arrive(postfix, sink, mail);
		});

		test('deleted with a grace time, and cancelled or undone while it runs', LONG, async () => {
			const mail = await stuck(postfix, postroom, sink);
			const { id } = await postroom.post('/jobs', { action: 'delete', ids: mail.ids, undo_seconds: 600 });
			await postroom.api('POST', `/jobs/${id}/cancel`);
			await until('an undo, where the cancel came too late', async () => {
				const { state } = await postroom.get(`/jobs/${id}`);
				if (state === 'grace')
					await postroom.api('POST', `/jobs/${id}/undo`);
				return ['cancelled', 'undone'].includes(state);
			}, { timeout: 60000 });
			await arrive(postfix, sink, mail);
		});

		test('put on hold by somebody else, then released here', LONG, async () => {
			const mail = await stuck(postfix, postroom, sink);
			await postfix.feed('postsuper', ['-h', '-'], `${mail.ids.join('\n')}\n`);
			await postfix.untilIn('hold', mail.ids);
			const { job } = await postroom.job({ action: 'release', ids: mail.ids });
			assert.equal(job.counts.done, COUNT);
			await arrive(postfix, sink, mail);
		});

		test('held before the service was started anew, released after it', LONG, async () => {
			const mail = await stuck(postfix, postroom, sink);
			const { job } = await postroom.job({ action: 'delete', ids: mail.ids, undo_seconds: 600 });
			await postroom.stop();
			await postroom.up();
			await postroom.untilCurrent();
			// Until the unfinished jobs are read an undo is refused, and says so.
			await until('the undo', async () => {
				const { status, body } = await postroom.api('POST', `/jobs/${job.id}/undo`);
				assert.ok(status === 200 || body.code === 'store_unavailable', JSON.stringify(body));
				return status === 200;
			});
			await postroom.untilJob(job.id, ['undone']);
			await arrive(postfix, sink, mail);
		});
	});
}

test('the queue manager has its old name', LONG, async () => {
	const sink = await Sink.start();
	const postfix = await Postfix.start({ sink, main: SLOW });
	const services = join(postfix.config, 'master.cf');
	writeFileSync(services, readFileSync(services, 'utf8').replace(/^(qmgr .*) qmgr$/m, '$1 nqmgr'));
	assert.match(readFileSync(services, 'utf8'), / nqmgr$/m);
	await postfix.reload();
	const postroom = await Postroom.start(postfix);
	const mail = await stuck(postfix, postroom, sink, 10);
	await postroom.job({ action: 'hold', ids: mail.ids });
	const earlier = reloads(postfix);
	assert.equal((await postroom.job({ action: 'release', ids: mail.ids })).job.counts.done, 10);
	assert.equal(reloads(postfix), earlier + 1);
	await arrive(postfix, sink, mail);
	await postroom.stop();
	await postfix.stop();
});

describe('no reload where none is needed', () => {
	let postfix;
	let postroom;
	before(async () => {
		postfix = await Postfix.start({ main: SLOW });
		postroom = await Postroom.start(postfix);
	}, LONG);
	after(async () => {
		await postroom?.stop();
		await postfix?.stop();
	});

	test('put on hold here, while it waited in deferred', LONG, async () => {
		await postfix.set({ queue_run_delay: '3600s', minimal_backoff_time: '3600s', maximal_backoff_time: '3600s' });
		const ids = await postfix.injectMany(3);
		/* Of another second: each is looked at by itself. */
		await new Promise((done) => setTimeout(done, 1100));
		ids.push(...await postfix.injectMany(2));
		await postfix.untilIn('deferred', ids);
		await until('all to be seen', async () => (await postroom.messages('queue:deferred')).length === 5);
		const earlier = reloads(postfix);
		const { job } = await postroom.job({ action: 'delete', ids, undo_seconds: 600 });
		await postroom.stop();
		await postroom.up();
		await postroom.untilCurrent();
		await until('the undo', async () => (await postroom.api('POST', `/jobs/${job.id}/undo`)).status === 200);
		assert.equal((await postroom.untilJob(job.id, ['undone'])).job.counts.undone, 5);
		const { job: hold } = await postroom.job({ action: 'hold', ids });
		assert.equal((await postroom.job({ action: 'release', undoes: hold.id })).job.counts.done, 5);
		await postroom.job({ action: 'hold', ids });
		await until('all to be seen on hold', async () => (await postroom.messages('queue:hold')).length === 5);
		const view = await postroom.post('/views', { filter: 'queue:hold' });
		const preview = await postroom.post('/previews', { action: 'release', view: view.id });
		assert.ok(!preview.warnings.some(({ code }) => code === 'release_reload'), JSON.stringify(preview.warnings));
		assert.equal((await postroom.job({ action: 'release', ids })).job.counts.done, 5);
		assert.equal(reloads(postfix), earlier);
		assert.deepEqual(postfix.ids('deferred').sort(), [...ids].sort());
	});

	test('held for longer than the queue manager runs, and while Postfix is stopped', LONG, async () => {
		const ids = postfix.ids('deferred');
		await postfix.feed('postsuper', ['-h', '-'], `${ids.join('\n')}\n`);
		await postfix.untilIn('hold', ids);
		await postfix.stop();
		await postfix.up();
		const earlier = reloads(postfix);
		await until('all to be seen on hold', async () => (await postroom.messages('queue:hold')).length === 5);
		assert.equal((await postroom.job({ action: 'release', ids: ids.slice(0, 2) })).job.counts.done, 2);
		await postfix.feed('postsuper', ['-h', '-'], `${ids.join('\n')}\n`);
		await postfix.stop();
		assert.equal((await postroom.job({ action: 'release', ids })).job.counts.done, 5);
		await postfix.up();
		assert.equal(reloads(postfix), earlier);
	});

	test('put on hold at its receipt by a rule, of which the log tells', LONG, async () => {
		await postfix.set({ smtpd_recipient_restrictions: 'check_recipient_access static:HOLD' });
		const ids = await postfix.injectMany(3);
		await postfix.untilIn('hold', ids);
		await postfix.set({ smtpd_recipient_restrictions: '' });
		await until('all to be seen on hold', async () => (await postroom.messages('queue:hold')).length >= 3);
		const earlier = reloads(postfix);
		// The log is trusted once it had time to tell.
		await until('the hold to be some seconds ago', () => Date.now() - postfix.changed('hold', ids.at(-1)) > 6000);
		const preview = await postroom.post('/previews', { action: 'release', ids });
		assert.ok(!preview.warnings.some(({ code }) => code === 'release_reload'), JSON.stringify(preview.warnings));
		const { job } = await postroom.job({ action: 'release', ids });
		assert.deepEqual([job.counts.done, job.reloads, reloads(postfix)], [3, 0, earlier]);
	});
});
