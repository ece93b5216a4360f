// The page beneath a path of another host, behind nginx with TLS: all that it asks for is there, and nothing else.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Authority, Postfix, Postroom, Proxy, PROXY_USER, Sink, until } from '../harness/index.mjs';
import { Browser, mark, rowOf } from './browser.mjs';

const BASE = '/postroom';
let postfix, postroom, proxy, browser, page, first;

before(async () => {
	const sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	first = await postfix.injectDeferred({ to: ['a@full.example'] });
	postroom = await Postroom.start(postfix, { set: { 'http.base_path': BASE, 'http.public_url': `https://mail.test${BASE}`, 'http.trusted_proxy': `unix:${PROXY_USER}` } });
	proxy = await Proxy.start('nginx', 'path', { postroom, authority: new Authority() });
	browser = await Browser.start(postroom, { url: proxy.url, base: BASE, args: ['--host-resolver-rules=MAP mail.test 127.0.0.1'] });
});
after(() => browser?.close());

test('first screen, the queue live, an action, and a link that is opened anew', async () => {
	const asked = [];
	page = await browser.open('/');
	page.on('request', (request) => asked.push(request.url()));
	await rowOf(page, first).waitFor();
	await page.locator('.live', { hasText: /live, as of/ }).waitFor();
	const [cookie] = (await page.context().cookies()).filter(({ name }) => name === '__Secure-postroom');
	assert.deepEqual({ secure: cookie.secure, path: cookie.path, only: cookie.httpOnly }, { secure: true, path: `${BASE}/`, only: true });

	/* What comes is told by the stream alone: nobody reloads. */
	const second = await postfix.injectDeferred({ to: ['b@full.example'] });
	await page.mouse.move(0, 0);
	await rowOf(page, second).waitFor();

	await mark(page, [second]);
	await page.getByRole('toolbar', { name: 'Actions on the selection' }).getByRole('button', { name: 'Hold', exact: true }).click();
	await until(`${second} in hold`, () => postfix.where(second) === 'hold');

	await page.getByRole('link', { name: 'Settings', exact: true }).click();
	await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
	assert.equal(new URL(page.url()).pathname, `${BASE}/`);
	await page.goto(`${proxy.url}${BASE}/?page=message&id=${first}`);
	await page.getByText('452 4.2.2 Mailbox full').first().waitFor();
	await page.reload();
	await page.getByText('452 4.2.2 Mailbox full').first().waitFor();
	await page.goto(`${proxy.url}${BASE}/runbook/flood`);
	await page.getByRole('heading', { level: 1 }).waitFor();
	await page.getByRole('link', { name: 'Postroom' }).first().click();
	await rowOf(page, first).waitFor();
	assert.deepEqual(asked.filter((url) => !url.startsWith(`${proxy.url}${BASE}/`)), []);
	await browser.assertClean();
});
