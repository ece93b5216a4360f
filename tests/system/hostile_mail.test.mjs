// Mail that was written to break whoever reads it: each view ends in time with what can be shown or with the
// reason, and the next message is shown as ever.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Postfix, Postroom } from '../harness/index.mjs';

const LONG = { timeout: 120000 };
const VIEW_MS = 35000;

let postfix;
let postroom;

before(async () => {
	postfix = await Postfix.start({ main: { message_size_limit: '60000000', header_size_limit: '20000000', enable_long_queue_ids: 'yes' } });
	postroom = await Postroom.start(postfix);
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

const multipart = (boundary, ...parts) => `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;

function nested(depth) {
	let text = 'Content-Type: text/plain\r\n\r\ninnermost';
	for (let i = 0; i < depth; i++)
		text = multipart(`b${i}`, text);
	return text;
}

const wrapped = (depth) => 'Content-Type: message/rfc822\r\n\r\n'.repeat(depth);
const text = (head) => `${head}\r\n\r\nbody\r\n`;

const MAIL = {
	'1,000 multiparts inside each other': () => nested(1000),
	'5,000 messages inside each other': () => `${wrapped(5000)}Subject: inside\r\n\r\nx`,
	'20,000 parts': () => multipart('many', ...Array.from({ length: 20000 }, (_, i) => `\r\npart ${i}`)),
	'a boundary that never comes': () => 'Content-Type: multipart/mixed; boundary="never"\r\n\r\nno part at all\r\n'.concat('line\r\n'.repeat(100000)),
	'an empty boundary': () => 'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx\r\n----\r\n',
	'a boundary inside its own': () => multipart('a', multipart('a', 'Content-Type: text/plain\r\n\r\nx')),
	'100,000 headers': () => text(Array.from({ length: 100000 }, (_, i) => `X-${i}: v`).join('\r\n')),
	'100,000 encoded words': () => text(`Subject: ${'=?utf-8?q?=C3=A4?= '.repeat(100000)}`),
	'encoded words that are none': () => text('Subject: =?utf-8?b?////?= =?nonsense?q?x?= =?utf-8?q?=ZZ?= =?=?=?= =?utf-8?b?\r\nFrom: =?utf-7?q?+ADw-script+AD4-?= <a@b.example>'),
	'a parameter of a megabyte': () => text(`Content-Type: text/plain; charset=${'x'.repeat(1 << 20)}`),
	'parameters in pieces that do not fit': () => text('Content-Type: application/pdf; name*0*=utf-8\'\'a%; name*2=b; name*999999999999=c; name*=x\'y\r\nContent-Disposition: attachment; filename="a\\"; filename*=utf-8\'\'%00%0d%0a..%2f%e2%80%ae'),
	'character sets that are none': () => multipart('c', ...['no-such-set', '', '../../etc/passwd', 'utf-16', 'utf-32', 'iso-2022-jp', 'utf-7', 'hz', 'x'.repeat(5000)]
		.map((set) => `Content-Type: text/plain; charset="${set}"\r\nContent-Transfer-Encoding: base64\r\n\r\n//79/Px4ABsk\r\n`)),
	'base64 and quoted-printable that are broken': () => multipart('d', 'Content-Transfer-Encoding: base64\r\n\r\n====@@@@A\r\nB\r\n', 'Content-Transfer-Encoding: quoted-printable\r\n\r\n=\r\n=Z\r\n=4', 'Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\nM\r\n', 'Content-Transfer-Encoding: no-such\r\n\r\nx'),
	'20 MB of base64 in one part': () => `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${'QUFB'.repeat(19)}\r\n`.repeat(256000)}`,
	'a body of one line of 10 MB': () => `Subject: long\r\n\r\n${'x'.repeat(10_000_000)}`,
	'HTML of a megabyte of open tags': () => `Content-Type: text/html\r\n\r\n${`${'<div>'.repeat(100)}\r\n`.repeat(2000)}`,
	'an HTML tag of 400,000 attributes': () => `Content-Type: text/html\r\n\r\n<p ${Array.from({ length: 400000 }, (_, i) => `a${i}`).join('\r\n')}>`,
	'HTML of half a million tags': () => `Content-Type: text/html\r\n\r\n${'<p>x\r\n'.repeat(500000)}`,
	'addresses without end': () => text(`To: ${'group:'.repeat(20000)}${'(comment '.repeat(20000)}<a@b.example>`),
	'no header at all': () => '\r\nonly a body',
	'nothing': () => '',
};

// What is left out is said.
const NOTES = {
	'1,000 multiparts inside each other': 'depth_cut', '5,000 messages inside each other': 'depth_cut', '20,000 parts': 'parts_cut', '100,000 headers': 'headers_cut',
};

for (const [what, make] of Object.entries(MAIL))
	test(what, LONG, async () => {
		const id = await postfix.injectDeferred({ from: 'x@evil.example', message: make() });
		await postroom.untilMessage(id);
		const began = Date.now();
		const reply = await postroom.api('GET', `/messages/${id}/content`);
		const took = Date.now() - began;
		assert.ok(took < VIEW_MS, `${took} ms`);
		assert.ok(reply.status === 200 || reply.body.detail?.length > 10, reply.text.slice(0, 300));
		if (reply.status === 200) {
			if (NOTES[what])
				assert.ok(reply.body.notes.some((note) => note.code === NOTES[what]), JSON.stringify(reply.body.notes));
			assert.ok(reply.bytes.length < 64 << 20, `${reply.bytes.length} bytes`);
			for (const part of reply.body.parts.filter((p) => p.name)) {
				assert.doesNotMatch(part.name, /[\0-\x1f/\x7f\u202a-\u202e\u2066-\u2069]/, JSON.stringify(part.name));
			}
			for (const part of reply.body.parts.slice(0, 12)) {
				if (part.kind === 'html') {
					const shown = await postroom.raw('GET', `/api/v1/messages/${id}/parts/${part.n}?as=html`);
					assert.ok(shown.status === 200 || /took too|memory or time|in time/.test(shown.body), `as HTML: ${shown.status}`);
				}
				const one = await postroom.raw('GET', `/api/v1/messages/${id}/parts/${part.n}`);
				assert.ok(one.status < 500 || /json/.test(one.headers['content-type']), `${part.n}: ${one.status}`);
				assert.doesNotMatch(one.headers['content-disposition'] ?? '', /[^\x20-\x7e]/);
			}
		}
		assert.equal((await postroom.raw('GET', `/api/v1/messages/${id}/raw`)).status, 200);
		const plain = await postfix.injectDeferred({ from: 'fine@shop.example' });
		await postroom.untilMessage(plain);
		assert.equal((await postroom.get(`/messages/${plain}/content`)).parts[0].text.trim(), 'Hello.');
		await postfix.feed('postsuper', ['-d', '-'], `${id}\n${plain}\n`);
	});
