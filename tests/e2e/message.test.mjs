// One message: opened in place, and on a page of its own with what is in it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, rowOf } from './browser.mjs';

const PICTURE = 'https://tracker.example/seen.gif';

const HOSTILE = (from, to) => [
	`From: =?utf-8?q?S=C3=B6der_Shop?= <${from}>`, `To: <${to}>`, 'Subject: =?utf-8?b?UmVjaG51bmcg4oCTIGJpdHRlIHByw7xmZW4=?=',
	'Date: Sun, 22 Nov 2026 08:00:00 +0000', 'Message-ID: <1@shop.example>', 'X-Trick: invoice\u202efdp.exe', 'MIME-Version: 1.0',
	'Content-Type: multipart/mixed; boundary=B', '', '--B', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '',
	'Gr\u00fc\u00dfe, siehe Anhang.', 'hid\u200bden', '--B', 'Content-Type: text/html; charset=utf-8', '',
	`<html><body><h1>Hello</h1><script>parent.postMessage('out','*');document.title='owned'</script><img src="${PICTURE}" onerror="alert(1)"><p style="color:red">red</p></body></html>`,
	'--B', 'Content-Type: application/pdf; name="=?utf-8?q?Rechnung_=C3=BC.pdf?="', 'Content-Disposition: attachment', 'Content-Transfer-Encoding: base64', '',
	Buffer.from('%PDF-1.4 not really').toString('base64'), '--B--', ''].join('\r\n');

let sink, postfix, postroom, browser;
const ids = {};

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (to.startsWith('grey') ? '450 4.7.1 Greylisted, come back later' : to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	ids.two = await postfix.injectDeferred({ from: 'news@shop.example', to: ['a@full.example', 'grey@full.example'], subject: 'Autumn news', xclient: { NAME: 'web1.shop.example', ADDR: '192.0.2.10', LOGIN: 'news', HELO: 'web1.shop.example' } });
	const message = Buffer.from(HOSTILE('shop@shop.example', 'b@full.example'), 'utf8');
	ids.hostile = await postfix.injectDeferred({ from: 'shop@shop.example', to: ['b@full.example'], message });
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

test('a row opens in place: reasons and codes of each recipient, diagnosis, attempts, next try as a span, lifetime', async () => {
	const page = await browser.open();
	await rowOf(page, ids.two).getByRole('button', { name: 'Details' }).click();
	const open = page.locator('.expansion');
	await open.getByText('2 recipients').first().waitFor();
	const text = await until('the attempts from the log', async () => {
		const now = await open.innerText();
		return /2 attempts/.test(now) ? now : null;
	});
	for (const part of ['452 4.2.2 Mailbox full', '450 4.7.1 Greylisted', '4.2.2', '4.7.1', 'web1.shop.example', '192.0.2.10', 'news', 'What to do:', 'Next attempt', 'in reply to'])
		assert.ok(text.includes(part), `${part} in ${text}`);
	assert.match(text, /between \d\d:\d\d:\d\d and \d\d:\d\d:\d\d|due/);
	assert.match(text, / of 5 d; the first failed attempt after that returns it/);
	assert.match(page.url(), new RegExp(`open=${ids.two}`));
	await assertAccessible(page, 'an open row');
	await page.reload();
	await page.locator('.expansion').getByText('2 recipients').first().waitFor();
	await rowOf(page, ids.two).getByRole('button', { name: 'Details' }).click();
	await open.waitFor({ state: 'detached' });
	await browser.assertClean();
});

test('a diagnosis leads to all messages that share it', async () => {
	const page = await browser.open(`/?page=message&id=${ids.hostile}`);
	await page.getByRole('link', { name: /All \d+ with this cause/ }).first().click();
	await rowOf(page, ids.two).waitFor();
	await rowOf(page, ids.hostile).waitFor();
	assert.match(page.url(), /filter=cause:/);
	await browser.assertClean();
});

test('content is decoded and safe: headers, text, parts; what is invisible is marked', async () => {
	const page = await browser.open(`/?page=message&id=${ids.hostile}`);
	await page.getByRole('heading', { level: 1, name: 'Rechnung – bitte prüfen' }).waitFor();
	const body = page.getByRole('tabpanel');
	await body.getByText('Grüße, siehe Anhang.').waitFor();
	assert.match(await body.innerText(), /hidU\+200Bden/);
	await page.getByRole('tab', { name: 'Headers' }).click();
	await body.getByText('Söder Shop', { exact: false }).first().waitFor();
	assert.match(await body.innerText(), /invoiceU\+202Efdp\.exe/);
	await page.getByRole('button', { name: 'As they are' }).click();
	await body.getByText('=?utf-8?q?S=C3=B6der_Shop?=').waitFor();
	await page.getByRole('tab', { name: 'Path' }).click();
	await body.getByText('mail.test').first().waitFor();
	await page.getByRole('tab', { name: 'Parts' }).click();
	await body.getByText('Rechnung ü.pdf').waitFor();
	await page.getByRole('tab', { name: 'Source' }).click();
	await body.getByText('X-Trick').waitFor();
	await assertAccessible(page, 'a message');
	await browser.assertClean();
});

test('HTML is shown as source, or walled in: no script, nothing fetched', async () => {
	const page = await browser.open(`/?page=message&id=${ids.hostile}&tab=html`);
	const outside = [];
	page.on('request', (request) => { if (!request.url().startsWith(postroom.url)) outside.push(request.url()); });
	await page.getByRole('tabpanel').getByText('<h1>Hello</h1>').waitFor();
	/* The frame's own policy speaks when the picture is refused; that is the proof, not a fault. */
	browser.allowed = [/tracker\.example/, /Blocked script execution/];
	await page.getByRole('button', { name: 'As it would look' }).click();
	await page.frameLocator('iframe').getByRole('heading', { name: 'Hello' }).waitFor();
	assert.doesNotMatch(await page.title(), /owned/);
	assert.deepEqual(outside.filter((address) => !address.startsWith(PICTURE)), []);
	const frame = page.frames().find((each) => each !== page.mainFrame());
	assert.equal(await frame.locator('img').evaluate((image) => image.naturalWidth).catch(() => 0), 0);
	await browser.assertClean();
	browser.allowed = [];
});

test('download gives the message itself', async () => {
	const page = await browser.open(`/?page=message&id=${ids.hostile}`);
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download', exact: true }).click()]);
	assert.equal(download.suggestedFilename(), `${ids.hostile}.eml`);
	assert.match(await readFile(await download.path(), 'utf8'), /^X-Trick: invoice\u202efdp\.exe/m);
	await browser.assertClean();
});

test('print: the message by the browser, the list as a page of the server', async () => {
	const page = await browser.open();
	await rowOf(page, ids.two).waitFor();
	await page.locator('.toolbar .menu').last().locator('summary').click();
	const [printed] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('link', { name: 'Print' }).click()]);
	await printed.getByText(ids.two).waitFor();
	await browser.assertClean();
});

test('a message that left says so, and one that never was', async () => {
	const gone = await postfix.injectDeferred({ to: ['z@full.example'] });
	await postroom.untilMessage(gone);
	const page = await browser.open(`/?page=message&id=${gone}`);
	await page.getByRole('heading', { level: 1 }).waitFor();
	await postfix.feed('postsuper', ['-d', '-'], `${gone}\n`);
	await page.getByText('This message has left the queue.').waitFor();
	await page.goto(`${postroom.url}/?page=message&id=4dCzQ80sf8z1p3V6`);
	await page.getByText('4dCzQ80sf8z1p3V6 is not in the queue').waitFor();
	await assertFits(page, 'a message that is not there');
	await browser.assertClean();
});

test('who may look but not read sees no content', async () => {
	const page = await browser.open(`/?page=message&id=${ids.hostile}`, { role: 'viewer', name: 'looker' });
	await page.getByText('Reading mail is a right of its own').waitFor();
	await page.getByText('You may look, but not act.').waitFor();
	assert.equal(await page.getByRole('button', { name: 'Delete' }).count(), 0);
	await browser.assertClean();
});
