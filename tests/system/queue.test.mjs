// What is in the queue, from both sources, against what Postfix itself says (FEATURES 1: rows 1, 2, 14, 16).
import assert from 'node:assert/strict';
import test from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

const WORLD = {
	rcpt: (to) => (/@full\./.test(to) ? '452 4.2.2 Mailbox full' : /@grey\./.test(to) ? '450 4.2.0 Greylisted, try again' : null),
};

async function world(main = {}) {
	const sink = await Sink.start(WORLD);
	const postfix = await Postfix.start({ sink, main });
	const ids = {
		full: await postfix.injectDeferred({ from: 'news@shop.example', to: ['a@full.example', 'b@ok.example', 'c@grey.example'], subject: 'Ünïcode' }),
		bounce: await postfix.injectDeferred({ from: '', to: ['x@full.example'] }),
		held: await postfix.injectDeferred({ from: 'boss@corp.example', to: ['y@grey.example'] }),
	};
	await postfix.feed('postsuper', ['-h', '-'], `${ids.held}\n`);
	await postfix.untilIn('hold', ids.held);
	return { sink, postfix, ids };
}

// The same facts, whoever tells them: {id: [queue, sender, size, arrival, [address, reason]...]}.
const ours = (messages) => Object.fromEntries(messages.map((m) => [m.id, [
	m.queue, m.sender, m.size, Date.parse(m.arrival) / 1000,
	m.recipients.map((r) => [r.address, r.reason]).sort(),
]]));
const theirs = (objects) => Object.fromEntries(objects.map((m) => [m.queue_id, [
	m.queue_name, m.sender === 'MAILER-DAEMON' ? '' : m.sender, m.message_size, m.arrival_time,
	m.recipients.map((r) => [r.address, r.delay_reason ?? null]).sort(),
]]));

for (const source of ['spool', 'listing'])
	for (const long of ['no', 'yes'])
		test(`${source}: every message as Postfix lists it, ${long === 'yes' ? 'long' : 'short'} IDs`, async () => {
			const { postfix, ids } = await world({ enable_long_queue_ids: long });
			const postroom = await Postroom.start(postfix, { set: { 'postfix.source': source } });
			assert.deepEqual(ours(await postroom.messages()), theirs(await postfix.queue()));
			const summary = await postroom.get('/queue');
			assert.equal(summary.source.kind, source);
			assert.equal(summary.counts.deferred, 2);
			assert.equal(summary.counts.hold, 1);
			assert.equal(summary.postfix.running, true);
			const message = await postroom.get(`/messages/${ids.full}`);
			assert.deepEqual(message.recipients.map((r) => r.address).sort(), ['a@full.example', 'c@grey.example']);
			if (source === 'spool') {
				assert.equal(message.recipients.find((r) => r.address === 'a@full.example').dsn, '4.2.2');
				assert.ok(message.next_retry !== null && message.expires !== null);
				assert.equal(message.origin.helo, 'client.example');
			} else {
				assert.deepEqual([message.next_retry, message.origin, message.subject], [null, null, null]);
			}
		});

test('the page follows: new, moved and removed messages appear without asking', async () => {
	const { postfix, ids } = await world();
	const postroom = await Postroom.start(postfix);
	const id = await postfix.injectDeferred({ to: ['late@full.example'] });
	await postroom.untilMessage(id, (m) => m.queue === 'deferred' && m.recipients[0].reason !== null);
	await postfix.feed('postsuper', ['-h', '-'], `${id}\n`);
	await postroom.untilMessage(id, (m) => m.queue === 'hold');
	await postfix.feed('postsuper', ['-d', '-'], `${id}\n${ids.bounce}\n`);
	await postroom.untilGone(id);
	await postroom.untilGone(ids.bounce);
	assert.equal((await postroom.get('/queue')).messages, 2);
});

test('filters, sorts and pages by key', async () => {
	const postfix = await Postfix.start();
	const ids = await postfix.injectMany(25, (i) => ({ from: `s${i % 5}@shop.example`, to: [`u${i}@d${i % 3}.example`], body: 'x'.repeat(i * 50) }));
	await postfix.untilIn('deferred', ids);
	const postroom = await Postroom.start(postfix);
	await until('all to be seen', async () => (await postroom.get('/queue')).counts.deferred === 25);
	assert.equal((await postroom.messages('from:s1@ to:d1.example')).length, ids.filter((_, i) => i % 5 === 1 && i % 3 === 1).length);
	assert.equal((await postroom.messages('"connection refused"')).length, 25);
	assert.equal((await postroom.messages('nothing-has-this')).length, 0);
	const bySize = await postroom.messages('', 'size');
	assert.deepEqual(bySize.map((m) => m.size), bySize.map((m) => m.size).sort((a, b) => a - b));
	const seen = [];
	let after = '';
	do {
		const page = await postroom.get(`/messages?limit=7&sort=-id${after && `&after=${encodeURIComponent(after)}`}`);
		assert.equal(page.matched, 25);
		seen.push(...page.messages.map((m) => m.id));
		after = page.next;
	} while (after);
	assert.deepEqual(seen, [...ids].sort().reverse());
	const bad = await postroom.api('GET', `/messages?filter=${encodeURIComponent('from:x size>many')}`);
	assert.equal(bad.status, 400);
	assert.equal(bad.body.code, 'invalid_filter');
	assert.ok(bad.body.column >= 8 && bad.body.expected.length > 0);
});

test('groups by queue, recipient_domain, sender and reason add up', async () => {
	const { postfix } = await world();
	const postroom = await Postroom.start(postfix);
	const count = async (by) => Object.fromEntries((await postroom.get(`/groups?by=${by}`)).groups.map((g) => [g.key, g.messages]));
	assert.deepEqual(await count('queue'), { deferred: 2, hold: 1 });
	assert.deepEqual(await count('recipient_domain'), { 'full.example': 2, 'grey.example': 2 });
	assert.equal((await count('sender'))['news@shop.example'], 1);
	const reasons = (await postroom.get('/groups?by=reason')).groups;
	assert.equal(reasons.length, 2);
	for (const group of reasons)
		assert.equal((await postroom.messages(group.filter)).length, group.messages);
	const limited = await postroom.get('/groups?by=sender&limit=1');
	assert.equal(limited.groups.length, 1);
	assert.equal(limited.other.messages, 2);
});

test('a view is frozen: rows stay in their place, and one that left says so', async () => {
	const { postfix, ids } = await world();
	const postroom = await Postroom.start(postfix);
	const view = await postroom.post('/views', { filter: '', sort: 'arrival' });
	assert.equal(view.matched, 3);
	const before = (await postroom.get(`/views/${view.id}/rows`)).rows.map((r) => r.id);
	await postfix.feed('postsuper', ['-d', '-'], `${ids.full}\n`);
	const added = await postfix.injectDeferred({ to: ['new@full.example'] });
	await postroom.untilGone(ids.full);
	await postroom.untilMessage(added);
	const rows = (await postroom.get(`/views/${view.id}/rows`)).rows;
	assert.deepEqual(rows.map((r) => r.id), before);
	assert.deepEqual(rows.filter((r) => r.gone).map((r) => r.id), [ids.full]);
	const now = await postroom.get(`/views/${view.id}`);
	assert.deepEqual([now.gone, now.arrived], [1, 1]);
	const around = await postroom.get(`/views/${view.id}/rows?around=${ids.held}&limit=1`);
	assert.equal(around.rows[0].id, ids.held);
	const missing = await postroom.api('GET', '/views/deadbeef/rows');
	assert.equal(missing.status, 410);
});

test('the next retry is the deferred file\'s time, and the schedule after it is the formula', async () => {
	const postfix = await Postfix.start({ main: { minimal_backoff_time: '600s', maximal_backoff_time: '3600s', queue_run_delay: '120s' } });
	const id = await postfix.injectDeferred();
	const postroom = await Postroom.start(postfix);
	const { schedule, next_retry: next } = await postroom.get(`/messages/${id}`);
	const created = Date.parse(schedule.created) / 1000;
	const earliest = Date.parse(schedule.next_earliest) / 1000;
	assert.equal(next, schedule.next_earliest);
	assert.ok(Math.abs(earliest - created - 600) <= 5, `first retry ${earliest - created} s after creation`);
	assert.equal(Date.parse(schedule.next_latest) / 1000, earliest + 120);
	assert.deepEqual([schedule.minimal_backoff, schedule.maximal_backoff, schedule.queue_run_delay, schedule.lifetime], [600, 3600, 120, 432000]);
	const then = schedule.then.map((t) => Date.parse(t) / 1000 - created);
	assert.ok(Math.abs(then[0] - 1200) <= 10 && Math.abs(then[1] - 2400) <= 20 && Math.abs(then[2] - 4800) <= 40, `${then}`);
});
