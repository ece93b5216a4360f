// The documentation in the browser, as the service answers it: without signing in, under the page's policy, at every width.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits } from './browser.mjs';

let postfix, postroom, browser;

before(async () => {
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

// A page of somebody who has not signed in.
async function open(path, { size = [1280, 860], dark = false } = {}) {
	const context = await browser.chromium.newContext({ viewport: { width: size[0], height: size[1] }, colorScheme: dark ? 'dark' : 'light' });
	const page = await context.newPage();
	browser.watch(page);
	await page.goto(`${postroom.url}${path}`);
	return page;
}

test('the documentation is answered to everybody, under the policy of the page', async () => {
	const policy = (await postroom.raw('GET', '/', { tcp: true })).headers['content-security-policy'];
	for (const [path, status, type] of [['/docs/', 200, 'text/html'], ['/docs/first-hour.html', 200, 'text/html'], ['/docs/search.json', 200, 'application/json'], ['/docs/nothing.html', 404, 'application/problem']]) {
		const reply = await postroom.api('GET', `/${path}`, undefined, { tcp: true });
		assert.equal(reply.status, status, path);
		assert.match(reply.headers['content-type'], new RegExp(`^${type}`));
		assert.equal(reply.headers['content-security-policy'], policy);
	}
	const { status, headers } = await postroom.raw('GET', '/docs', { tcp: true });
	assert.deepEqual([status, headers.location], [302, 'docs/']);
	const manual = await postroom.raw('GET', '/docs/postroom.1.html', { tcp: true, headers: { 'Accept-Encoding': 'gzip, br' } });
	assert.equal(manual.headers['content-encoding'], undefined);
	assert.equal((await postroom.raw('GET', '/docs/postroom.1.html', { tcp: true, headers: { 'If-None-Match': manual.headers.etag, 'Accept-Encoding': 'br' } })).status, 304);
	for (const path of ['/docs/../index.html', '/docs/%2e%2e/index.html', '/docs/a/b', '/docs/.x'])
		assert.notEqual((await postroom.raw('GET', path, { tcp: true })).status, 200, path);
	assert.equal((await postroom.raw('POST', '/docs/', { tcp: true })).status, 405);
});

test('one reads from page to page, and finds by words', async () => {
	const page = await open('/docs');
	await page.getByRole('heading', { name: 'Postroom', level: 1 }).waitFor();
	await page.getByRole('navigation', { name: 'Before and after' }).getByRole('link', { name: /^Next/ }).click();
	await page.getByRole('navigation', { name: 'Before and after' }).getByRole('link', { name: /^Before Overview/ }).waitFor();
	await page.getByRole('navigation', { name: 'Contents', exact: true }).getByRole('link', { name: 'The first hour' }).click();
	await page.getByRole('heading', { name: 'The first hour', level: 1 }).waitFor();
	assert.equal(await page.getByRole('navigation', { name: 'Contents', exact: true }).locator('[aria-current=page]').innerText(), 'The first hour');
	await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'Delete, and take it back' }).click();
	await page.waitForURL(/#delete-and-take-it-back$/);

	await page.keyboard.press('/');
	await page.keyboard.type('grace');
	const found = page.getByRole('region', { name: 'Found' });
	await found.getByRole('link').first().waitFor();
	await page.keyboard.press('Control+a');
	await page.keyboard.type('trusted_proxy');
	await found.getByRole('link', { name: /trusted_proxy|\[http\]/ }).first().waitFor();
	await assertAccessible(page, 'a search');
	await page.keyboard.press('Enter');
	await page.waitForURL(/postroom\.conf\.5\.html#/);
	await page.getByRole('searchbox').fill('nosuchwordanywhere');
	await page.getByText('Nothing has “nosuchwordanywhere”.').waitFor();
	await page.keyboard.press('Escape');
	await found.waitFor({ state: 'hidden' });
	await browser.assertClean();
});

test('Help leads to it', async () => {
	const page = await browser.open('/?page=help');
	await page.locator('a[href="docs/"]').click();
	await page.getByRole('heading', { name: 'Postroom', level: 1 }).waitFor();
	await page.getByRole('link', { name: 'The queue' }).click();
	await page.getByRole('link', { name: 'Queue', exact: true }).waitFor();
	await browser.assertClean();
});

test('its pages fit every width, and axe finds nothing in them, light and dark', async () => {
	const page = await open('/docs/');
	for (const name of ['', 'postroom.1.html', 'metrics.html', 'api-queue.html']) {
		await page.goto(`${postroom.url}/docs/${name}`);
		for (const width of [360, 768, 1024, 1440]) {
			await page.setViewportSize({ width, height: 900 });
			await assertFits(page, `${name} at ${width} px`);
			if (process.env.SCREENSHOTS)
				await page.screenshot({ path: `${process.env.SCREENSHOTS}/docs-${name || 'index'}-${width}.png` });
		}
		await page.emulateMedia({ colorScheme: name === '' || name === 'metrics.html' ? 'light' : 'dark' });
		await assertAccessible(page, name);
	}
	await browser.assertClean();
});
