// Postfix in a container: reached through a command prefix alone, here a script that enters a private
// instance. This side has no configuration directory of it, no spool and no log file.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { INSIDE, Postfix, Postroom, Sink, prefixScript, until } from '../harness/index.mjs';

let sink;
let postfix;
let prefix;
let postroom;

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	prefix = prefixScript(postfix);
	postroom = await Postroom.start(postfix, {
		set: { 'postfix.config_directory': INSIDE, 'postfix.command_prefix': prefix.path, 'postfix.log_command': `tail -n +1 -F ${postfix.log}` },
	});
});

const deferred = async (options = {}) => {
	const id = await postfix.injectDeferred({ to: ['a@full.example'], ...options });
	await postroom.untilMessage(id, (m) => m.queue === 'deferred');
	return id;
};

test('the queue comes from the listing inside', async () => {
	const id = await deferred();
	const summary = await postroom.get('/queue');
	assert.equal(summary.source.kind, 'listing');
	assert.equal(summary.postfix.version, (await postfix.command('postconf', '-h', 'mail_version')).stdout.trim());
	const message = await postroom.get(`/messages/${id}`);
	assert.match(message.recipients[0].reason, /Mailbox full/);
	// A listing does not know it, so neither does the page.
	assert.equal(message.next_retry, null);
	assert.ok(prefix.calls().some((call) => /\bpostqueue\b.* -j$/.test(call)));
});

test('a message is read, and its attempts too', async () => {
	const id = await deferred({ subject: 'Inside', body: 'from the container' });
	const content = await postroom.get(`/messages/${id}/content`);
	assert.equal(content.headers.find((header) => header.name === 'Subject').value, 'Inside');
	const part = await postroom.api('GET', `/messages/${id}/parts/${content.parts.find((p) => p.kind === 'text').n}?as=text`);
	assert.match(part.text, /from the container/);
	await until('an attempt', async () => (await postroom.get(`/messages/${id}`)).attempts.some((a) => a.status === 'deferred'));
});

test('hold, release, retry, requeue and delete work through the prefix', async () => {
	const id = await deferred();
	assert.equal((await postroom.job({ action: 'hold', ids: [id] })).items[0].outcome, 'done');
	assert.equal(postfix.where(id), 'hold');
	await postroom.untilMessage(id, (m) => m.queue === 'hold');
	assert.equal((await postroom.job({ action: 'release', ids: [id] })).items[0].outcome, 'done');
	await postroom.untilMessage(id, (m) => m.queue === 'deferred');
	assert.equal((await postroom.job({ action: 'requeue', ids: [id] })).items[0].outcome, 'done');
	await until('its new life', () => postfix.where(id) !== 'deferred');
	const other = await deferred();
	assert.equal((await postroom.job({ action: 'delete', ids: [other], undo_seconds: 0 })).items[0].outcome, 'done');
	assert.equal(postfix.where(other), null);
	const again = await deferred();
	const { rcpt } = sink.hooks;
	sink.hooks.rcpt = null;
	assert.equal((await postroom.job({ action: 'retry', ids: [again] })).items[0].outcome, 'done');
	await postfix.untilIn(null, again);
	sink.hooks.rcpt = rcpt;
	// IDs go to standard input, never into the argument list of postsuper; ALL never anywhere.
	for (const call of prefix.calls()) {
		assert.doesNotMatch(call, /\bALL\b/);
		if (/\bpostsuper\b/.test(call))
			assert.match(call, / -$/, call);
	}
});
