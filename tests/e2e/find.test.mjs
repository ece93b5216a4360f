// Finding: mail that has left, by the log; the main cause of what is filtered; anything by Ctrl-K; the team's views.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, mark, press, rowOf } from './browser.mjs';

const MANY = 6;
let postfix, postroom, browser, full;
const left = {};

before(async () => {
	const sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : to.endsWith('@none.example') ? '550 5.1.1 No such user' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	full = await postfix.injectMany(MANY, (i) => ({ from: 'news@shop.example', to: [`full${i}@full.example`], subject: `Issue ${i}` }));
	[left.delivered] = await postfix.injectMany(1, () => ({ from: 'anna@office.example', to: ['bob@ok.example', 'carol@ok.example'] }));
	[left.bounced] = await postfix.injectMany(1, () => ({ from: 'anna@office.example', to: ['nobody@none.example'] }));
	await postfix.untilIn('deferred', full);
	await until('the others to have left', () => postfix.where(left.delivered) === null && postfix.where(left.bounced) === null);
	postroom = await Postroom.start(postfix);
	for (const id of full)
		await postroom.untilMessage(id);
	for (const id of Object.values(left))
		await until('the log to know it', async () => (await postroom.get(`/trace?text=${id}`)).messages.length === 1);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const box = (page) => page.getByRole('combobox', { name: 'Filter', exact: true });
const log = (page) => page.getByRole('region', { name: 'In the mail log', exact: true });
const palette = (page) => page.getByRole('dialog', { name: 'Find anything', exact: true });

test('what is not in the queue is answered from the log, as rows, once and only for who stays', async () => {
	const page = await browser.open('/', { size: [1440, 900] });
	const asked = [];
	page.on('request', (request) => { if (request.url().includes('/api/v1/trace')) asked.push(request.url()); });
	await rowOf(page, full[0]).waitFor();
	await box(page).pressSequentially('to:bob@ok.example ');
	await log(page).getByText('Not in the queue.', { exact: true }).waitFor();
	const row = log(page).getByRole('listitem');
	await row.getByText('delivered', { exact: true }).first().waitFor();
	assert.match((await row.textContent()).replace(/\s+/g, ' '), /anna@office\.example.*bob@ok\.example.*delivered \d\d:\d\d:\d\d to \S+.*250/);
	assert.equal(asked.length, 1, asked.join('\n'));
	await assertAccessible(page, 'the log below the table');
	await box(page).fill('to:full1@full.example ');
	await rowOf(page, full[1]).waitFor();
	await log(page).getByRole('listitem').getByText('deferred', { exact: true }).waitFor();
	assert.equal(await log(page).getByText('Not in the queue.').count(), 0);
	await box(page).fill('to:never@seen.example ');
	await log(page).getByText(/Not in the log either/).waitFor();
	await page.setViewportSize({ width: 360, height: 740 });
	await assertFits(page, 'the log on a phone');
	await box(page).fill('queue:deferred ');
	await log(page).waitFor({ state: 'detached' });
	await browser.assertClean();
});

test('a message that has left has a page: what became of each recipient, and who deleted it', async () => {
	const page = await browser.open(`/?filter=${left.delivered}`);
	await log(page).getByRole('link', { name: left.delivered, exact: true }).click();
	await page.getByRole('heading', { level: 1, name: `${left.delivered} is not in the queue` }).waitFor();
	for (const to of ['bob@ok.example', 'carol@ok.example'])
		await log(page).getByRole('row').filter({ hasText: to }).getByText('delivered', { exact: true }).waitFor();
	await assertAccessible(page, 'a message that has left');
	await page.goto(`${postroom.url}/?page=message&id=${left.bounced}`);
	await log(page).getByText('returned to the sender', { exact: true }).waitFor();
	const [id] = full.splice(0, 1);
	await postroom.job({ action: 'delete', ids: [id], undo_seconds: 0 });
	await until('the log to know of the delete', async () => (await postroom.get(`/trace?text=${id}`)).messages[0]?.recipients.some((recipient) => recipient.result === 'deleted'));
	await page.goto(`${postroom.url}/?page=message&id=${id}`);
	await log(page).getByText('deleted', { exact: true }).first().waitFor();
	assert.match(await log(page).textContent(), /deleted.* by .+\(job \d+\)/);
	await browser.assertClean();
});

test('the main cause of what is filtered stands above the table, with what to do and its actions', async () => {
	const page = await browser.open('/?filter=domain:full.example', { size: [1440, 900] });
	const cause = page.getByRole('region', { name: 'The main cause of these messages', exact: true });
	await cause.getByText('What to do:', { exact: true }).waitFor();
	await cause.getByText(new RegExp(`All ${full.length} of these`)).waitFor();
	await assertAccessible(page, 'the main cause');
	await cause.getByRole('button', { name: 'Delete', exact: true }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('textbox', { name: `To go on, type the number ${full.length}`, exact: true }).waitFor();
	await press(dialog, 'Cancel');
	/* Beside a selection its buttons would be taken for the selection's. */
	await mark(page, [full[1]]);
	await until('its buttons to be off', () => cause.getByRole('button', { name: 'Delete', exact: true }).isDisabled());
	await page.getByRole('button', { name: 'Clear selection', exact: true }).click();
	await until('them to be on again', () => cause.getByRole('button', { name: 'Delete', exact: true }).isEnabled());
	/* Before its details the open row says what to do. */
	await rowOf(page, full[0]).locator('.c-age').click();
	const open = page.locator('.expansion .detail');
	await open.waitFor();
	assert.match(await open.evaluate((element) => element.firstElementChild.textContent), /What to do:/);
	await page.getByRole('button', { name: 'Clear the filter', exact: true }).click();
	await cause.waitFor({ state: 'detached' });
	await browser.assertClean();
});

test('Ctrl-K finds an address, an ID, a cause, a job, a setting, an action, by keys alone', async () => {
	const { job } = await postroom.job({ action: 'hold', ids: [full[0]], note: 'ticket 4711' });
	await postroom.job({ action: 'release', ids: [full[0]] });
	const page = await browser.open('/');
	await rowOf(page, full[0]).waitFor();
	const find = async (text, option) => {
		await page.keyboard.press('Control+k');
		const input = palette(page).getByRole('combobox');
		await input.waitFor();
		await page.keyboard.type(text);
		const wanted = palette(page).getByRole('option', { name: option }).first();
		await wanted.waitFor();
		await until('the arrows to reach it', async () => {
			if ((await wanted.getAttribute('aria-selected')) === 'true') return true;
			await page.keyboard.press('ArrowDown');
			return false;
		});
		assert.equal(await input.getAttribute('aria-activedescendant'), await wanted.getAttribute('id'));
		return wanted;
	};
	await box(page).focus();
	await find('news@', /^sender news@shop\.example/);
	await assertAccessible(page, 'the box that finds anything');
	await page.keyboard.press('Escape');
	await palette(page).waitFor({ state: 'detached' });
	await until('the focus back where it was', () => page.evaluate(() => document.activeElement.id === 'filter'));
	const steps = [
		['news@', /^sender news@shop\.example/, /filter=from:%3Dnews@shop\.example/],
		[left.delivered, /^queue ID/, new RegExp(`page=message&id=${left.delivered}`)],
		['maximal_backoff', /^setting maximal_backoff_time/, /page=settings/],
		['mailbox', /^cause /, /filter=cause:/],
		['4711', /^job /, new RegExp(`jobs=${job?.id ?? '\\d+'}`)],
		['larg', /^saved view Largest/, /sort=-size/],
		['bob@ok.example', /^queue and log bob@ok\.example mail to it/, /filter=to:bob@ok\.example/],
	];
	for (const [text, option, address] of steps) {
		await find(text, option);
		await page.keyboard.press('Enter');
		await until(`${text} to lead there`, () => address.test(page.url()) || Promise.reject(new Error(page.url())));
	}
	await log(page).waitFor();
	await page.setViewportSize({ width: 320, height: 640 });
	await find('full', /^recipient full/);
	await assertFits(page, 'Ctrl-K on a phone');
	await browser.assertClean();
});

test('saved views are the team\'s, those of a browser are offered to it, and what is shown is copied as a link', async () => {
	const page = await browser.open('/?filter=queue:deferred&sort=size');
	await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
	await page.evaluate(() => localStorage.setItem('postroom.views', JSON.stringify([{ name: 'old one', address: '/?filter=queue:hold' }])));
	await page.reload();
	await page.getByRole('button', { name: 'Copy the link to what is shown', exact: true }).click();
	await until('the link in the clipboard', async () => (await page.evaluate(() => navigator.clipboard.readText())) === `${postroom.url}/?filter=queue:deferred&sort=size`);
	const menu = page.locator('.toolbar .menu').first();
	await menu.locator('summary').click();
	await menu.getByRole('textbox', { name: 'Name of the view' }).fill('Small first');
	await menu.getByRole('button', { name: 'Save for the team', exact: true }).click();
	await menu.getByRole('link', { name: 'Small first', exact: true }).waitFor();
	await menu.getByRole('button', { name: 'Give it to the team', exact: true }).click();
	await menu.getByRole('link', { name: 'old one', exact: true }).waitFor();
	await assertAccessible(page, 'saved views');
	await menu.getByRole('button', { name: 'Save for the team', exact: true }).click();
	await menu.getByText(/already/).waitFor();
	const viewer = await browser.open('/', { name: 'onlooker', role: 'viewer', size: [360, 740] });
	const theirs = viewer.locator('.toolbar .menu').first();
	await theirs.locator('summary').click();
	await theirs.getByRole('link', { name: 'Small first', exact: true }).waitFor();
	assert.equal(await theirs.getByRole('button', { name: 'Forget Small first' }).count(), 0);
	await assertFits(viewer, 'saved views on a phone');
	await theirs.getByRole('link', { name: 'Small first', exact: true }).click();
	await until('the view', () => /filter=queue:deferred&sort=size/.test(viewer.url()));
	await menu.getByRole('button', { name: 'Forget Small first', exact: true }).click();
	await page.locator('.toast').getByRole('button', { name: 'Undo', exact: true }).click();
	await until('the view to be back', async () => (await postroom.get('/saved-views')).views.map(({ name }) => name).join() === 'old one,Small first');
	await browser.assertClean();
});
