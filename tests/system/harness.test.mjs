// The harness itself: what it starts is real, of its own, and gone afterwards.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import test from 'node:test';
import { Postfix, Sink, checkReply, freePort, schemaProblem, until } from '../harness/index.mjs';

test('a private Postfix defers, delivers and holds through a scripted sink', async () => {
	const sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	const postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	const id = await postfix.injectDeferred({
		to: ['a@full.example', 'b@ok.example'],
		xclient: { NAME: 'web1.shop.example', ADDR: '192.0.2.10', LOGIN: 'news', HELO: 'web1.shop.example' },
	});
	const [message] = await postfix.queue();
	assert.equal(message.queue_id, id);
	assert.deepEqual(message.recipients.map((r) => r.address), ['a@full.example']);
	assert.match(message.recipients[0].delay_reason, /452 4\.2\.2 Mailbox full/);
	assert.deepEqual(sink.messages.map((m) => m.to), [['b@ok.example']]);
	const { stdout } = await postfix.command('postcat', '-q', '-e', id);
	assert.match(stdout, /sasl_username=news/);
	assert.match(stdout, /log_client_address=192\.0\.2\.10/);

	const ids = await postfix.injectMany(20, (i) => ({ to: [`u${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	const held = await postfix.feed('postsuper', ['-h', '-'], `${ids.join('\n')}\n`);
	assert.match(held.stderr, /Placed on hold: 20 messages/);
	await postfix.untilIn('hold', ids);
	postfix.remove();
	await assert.rejects(postfix.inject());
});

test('two instances stand side by side, and one that stops leaves the other alone', async () => {
	const [one, two] = await Promise.all([Postfix.start(), Postfix.start()]);
	await one.injectDeferred();
	assert.equal((await two.queue()).length, 0);
	one.remove();
	await two.injectDeferred();
	assert.equal(existsSync(`${two.spool}/pid/master.pid`), true);
});

test('a message that moves while it is looked for is not taken for gone', async () => {
	const postfix = await Postfix.start();
	const id = await postfix.injectDeferred();
	const look = postfix.ids;
	let moves = 1;
	postfix.ids = (queue) => {
		const found = look.call(postfix, queue);
		if (queue === 'hold' && moves-- > 0)
			execFileSync('postsuper', ['-c', postfix.config, '-h', id], { stdio: 'ignore' });
		return found;
	};
	assert.equal(postfix.where(id), 'hold');
});

// Two of Postfix can listen on one port: mail then comes to either, and a test fails as if its own Postfix were set up otherwise.
test('a port is one test file\'s alone, also before anything listens there', async () => {
	const port = await freePort();
	const claim = `const { claimPort } = await import(${JSON.stringify(new URL('../harness/ports.mjs', import.meta.url))}); process.exit(await claimPort(${port}) ? 1 : 0);`;
	const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', claim], { encoding: 'utf8' });
	assert.equal(status, 0, `another has port ${port} as well: ${stderr}`);
	assert.notEqual(await freePort(), port);
});

test('a wait that is in vain says what for', async () => {
	await assert.rejects(until('the moon', () => false, { timeout: 60 }), /waited 60 ms in vain for the moon/);
	await assert.rejects(until('silence', () => new Promise(() => {}), { timeout: 60 }), /no answer/);
});

test('the contract check refuses what the contract does not say', () => {
	const problem = { type: 'about:blank', title: 'Not Found', status: 404, detail: 'x', detail_words: null, code: 'message_not_found', reference: 'r' };
	assert.equal(schemaProblem('Problem', problem), null);
	assert.match(schemaProblem('Problem', { ...problem, extra: 1 }), /additional/);
	checkReply('GET', '/healthz', 200, 'application/json', '{"status":"ok"}');
	assert.throws(() => checkReply('GET', '/healthz', 200, 'application/json', '{"status":"ill"}'), /healthz/);
	assert.throws(() => checkReply('GET', '/healthz', 200, 'text/html', 'ok'), /text\/html/);
	assert.throws(() => checkReply('GET', '/healthz', 204, '', ''), /does not describe/);
	assert.throws(() => checkReply('GET', '/api/v1/nothing', 200, 'application/json', '{}'), /no such operation/);
	checkReply('GET', '/api/v1/messages/4jXMp05WMsz1bY2k', 404, 'application/problem+json', JSON.stringify(problem));
	assert.throws(() => checkReply('GET', '/api/v1/queue', 200, 'application/json', '{}'), /generation/);
});
