// Settings from the page to main.cf and back; sign-in; help; what the page says when something does not work.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits } from './browser.mjs';

const PASSWORD = 'correct horse battery';

let postfix, postroom, browser;

before(async () => {
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const setting = async (name) => (await postfix.command('postconf', '-h', name)).stdout.trim();

test('settings show value, default and where it is set; a change is previewed, written, kept in the history, put back', async () => {
	const page = await browser.open('/?page=settings');
	const row = page.getByRole('row', { name: /bounce_queue_lifetime/ });
	await row.getByText('not set: the default').waitFor();
	await page.getByRole('heading', { name: 'When a message is tried' }).waitFor();
	await assertAccessible(page, 'settings');
	await row.getByRole('textbox').fill('200');
	await row.getByText(/From 0s? to 90d/).first().waitFor();
	await row.getByRole('textbox').fill('9');
	await page.getByText(/bounce_queue_lifetime.*maximal_queue_lifetime/).first().waitFor();
	await page.getByText('postconf -e bounce_queue_lifetime=9d', { exact: true }).waitFor();
	await page.getByRole('heading', { name: 'When a message would be tried' }).waitFor();
	await row.getByRole('textbox').fill('2');
	await page.getByRole('button', { name: 'Save 1 change', exact: true }).click();
	await until('main.cf to have it', async () => (await setting('bounce_queue_lifetime')) === '2d');
	const history = page.getByRole('region', { name: 'History' });
	await history.getByText('applied', { exact: true }).first().waitFor();
	await history.getByRole('button', { name: 'Put back what was before' }).first().click();
	await until('main.cf to have the default', async () => (await setting('bounce_queue_lifetime')) === '5d');
	await browser.assertClean();
});

test('a viewer sees the settings and cannot change them', async () => {
	const page = await browser.open('/?page=settings', { role: 'viewer', name: 'looker' });
	await page.getByText('Changing them takes the right “settings”').waitFor();
	assert.equal(await page.getByRole('textbox').count(), 0);
	await browser.assertClean();
});

test('sign in by name and password, a wrong one, sign out', async () => {
	await postroom.post('/users', { name: 'berta', role: 'operator', password: PASSWORD });
	const context = await browser.chromium.newContext();
	const page = await context.newPage();
	browser.watch(page);
	await page.goto(postroom.url);
	await page.getByLabel('Name', { exact: true }).fill('berta');
	await page.getByLabel('Password').fill('wrong');
	await assertAccessible(page, 'sign-in');
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await page.getByText('Name or password is wrong.').waitFor();
	assert.equal(await page.getByText(/name or the password/).count(), 0, 'it is said once');
	await page.getByLabel('Password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await page.getByRole('heading', { name: 'The queue is empty', exact: true }).waitFor();
	await page.locator('.top .menu summary', { hasText: 'Account' }).click();
	await page.getByRole('button', { name: 'Sign out', exact: true }).click();
	await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
	await page.goto(`${postroom.url}/#login=notasecretthatexists`);
	await page.reload();
	await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
	await browser.assertClean();
});

test('help: the diagram, each queue, what is not in it, the stalled content filter', async () => {
	for (const size of [[1280, 900], [320, 640]]) {
		const page = await browser.open('/?page=help', { size });
		await page.getByRole('img', { name: /goes through Postfix/ }).waitFor();
		for (const name of ['What is not in the queue', 'When a content filter stalls', 'What the actions do', 'Keys'])
			await page.getByRole('heading', { name, exact: true }).waitFor();
		await assertFits(page, 'help');
		await assertAccessible(page, 'help');
	}
	await browser.assertClean();
});

test('the page says that Postfix stopped, and that the server does not answer', async () => {
	const page = await browser.open('/');
	await page.getByRole('heading', { name: 'The queue is empty', exact: true }).waitFor();
	await postfix.stop();
	await page.getByRole('region', { name: 'Notices' }).getByText(/not running/).first().waitFor();
	await page.getByRole('region', { name: 'Notices' }).getByText('Fix:').first().waitFor();
	await assertAccessible(page, 'notices');
	await postroom.stop();
	await page.locator('.live', { hasText: 'reconnecting' }).waitFor();
	await browser.assertClean();
});
