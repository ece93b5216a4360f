// The page behind a proxy with single sign-on: it says who one is, and notices when the proxy knows one no more.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Authenticator, Authority, Postfix, Postroom, Proxy, PROXY_USER } from '../harness/index.mjs';
import { Browser } from './browser.mjs';

let postfix, postroom, proxy, browser, sso;

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	sso = await Authenticator.start({ anna: { groups: 'mail-admins' }, carl: { groups: 'staff' } });
	postroom = await Postroom.start(postfix, { set: {
		'http.trusted_proxy': `unix:${PROXY_USER}`, 'http.public_url': 'https://mail.test', 'access.proxy_user_header': 'X-Auth-Request-Preferred-Username',
		'access.proxy_groups_header': 'X-Auth-Request-Groups', 'access.group': ['mail-admins = admin'],
	} });
	proxy = await Proxy.start('nginx', 'oauth2-proxy', { postroom, authority: new Authority(), authenticator: sso });
	browser = await Browser.start(postroom, { url: proxy.url, args: ['--host-resolver-rules=MAP mail.test 127.0.0.1'] });
});
after(async () => {
	await browser?.close();
	sso?.stop();
});

// What the proxy answers by itself is in no contract, so that the replies are not compared with it.
async function openAs(name) {
	const context = await browser.chromium.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' });
	await context.addCookies([{ name: 'sso', value: name, url: proxy.url }]);
	const page = await context.newPage();
	page.on('pageerror', (error) => browser.wrong.push(`page error: ${error.stack}`));
	await page.goto(proxy.url);
	return page;
}

test('it says who one is and how; who leaves the single sign-on is led to its sign-in', async () => {
	const page = await openAs('anna');
	await page.locator('.live', { hasText: /live, as of/ }).waitFor();
	await page.locator('.top .menu summary', { hasText: 'Account' }).click();
	await page.getByText('Signed in as anna (administrator, by single sign-on)').waitFor();
	await page.keyboard.press('Escape');

	delete sso.people.anna;
	await page.getByRole('link', { name: 'Settings', exact: true }).click();
	await page.getByText('Sign in with').waitFor();
	const address = new URL(page.url());
	assert.equal(address.pathname, '/oauth2/sign_in');
	assert.match(address.searchParams.get('rd'), /page=settings/);
});

test('whose groups may not come in is told so', async () => {
	const page = await openAs('carl');
	await page.getByText('The single sign-on says that you are carl, in these groups: staff. None of them may come in here').waitFor();
});
