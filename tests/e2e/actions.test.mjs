// Each action from the page to Postfix and back to an outcome for each message.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, mark, rowOf } from './browser.mjs';

let sink, postfix, postroom, browser;
const full = (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null);

before(async () => {
	sink = await Sink.start({ rcpt: full });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const some = async (count, domain = 'full.example') => {
	const ids = await postfix.injectMany(count, (i) => ({ to: [`u${i}@${domain}`], from: `s${i}@shop.example` }));
	await postfix.untilIn('deferred', ids);
	for (const id of ids)
		await postroom.untilMessage(id);
	return ids;
};

const action = (page, name) => page.getByRole('toolbar', { name: 'Actions on the selection' }).getByRole('button', { name, exact: true });
const untilWhere = (id, queue) => until(`${id} in ${queue ?? 'no queue'}`, () => postfix.where(id) === queue);

test('hold at once, undo by the toast, release', async () => {
	const [a, b] = await some(2);
	const page = await browser.open('/?filter=queue:deferred');
	await mark(page, [a]);
	assert.match(await action(page, 'Hold').getAttribute('title'), /postsuper -h/);
	await action(page, 'Hold').click();
	await untilWhere(a, 'hold');
	assert.equal(postfix.where(b), 'deferred');
	await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
	await untilWhere(a, 'deferred');
	await mark(page, [b]);
	await action(page, 'Hold').click();
	await untilWhere(b, 'hold');
	await page.goto(`${postroom.url}/?filter=queue:hold`);
	await mark(page, [b]);
	await action(page, 'Release').click();
	await untilWhere(b, 'deferred');
	await browser.assertClean();
});

test('retry delivers what can be delivered', async (t) => {
	t.after(() => { sink.hooks.rcpt = full; });
	const [id] = await some(1, 'full.example');
	const page = await browser.open('/');
	await mark(page, [id]);
	sink.hooks.rcpt = () => null;
	await action(page, 'Retry now').click();
	await untilWhere(id, null);
	await rowOf(page, id).waitFor({ state: 'detached' });
	await browser.assertClean();
});

test('delete asks with the focus on Cancel, holds, and comes back by Undo', async () => {
	const [id] = await some(1);
	const page = await browser.open('/');
	await mark(page, [id]);
	await action(page, 'Delete').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByText('Delete 1 message without telling the sender?').waitFor();
	await dialog.getByText('postsuper -d').first().waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Cancel');
	await assertAccessible(page, 'the question before a delete');
	await page.keyboard.press('Enter');
	await dialog.waitFor({ state: 'detached' });
	assert.equal(postfix.where(id), 'deferred');
	await action(page, 'Delete').click();
	await dialog.getByRole('button', { name: 'Delete 1 message' }).click();
	await untilWhere(id, 'hold');
	await page.goto(`${postroom.url}/?jobs=all`);
	const drawer = page.getByRole('complementary', { name: 'Jobs' });
	await drawer.getByText('can be undone').first().waitFor();
	await page.reload();
	await drawer.getByRole('button', { name: /^Undo/ }).first().click();
	await untilWhere(id, 'deferred');
	await drawer.getByText('undone').first().waitFor();
	await browser.assertClean();
});

test('more than ten deleted want the number typed; outcomes are listed, an already gone one neutrally', async () => {
	const ids = await some(12);
	const page = await browser.open('/?filter=to:u&sort=id');
	await mark(page, ids);
	await action(page, 'Delete').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByText('Delete 12 messages').first().waitFor();
	const button = dialog.getByRole('button', { name: 'Delete 12 messages' });
	assert.equal(await button.isDisabled(), true);
	await dialog.getByLabel('Undo for').selectOption('0');
	await dialog.getByLabel(/type the number/).fill('11');
	assert.equal(await button.isDisabled(), true);
	await dialog.getByLabel(/type the number/).fill('12');
	await until('the button to be enabled', () => button.isEnabled());
	await button.click();
	for (const id of ids)
		await untilWhere(id, null);
	await page.getByRole('button', { name: 'Show', exact: true }).click();
	const drawer = page.getByRole('complementary', { name: 'Jobs' });
	await drawer.getByText('finished').waitFor();
	await drawer.getByText(/12\s+done/).first().waitFor();
	await drawer.getByText(ids[0]).waitFor();
	await assertAccessible(page, 'a job');
	await browser.assertClean();
});

test('two operators: the second is told that it was already gone', async () => {
	const [id, other] = await some(2);
	const page = await browser.open('/');
	await mark(page, [id, other]);
	await action(page, 'Re-queue').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('button', { name: 'Re-queue 2 messages' }).waitFor();
	await until('the button to be enabled', () => dialog.getByRole('button', { name: 'Re-queue 2 messages' }).isEnabled());
	await postfix.feed('postsuper', ['-d', '-'], `${id}\n`);
	await dialog.getByRole('button', { name: /Re-queue/ }).click();
	await page.getByRole('button', { name: 'Show', exact: true }).click();
	const drawer = page.getByRole('complementary', { name: 'Jobs' });
	await drawer.getByText('already gone').first().waitFor();
	/* Postfix picks re-queued mail up once a minute, or when it is asked to. */
	await until('the re-queued message in maildrop', () => postfix.where(other) === 'maildrop');
	await postfix.command('postqueue', '-f');
	await drawer.getByText(/^now \w+/).first().waitFor();
	await browser.assertClean();
});

test('all that match: the frozen set, and nothing that arrived since', async () => {
	const ids = await postfix.injectMany(6, (i) => ({ to: [`bulk${i}@full.example`], from: 'bulk@shop.example' }));
	await postfix.untilIn('deferred', ids);
	for (const id of ids)
		await postroom.untilMessage(id);
	const page = await browser.open('/?filter=from:bulk');
	await rowOf(page, ids[0]).waitFor();
	await page.getByRole('checkbox', { name: 'Select the loaded rows' }).click();
	await page.getByText('6 selected').waitFor();
	await rowOf(page, ids[5]).getByRole('checkbox').click();
	await page.getByRole('button', { name: 'Select all 6 that match' }).click();
	await page.getByText('All 6 that match are selected').waitFor();
	await rowOf(page, ids[5]).getByRole('checkbox').click();
	const late = await postfix.injectDeferred({ to: ['late@full.example'], from: 'bulk@shop.example' });
	await postroom.untilMessage(late);
	await action(page, 'Hold').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel(/type the number 5/).fill('5');
	const button = dialog.getByRole('button', { name: 'Hold 5 messages' });
	await until('the button to be enabled', () => button.isEnabled());
	await button.click();
	for (const id of ids.slice(0, 5))
		await untilWhere(id, 'hold');
	assert.equal(postfix.where(ids[5]), 'deferred');
	assert.equal(postfix.where(late), 'deferred');
	await browser.assertClean();
});

test('bounce returns the mail to its sender', async () => {
	const [id] = await some(1);
	const page = await browser.open('/');
	await mark(page, [id]);
	await action(page, 'Bounce to sender').click();
	await page.getByRole('dialog').getByRole('button', { name: 'Bounce 1 message' }).click();
	await untilWhere(id, null);
	await until('the sender to get it back', () => sink.messages.some((message) => message.from === '' && message.data.includes('452 4.2.2 Mailbox full')));
	await browser.assertClean();
});

test('flush says what it does and does not mean', async () => {
	const page = await browser.open('/');
	await page.locator('.toolbar .menu').last().locator('summary').click();
	await page.getByRole('button', { name: /Try the whole queue now/ }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByText('not that anything was delivered').waitFor();
	await dialog.getByText('postqueue -f').waitFor();
	await dialog.getByRole('button', { name: 'Try the whole queue now' }).click();
	await dialog.waitFor({ state: 'hidden' });
	// The status line and the toast may both say it.
	await page.getByText('Postfix was asked to try').first().waitFor();
	await browser.assertClean();
});

test('a new filter clears the selection, and Restore brings it back; Shift makes ranges', async () => {
	const ids = await some(4);
	const page = await browser.open('/?sort=id&filter=to:u');
	await rowOf(page, ids[0]).waitFor();
	await page.getByRole('checkbox', { name: /^Select \w+$/ }).nth(0).click();
	await page.getByRole('checkbox', { name: /^Select \w+$/ }).nth(3).click({ modifiers: ['Shift'] });
	await page.getByText('4 selected').waitFor();
	await page.getByRole('textbox', { name: 'Filter' }).fill('to:u1');
	await page.getByText('The new filter cleared 4 selected.').waitFor();
	await page.getByRole('button', { name: 'Restore' }).click();
	await page.getByText('4 selected').waitFor();
	await browser.assertClean();
});
