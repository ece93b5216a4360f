// One message: reasons, diagnosis, attempts, content (rows 3, 12, 13).
import assert from 'node:assert/strict';
import test from 'node:test';
import { Postfix, Postroom, Sink, plant, queueFile, until } from '../harness/index.mjs';

const MAIL = [
	'From: =?utf-8?q?J=C3=BCrgen?= <news@shop.example>', 'To: a@full.example', 'Subject: =?utf-8?b?R3LDvMOfZSE=?=',
	'Message-ID: <1@shop.example>', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=x', '',
	'--x', 'Content-Type: text/plain; charset=iso-8859-1', 'Content-Transfer-Encoding: quoted-printable', '', 'sch=F6n', '.', '..two',
	'--x', 'Content-Type: text/html; charset=utf-8', '', '<script>alert(1)</script><img src=http://evil.example/x><b>hi</b>',
	'--x', 'Content-Type: application/pdf', 'Content-Disposition: attachment; filename="../../r.pdf"', 'Content-Transfer-Encoding: base64', '', 'aGVsbG8=',
	'--x--', ''].join('\r\n');

async function setup(set = {}) {
	const sink = await Sink.start({ rcpt: () => '452 4.2.2 Mailbox full' });
	const postfix = await Postfix.start({ sink });
	const id = await postfix.injectDeferred({ from: 'news@shop.example', to: ['a@full.example'], message: MAIL });
	const postroom = await Postroom.start(postfix, { set });
	return { sink, postfix, id, postroom };
}

test('reason, status code, remote host, phase and diagnosis of each recipient', async () => {
	const { id, postroom } = await setup();
	const message = await postroom.get(`/messages/${id}`);
	const [recipient] = message.recipients;
	assert.match(recipient.reason, /452 4\.2\.2 Mailbox full/);
	assert.equal(recipient.dsn, '4.2.2');
	assert.match(recipient.phase, /RCPT TO/);
	const diagnosis = message.diagnoses.find((d) => d.id === recipient.diagnosis);
	assert.match(diagnosis.title, /full|quota/i);
	assert.ok(diagnosis.cause.length > 20 && diagnosis.advice.length > 20);
});

test('delivery attempts from the log, across a retry and a re-queue', async () => {
	const { sink, postfix, id, postroom } = await setup();
	const first = await until('the first attempt', async () => {
		const { attempts } = await postroom.get(`/messages/${id}`);
		return attempts.length >= 1 ? attempts[0] : null;
	});
	assert.deepEqual([first.recipient, first.status, first.dsn], ['a@full.example', 'deferred', '4.2.2']);
	await postroom.job({ action: 'retry', ids: [id] });
	await until('the second attempt', async () => (await postroom.get(`/messages/${id}`)).attempts.length >= 2);
	await postroom.job({ action: 'requeue', ids: [id] });
	await postfix.command('postqueue', '-f');
	const next = await until('the new ID', async () => (await postfix.queue()).find((m) => m.queue_id !== id && m.recipients[0]?.delay_reason)?.queue_id);
	const timeline = await until('the timeline', async () => {
		const reply = await postroom.api('GET', `/messages/${next}`);
		return reply.status === 200 && new Set(reply.body.attempts.map((a) => a.queue_id)).size === 2 ? reply.body : null;
	});
	assert.deepEqual([...new Set(timeline.attempts.map((a) => a.queue_id))], [id, next]);
	assert.match(timeline.events.map((e) => e.text).join('\n'), /^1 recipient, \d+ bytes$/m);
	assert.equal(sink.messages.length, 0);
});

test('headers and parts decoded, text as text, attachments by name and size', async () => {
	const { id, postroom } = await setup();
	const content = await postroom.get(`/messages/${id}/content`);
	assert.equal(content.headers.find((h) => h.name === 'Subject').value, 'Grüße!');
	assert.match(content.headers.find((h) => h.name === 'From').value, /Jürgen/);
	assert.ok(content.hops.length >= 1);
	const text = content.parts.find((p) => p.kind === 'text');
	assert.equal(text.text.replace(/\r/g, ''), 'schön\n.\n..two');
	const html = content.parts.find((p) => p.kind === 'html');
	assert.match(html.text, /<script>/);
	const pdf = content.parts.find((p) => p.type === 'application/pdf');
	assert.deepEqual([pdf.name, pdf.size, pdf.disposition], ['r.pdf', 5, 'attachment']);
	const download = await postroom.api('GET', `/messages/${id}/parts/${pdf.n}`);
	assert.equal(download.text, 'hello');
	assert.match(download.headers['content-disposition'], /^attachment/);
	const framed = await postroom.api('GET', `/messages/${id}/parts/${html.n}?as=html`);
	assert.match(framed.headers['content-security-policy'], /sandbox/);
	assert.match(framed.headers['content-security-policy'], /default-src 'none'/);
	assert.doesNotMatch(framed.headers['content-security-policy'], /allow-scripts|script-src/);
	const missing = await postroom.api('GET', `/messages/${id}/parts/77`);
	assert.equal(missing.status, 404);
});

test('the raw message is a download, as it is in the queue', async () => {
	const { postfix, id, postroom } = await setup();
	const raw = await postroom.api('GET', `/messages/${id}/raw`);
	assert.equal(raw.headers['content-type'], 'message/rfc822');
	assert.match(raw.headers['content-disposition'], /attachment.*\.eml/);
	const { stdout } = await postfix.command('postcat', '-bh', '-q', id);
	assert.equal(raw.bytes.toString('utf8').replace(/\r\n/g, '\n'), stdout);
});

test('a view prints as one page', async () => {
	const { postroom } = await setup();
	const view = await postroom.post('/views', { filter: '' });
	const page = await postroom.api('GET', `//print?view=${view.id}`);
	assert.match(page.headers['content-type'], /text\/html/);
	assert.match(page.text, /<th/);
	assert.match(page.text, /a@full\.example/);
});

test('what a message holds cannot break out: markup, control and bidi characters', async () => {
	const { postfix, postroom } = await setup();
	const hostile = `Subject: <img src=x onerror=alert(1)> \u202egnp.exe\r\nFrom: "</script>" <x@evil.example>\r\n\r\n\u0001\u001b[31m`;
	const id = await postfix.injectDeferred({ from: 'x@evil.example', to: ['a@full.example'], message: hostile });
	await postroom.untilMessage(id);
	const view = await postroom.post('/views', { filter: `id:${id}` });
	const page = await postroom.api('GET', `//print?view=${view.id}`);
	assert.doesNotMatch(page.text, /<img src=x/);
	const { status } = await postroom.api('GET', `/messages/${id}/content`);
	assert.equal(status, 200);
});

test('a message that left meanwhile is said to be gone, in every form', async () => {
	const { postfix, id, postroom } = await setup();
	await postfix.feed('postsuper', ['-d', '-'], `${id}\n`);
	await postroom.untilGone(id);
	for (const path of [`/messages/${id}`, `/messages/${id}/content`, `/messages/${id}/raw`, `/messages/${id}/parts/0`]) {
		const reply = await postroom.api('GET', path);
		assert.deepEqual([reply.status, reply.body.code], [404, 'message_not_found'], path);
	}
	for (const bad of ['ALL', 'x', '..%2f..%2fetc', 'a%3Bb'])
		assert.ok([400, 404].includes((await postroom.api('GET', `/messages/${bad}`)).status), bad);
});

test('a content filter that is down is named as such (row 22)', async () => {
	const postfix = await Postfix.start({ main: { content_filter: 'smtp:[127.0.0.1]:9' } });
	const id = await postfix.injectDeferred();
	const postroom = await Postroom.start(postfix);
	const { diagnoses } = await postroom.get(`/messages/${id}`);
	assert.match(diagnoses[0].cause, /content filter/);
	assert.equal(diagnoses[0].where, 'here');
	const { groups } = await postroom.get('/groups?by=diagnosis');
	assert.equal(groups[0].messages, 1);
});

test('mail in maildrop has no expiry yet: its lifetime begins when pickup takes it, also after a re-queue', async () => {
	const postfix = await Postfix.start();
	await postfix.stop();
	plant(postfix, 'maildrop', 'ABCDE12345', queueFile({ arrival: Math.floor(Date.now() / 1000) - 3600 }));
	plant(postfix, 'hold', 'ABCDE12346', queueFile({ arrival: Math.floor(Date.now() / 1000) - 3600 }));
	const postroom = await Postroom.start(postfix);
	const [dropped, held] = [await postroom.untilMessage('ABCDE12345'), await postroom.untilMessage('ABCDE12346')];
	assert.equal(dropped.queue, 'maildrop');
	assert.equal(dropped.expires, null);
	assert.equal(dropped.schedule.expires, null);
	assert.notEqual(held.expires, null);
	assert.equal((await postroom.get('/messages?filter=expires%3E0')).matched, 0);
	assert.equal((await postroom.get('/messages?filter=expires%3C99d')).matched, 0);
});

test('mail from the null sender lives no longer than other mail, whatever bounce_queue_lifetime says', async () => {
	const postfix = await Postfix.start({ main: { maximal_queue_lifetime: '1h', bounce_queue_lifetime: '5d' } });
	await postfix.stop();
	const old = { arrival: Math.floor(Date.now() / 1000) - 7200, sender: '' };
	plant(postfix, 'deferred', 'ABCDE12345', queueFile(old));
	plant(postfix, 'hold', 'ABCDE12346', queueFile(old));
	const postroom = await Postroom.start(postfix);
	await postroom.untilMessage('ABCDE12346');
	assert.equal((await postroom.get('/messages?filter=expires%3C0')).matched, 1);
	const { warnings } = await postroom.post('/previews', { action: 'release', ids: ['ABCDE12346'] });
	assert.ok(warnings.some(({ code }) => code === 'held_long'), JSON.stringify(warnings));
});

test('a reason that comes late, when its message is in incoming again after a reload, is shown', async () => {
	let answer;
	const answered = new Promise((resolve) => { answer = resolve; });
	const sink = await Sink.start({ rcpt: () => answered });
	const postfix = await Postfix.start({ sink });
	const postroom = await Postroom.start(postfix);
	const id = await postfix.inject({ to: ['a@full.example'] });
	await until('the sink to be asked', () => sink.asked.length > 0);
	await postfix.reload();
	await until('the queue manager to skip it', () => postfix.logText().includes(`${id}: skipped, still being delivered`));
	await postroom.untilMessage(id, (m) => m.queue === 'incoming');
	answer('450 4.2.0 Late');
	await postroom.untilMessage(id, (m) => m.queue === 'incoming' && /4\.2\.0 Late/.test(m.recipients[0].reason));
});
