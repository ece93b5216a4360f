// Postfix behind a command prefix, as in a container: everything works, and nothing of the spool is touched
// from here (row 20).
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { INSIDE, Postfix, Postroom, Sink, prefixScript, until } from '../harness/index.mjs';

const LONG = { timeout: 90000 };
const MAIL = ['From: =?utf-8?q?J=C3=BCrgen?= <news@shop.example>', 'To: <a@full.example>', 'Subject: =?utf-8?b?R3LDvMOfZSE=?=', 'MIME-Version: 1.0',
	'Content-Type: multipart/mixed; boundary=x', '', '--x', 'Content-Type: text/plain; charset=iso-8859-1', 'Content-Transfer-Encoding: quoted-printable', '',
	'sch=F6n', '*** HEADER EXTRACTED forged ***', '--x', 'Content-Type: application/pdf', 'Content-Disposition: attachment; filename=r.pdf',
	'Content-Transfer-Encoding: base64', '', 'aGVsbG8=', '--x--', ''].join('\r\n');

let sink;
let postfix;
let prefix;
let postroom;

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	prefix = prefixScript(postfix);
	// The configuration directory is there inside alone: nothing of the instance is known on this side.
	postroom = await Postroom.start(postfix, { set: {
		'postfix.command_prefix': prefix.path, 'postfix.config_directory': INSIDE, 'postfix.log_command': `${prefix.path} tail -n +1 -F ${postfix.log}`,
	} });
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

const deferred = (options = {}) => postfix.injectDeferred({ from: 'news@shop.example', to: ['a@full.example'], ...options });
const outcomes = (items) => items.map((i) => i.outcome);
// A descriptor may be closed meanwhile.
function tryLink(path) {
	try {
		return readlinkSync(path);
	} catch {
		return '';
	}
}
const since = (mark) => prefix.calls().slice(mark);

test('the queue, and what such a source cannot know', async () => {
	const id = await deferred({ from: 'list@shop.example', to: ['a@full.example', 'b@full.example', 'c@ok.example'] });
	const message = await postroom.untilMessage(id, (m) => m.queue === 'deferred' && m.recipients.every((r) => r.reason));
	assert.deepEqual(message.recipients.map((r) => [r.address, r.dsn]), [['a@full.example', '4.2.2'], ['b@full.example', '4.2.2']]);
	assert.equal(message.sender, 'list@shop.example');
	assert.equal(message.next_retry, null);
	assert.equal(message.origin, null);
	const [own] = (await postfix.queue()).filter((m) => m.queue_id === id);
	assert.equal(message.size, own.message_size);
	const queue = await postroom.get('/queue');
	assert.equal(queue.source.kind, 'listing');
	assert.equal(queue.counts.corrupt, null);
	assert.equal(queue.postfix.version, (await postfix.command('postconf', '-h', 'mail_version')).stdout.trim());
	assert.deepEqual(queue.warnings, []);
});

test('one message: headers, parts, source, attempts', async () => {
	const id = await deferred({ message: MAIL });
	await postroom.untilMessage(id, (m) => m.queue === 'deferred');
	const content = await postroom.get(`/messages/${id}/content`);
	assert.equal(content.headers.find((h) => h.name === 'Subject').value, 'Grüße!');
	assert.equal(content.parts.find((p) => p.kind === 'text').text.replace(/\r/g, ''), 'schön\n*** HEADER EXTRACTED forged ***');
	const pdf = content.parts.find((p) => p.type === 'application/pdf');
	assert.equal((await postroom.api('GET', `/messages/${id}/parts/${pdf.n}`)).text, 'hello');
	const raw = await postroom.api('GET', `/messages/${id}/raw`);
	const { stdout } = await postfix.command('postcat', '-bh', '-q', id);
	assert.equal(raw.bytes.toString('latin1').replace(/\r\n/g, '\n'), Buffer.from(stdout).toString('latin1'));
	const attempts = await until('the attempt in the log', async () => {
		const message = await postroom.get(`/messages/${id}`);
		return message.attempts.length > 0 ? message.attempts : null;
	});
	assert.deepEqual([attempts[0].recipient, attempts[0].status, attempts[0].dsn], ['a@full.example', 'deferred', '4.2.2']);
	assert.ok(prefix.calls().some((call) => call.includes('postcat')));
	assert.ok(prefix.calls().some((call) => call.startsWith('tail ')));
	const gone = await postroom.api('GET', '/messages/4jXNqT1pN0z1cB5n/content');
	assert.deepEqual([gone.status, gone.body.code], [404, 'message_not_found']);
});

test('hold, release, retry, delete with grace and undo, delete, re-queue, bounce, flush', LONG, async () => {
	const ids = [];
	for (let i = 0; i < 3; i++)
		ids.push(await deferred({ from: `act${i}@shop.example` }));
	for (const id of ids)
		await postroom.untilMessage(id, (m) => m.queue === 'deferred');
	assert.deepEqual(outcomes((await postroom.job({ action: 'hold', ids })).items), ['done', 'done', 'done']);
	assert.deepEqual(postfix.ids('hold').sort(), [...ids].sort());
	assert.deepEqual(outcomes((await postroom.job({ action: 'release', ids })).items), ['done', 'done', 'done']);
	assert.deepEqual(postfix.ids('hold'), []);

	const { job } = await postroom.job({ action: 'delete', ids: [ids[0], ids[1]], undo_seconds: 600 });
	assert.equal(job.state, 'grace');
	assert.deepEqual(postfix.ids('hold').sort(), [ids[0], ids[1]].sort());
	await postroom.post(`/jobs/${job.id}/undo`);
	assert.deepEqual(outcomes((await postroom.untilJob(job.id, ['undone'])).items), ['undone', 'undone']);
	assert.deepEqual(postfix.ids('hold'), []);

	assert.deepEqual(outcomes((await postroom.job({ action: 'delete', ids: [ids[0]], undo_seconds: 0 })).items), ['done']);
	assert.equal(postfix.where(ids[0]), null);
	const short = await postroom.job({ action: 'delete', ids: [ids[1]], undo_seconds: 1 });
	await postroom.untilJob(short.job.id, ['done']);
	assert.equal(postfix.where(ids[1]), null);

	const again = await postroom.job({ action: 'requeue', ids: [ids[2]] });
	assert.deepEqual(outcomes(again.items), ['done']);
	await postfix.command('postqueue', '-f');
	await postfix.untilIn(null, ids[2]);
	await until('the new ID', async () => (await postroom.get(`/jobs/${again.job.id}/items`)).items[0].new_id);

	const retried = await deferred({ from: 'retry@shop.example' });
	await postroom.untilMessage(retried, (m) => m.queue === 'deferred');
	sink.hooks.rcpt = () => null;
	assert.deepEqual(outcomes((await postroom.job({ action: 'retry', ids: [retried] })).items), ['done']);
	await postfix.untilIn(null, retried);
	assert.ok(sink.messages.some((m) => m.from === 'retry@shop.example'));
	sink.hooks.rcpt = (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null);

	const bounced = await deferred({ from: 'back@shop.example' });
	await postroom.untilMessage(bounced, (m) => m.queue === 'deferred');
	assert.deepEqual(outcomes((await postroom.job({ action: 'bounce', ids: [bounced] })).items), ['done']);
	await until('the bounce', () => sink.messages.some((m) => m.from === '' && m.to[0] === 'back@shop.example'));

	const flushed = await deferred({ from: 'flush@shop.example' });
	await postroom.untilMessage(flushed, (m) => m.queue === 'deferred');
	sink.hooks.rcpt = () => null;
	await postroom.post('/flush');
	await postfix.untilIn(null, flushed);
	sink.hooks.rcpt = (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null);
});

test('short IDs: the right message, looked at through the prefix', LONG, async () => {
	await postfix.set({ enable_long_queue_ids: 'no' });
	const ids = [await deferred({ from: 'short0@shop.example' }), await deferred({ from: 'short1@shop.example' })];
	for (const id of ids) {
		assert.match(id, /^[0-9A-F]{6,21}$/);
		await postroom.untilMessage(id, (m) => m.queue === 'deferred');
	}
	const { items } = await postroom.job({ action: 'delete', ids: [ids[0], 'ABCDEF0123'], undo_seconds: 0 });
	assert.deepEqual(Object.fromEntries(items.map((i) => [i.id, i.outcome])), { [ids[0]]: 'done', ABCDEF0123: 'gone' });
	assert.equal(postfix.where(ids[0]), null);
	assert.equal(postfix.where(ids[1]), 'deferred');
	await postfix.set({ enable_long_queue_ids: 'yes' });
});

test('settings are read, written, and taken back', LONG, async () => {
	const settings = await postroom.get('/settings');
	assert.equal(settings.settings.length, 6);
	assert.equal(settings.writable, true, settings.read_only_reason);
	const applied = ({ id }) => until('the change to be proven', async () => {
		const change = await postroom.get(`/settings/changes/${id}`);
		return change.state === 'applying' ? null : change;
	}, { timeout: 60000 });
	const change = await applied(await postroom.put('/settings', { values: { maximal_queue_lifetime: '3d' } }));
	assert.equal(change.state, 'applied', change.detail);
	assert.match(readFileSync(`${postfix.config}/main.cf`, 'utf8'), /^maximal_queue_lifetime = 3d$/m);
	const back = await applied(await postroom.post(`/settings/changes/${change.id}/restore`));
	assert.equal(back.state, 'applied', back.detail);
	assert.doesNotMatch(readFileSync(`${postfix.config}/main.cf`, 'utf8'), /maximal_queue_lifetime/);
});

test('postroom check goes through the prefix, and says when it does not lead anywhere', async () => {
	const mark = prefix.calls().length;
	// Of its key check reminds everybody.
	assert.equal((await postroom.cli('audit', 'key')).status, 0);
	const { status, stdout } = await postroom.cli('check', '--json');
	assert.deepEqual([status, stdout], [0, '']);
	await postfix.command('postconf', '-e', 'enable_long_queue_ids=no');
	const advice = JSON.parse((await postroom.cli('check', '--json')).stdout);
	await postfix.command('postconf', '-e', 'enable_long_queue_ids=yes');
	assert.equal(advice.fix, `${prefix.path} postconf -c ${INSIDE} -e enable_long_queue_ids=yes && ${prefix.path} postfix -c ${INSIDE} reload`);
	assert.ok(since(mark).some((call) => call.startsWith('postconf')));
	const broken = await postroom.cli('check', '--json', '--set', 'postfix.command_prefix=/nonexistent/docker exec mta');
	assert.equal(broken.status, 1);
	const problems = broken.stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.ok(problems.some((p) => p.severity === 'fatal' && /nonexistent/.test(p.text + p.fix)), broken.stdout);
});

test('every command went through the prefix, and none names a path of this side', () => {
	const programs = new Set(prefix.calls().map((call) => call.split(' ')[0]));
	assert.deepEqual([...programs].filter((name) => !['postconf', 'postqueue', 'postsuper', 'postcat', 'postfix', 'tail', 'cat', 'ps'].includes(name)), []);
	for (const call of prefix.calls().filter((one) => !one.startsWith('tail '))) {
		assert.ok(!call.includes(postfix.dir), call);
		assert.doesNotMatch(call, /\bALL\b/);
		// IDs go to postsuper's standard input, never into its arguments.
		if (call.startsWith('postsuper'))
			assert.match(call, / -( hold| deferred)?$/);
	}
	for (const pid of ['helper', 'reader', 'logreader', 'server'].flatMap((role) => postroom.pids(role)))
		for (const fd of readdirSync(`/proc/${pid}/fd`)) {
			const target = tryLink(`/proc/${pid}/fd/${fd}`);
			assert.ok(!target.startsWith(postfix.dir), target);
		}
});
