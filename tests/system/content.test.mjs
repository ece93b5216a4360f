// One message's content through the viewer: decoded, as text, as source, in a frame, as downloads.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom } from '../harness/index.mjs';

const HTML = '<html><body><script>alert(1)</script><img src="http://tracker.example/x.png"><p>Grüße</p>'
	+ '<LiNk rel=preconnect href=//tracker.example>'.repeat(3000) + '</body></html>';
const ATTACHMENT = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 256));
const MESSAGE = [
	'From: =?UTF-8?Q?J=C3=BCrgen?= <sender@shop.example>',
	'To: someone@mail.example',
	'Subject: =?ISO-8859-1?Q?Rechnung_f=FCr_M=E4rz?=',
	'MIME-Version: 1.0',
	'Content-Type: multipart/mixed; boundary=outer',
	'',
	'--outer',
	'Content-Type: multipart/alternative; boundary=inner',
	'',
	'--inner',
	'Content-Type: text/plain; charset=iso-8859-15',
	'Content-Transfer-Encoding: quoted-printable',
	'',
	'Es kostet 5 =A4.',
	'--inner',
	'Content-Type: text/html; charset=utf-8',
	'Content-Transfer-Encoding: base64',
	'',
	Buffer.from(HTML).toString('base64'),
	'--inner--',
	'--outer',
	'Content-Type: application/pdf; name="../../etc/rechnung \\"1\\".pdf"',
	'Content-Disposition: attachment; filename="../../etc/rechnung \\"1\\".pdf"',
	'Content-Transfer-Encoding: base64',
	'',
	ATTACHMENT.toString('base64').replace(/(.{76})/g, '$1\r\n'),
	'--outer--',
	'',
].join('\r\n');

let postfix;
let postroom;
let id;

before(async () => {
	postfix = await Postfix.start();
	id = await postfix.injectDeferred({ message: MESSAGE });
	postroom = await Postroom.start(postfix);
	await postroom.untilMessage(id);
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

const raw = (path) => postroom.raw('GET', `/api/v1/messages/${id}${path}`);

test('headers and parts come decoded, as data', async () => {
	const content = await postroom.get(`/messages/${id}/content`);
	const header = (name) => content.headers.find((h) => h.name.toLowerCase() === name);
	assert.equal(header('subject').value, 'Rechnung für März');
	assert.match(header('subject').raw, /=\?ISO-8859-1\?Q\?/);
	assert.match(header('from').value, /Jürgen/);
	assert.equal(content.hops.length, 1);
	assert.match(content.hops[0].by, /mail\.test/);
	const kinds = content.parts.map((p) => p.kind);
	assert.deepEqual(kinds, ['multipart', 'multipart', 'text', 'html', 'other']);
	assert.match(content.parts[2].text, /Es kostet 5 €\./);
	assert.match(content.parts[3].text, /<script>alert/);
	const [, , , , pdf] = content.parts;
	assert.equal(pdf.disposition, 'attachment');
	assert.equal(pdf.size, ATTACHMENT.length);
	assert.equal(pdf.text, null);
	assert.ok(!pdf.name.includes('/'), pdf.name);
});

test('a part as text, as a page under its own policy, as a download', async () => {
	const text = await raw('/parts/2');
	assert.match(text.headers['content-type'], /^text\/plain; charset=utf-8/);
	assert.match(text.body, /Es kostet 5 €\./);
	const source = await raw('/parts/3');
	assert.match(source.headers['content-type'], /^text\/plain/);
	assert.match(source.body, /<script>/);
	const page = await raw('/parts/3?as=html');
	assert.match(page.headers['content-type'], /^text\/html/);
	assert.equal(page.headers['x-dns-prefetch-control'], 'off');
	const shown = page.body.toString();
	assert.match(shown, /<img><p>Grüße<\/p>/);
	assert.doesNotMatch(shown, /<link|<script|alert|tracker/i, 'what a browser could act on');
	assert.match(page.headers['content-security-policy'], /^sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'/);
	assert.match(page.headers['content-security-policy'], /frame-ancestors 'self'/);
	assert.equal((await raw('/parts/2?as=html')).status, 200);
	assert.equal((await postroom.api('GET', `/messages/${id}/parts/99?as=html`)).body.code, 'part_not_found');
	// What does not say that it is HTML is never shown as HTML.
	assert.match((await raw('/parts/2?as=html')).headers['content-type'], /^text\/plain/);
	const download = await raw('/parts/4');
	assert.equal(download.headers['content-type'], 'application/octet-stream');
	assert.match(download.headers['content-disposition'], /^attachment; filename="[A-Za-z0-9._-]+\.pdf"$/);
	assert.deepEqual(download.bytes, ATTACHMENT);
	assert.equal((await postroom.api('GET', `/messages/${id}/parts/99`)).body.code, 'part_not_found');
	assert.equal((await postroom.api('GET', `/messages/${id}/parts/x`)).body.code, 'part_not_found');
	assert.equal((await postroom.api('GET', `/messages/${id}/parts/1?as=pdf`)).body.code, 'invalid_value');
});

test('the message itself, to keep and to look at', async () => {
	const eml = await raw('/raw');
	assert.equal(eml.headers['content-type'], 'message/rfc822');
	assert.equal(eml.headers['content-disposition'], `attachment; filename="${id}.eml"`);
	const bodyOf = (text) => text.replace(/\r\n/g, '\n').replace(/^.*?\n\n/s, '');
	assert.equal(bodyOf(eml.body), bodyOf(MESSAGE));
	const look = await raw('/raw?as=text');
	assert.match(look.headers['content-type'], /^text\/plain; charset=utf-8/);
	assert.equal(look.headers['content-disposition'], undefined);
});

test('a message of many megabytes streams, and a reader that goes away harms nobody', async () => {
	const line = `${'x'.repeat(76)}\r\n`;
	const big = `Subject: big\r\n\r\n${line.repeat(100000)}`;
	const bigId = await postfix.injectDeferred({ message: big });
	await postroom.untilMessage(bigId);
	const reply = await postroom.raw('GET', `/api/v1/messages/${bigId}/raw`);
	assert.ok(reply.bytes.length > 7_500_000, String(reply.bytes.length));
	const gone = await Promise.allSettled(Array.from({ length: 12 }, () => new Promise((resolve, reject) => {
		import('node:http').then(({ request }) => {
			const outgoing = request({ socketPath: postroom.socket, path: `/api/v1/messages/${bigId}/raw`, headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } }, (incoming) => {
				incoming.once('data', () => { outgoing.destroy(); resolve(); });
				incoming.once('end', resolve);
			});
			outgoing.on('error', reject);
			outgoing.end();
		});
	})));
	assert.ok(gone.some((g) => g.status === 'fulfilled'));
	assert.equal((await raw('/parts/2')).status, 200);
});
