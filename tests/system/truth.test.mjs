// What is shown is what Postfix does, where what changes is not the queue file itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

let sink, postfix, postroom;

before(async () => {
	sink = await Sink.start({ rcpt: () => '450 4.2.0 the first reply' });
	postfix = await Postfix.start({
		sink,
		main: {
			enable_long_queue_ids: 'yes',
			soft_bounce: 'yes',
			header_checks: 'regexp:{{/^Subject: redirect this/ REDIRECT elsewhere@other.example}}',
		},
		services: 'fails unix - n n - - pipe user=nobody argv=/bin/cat /nonexistent\nhard unix - - n - - smtp -o soft_bounce=no\n',
		transports: { 'pipe.example': 'fails:', 'hard.example': `hard:[127.0.0.1]:${sink.port}` },
	});
	postroom = await Postroom.start(postfix);
});
after(async () => {
	await postroom.stop();
	await postfix.remove();
});

const reason = async (id) => (await postroom.get(`/messages/${id}`)).recipients[0].reason;
const retry = (id) => postfix.command('postqueue', '-i', id);

test('a message that is held while it is being delivered gets the reason of that attempt, and keeps the last known one until then', async () => {
	const id = await postfix.injectDeferred({ to: ['late@mail.example'] });
	await postroom.untilMessage(id, (m) => /the first reply/.test(m.recipients[0].reason ?? ''));
	let answer;
	sink.hooks.rcpt = () => new Promise((reply) => { answer = reply; });
	await retry(id);
	await until('the attempt', () => answer);
	await postfix.feed('postsuper', ['-h', '-'], `${id}\n`);
	await postroom.untilMessage(id, (m) => m.queue === 'hold');
	assert.match(await reason(id), /the first reply/);
	answer('450 4.2.0 the late reply');
	await until('the late reply', async () => /the late reply/.test(await reason(id) ?? ''));
	assert.equal(postfix.where(id), 'hold');
});

test('two attempts in one second: the reason is that of the second', async () => {
	sink.hooks.rcpt = () => '450 4.2.0 the first reply';
	const id = await postfix.injectDeferred({ to: ['twice@mail.example'] });
	const deferred = join(postfix.spool, 'deferred');
	const nextTry = () => until('the queue file', () => {
		const name = readdirSync(deferred, { recursive: true }).find((one) => one.endsWith(id));
		return name && statSync(join(deferred, name)).mtimeMs;
	});
	let same = 0;
	for (let n = 0, last = null; same < 2 && n < 60; n++) {
		sink.hooks.rcpt = () => `450 4.2.0 reply number ${n}`;
		await retry(id);
		await until(`reply ${n}`, async () => (await reason(id) ?? '').includes(`reply number ${n} (`));
		const now = await nextTry();
		same += now === last ? 1 : 0;
		last = now;
	}
	assert.ok(same > 0, 'no two attempts fell into one second');
});

// header_checks of a REDIRECT, an 8-bit address without SMTPUTF8, a mailbox command's output.
test('a redirected message shows where it really goes, and why it does not get there', async () => {
	sink.hooks.rcpt = () => '450 4.2.0 the redirected reply';
	const id = await postfix.injectDeferred({ to: ['first@mail.example'], message: 'Subject: redirect this\r\n\r\nx\r\n' });
	const message = await postroom.untilMessage(id, (m) => m.recipients[0].reason);
	assert.match(message.recipients[0].reason, /the redirected reply/);
	assert.equal(message.recipients[0].address, 'elsewhere@other.example');
	assert.equal(message.recipients[0].original, 'first@mail.example');
});

test('what a delivery command printed loses the blank at its end, as in Postfix itself', async () => {
	const id = await postfix.injectDeferred({ to: ['someone@pipe.example'] });
	await postroom.untilMessage(id, (m) => m.recipients[0].reason);
	const listed = JSON.parse((await postfix.command('postqueue', '-j')).stdout.split('\n').find((line) => line.includes(id)));
	assert.match(listed.recipients[0].delay_reason, /Command output: .*nonexistent.*[^ ]$/);
	assert.equal(await reason(id), listed.recipients[0].delay_reason);
});

// Its postconf tells another version than the one in PATH, as that of a Postfix of one's own does.
test('a Postfix outside PATH is asked itself: the version is its own', async () => {
	const bin = join(postfix.dir, 'bin');
	mkdirSync(bin);
	for (const name of ['postqueue', 'postsuper', 'postfix', 'postcat', 'postlog', 'postmulti'])
		symlinkSync(`/usr/sbin/${name}`, join(bin, name));
	writeFileSync(join(bin, 'postconf'), '#!/bin/sh\n/usr/sbin/postconf "$@" | sed "s/^mail_version = .*/mail_version = 3.9.99/"\n', { mode: 0o755 });
	await postfix.command('postconf', '-e', `command_directory=${bin}`);
	const other = await Postroom.start(postfix);
	assert.equal((await other.get('/queue')).postfix.version, '3.9.99');
	await other.stop();
	await postfix.command('postconf', '-X', 'command_directory');
});

// cleanup cannot look an address up, so pickup tries the file again every minute, and nothing else is told.
test('mail that is stuck in maildrop shows what pickup and cleanup say of it as its reason', async () => {
	await postfix.set({ canonical_maps: 'texthash:/nonexistent/canonical' });
	execFileSync('sendmail', ['-C', postfix.config, '-f', 'me@shop.example', 'stuck@mail.example'], { input: 'Subject: x\n\nx\n' });
	const [id] = await until('it in maildrop', () => {
		const ids = postfix.ids('maildrop');
		return ids.length > 0 ? ids : null;
	});
	await postfix.command('postqueue', '-f');
	const message = await until('its reason', async () => {
		const reply = await postroom.api('GET', `/messages/${id}`);
		return reply.status === 200 && /map lookup problem/.test(reply.body.recipients[0].reason ?? '') ? reply.body : null;
	});
	assert.equal(message.queue, 'maildrop');
	assert.ok(message.events.some((event) => new RegExp(`maildrop/${id}: error writing`).test(event.text)), JSON.stringify(message.events));
	assert.ok(message.events.every((event) => event.kind !== 'other' || event.text.length > 10));
	await postfix.set({ canonical_maps: '' });
	await postfix.command('postqueue', '-f');
	await until('it to be picked up', () => postfix.where(id) === null);
});

test('a next attempt that no backoff explains is said to be of a wrong clock', async () => {
	sink.hooks.rcpt = () => '450 4.2.0 not now';
	const id = await postfix.injectDeferred({ to: ['clock@mail.example'] });
	const usual = await postroom.untilMessage(id, (m) => m.next_retry);
	assert.equal((await postroom.get(`/messages/${usual.id}`)).schedule.beyond_backoff, false);
	const deferred = join(postfix.spool, 'deferred');
	const file = join(deferred, readdirSync(deferred, { recursive: true }).find((one) => one.endsWith(id)));
	const ahead = Date.now() / 1000 + 86400;
	utimesSync(file, ahead, ahead);
	await until('the time ahead', async () => (await postroom.get(`/messages/${id}`)).schedule.beyond_backoff);
	assert.match((await postroom.cli('show', id)).stdout, /further ahead than the backoff allows/);
});

// From 3.11 on postqueue lists it, too: what is known before the notice is sent.
test('a recipient that was refused for good is told of while the others are still being tried', async () => {
	let answer;
	sink.hooks.rcpt = (to) => (to.startsWith('gone') ? '550 5.1.1 no such user here' : new Promise((reply) => { answer = reply; }));
	const id = await postfix.inject({ to: ['gone@hard.example', 'slow@hard.example'] });
	await until('both to be asked', () => answer);
	const message = await until('the refusal', async () => {
		const { status, body } = await postroom.api('GET', `/messages/${id}`);
		return status === 200 && body.failed.length === 1 ? body : null;
	});
	assert.equal(message.queue, 'active');
	assert.equal(message.failed[0].address, 'gone@hard.example');
	assert.match(message.failed[0].reason, /550 5\.1\.1 no such user here/);
	assert.deepEqual(message.recipients.map((one) => one.address), ['slow@hard.example']);
	assert.match((await postroom.cli('show', id)).stdout, /Refused for good/);
	answer('250 2.1.5 Ok');
	await until('it to be gone', () => postfix.where(id) === null);
});

test('a re-queued message in maildrop has the size that postqueue tells', async () => {
	sink.hooks.rcpt = () => '450 4.2.0 not now';
	const id = await postfix.injectDeferred({ to: ['size@mail.example'], message: `Subject: size\r\n\r\n${'x'.repeat(70)}\r\n` });
	await postfix.feed('postsuper', ['-r', '-'], `${id}\n`);
	const listed = await until('it in maildrop', async () => {
		const line = (await postfix.command('postqueue', '-j')).stdout.split('\n').find((one) => one.includes(id));
		return line && JSON.parse(line).queue_name === 'maildrop' ? JSON.parse(line) : null;
	});
	await postroom.untilMessage(id, (m) => m.queue === 'maildrop' && m.size === listed.message_size);
	await postfix.command('postqueue', '-f');
});
