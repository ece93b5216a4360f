// Each action from the page to Postfix and back to an outcome for each message.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, mark, openJobs, press, rowOf } from './browser.mjs';

let sink, postfix, postroom, browser;
const full = (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null);

before(async () => {
	sink = await Sink.start({ rcpt: full });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes', default_destination_concurrency_failed_cohort_limit: '0' } });
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
	const undo = page.locator('.toast').getByRole('button', { name: 'Undo', exact: true });
	await undo.hover(); /* it stays while it is pointed at */
	await untilWhere(a, 'hold');
	assert.equal(postfix.where(b), 'deferred');
	await undo.click();
	await untilWhere(a, 'deferred');
	await page.getByRole('button', { name: 'Clear selection', exact: true }).click();
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
	await rowOf(page, id).and(page.locator('.gone')).waitFor();
	await browser.assertClean();
});

test('delete asks with the focus on Cancel, holds, and comes back by Undo', async () => {
	const [id] = await some(1);
	const page = await browser.open('/');
	await mark(page, [id]);
	await action(page, 'Delete').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('heading', { name: 'Delete 1 message without telling the sender?' }).waitFor();
	await dialog.getByText('postsuper -d').first().waitFor();
	await until('the focus on Cancel', async () => (await page.evaluate(() => document.activeElement.textContent)) === 'Cancel');
	await assertAccessible(page, 'the question before a delete');
	await page.keyboard.press('Enter');
	await dialog.waitFor({ state: 'detached' });
	assert.equal(postfix.where(id), 'deferred');
	await action(page, 'Delete').click();
	await press(dialog, 'Delete 1 message');
	await untilWhere(id, 'hold');
	await page.goto(`${postroom.url}/?jobs=all`);
	const drawer = page.getByRole('complementary', { name: 'Jobs' });
	const job = drawer.getByRole('article').filter({ hasText: 'Delete, 1 message' });
	await job.getByText('can be undone', { exact: true }).waitFor();
	await page.reload();
	await job.getByRole('button', { name: /^Undo/ }).click();
	await untilWhere(id, 'deferred');
	await job.locator('.job-state').and(page.getByText('undone', { exact: true })).waitFor();
	await browser.assertClean();
});

test('more than ten deleted want the number typed; outcomes are listed, an already gone one neutrally', async () => {
	const ids = await some(12);
	const page = await browser.open('/?filter=to:u&sort=id');
	await mark(page, ids);
	await action(page, 'Delete').click();
	const dialog = page.getByRole('dialog');
	const number = dialog.getByRole('textbox', { name: 'To go on, type the number 12', exact: true });
	await number.waitFor();
	const button = dialog.getByRole('button', { name: 'Delete 12 messages', exact: true });
	assert.equal(await button.isDisabled(), true);
	await dialog.getByLabel('Undo for').selectOption('0');
	await number.fill('11');
	assert.equal(await button.isDisabled(), true);
	await number.fill('12');
	await button.click();
	for (const id of ids)
		await untilWhere(id, null);
	const drawer = await openJobs(page);
	await drawer.getByRole('link', { name: 'Delete, 12 messages' }).click();
	await drawer.locator('.job-state').and(page.getByText('finished', { exact: true })).waitFor();
	await drawer.getByRole('listitem').filter({ hasText: /^12\s+done$/ }).waitFor();
	await drawer.getByRole('link', { name: ids[0], exact: true }).waitFor();
	await assertAccessible(page, 'a job');
	await browser.assertClean();
});

test('two operators: the second is told that it was already gone', async () => {
	const [id, other] = await some(2);
	const page = await browser.open('/');
	await mark(page, [id, other]);
	await action(page, 'Re-queue').click();
	const dialog = page.getByRole('dialog');
	await until('the button to be enabled', () => dialog.getByRole('button', { name: 'Re-queue 2 messages', exact: true }).isEnabled());
	await postfix.feed('postsuper', ['-d', '-'], `${id}\n`);
	await dialog.locator('[type=submit]').click();
	await dialog.waitFor({ state: 'detached' });
	const drawer = await openJobs(page);
	await drawer.getByRole('link', { name: 'Re-queue, ' }).click();
	const items = drawer.getByRole('region', { name: 'What became of each message' }).getByRole('row');
	await items.filter({ hasText: id }).getByText('already gone').waitFor();
	/* Postfix picks re-queued mail up once a minute, or when it is asked to; then it has another ID. */
	await until('the message to be re-queued', () => postfix.where(other) !== 'deferred');
	await postfix.command('postqueue', '-f');
	await items.filter({ hasText: other }).getByText(/^now \w+/).waitFor();
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
	await page.getByText('6 selected', { exact: true }).waitFor();
	await rowOf(page, ids[5]).getByRole('checkbox').click();
	await page.getByRole('button', { name: 'Select all 6 that match', exact: true }).click();
	await page.getByText('All 6 that match are selected', { exact: true }).waitFor();
	await rowOf(page, ids[5]).getByRole('checkbox').click();
	await page.getByText('All 5 that match are selected', { exact: true }).waitFor();
	const late = await postfix.injectDeferred({ to: ['late@full.example'], from: 'bulk@shop.example' });
	await postroom.untilMessage(late);
	await action(page, 'Hold').click();
	const dialog = page.getByRole('dialog');
	await press(dialog, 'Hold 5 messages');
	await page.getByText('All 5 that match are selected', { exact: true }).waitFor();
	for (const id of ids.slice(0, 5))
		await untilWhere(id, 'hold');
	assert.equal(postfix.where(ids[5]), 'deferred');
	assert.equal(postfix.where(late), 'deferred');
	// The selection stays, and the next step is offered for the same messages.
	await page.getByRole('button', { name: 'Delete these 5 …', exact: true }).click();
	await dialog.getByRole('textbox', { name: 'To go on, type the number 5', exact: true }).fill('5');
	await press(dialog, 'Delete 5 messages');
	await page.getByText('All 5 that match are selected', { exact: true }).waitFor({ state: 'detached' });
	await until('a job to have the five', async () => (await postroom.get('/messages?filter=deleting:yes%20from:bulk')).matched === 5);
	await browser.assertClean();
});

test('bounce returns the mail to its sender', async () => {
	const [id] = await some(1);
	const page = await browser.open('/');
	await mark(page, [id]);
	await action(page, 'Bounce to sender').click();
	await press(page.getByRole('dialog'), 'Bounce 1 message');
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
	await dialog.getByText('postqueue -f', { exact: true }).waitFor();
	await press(dialog, 'Try the whole queue now');
	await dialog.waitFor({ state: 'hidden' });
	// The status line and the toast may both say it.
	await page.getByText('Postfix was asked to try').first().waitFor();
	await browser.assertClean();
});

test('a new filter clears the selection, and Restore brings it back; Shift makes ranges', async () => {
	const ids = await some(4);
	const page = await browser.open('/?sort=id&filter=to:u');
	await rowOf(page, ids[0]).waitFor();
	const boxes = page.getByRole('checkbox', { name: 'Select', exact: true });
	await boxes.nth(0).click();
	await page.getByText('1 selected', { exact: true }).waitFor();
	await boxes.nth(3).click({ modifiers: ['Shift'] });
	await page.getByText('4 selected', { exact: true }).waitFor();
	await page.getByRole('combobox', { name: 'Filter', exact: true }).fill('to:u1');
	await page.getByText('The new filter cleared 4 selected.').waitFor();
	await page.getByRole('grid', { name: 'Messages' }).focus(); /* leaving the box closes what it offers */
	await page.getByRole('button', { name: 'Restore', exact: true }).click();
	await page.getByText('4 selected', { exact: true }).waitFor();
	await browser.assertClean();
});

test('a hold is taken back in the jobs: what it put there, not what was on hold before', async () => {
	const [before, id] = await some(2);
	await postfix.feed('postsuper', ['-h', '-'], `${before}\n`);
	await postroom.untilMessage(before, (message) => message.queue === 'hold');
	const page = await browser.open('/');
	await mark(page, [before, id]);
	await action(page, 'Hold').click();
	await untilWhere(id, 'hold');
	await postroom.untilMessage(id, (message) => message.queue === 'hold');
	const [{ id: job }] = (await postroom.get('/jobs?limit=1')).jobs;
	await postroom.untilJob(job);
	await page.goto(`${postroom.url}/?jobs=${job}`);
	const card = page.getByRole('complementary', { name: 'Jobs' }).getByRole('article');
	const undo = card.getByRole('button', { name: 'Undo release what it put on hold', exact: true });
	assert.match(await undo.getAttribute('title'), /postsuper -H/);
	await undo.click();
	await untilWhere(id, 'deferred');
	assert.equal(postfix.where(before), 'hold');
	await card.getByText('Taken back by', { exact: false }).waitFor();
	await undo.waitFor({ state: 'detached' });
	await card.getByRole('link', { name: `job ${job + 1}`, exact: true }).click();
	await card.getByText('Takes back', { exact: false }).waitFor();
	await card.getByRole('button', { name: 'Undo hold again what it released', exact: true }).waitFor();
	await assertAccessible(page, 'a job that takes back another');
	await browser.assertClean();
});

test('a paced retry stops by itself where the same refusal comes again, says so, and goes on elsewhere', async (t) => {
	t.after(() => { sink.hooks.rcpt = full; });
	const busy = (to) => (to.endsWith('@busy.example') ? '452 4.3.1 Insufficient system storage' : full(to));
	sink.hooks.rcpt = (to) => busy(to) ?? (to.endsWith('@later.example') ? '450 4.7.1 Come back later' : null);
	const refused = await postfix.injectMany(5, (i) => ({ from: 'pace@shop.example', to: [`p${i}@busy.example`] }));
	const taken = await postfix.injectMany(2, (i) => ({ from: 'pace@shop.example', to: [`p${i}@later.example`] }));
	await postfix.untilIn('deferred', refused, taken);
	for (const id of [...refused, ...taken])
		await postroom.untilMessage(id, (message) => message.queue === 'deferred' && /said: 45/.test(message.recipients[0]?.reason ?? ''));
	sink.hooks.rcpt = busy;
	const page = await browser.open('/?filter=from:pace@shop.example');
	await mark(page, [refused[0]]);
	await page.getByRole('button', { name: 'Select all 7 that match', exact: true }).click();
	await action(page, 'Retry now').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByLabel('Pace').selectOption('600');
	await press(dialog, 'Retry 7 messages');
	const drawer = await openJobs(page);
	await drawer.getByRole('link', { name: /: Retry now, 7 messages$/ }).click();
	const card = drawer.getByRole('article');
	const stop = card.getByRole('listitem').filter({ hasText: 'gave the same refusal again; 2 messages for it are left as they were.' });
	await stop.getByText('busy.example', { exact: true }).waitFor();
	await stop.getByText(/452 4\.3\.1 Insufficient/).waitFor();
	await card.locator('.job-state').and(page.getByText('finished', { exact: true })).waitFor();
	await card.getByText('at most 600 a minute', { exact: false }).waitFor({ state: 'detached' });
	const items = drawer.getByRole('region', { name: 'What became of each message' });
	const listed = () => items.locator('tbody a.id').allInnerTexts();
	await items.getByRole('button', { name: 'not tried 2', exact: true }).click();
	await until('the two that were not tried', async () => (await listed()).length === 2);
	assert.ok((await listed()).every((id) => refused.includes(id)));
	await items.getByText('Not tried: its destination gave the same refusal again', { exact: false }).first().waitFor();
	await items.getByRole('button', { name: 'delivered 2', exact: true }).click();
	await until('the two that were delivered', async () => (await listed()).sort().join() === [...taken].sort().join());
	await assertAccessible(page, 'a paced retry that stopped by itself');
	for (const id of refused)
		assert.equal(postfix.where(id), 'deferred');
	await postfix.feed('postsuper', ['-d', '-'], `${refused.join('\n')}\n`);
	await browser.assertClean();
});
