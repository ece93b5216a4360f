// Subjects, names and file names in the character sets that people send: read in list, search, message and command line.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, Sink } from '../harness/index.mjs';

const q = encodeURIComponent;
const WORDS = {
	'windows-1251': 'Привет', 'koi8-r': 'Ответ', 'iso-8859-5': 'Счёт', 'koi8-u': 'Дякую', 'windows-1250': 'Žluťoučký', 'iso-8859-2': 'Łódź', 'iso-8859-7': 'Καλημέρα',
	'windows-1255': 'שלום', 'windows-1256': 'مرحبا', 'iso-8859-9': 'İstanbul', gb2312: '你好', gb18030: '發票', big5: '請問', shift_jis: '日本語', 'iso-2022-jp': '請求書', 'euc-jp': '会議',
	'euc-kr': '안녕', 'ks_c_5601-1987': '회의', 'tis-620': 'สวัสดี', 'iso-8859-15': '5 €', 'windows-1258': 'Việt', 'cp866': 'Заказ', 'armscii-8': 'Բարև', 'utf-16': 'Grüße',
};
// As iconv calls them.
const NAMES = { 'ks_c_5601-1987': 'CP949', gb2312: 'GB2312', 'windows-1258': 'WINDOWS-1258' };
const bytes = (set, text) => execFileSync('iconv', ['-f', 'utf-8', '-t', NAMES[set] ?? set], { input: text });
const encoded = (set, text) => `=?${set}?B?${bytes(set, text).toString('base64')}?=`;

let sink, postfix, postroom;
const ids = {};

const message = (set, text) => [`From: ${encoded(set, text)} <x@shop.example>`, `Subject: 1 ${encoded(set, text)} 2`, 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=B', '',
	'--B', `Content-Type: text/plain; charset="${set}"`, 'Content-Transfer-Encoding: base64', '', bytes(set, text).toString('base64'),
	'--B', 'Content-Type: application/pdf', `Content-Disposition: attachment; filename="${encoded(set, `${text}.pdf`)}"`, 'Content-Transfer-Encoding: base64', '', 'JVBERg==',
	'--B', 'Content-Type: application/pdf', `Content-Disposition: attachment; filename*=${set}''${[...bytes(set, `${text}.pdf`)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`, '', 'x',
	'--B--', ''].join('\r\n');

before(async () => {
	sink = await Sink.start({ rcpt: () => '452 4.2.2 Mailbox full' });
	postfix = await Postfix.start({ sink });
	for (const [set, text] of Object.entries(WORDS))
		ids[set] = await postfix.injectDeferred({ message: message(set, text) });
	postroom = await Postroom.start(postfix);
	for (const id of Object.values(ids))
		await postroom.untilMessage(id);
});

after(async () => {
	await postroom?.stop();
	postfix?.remove();
	sink?.stop();
});

test('subjects are read in the list, found by a filter, printed by the command line', async () => {
	const { messages } = await postroom.get('/messages?limit=100');
	const subjects = Object.fromEntries(messages.map((each) => [each.id, each.subject]));
	for (const [set, text] of Object.entries(WORDS)) {
		assert.equal(subjects[ids[set]], `1 ${text} 2`.normalize('NFC'), set);
		const found = await postroom.get(`/messages?filter=${q(`subject:"${text}"`)}`);
		assert.deepEqual(found.messages.map((each) => each.id), [ids[set]], set);
	}
	const { stdout } = await postroom.cli('list', '--json', '--limit', '0');
	const printed = stdout.trim().split('\n').map((line) => JSON.parse(line).subject);
	for (const [set, text] of Object.entries(WORDS)) {
		assert.ok(printed.includes(`1 ${text} 2`), set);
		assert.ok((await postroom.cli('show', ids[set])).stdout.includes(text), `show: ${set}`);
	}
});

test('headers, names, texts and file names of a message are read', async () => {
	for (const [set, text] of Object.entries(WORDS)) {
		const content = await postroom.get(`/messages/${ids[set]}/content`);
		const header = (name) => content.headers.find((each) => each.name.toLowerCase() === name).value;
		assert.equal(header('subject'), `1 ${text} 2`, set);
		assert.match(header('from'), new RegExp(text.replace('.', '\\.')), set);
		assert.equal(content.parts[1].text.trim(), text, set);
		assert.deepEqual(content.parts.slice(2).map((part) => part.name), [`${text}.pdf`, `${text}.pdf`], set);
	}
});

test('bytes that nothing declares are UTF-8, or a question mark for each', async () => {
	const id = await postfix.injectDeferred({ message: Buffer.concat([Buffer.from('Subject: Grüße '), bytes('windows-1251', 'Привет'), Buffer.from('\r\n\r\nx\r\n')]) });
	const found = await postroom.untilMessage(id);
	assert.match(found.subject, /^Grüße \?{6}$/);
});
