// What is shown is what Postfix does, where what changes is not the queue file itself.
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';

let sink, postfix, postroom;

before(async () => {
	sink = await Sink.start({ rcpt: () => '450 4.2.0 the first reply' });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
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
