// The live view of the queue: all queues, all columns, both ID forms, both sources.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

let sink;
let postfix;
let spool;
let listing;

before(async () => {
	sink = await Sink.start({
		rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : to.endsWith('@grey.example') ? '450 4.2.0 Greylisted' : null),
		// One delivery that never ends, so that a message stays active.
		end: (data) => (data.includes('Subject: slow') ? 'silent' : null),
	});
	postfix = await Postfix.start({ sink });
	[spool, listing] = await Promise.all([
		Postroom.start(postfix, { set: { 'postfix.source': 'spool' } }),
		Postroom.start(postfix, { set: { 'postfix.source': 'listing' } }),
	]);
});

test('a message shows every recipient with its own reason and status', async () => {
	const id = await postfix.injectDeferred({
		from: 'orders@shop.example', to: ['a@full.example', 'b@grey.example', 'c@ok.example'], subject: 'Your order',
		xclient: { NAME: 'web1.shop.example', ADDR: '192.0.2.10', LOGIN: 'news', HELO: 'web1' },
	});
	const message = await spool.untilMessage(id, (m) => m.queue === 'deferred' && m.recipients.every((r) => r.reason));
	assert.equal(message.sender, 'orders@shop.example');
	assert.equal(message.subject, 'Your order');
	assert.deepEqual(message.recipients.map((r) => [r.address, r.dsn]).sort(), [['a@full.example', '4.2.2'], ['b@grey.example', '4.2.0']]);
	assert.match(message.recipients.find((r) => r.address === 'a@full.example').reason, /452 4\.2\.2 Mailbox full/);
	assert.equal(message.delivered_count, 1);
	assert.deepEqual(message.origin, { client_name: 'web1.shop.example', client_address: '192.0.2.10', login: 'news', helo: 'web1' });
	const [own] = (await postfix.queue()).filter((m) => m.queue_id === id);
	assert.equal(message.size, own.message_size);
	assert.equal(Date.parse(message.arrival) / 1000, own.arrival_time);

	const listed = await listing.untilMessage(id, (m) => m.queue === 'deferred' && m.recipients.every((r) => r.reason));
	assert.equal(listed.size, own.message_size);
	assert.deepEqual(listed.recipients.map((r) => r.address).sort(), ['a@full.example', 'b@grey.example']);
	// What a listing cannot know is null, never guessed.
	assert.equal(listed.origin, null);
	assert.equal(listed.next_retry, null);
	assert.equal(listed.subject, null);
});

test('short and long queue IDs stand side by side', async () => {
	const short = await postfix.injectDeferred({ to: ['short@full.example'] });
	// Not back again in this file: a reload with short IDs renames what has a long one.
	await postfix.set({ enable_long_queue_ids: 'yes' });
	const long = await postfix.injectDeferred({ to: ['long@full.example'] });
	assert.match(short, /^[0-9A-F]{6,21}$/);
	assert.match(long, /^[0-9B-Zb-z]+z[0-9B-Zb-y]+$/);
	for (const postroom of [spool, listing]) {
		await postroom.untilMessage(short);
		await postroom.untilMessage(long);
	}
});

test('every queue is there, and corrupt is counted', async () => {
	const held = await postfix.injectDeferred({ to: ['held@full.example'] });
	await postfix.feed('postsuper', ['-h', '-'], `${held}\n`);
	const active = await postfix.inject({ to: ['x@ok.example'], subject: 'slow' });
	await postfix.untilIn('active', active);
	// As cleanup leaves one behind that is still being written: not ready, so in no list.
	writeFileSync(join(postfix.spool, 'corrupt', '4A1B2C3D4E'), 'not a queue file');
	execFileSync('chown', ['postfix', join(postfix.spool, 'corrupt', '4A1B2C3D4E')]);
	chmodSync(join(postfix.spool, 'corrupt', '4A1B2C3D4E'), 0o400);
	await spool.untilMessage(held, (m) => m.queue === 'hold');
	await spool.untilMessage(active, (m) => m.queue === 'active');
	const summary = await until('counts of all queues', async () => {
		const now = await spool.get('/queue');
		return now.counts.corrupt === 1 && now.counts.hold === 1 && now.counts.active >= 1 && now.counts.deferred >= 1 ? now : null;
	});
	assert.equal(summary.postfix.running, true);
	assert.equal(summary.postfix.version, (await postfix.command('postconf', '-h', 'mail_version')).stdout.trim());
	assert.equal(summary.messages, summary.counts.incoming + summary.counts.active + summary.counts.deferred + summary.counts.hold + summary.counts.maildrop);
	assert.equal(summary.source.kind, 'spool');
	assert.equal((await listing.get('/queue')).source.kind, 'listing');
	await listing.untilMessage(held, (m) => m.queue === 'hold');
});

test('a forced expiry is a state of its own', async () => {
	const id = await postfix.injectDeferred({ to: ['gone@full.example'] });
	await postfix.feed('postsuper', ['-e', '-'], `${id}\n`);
	for (const postroom of [spool, listing])
		await postroom.untilMessage(id, (m) => m.forced_expire === true);
});

test('both sources agree with Postfix on the whole queue', async () => {
	const own = (await postfix.queue()).map((m) => `${m.queue_id} ${m.queue_name} ${m.message_size} ${m.sender.replace('MAILER-DAEMON', '')}`).sort();
	for (const postroom of [spool, listing])
		await until('the same queue', async () => {
			const seen = (await postroom.messages()).map((m) => `${m.id} ${m.queue} ${m.size} ${m.sender}`).sort();
			return JSON.stringify(seen) === JSON.stringify(own) || (() => { throw new Error(`${seen.join('; ')} instead of ${own.join('; ')}`); })();
		});
});

test('pages by key neither repeat nor skip, in every order', async () => {
	const ids = await postfix.injectMany(25, (i) => ({ from: `s${i % 7}@shop.example`, to: [`p${i}@full.example`], body: 'x'.repeat(i * 50) }));
	await postfix.untilIn('deferred', ids);
	// One that is still shown as being delivered has no next retry.
	await until('all 25 in deferred', async () => (await spool.messages('to:p*@full.example queue:deferred')).length === 25);
	for (const sort of ['arrival', '-arrival', 'size', '-size', 'sender', '-sender', 'next_retry', '-next_retry', 'recipients', '-recipients', 'id', '-id']) {
		const seen = [];
		let after = '';
		do {
			const page = await spool.get(`/messages?limit=7&sort=${sort}&filter=to:p*@full.example${after ? `&after=${encodeURIComponent(after)}` : ''}`);
			assert.equal(page.matched, 25);
			seen.push(...page.messages);
			after = page.next;
		} while (after);
		assert.equal(new Set(seen.map((m) => m.id)).size, 25, sort);
		assert.equal(seen.length, 25, sort);
		const field = sort.replace('-', '');
		const values = seen.map((m) => ({ arrival: Date.parse(m.arrival), size: m.size, sender: m.sender, next_retry: Date.parse(m.next_retry), recipients: m.recipient_count, id: m.id })[field]);
		for (let i = 1; i < values.length; i++)
			assert.ok(sort.startsWith('-') ? values[i - 1] >= values[i] : values[i - 1] <= values[i], `${sort}: ${values[i - 1]} before ${values[i]}`);
	}
});

test('a delivered message leaves the view by itself', async () => {
	const id = await postfix.injectDeferred({ to: ['later@grey.example'] });
	await spool.untilMessage(id);
	const { rcpt } = sink.hooks;
	sink.hooks.rcpt = null;
	await postfix.command('postqueue', '-i', id);
	await postfix.untilIn(null, id);
	await spool.untilGone(id);
	await listing.untilGone(id);
	sink.hooks.rcpt = rcpt;
});

test('the null sender and an internationalised message are what they are', async () => {
	const bounce = await postfix.injectDeferred({ from: '', to: ['someone@full.example'] });
	const utf8 = await postfix.injectDeferred({ from: 'grüße@shop.example', to: ['ü@full.example'], utf8: true, subject: 'Schöne Grüße' });
	for (const postroom of [spool, listing]) {
		assert.equal((await postroom.untilMessage(bounce)).sender, '');
		assert.equal((await postroom.untilMessage(utf8)).sender, 'grüße@shop.example');
	}
	assert.equal((await spool.get(`/messages/${utf8}`)).subject, 'Schöne Grüße');
	assert.deepEqual((await spool.messages('from:<>')).map((m) => m.id).includes(bounce), true);
});

test('an encoded subject is shown and found by what it says', async () => {
	const id = await postfix.injectDeferred({ to: ['coded@full.example'], subject: '=?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?iso-8859-1?b?IGF1cyBL9mxu?= today' });
	assert.equal((await spool.untilMessage(id)).subject, 'Grüße aus Köln today');
	assert.deepEqual((await spool.messages('subject:"grüße aus köln"')).map((m) => m.id), [id]);
	assert.match((await spool.cli('show', id)).stdout, /Grüße aus Köln today/);
});
