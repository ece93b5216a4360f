// Every action on a real queue: what happened to the mail, not what was answered (rows 5 to 11, 21).
import assert from 'node:assert/strict';
import test from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

// A sink that refuses until `open` is set.
async function refusing() {
	const sink = await Sink.start({ rcpt: () => '450 4.2.0 Try again later' });
	return { sink, open: () => { sink.hooks.rcpt = () => null; } };
}

async function setup({ long = 'yes', count = 1, set = {} } = {}) {
	const { sink, open } = await refusing();
	const postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: long } });
	const ids = await postfix.injectMany(count, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@mail.example`] }));
	await postfix.untilIn('deferred', ids);
	const postroom = await Postroom.start(postfix, { set });
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === count);
	return { sink, open, postfix, ids, postroom };
}

const outcomes = (items) => Object.fromEntries(items.map((i) => [i.id, i.outcome]));
const all = (ids, outcome) => Object.fromEntries(ids.map((id) => [id, outcome]));

for (const source of ['spool', 'listing'])
	for (const long of ['yes', 'no']) {
		const name = `${source}, ${long === 'yes' ? 'long' : 'short'} IDs`;
		const set = { 'postfix.source': source };

		test(`retry delivers now (${name})`, async () => {
			const { sink, open, postfix, ids, postroom } = await setup({ long, count: 3, set });
			open();
			const { job, items } = await postroom.job({ action: 'retry', ids: ids.slice(0, 2) });
			assert.equal(job.state, 'done');
			assert.deepEqual(outcomes(items), all(ids.slice(0, 2), 'done'));
			await postfix.untilIn(null, ids.slice(0, 2));
			assert.equal(sink.messages.length, 2);
			assert.equal(postfix.where(ids[2]), 'deferred');
		});

		test(`hold and release (${name})`, async () => {
			const { postfix, ids, postroom } = await setup({ long, count: 3, set });
			const held = await postroom.job({ action: 'hold', ids });
			assert.deepEqual(outcomes(held.items), all(ids, 'done'));
			assert.deepEqual(postfix.ids('hold').sort(), [...ids].sort());
			const released = await postroom.job({ action: 'release', ids: ids.slice(0, 2) });
			assert.deepEqual(outcomes(released.items), all(ids.slice(0, 2), 'done'));
			assert.deepEqual(postfix.ids('hold'), [ids[2]]);
		});

		test(`a hold and a release are taken back: what that job changed, and nothing else (${name})`, async () => {
			const { postfix, ids, postroom } = await setup({ long, count: 4, set });
			const [before, gone, other, left] = ids;
			await postroom.job({ action: 'hold', ids: [before] });
			const { job } = await postroom.job({ action: 'hold', ids: [before, gone, other] });
			assert.equal(job.counts.done, 3);
			assert.equal(job.undoes, null);
			for (const wrong of ['hold', 'delete']) {
				const refused = await postroom.api('POST', '/jobs', { action: wrong, undoes: job.id });
				assert.deepEqual([refused.status, refused.body.code], [409, 'not_undoable'], wrong);
			}
			await postfix.feed('postsuper', ['-d', '-'], `${gone}\n`);
			await until('it to be seen gone', async () => (await postroom.api('GET', `/messages/${gone}`)).status === 404);
			const preview = await postroom.post('/previews', { action: 'release', undoes: job.id });
			assert.deepEqual([preview.matched, preview.not_found, preview.sample.map((m) => m.id)], [1, [gone], [other]]);
			const back = await postroom.job({ action: 'release', undoes: job.id, seen: preview.seen });
			assert.deepEqual(outcomes(back.items), { [other]: 'done' });
			assert.deepEqual([back.job.undoes, back.job.filter], [job.id, null]);
			assert.deepEqual([before, other, left].map((id) => postfix.where(id)), ['hold', 'deferred', 'deferred']);
			const again = await postroom.job({ action: 'hold', undoes: back.job.id });
			assert.deepEqual(outcomes(again.items), { [other]: 'done' });
			assert.equal(postfix.where(other), 'hold');
		});

		test(`delete at once, and nothing else (${name})`, async () => {
			const { sink, postfix, ids, postroom } = await setup({ long, count: 4, set });
			const { job, items } = await postroom.job({ action: 'delete', ids: ids.slice(0, 3), undo_seconds: 0 });
			assert.equal(job.counts.done, 3);
			assert.deepEqual(outcomes(items), all(ids.slice(0, 3), 'done'));
			assert.deepEqual((await postfix.queue()).map((m) => m.queue_id), [ids[3]]);
			assert.equal(sink.messages.length, 0);
		});

		test(`delete with a grace time, undone (${name})`, async () => {
			const { postfix, ids, postroom } = await setup({ long, count: 3, set });
			await postfix.feed('postsuper', ['-h', '-'], `${ids[0]}\n`);
			await postroom.untilMessage(ids[0], (m) => m.queue === 'hold');
			const { job } = await postroom.job({ action: 'delete', ids, undo_seconds: 600 });
			assert.equal(job.state, 'grace');
			assert.ok(Date.parse(job.undo_until) > Date.now());
			assert.deepEqual(postfix.ids('hold').sort(), [...ids].sort());
			await postroom.post(`/jobs/${job.id}/undo`);
			const undone = await postroom.untilJob(job.id, ['undone']);
			assert.equal(undone.job.state, 'undone');
			assert.deepEqual(postfix.ids('hold'), [ids[0]], 'what was held before stays held');
			assert.deepEqual(postfix.ids('deferred').sort(), ids.slice(1).sort());
		});

		test(`re-queue, followed to the new ID (${name})`, async () => {
			const { postfix, ids, postroom } = await setup({ long, count: 2, set });
			const { job, items } = await postroom.job({ action: 'requeue', ids: [ids[0]] });
			assert.equal(job.counts.done, 1, JSON.stringify(items));
			await postfix.command('postqueue', '-f'); // pickup would wake up within a minute
			await postfix.untilIn(null, ids[0]);
			const found = await until('the new ID', async () => {
				const [item] = (await postroom.get(`/jobs/${job.id}/items`)).items;
				return item.new_id;
			});
			assert.ok((await postfix.queue()).some((m) => m.queue_id === found && m.sender === 's0@shop.example'));
			assert.equal(postfix.where(ids[1]) !== null, true);
		});
	}

test('delete with a grace time removes when it is over', async () => {
	const { postfix, ids, postroom } = await setup({ count: 2 });
	const { job } = await postroom.job({ action: 'delete', ids: [ids[0]], undo_seconds: 1 });
	await postfix.untilIn(null, ids[0]);
	const { items } = await postroom.untilJob(job.id, ['done']);
	assert.deepEqual(outcomes(items), all([ids[0]], 'done'));
	const late = await postroom.api('POST', `/jobs/${job.id}/undo`, {});
	assert.equal(late.status, 409);
	assert.equal(postfix.where(ids[1]), 'deferred');
});

test('bounce tells the sender, now, also for a held message', async () => {
	const { sink, postfix, ids, postroom } = await setup({ count: 2 });
	await postfix.feed('postsuper', ['-h', '-'], `${ids[1]}\n`);
	await postroom.untilMessage(ids[1], (m) => m.queue === 'hold');
	sink.hooks.rcpt = (to) => (/@mail\.example$/.test(to) ? '450 4.2.0 Try again later' : null);
	const { items } = await postroom.job({ action: 'bounce', ids });
	assert.deepEqual(outcomes(items), all(ids, 'done'));
	await until('both bounces', () => sink.messages.filter((m) => m.from === '' && /Undelivered|undeliverable/i.test(m.data)).length === 2);
	assert.deepEqual(sink.messages.map((m) => m.to[0]).sort(), ['s0@shop.example', 's1@shop.example']);
	await postfix.untilIn(null, ids);
});

// The mark is read when a message is taken up, so the attempt under way goes on.
test('bounce of mail that is being delivered says what becomes of it, and that comes true', async () => {
	const { sink, postfix, ids, postroom } = await setup();
	let answer;
	sink.hooks.rcpt = (to) => (to.startsWith('u0') ? new Promise((reply) => { answer = reply; }) : null);
	await postfix.command('postqueue', '-i', ids[0]);
	await postroom.untilMessage(ids[0], (m) => m.queue === 'active');
	await until('the attempt', () => answer);
	const { job, items } = await postroom.job({ action: 'bounce', ids });
	assert.match(items[0].detail, /being delivered now: what this attempt does not deliver is returned to its sender when it would be tried next/);
	answer('450 4.2.0 Still not');
	await postroom.untilMessage(ids[0], (m) => m.queue === 'deferred' && m.forced_expire);
	await postfix.command('postqueue', '-i', ids[0]);
	await until('the notice', () => sink.messages.some((m) => m.to[0] === 's0@shop.example'));
	await until('the result', async () => (await postroom.get(`/jobs/${job.id}`)).results.bounced === 1);
});

// The destination takes everything by now, and yet nothing is delivered: Postfix makes no further attempt.
test('bounce returns also what would be delivered now, and says so before', async () => {
	const { sink, open, postfix, ids, postroom } = await setup();
	open();
	const preview = await postroom.post('/previews', { action: 'bounce', ids });
	assert.match(preview.warnings.find((w) => w.code === 'bounce_effects').text, /no further attempt: what would be delivered now is returned, too/);
	const { items } = await postroom.job({ action: 'bounce', ids });
	assert.match(items[0].detail, /without another attempt/);
	await postfix.untilIn(null, ids);
	await until('the notice', () => sink.messages.length > 0);
	assert.deepEqual(sink.messages.map((m) => m.to[0]), ['s0@shop.example']);
	assert.match(sink.messages[0].data, /450 4\.2\.0 Try again later/);
	assert.doesNotMatch(await postfix.logText(), /status=sent.*queued as.*u0@mail/);
});

test('flush tries the whole queue, and says what that does not mean', async () => {
	const { open, postfix, ids, postroom } = await setup({ count: 3 });
	open();
	const reply = await postroom.post('/flush');
	assert.ok(Date.parse(reply.asked_at) > 0);
	await postfix.untilIn(null, ids);
});

test('an action on a filter touches what was previewed and nothing that arrived since', async () => {
	const { postfix, ids, postroom } = await setup({ count: 5 });
	const view = await postroom.post('/views', { filter: 'from:shop.example' });
	const preview = await postroom.post('/previews', { action: 'delete', view: view.id, except: [ids[4]] });
	assert.equal(preview.matched, 4);
	assert.deepEqual(preview.groups.sender.map((g) => [g.key, g.messages]).sort(), ids.slice(0, 4).map((_, i) => [`s${i}@shop.example`, 1]));
	assert.deepEqual(preview.sample.map((m) => m.id).sort(), ids.slice(0, 4).sort());
	assert.ok(preview.commands.some((c) => c.includes('postsuper -h')));
	const late = await postfix.injectDeferred({ from: 'late@shop.example', to: ['late@mail.example'] });
	await postroom.untilMessage(late);
	const { job } = await postroom.job({ action: 'delete', view: view.id, except: [ids[4]], undo_seconds: 0 });
	assert.deepEqual([job.total, job.counts.done], [4, 4]);
	assert.deepEqual((await postfix.queue()).map((m) => m.queue_id).sort(), [ids[4], late].sort());
});

test('a job is not made when much has moved since the preview that somebody said yes to', async () => {
	const { postfix, ids, postroom } = await setup({ count: 12 });
	const view = await postroom.post('/views', { filter: 'from:shop.example' });
	const { seen } = await postroom.post('/previews', { action: 'delete', view: view.id });
	await postfix.feed('postsuper', ['-h', '-'], `${ids.slice(1).join('\n')}\n`);
	await until('all but one to be on hold', async () => (await postroom.get('/queue')).counts.hold === 11);
	const asked = { action: 'delete', view: view.id, undo_seconds: 0 };
	const refused = await postroom.api('POST', '/jobs', { ...asked, seen });
	assert.deepEqual([refused.status, refused.body.code, refused.body.moved], [409, 'preview_outdated', 11]);
	for (const bad of ['x', `${seen}.0`, seen.replace('12', '-12')]) {
		const reply = await postroom.api('POST', '/jobs', { ...asked, seen: bad });
		assert.deepEqual([reply.status, reply.body.code], [400, 'invalid_value'], bad);
	}
	assert.deepEqual((await postroom.get('/jobs')).jobs, []);
	assert.equal((await postfix.queue()).length, 12);
	const again = await postroom.post('/previews', { action: 'delete', view: view.id });
	assert.deepEqual(again.groups.queue.map((g) => [g.key, g.messages]), [['hold', 11], ['deferred', 1]]);
	const { job } = await postroom.job({ ...asked, seen: again.seen });
	assert.deepEqual([job.total, job.counts.done], [12, 12]);
});

test('what a source cannot tell cannot select mail for an action', async () => {
	const { ids, postroom } = await setup({ count: 1, set: { 'postfix.source': 'listing' } });
	const view = await postroom.api('POST', '/views', { filter: `-login:nobody id:${ids[0]}` });
	const refused = view.status === 201
		? await postroom.api('POST', '/jobs', { action: 'delete', view: view.body.id, undo_seconds: 0 })
		: view;
	assert.equal(refused.status, 422);
	assert.equal(refused.body.code, 'field_unavailable');
});

test('IDs that are unknown, malformed or gone get an outcome each, and the others are done', async () => {
	const { postfix, ids, postroom } = await setup({ count: 2 });
	await postfix.feed('postsuper', ['-d', '-'], `${ids[1]}\n`);
	await postroom.untilGone(ids[1]);
	const { items } = await postroom.job({ action: 'hold', ids: [ids[0], ids[1], 'DEADBEEF01'] });
	assert.deepEqual(outcomes(items), { [ids[0]]: 'done', [ids[1]]: 'gone', DEADBEEF01: 'gone' });
	for (const bad of ['ALL', '-', 'a;b', '../../etc/passwd', `${ids[0]}\n`, `${ids[0]}\u0000`, 'x'.repeat(1 << 16), '']) {
		const reply = await postroom.api('POST', '/jobs', { action: 'delete', ids: [bad], undo_seconds: 0 });
		assert.equal(reply.status, 400, JSON.stringify(bad));
	}
	assert.equal(postfix.where(ids[0]), 'hold');
	const nothing = await postroom.api('POST', '/jobs', { action: 'delete', ids: [] });
	assert.deepEqual([nothing.status, nothing.body.code], [422, 'nothing_matched']);
	const view = await postroom.post('/views', { filter: 'from:nobody-at-all' });
	const empty = await postroom.api('POST', '/jobs', { action: 'delete', view: view.id });
	assert.deepEqual([empty.status, empty.body.code], [422, 'nothing_matched']);
});

test('two operators on the same message: one succeeds, the other is told that it is gone', async () => {
	const { ids, postroom } = await setup({ count: 20 });
	const jobs = await Promise.all([1, 2].map(() => postroom.post('/jobs', { action: 'delete', ids, undo_seconds: 0 })));
	const results = await Promise.all(jobs.map((j) => postroom.untilJob(j.id)));
	for (const id of ids) {
		const both = results.map((r) => outcomes(r.items)[id]).sort();
		assert.deepEqual(both, ['done', 'gone'], id);
	}
});

test('a short ID that names another message by now is never deleted', async () => {
	const { postfix, ids, postroom } = await setup({ long: 'no', count: 1 });
	const view = await postroom.post('/views', { filter: `id:${ids[0]}` });
	// Another message takes the name: as when cleanup reuses an inode within the same microsecond.
	const other = await postfix.injectDeferred({ from: 'other@corp.example', to: ['z@mail.example'] });
	const { rename, readdir } = await import('node:fs/promises');
	const hash = (id) => `${postfix.spool}/deferred/${id[0]}`;
	await readdir(hash(ids[0]));
	await rename(`${hash(other)}/${other}`, `${hash(ids[0])}/${ids[0]}`);
	/* Whoever sees it first: the job finds another message, or the queue is known to have it no more. */
	const reply = await postroom.api('POST', '/jobs', { action: 'delete', view: view.id, undo_seconds: 0 });
	if (reply.status !== 422)
		assert.deepEqual(outcomes((await postroom.untilJob(reply.body.id)).items), { [ids[0]]: 'changed' });
	else
		assert.equal(reply.body.code, 'nothing_matched');
	const [left] = await postfix.queue();
	assert.deepEqual([left.queue_id, left.sender], [ids[0], 'other@corp.example']);
	assert.equal(postfix.where(ids[0]), 'deferred', 'and it is not left on hold');
});

test('a paced retry keeps its rate, and a job can be cancelled between batches', async () => {
	const { postfix, ids, postroom } = await setup({ count: 6 });
	const job = await postroom.post('/jobs', { action: 'retry', ids, rate: 1 });
	await until('the first one', async () => (await postroom.get(`/jobs/${job.id}`)).counts.done >= 1);
	assert.equal((await postroom.get(`/jobs/${job.id}`)).state, 'running');
	await postroom.post(`/jobs/${job.id}/cancel`);
	const ended = await postroom.untilJob(job.id, ['cancelled']);
	assert.ok(ended.job.counts.cancelled >= 4, JSON.stringify(ended.job.counts));
	assert.equal(postfix.ids('deferred').length + postfix.ids('active').length + postfix.ids('incoming').length, 6);
});

test('a release counts only what is on hold', async () => {
	const { postfix, ids, postroom } = await setup({ count: 3 });
	await postfix.feed('postsuper', ['-h', '-'], `${ids[0]}\n`);
	const held = await postroom.untilMessage(ids[0], (m) => m.queue === 'hold');
	const preview = await postroom.post('/previews', { action: 'release', ids });
	assert.deepEqual([preview.matched, preview.bytes, preview.recipients], [1, held.size, 1]);
	const notHeld = preview.warnings.find((w) => w.code === 'not_held');
	assert.equal(notHeld.count, 2);
	assert.deepEqual([notHeld.text, notHeld.words], ['2 are not on hold.', { code: 'preview_not_held', params: { count: 2 } }]);
	const { job, items } = await postroom.job({ action: 'release', ids });
	assert.equal(job.counts.done, 1);
	assert.deepEqual(items.filter((i) => i.outcome !== 'done').map((i) => i.detail), ['It is not on hold.', 'It is not on hold.']);
	assert.deepEqual(items.filter((i) => i.outcome !== 'done').map((i) => i.detail_words.code), ['job_not_on_hold', 'job_not_on_hold']);
});

test('previews warn of what an action cannot do', async () => {
	const { sink, postfix, ids, postroom } = await setup({ count: 2 });
	let letGo;
	sink.hooks.rcpt = () => new Promise((done) => { letGo = () => done('450 4.2.0 Later'); });
	await postfix.command('postqueue', '-i', ids[0]);
	await postroom.untilMessage(ids[0], (m) => m.queue === 'active');
	const preview = await postroom.post('/previews', { action: 'delete', ids });
	assert.ok(preview.warnings.some((w) => w.code === 'active_now' && w.count === 1), JSON.stringify(preview.warnings));
	letGo();
});
