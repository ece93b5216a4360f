// Signing in by an issuer in a browser: there and back to what was shown, across two sites, and out again.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Issuer, Postfix, Postroom, freePort } from '../harness/index.mjs';
import { Browser, assertAccessible } from './browser.mjs';

let postfix, postroom, issuer, browser;

before(async () => {
	postfix = await Postfix.start();
	const port = await freePort();
	// To a browser localhost and 127.0.0.1 are two sites, as an issuer's and ours are.
	issuer = await Issuer.start({ people: { anna: { groups: ['mail-operators'] }, gast: { groups: [] } }, inToken: true, redirect: `http://127.0.0.1:${port}`, host: 'localhost' });
	postroom = await Postroom.start(postfix, { set: { ...issuer.settings, 'http.listen': `127.0.0.1:${port}`, 'access.group': ['mail-operators = operator'] } });
	browser = await Browser.start(postroom);
});
after(async () => {
	await browser?.close();
	issuer?.close();
});

async function through(page, name) {
	await page.locator('input[name=login]').fill(name);
	await page.locator('input[name=password]').fill('any');
	await page.locator('button[type=submit]').click();
	await page.getByRole('button', { name: 'Continue' }).click();
}

test('a browser goes to the issuer and comes back to what it was shown; signing out leads to the issuer', async () => {
	const context = await browser.chromium.newContext({ locale: 'en-GB' });
	const page = await context.newPage();
	browser.watch(page);
	await page.goto(`${postroom.url}/?page=message&id=ABCDEF123`);
	const button = page.getByRole('link', { name: `Sign in with localhost:${issuer.port}` });
	await button.waitFor();
	await assertAccessible(page, 'sign-in page');
	await button.click();
	await through(page, 'anna');
	await page.getByText('anna').first().waitFor();
	assert.equal(page.url(), `${postroom.url}/?page=message&id=ABCDEF123`);
	const kept = (await context.cookies(postroom.url)).map(({ name, sameSite }) => `${name} ${sameSite}`);
	assert.ok(kept.includes('postroom Strict') && !kept.some((cookie) => cookie.startsWith('postroom-sign-in')), String(kept));
	await page.locator('.top .menu summary', { hasText: /Account|anna/ }).click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.waitForURL((url) => url.host === `localhost:${issuer.port}`);
	await context.close();
});

test('who may not come in is told why, and an issuer that is down is said so', async () => {
	const context = await browser.chromium.newContext({ locale: 'de-DE' });
	const page = await context.newPage();
	browser.watch(page);
	await page.goto(postroom.url);
	await page.getByRole('link', { name: `Anmelden mit localhost:${issuer.port}` }).click();
	await through(page, 'gast');
	await page.getByRole('alert').getByText(/keine seiner Gruppen/).waitFor();
	assert.equal(page.url(), `${postroom.url}/`);
	issuer.close();
	await page.getByRole('status').getByText(`localhost:${issuer.port} antwortet gerade nicht`).waitFor();
	await context.close();
});
