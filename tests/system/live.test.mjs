// What happens in the queue is seen by itself: inotify tells, the helper looks, only what changed is read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { Postfix, Postroom, Sink, placeOf, plant, queueFile, until } from '../harness/index.mjs';

let sink;
let postfix;
let postroom;

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink });
	postroom = await Postroom.start(postfix, { set: { 'postfix.source': 'spool' } });
});

const gone = (id) => until(`${id} to be shown no more`, async () => (await postroom.api('GET', `/messages/${id}`)).status === 404
	|| (await postroom.messages()).every((m) => m.id !== id));

test('a message is followed through the queues, and keeps what is known of it', async () => {
	const id = await postfix.injectDeferred({ from: 'orders@shop.example', to: ['a@full.example'], subject: 'Your order' });
	const first = await postroom.untilMessage(id, (m) => m.queue === 'deferred' && m.recipients[0].reason);
	await postfix.feed('postsuper', ['-h', '-'], `${id}\n`);
	await postroom.untilMessage(id, (m) => m.queue === 'hold');
	await postfix.feed('postsuper', ['-H', '-'], `${id}\n`);
	await postroom.untilMessage(id, (m) => m.queue === 'deferred');

	// A retry by way of incoming and active, which takes the defer log away: the reason stays until there is a new one.
	// Its time is now and 300 s, in whole seconds: not the same as that of the first.
	const seen = [];
	const before = first.next_retry;
	await until('another second', () => Date.now() >= Date.parse(before) - 298000);
	postfix.command('postqueue', '-i', id);
	const after = await postroom.untilMessage(id, (m) => {
		seen.push(m);
		return m.queue === 'deferred' && m.next_retry !== before;
	});
	for (const m of seen) {
		assert.equal(m.arrival, first.arrival);
		assert.equal(m.sender, 'orders@shop.example');
		assert.equal(m.subject, 'Your order');
		assert.match(m.recipients[0].reason, /452 4\.2\.2 Mailbox full/);
	}
	assert.match(after.recipients[0].reason, /452 4\.2\.2 Mailbox full/);
	assert.ok(!/the whole queue is looked at/.test(postroom.log), postroom.log);

	await postfix.feed('postsuper', ['-d', '-'], `${id}\n`);
	await gone(id);
});

test('the mark of a forced expiry is seen', async () => {
	const id = await postfix.injectDeferred({ to: ['b@full.example'] });
	await postroom.untilMessage(id, (m) => m.queue === 'deferred' && !m.forced_expire);
	await postfix.feed('postsuper', ['-e', '-'], `${id}\n`);
	await postroom.untilMessage(id, (m) => m.forced_expire);
});

test('a message that is still being received is none yet', async () => {
	const id = '4F0A512345';
	const path = plant(postfix, 'incoming', id, queueFile({ sender: 'slow@shop.example' }), { mode: 0o600 });
	const marker = await postfix.injectDeferred({ to: ['c@full.example'] });
	await postroom.untilMessage(marker);
	assert.equal((await postroom.api('GET', `/messages/${id}`)).status, 404);
	// Ready, and in a queue where the queue manager leaves it alone.
	execFileSync('sh', ['-c', `mv ${path} ${placeOf(postfix, 'hold', id)} && chmod 700 ${placeOf(postfix, 'hold', id)}`]);
	assert.equal((await postroom.untilMessage(id)).sender, 'slow@shop.example');
});

test('hashed directories that go and come are watched', async () => {
	const deferred = join(postfix.spool, 'deferred');
	for (const id of postfix.ids('deferred'))
		await postfix.feed('postsuper', ['-d', '-'], `${id}\n`);
	for (const letter of readdirSync(deferred))
		rmdirSync(join(deferred, letter));
	for (let i = 0; i < 3; i++) {
		const id = await postfix.injectDeferred({ to: [`d${i}@full.example`] });
		await postroom.untilMessage(id, (m) => m.queue === 'deferred' && m.recipients[0].reason);
		await postfix.feed('postsuper', ['-d', '-'], `${id}\n`);
		await gone(id);
	}
	assert.ok(existsSync(deferred));
});

test('the time of the view goes on while nothing happens', async () => {
	const { as_of: first } = await postroom.get('/queue');
	await until('a later time of the view', async () => (await postroom.get('/queue')).as_of > first);
});

test('check says nothing of watches where they can be had', async () => {
	const { stdout } = await postroom.cli('check', '--json');
	assert.ok(!stdout.includes('not_watched'), stdout);
});
