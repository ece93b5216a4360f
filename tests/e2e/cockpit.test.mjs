// The page inside Debian's Cockpit: over the Unix socket, as whoever has signed in there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test, { after, before } from 'node:test';
import { Cockpit, Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, mark, rowOf } from './browser.mjs';

const HTML = ['From: <shop@shop.example>', 'To: <b@full.example>', 'Subject: Hello', 'MIME-Version: 1.0', 'Content-Type: text/html; charset=utf-8', '',
	'<html><body><h1>Hello</h1></body></html>', ''].join('\r\n');
let postfix, postroom, browser, first;

before(async () => {
	const sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	first = await postfix.injectDeferred({ from: 'shop@shop.example', to: ['b@full.example'], message: Buffer.from(HTML) });
	postroom = await Postroom.start(postfix, { tcp: false });
	browser = await Browser.start(postroom);
});
after(() => browser?.close());

// Cockpit's shell, signed in as that user, and the frame in it.
async function open(user, t) {
	const cockpit = await Cockpit.start(postroom, { user });
	const page = await (await browser.chromium.newContext({ acceptDownloads: true, viewport: { width: 1700, height: 900 } })).newPage();
	t.after(async () => {
		await page.context().close();
		cockpit.stop();
	});
	// Cockpit's own words in the console are not ours to judge.
	page.on('console', (message) => {
		if (message.type() === 'error' && message.location().url.includes('/postroom/'))
			browser.wrong.push(`console: ${message.text()}`);
	});
	await page.goto(cockpit.url);
	const frame = page.frameLocator('iframe[name="cockpit1:localhost/postroom"]');
	return { page, frame };
}

const holdIn = async (frame, id) => {
	await mark(frame, [id]);
	await frame.getByRole('toolbar', { name: 'Actions on the selection' }).getByRole('button', { name: 'Hold', exact: true }).click();
	await until(`${id} in hold`, () => postfix.where(id) === 'hold');
};
const signedIn = async (frame, as) => {
	await frame.locator('.top .menu summary', { hasText: 'Account' }).click();
	await frame.getByText(as, { exact: true }).waitFor();
};

test('root has the page at once: live, with an action, a message and its parts', async (t) => {
	const { page, frame } = await open('root', t);
	await rowOf(frame, first).waitFor();
	await frame.locator('.live', { hasText: /live, as of/ }).waitFor();
	const second = await postfix.injectDeferred({ to: ['c@full.example'] });
	await rowOf(frame, second).waitFor();
	await holdIn(frame, second);
	await frame.getByRole('link', { name: first, exact: true }).first().click();
	await frame.getByRole('tab', { name: 'HTML' }).click();
	await frame.getByRole('button', { name: 'As it would look' }).click();
	await frame.frameLocator('iframe').getByRole('heading', { name: 'Hello' }).waitFor();
	const [download] = await Promise.all([page.waitForEvent('download'), frame.getByRole('link', { name: 'Download', exact: true }).click()]);
	assert.equal(download.suggestedFilename(), `${first}.eml`);
	assert.match(await readFile(await download.path(), 'utf8'), /<h1>Hello<\/h1>/);
	await signedIn(frame, 'Signed in as root (administrator)');
	await frame.getByRole('link', { name: 'Accounts', exact: true }).waitFor();
	assert.equal(await frame.getByRole('button', { name: 'Sign out' }).count(), 0);
	await frame.getByRole('link', { name: 'Help', exact: true }).click();
	const [docs] = await Promise.all([page.context().waitForEvent('page'), frame.locator('a[href^="docs/"]').click()]);
	await docs.getByRole('heading', { level: 1 }).waitFor();
	await browser.assertClean();
});

test('an operator is an operator, and who is neither is told so', async (t) => {
	const operator = await open('nobody', t);
	await rowOf(operator.frame, first).waitFor();
	await holdIn(operator.frame, first);
	await signedIn(operator.frame, 'Signed in as nobody (operator)');
	assert.equal(await operator.frame.getByRole('link', { name: 'Accounts', exact: true }).count(), 0);
	const stranger = await open('www-data', t);
	await stranger.frame.getByRole('alert').getByText(/^www-data may not use Postroom by .*postroom\.sock: root may/).waitFor();
	await postroom.stop();
	const late = await open('root', t);
	await late.frame.getByRole('alert').getByText(/^Nothing answers at /).waitFor();
	await postroom.up();
	await late.frame.getByRole('button', { name: 'Try again' }).click();
	await rowOf(late.frame, first).waitFor();
	await browser.assertClean();
});
