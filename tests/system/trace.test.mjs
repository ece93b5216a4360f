// Where is my mail? The log's answer on a real Postfix: delivered, refused, deferred, re-queued, through a content
// filter, returned, deleted (and by whom), held, never seen. One world for all.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Postfix, Postroom, Sink, SmtpClient, freePort, plainMessage, until } from '../harness/index.mjs';

let sink, filter, postfix, postroom, filterPort;
let later = '450 4.2.1 Come back later';

const message = (to, headers) => plainMessage({ to, headers });
const messageId = (text) => /^Message-ID: <(.*)>/m.exec(text)[1].trim();
const trace = async (text, more = {}) => postroom.get(`/trace?${new URLSearchParams({ text, ...more })}`);
const only = async (what, text, fits) => until(what, async () => {
	const { messages } = await trace(text);
	assert.ok(messages.length <= 1, JSON.stringify(messages, null, 1));
	return messages.length === 1 && fits(messages[0]) ? messages[0] : null;
});
const results = (traced) => Object.fromEntries(traced.recipients.map((one) => [one.address, one.result]));
// Of each recipient the last word is known. A message that is in no queue may be one that was not seen in it yet.
const settled = (traced, count) => !traced.in_queue && traced.recipients.length === count && traced.recipients.every((one) => ['delivered', 'bounced'].includes(one.result));
const ended = (result) => (traced) => !traced.in_queue && traced.recipients.every((one) => one.result === result);

before(async () => {
	sink = await Sink.start({
		rcpt: (to) => (to.endsWith('@no.example') ? '550 5.1.1 No such user' : to.endsWith('@later.example') ? later : null),
		end: () => `250 2.0.0 Ok: queued as REMOTE${sink.messages.length + 1}`,
	});
	// Gives back what it gets, with or without saying so.
	filter = await Sink.start({
		end: async (data, session) => {
			const id = await postfix.inject({ from: session.from, to: session.to, message: data });
			return session.to[0].startsWith('quiet') ? '250 2.0.0 Ok' : `250 2.0.0 from MTA: 250 2.0.0 Ok: queued as ${id}`;
		},
	});
	filterPort = await freePort();
	postfix = await Postfix.start({
		sink,
		main: { enable_long_queue_ids: 'yes', alias_maps: '', virtual_alias_maps: 'inline:{alias@shop.example=real@mail.example}', minimal_backoff_time: '3000s' },
		services: `127.0.0.1:${filterPort} inet n - n - - smtpd -o content_filter=smtp:[127.0.0.1]:${filter.port}\n`,
	});
	postroom = await Postroom.start(postfix);
});
after(async () => {
	await postroom.stop();
	await postfix.remove();
});

async function throughFilter(to, text) {
	const client = await SmtpClient.connect(filterPort);
	const id = await client.send({ from: 'sender@shop.example', to, message: text });
	client.close();
	return id;
}

test('delivered: by recipient, domain, sender, queue ID, Message-ID and the ID that the server gave', async () => {
	const text = message('Ann@Mail.example');
	const id = await postfix.inject({ from: 'boss@firm.example', to: ['Ann@Mail.example', 'alias@shop.example'], message: text, xclient: { NAME: 'web.firm.example', ADDR: '192.0.2.7', LOGIN: 'boss' } });
	const traced = await only('the delivery', 'ann@mail.EXAMPLE', (one) => settled(one, 2));
	assert.equal(traced.id, id);
	assert.deepEqual(traced.ids, [id]);
	assert.equal(traced.message_id, `<${messageId(text)}>`);
	assert.equal(traced.sender, 'boss@firm.example');
	assert.equal(traced.login, 'boss');
	assert.match(traced.client, /192\.0\.2\.7/);
	assert.ok(traced.size > 100 && traced.arrival !== null);
	const ann = traced.recipients[0];
	assert.equal(ann.address, 'Ann@Mail.example');
	assert.match(ann.reply, /^250 2\.0\.0 Ok: queued as REMOTE/);
	assert.match(ann.relay, /127\.0\.0\.1/);
	assert.equal(ann.dsn, '2.0.0');
	assert.match(ann.remote_id, /^REMOTE\d$/);
	const real = traced.recipients.find((one) => one.address === 'real@mail.example');
	assert.equal(real.original, 'alias@shop.example');
	for (const asked of ['BOSS@firm.example', 'firm.example', id, `<${messageId(text)}>`, messageId(text), ann.remote_id, 'real@mail.example', 'alias@shop.example', 'boss'])
		assert.deepEqual((await trace(asked)).messages.map((one) => one.id), [id], asked);
	assert.deepEqual((await trace('mail.example')).messages.map((one) => one.id), [id]);
	const log = await until('all of the log', async () => {
		const found = (await trace(id)).log;
		return found.read ? found : null;
	});
	assert.equal(log.text, null);
	assert.ok(log.from <= traced.arrival && log.to >= traced.last);
});

test('refused, and its notice to the sender is a message of its own', async () => {
	const id = await postfix.inject({ from: 'writer@firm2.example', to: ['gone@no.example', 'fine@there.example'] });
	const traced = await only('the refusal', 'gone@no.example', (one) => settled(one, 2));
	assert.deepEqual(results(traced), { 'gone@no.example': 'bounced', 'fine@there.example': 'delivered' });
	assert.match(traced.recipients.find((one) => one.result === 'bounced').reply, /550 5\.1\.1 No such user/);
	const both = await until('the notice', async () => {
		const { messages } = await trace('writer@firm2.example');
		return messages.length === 2 && messages.every((one) => settled(one, one.id === id ? 2 : 1)) ? messages : null;
	});
	const notice = both.find((one) => one.id !== id);
	assert.equal(notice.sender, '');
	assert.deepEqual(results(notice), { 'writer@firm2.example': 'delivered' });
});

test('deferred and in the queue; re-queued; then delivered under its new ID', async () => {
	const id = await postfix.injectDeferred({ to: ['slow@later.example'] });
	const waiting = await only('the deferral', 'slow@later.example', (one) => one.in_queue && one.recipients[0]?.result === 'deferred');
	assert.match(waiting.recipients[0].reply, /450 4\.2\.1 Come back later/);
	later = '250 2.1.5 Ok';
	await postroom.untilMessage(id, (one) => one.queue === 'deferred');
	await postroom.job({ action: 'requeue', ids: [id] });
	// Wakes pickup, which else looks once a minute.
	execFileSync('postqueue', ['-c', postfix.config, '-f'], { stdio: 'ignore' });
	const traced = await only('the delivery', 'slow@later.example', ended('delivered'));
	later = '450 4.2.1 Come back later';
	assert.equal(traced.ids.length, 2);
	assert.equal(traced.ids[0], id);
	assert.equal(traced.recipients.length, 1);
	for (const asked of traced.ids)
		assert.deepEqual((await trace(asked)).messages.map((one) => one.ids), [traced.ids]);
});

for (const [name, to] of [['that says so', 'loud@inside.example'], ['that says nothing of it', 'quiet@inside.example']])
	test(`through a content filter ${name}`, async () => {
		const text = message(to);
		const id = await throughFilter(to, text);
		const traced = await only('the delivery', to, (one) => one.ids.length === 2 && ended('delivered')(one));
		assert.equal(traced.ids[0], id);
		assert.equal(traced.recipients.length, 1);
		assert.match(traced.recipients[0].reply, /queued as REMOTE/);
		for (const asked of [...traced.ids, messageId(text)])
			assert.deepEqual((await trace(asked)).messages.map((one) => one.ids), [traced.ids], asked);
	});

test('deleted by a job, by postsuper; returned by a job; held', async () => {
	const ids = {};
	for (const name of ['job', 'hand', 'back', 'kept'])
		ids[name] = await postfix.injectDeferred({ from: 'late@firm3.example', to: [`${name}@later.example`] });
	for (const id of Object.values(ids))
		await postroom.untilMessage(id, (one) => one.queue === 'deferred');
	const { job } = await postroom.job({ action: 'delete', ids: [ids.job], undo_seconds: 0 });
	execFileSync('postsuper', ['-c', postfix.config, '-d', ids.hand], { stdio: 'ignore' });
	const returned = await postroom.job({ action: 'bounce', ids: [ids.back] });
	await postroom.job({ action: 'hold', ids: [ids.kept] });
	const byJob = await only('the delete', 'job@later.example', ended('deleted'));
	assert.match(byJob.recipients[0].by, new RegExp(`^\\S+ \\(job ${job.id}\\)$`));
	assert.equal((await only('the delete by hand', 'hand@later.example', ended('deleted'))).recipients[0].by, 'postsuper');
	const expired = await only('the return', 'back@later.example', ended('expired'));
	assert.match(expired.recipients[0].by, new RegExp(`\\(job ${returned.job.id}\\)$`));
	const held = await only('the hold', 'kept@later.example', (one) => one.in_queue && one.recipients[0]?.result === 'held');
	assert.match(held.recipients[0].reply, /450 4\.2\.1/);
});

test('rotated and compressed files are searched as well', async () => {
	const log = join(postfix.dir, 'old.log');
	const lines = postfix.logText().split('\n');
	const cut = lines.findIndex((line) => line.includes('slow@later.example'));
	assert.ok(cut > 0);
	// What was logged of the first messages, and of one that was deferred and re-queued up to its first attempt.
	writeFileSync(`${log}.1.gz`, gzipSync(`${lines.slice(0, cut + 1).join('\n')}\n`), { mode: 0o644 });
	utimesSync(`${log}.1.gz`, 1, Date.now() / 1000 - 60);
	writeFileSync(log, lines.slice(cut + 1).join('\n'), { mode: 0o644 });
	const second = await Postroom.start(postfix, { set: { 'postfix.log': log } });
	try {
		for (const text of ['slow@later.example', 'boss@firm.example', 'loud@inside.example']) {
			const want = (await trace(text)).messages;
			await until(`the same of ${text}`, async () => {
				const { messages } = await second.get(`/trace?${new URLSearchParams({ text })}`);
				return JSON.stringify(messages.map((one) => [one.ids, results(one)])) === JSON.stringify(want.map((one) => [one.ids, results(one)]));
			});
		}
	} finally {
		await second.stop();
	}
});

test('the command line says the same', async () => {
	const shown = await postroom.cli('trace', 'gone@no.example');
	assert.equal(shown.status, 0, shown.stderr);
	assert.match(shown.stdout, /bounced +.*127\.0\.0\.1.*550 5\.1\.1 No such user/);
	// Of a letter to two, the one that was asked for; both where its sender is.
	assert.match(shown.stdout, /gone@no\.example \+1 +bounced/);
	assert.doesNotMatch(shown.stdout, /fine@there\.example/);
	assert.match((await postroom.cli('trace', 'writer@firm2.example')).stdout, /fine@there\.example +delivered/);
	assert.match((await postroom.cli('trace', 'job@later.example')).stdout, /deleted .*by \S+ \(job \d+\)/);
	const json = await postroom.cli('trace', 'later.example', '--json', '--limit', '0');
	const lines = json.stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(lines.map((one) => one.id), (await trace('later.example')).messages.map((one) => one.id));
	assert.equal((await postroom.cli('trace', 'later.example', '--json', '--limit', '1')).stdout.trim().split('\n').length, 1);
	const csv = (await postroom.cli('trace', 'gone@no.example', '--csv', '--fields', 'id,address,result')).stdout.split('\r\n');
	assert.equal(csv[0], 'id,address,result');
	assert.deepEqual(csv.slice(1, 3).map((line) => line.split(',').slice(1)), [['gone@no.example', 'bounced'], ['fine@there.example', 'delivered']]);
	const rows = (await postroom.cli('trace', 'gone@no.example', '--fields', 'address,sender')).stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(rows[0], { address: 'gone@no.example', sender: 'writer@firm2.example' });
	assert.equal((await postroom.cli('trace', 'x', '--fields', 'adress')).status, 2);
	const never = await postroom.cli('trace', 'nobody@never.example');
	assert.equal(never.status, 1);
	assert.match(never.stderr, /the mail log, which reaches back to 20\d\d-.*, has nothing of nobody@never\.example/);
	assert.equal((await postroom.cli('trace', 'later.example', '--to', '30d')).status, 1);
});

test('pages, times, what was never seen, and what is asked wrongly', async () => {
	const all = (await trace('shop.example')).messages;
	assert.ok(all.length > 3);
	const paged = [];
	for (let after; ;) {
		const page = await trace('shop.example', { limit: 1, ...(after ? { after } : {}) });
		paged.push(...page.messages);
		after = page.next;
		if (after === null)
			break;
	}
	assert.deepEqual(paged.map((one) => one.id), all.map((one) => one.id));
	assert.deepEqual([...all].sort((a, b) => (a.last < b.last ? 1 : -1)).map((one) => one.last), all.map((one) => one.last));
	assert.deepEqual((await trace('shop.example', { to: '2001-01-01T00:00:00Z' })).messages, []);
	const never = await trace('nobody@never.example');
	assert.deepEqual(never.messages, []);
	assert.equal(never.next, null);
	assert.equal(never.log.read, true);
	for (const wrong of ['/trace', '/trace?text=', '/trace?text=%20', '/trace?text=a&from=yesterday', '/trace?text=a&limit=0', '/trace?text=a&after=x', '/trace?text=a&from=2002-01-01T00:00:00Z&to=2001-01-01T00:00:00Z'])
		assert.equal((await postroom.api('GET', wrong)).status, 400, wrong);
});

