// From a filter to a set of messages, acted on exactly: typed, completed, narrowed, previewed, deleted, brought back.
// And the page's calm while mail comes and goes by the dozen.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, mark, openJobs, press, rowOf } from './browser.mjs';

const FLOOD = 40;
/* Below an open row, in px. */
const DEEP = 900;
let sink, postfix, postroom, browser, flood, others;

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : to.endsWith('@grey.example') ? '450 4.7.1 Greylisted, come back later' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	flood = await postfix.injectMany(FLOOD, (i) => ({ from: 'flood@shop.example', to: [`u${i}@full.example`] }));
	others = await postfix.injectMany(6, (i) => ({ from: 'flood@shop.example', to: [`o${i}@grey.example`] }));
	others.push(...await postfix.injectMany(4, (i) => ({ from: 'anna@office.example', to: [`p${i}@full.example`] })));
	await postfix.untilIn('deferred', flood, others);
	postroom = await Postroom.start(postfix);
	for (const id of [...flood, ...others])
		await postroom.untilMessage(id);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const box = (page) => page.getByRole('combobox', { name: 'Filter', exact: true });
const option = (page, name) => page.getByRole('option', { name });
const matched = (page, count) => page.locator('.matched', { hasText: new RegExp(`^${count} messages`) });

test('a filter is completed and explained as it is typed; a mistake is shown at its place', async () => {
	const page = await browser.open('/');
	await box(page).click();
	await box(page).pressSequentially('fro');
	await option(page, /^from:/).first().waitFor();
	await assertAccessible(page, 'completions');
	await box(page).press('Tab');
	await until('the field in the box', async () => (await box(page).inputValue()) === 'from:');
	await option(page, /^flood@shop\.example\s*46$/).waitFor();
	await box(page).press('ArrowDown');
	await page.locator('#filter[aria-activedescendant="filter-completions-0"]').waitFor();
	await box(page).press('Enter');
	await until('the value in the box', async () => (await box(page).inputValue()) === 'from:=flood@shop.example ');
	await matched(page, 46).waitFor();
	await page.getByText('messages whose sender is "flood@shop.example"', { exact: true }).waitFor();
	await box(page).pressSequentially('domain:');
	await option(page, /^full\.example/).waitFor();
	await box(page).press('Escape');
	await option(page, /^full\.example/).waitFor({ state: 'detached' });
	assert.equal(await box(page).inputValue(), 'from:=flood@shop.example domain:');
	await page.getByText(/^To go on:/).waitFor();
	await box(page).fill('from:=flood@shop.example domain:full nosuch:x');
	await page.locator('#filter-fault u', { hasText: /^nosuch:x$/ }).waitFor();
	await matched(page, 46).waitFor();
	await assertAccessible(page, 'a mistake while typing');
	for (let i = 0; i < ' nosuch:x'.length; i++)
		await box(page).press('Backspace');
	await matched(page, 40).waitFor();
	await page.getByRole('button', { name: 'Remove domain:full', exact: true }).click();
	await matched(page, 46).waitFor();
	await page.getByRole('button', { name: 'from:=flood@shop.example', exact: true }).click();
	await matched(page, 4).waitFor();
	assert.match(page.url(), /filter=-from:/);
	await browser.assertClean();
});

test('a filter too long for an address is kept and said', async () => {
	const page = await browser.open('/');
	await box(page).fill(`from:${'x'.repeat(5000)}`);
	await page.getByText(/may have 4,096 characters; this has 5,005/).waitFor();
	assert.equal((await box(page).inputValue()).length, 5005);
	await matched(page, 50).waitFor();
	await browser.assertClean();
});

test('what a click adds stands beside all that "or" joins', async () => {
	const page = await browser.open('/?filter=from:flood%20or%20from:anna');
	await matched(page, 50).waitFor();
	await page.getByRole('region', { name: 'Recipient domain', exact: true }).getByRole('button', { name: /^grey\.example/ }).click();
	await matched(page, 6).waitFor();
	await browser.assertClean();
});

test('typed, narrowed by a facet, all of it selected, previewed, deleted and brought back', async () => {
	const page = await browser.open('/');
	await box(page).fill('from:flood');
	await matched(page, 46).waitFor();
	await page.getByRole('region', { name: 'Recipient domain', exact: true }).getByRole('button', { name: /^full\.example/ }).click();
	await matched(page, FLOOD).waitFor();
	await mark(page, [flood[FLOOD - 1]]);
	await page.getByRole('button', { name: `Select all ${FLOOD} that match`, exact: true }).click();
	await page.getByText(`All ${FLOOD} that match are selected`, { exact: true }).waitFor();
	await page.getByRole('toolbar', { name: 'Actions on the selection' }).getByRole('button', { name: 'Delete', exact: true }).click();
	const dialog = page.getByRole('dialog');
	const facts = dialog.locator('.preview-facts');
	await facts.getByText(new RegExp(`^${FLOOD} messages, ${FLOOD} recipients, `)).waitFor();
	for (const part of ['flood@shop.example', 'full.example'])
		await facts.getByText(part, { exact: true }).waitFor();
	await assertAccessible(page, 'a preview');
	await dialog.getByRole('textbox', { name: `To go on, type the number ${FLOOD}`, exact: true }).fill(String(FLOOD));
	await press(dialog, `Delete ${FLOOD} messages`);
	await postfix.untilIn('hold', flood);
	for (const id of others)
		assert.equal(postfix.where(id), 'deferred');
	const drawer = await openJobs(page);
	const job = drawer.getByRole('article').filter({ hasText: `Delete, ${FLOOD} messages` });
	await job.getByText('can be undone', { exact: true }).waitFor();
	await job.getByRole('listitem').filter({ hasText: new RegExp(`^${FLOOD}\\s+held$`) }).waitFor();
	await job.getByRole('button', { name: /^Undo/ }).click();
	await postfix.untilIn('deferred', flood);
	await job.locator('.job-state').and(page.getByText('undone', { exact: true })).waitFor();
	await assertAccessible(page, 'a job that was undone');
	await browser.assertClean();
});

test('a preview that much has moved since is shown again, with what changed', async () => {
	const ids = await postfix.injectMany(30, (i) => ({ from: 'moving@shop.example', to: [`m${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	for (const id of ids)
		await postroom.untilMessage(id);
	const page = await browser.open('/?filter=from:moving');
	await matched(page, 30).waitFor();
	await mark(page, [ids[29]]);
	await page.getByRole('button', { name: 'Select all 30 that match', exact: true }).click();
	await page.getByRole('toolbar', { name: 'Actions on the selection' }).getByRole('button', { name: 'Hold', exact: true }).click();
	const dialog = page.getByRole('dialog');
	await until('the button to be enabled', () => dialog.getByRole('button', { name: 'Hold 30 messages', exact: true }).isEnabled());
	await postfix.feed('postsuper', ['-d', '-'], `${ids.slice(0, 20).join('\n')}\n`);
	await until('the server to see them gone', async () => (await postroom.get('/messages?filter=from:moving')).matched === 10);
	await press(dialog, 'Hold 30 messages');
	await dialog.getByText(/10 messages; before it was 30\./).waitFor();
	assert.equal(postfix.where(ids[25]), 'deferred');
	await press(dialog, 'Hold 10 messages');
	await postfix.untilIn('hold', ids.slice(20));
	await postfix.feed('postsuper', ['-d', '-'], `${ids.slice(20).join('\n')}\n`);
	await browser.assertClean();
});

// Mail that comes and goes until it is told to stop: some is delivered, some deferred, some deleted by others.
function churn() {
	let going = true;
	let turns = 0;
	const done = (async () => {
		while (going) {
			const ids = await postfix.injectMany(6, (i) => ({ from: `churn${turns}@office.example`, to: [`c${i}@${i % 2 ? 'full' : 'ok'}.example`] }));
			await until('half of them to be deferred', () => ids.every((id) => ['deferred', null].includes(postfix.where(id))));
			await postfix.feed('postsuper', ['-d', '-'], `${ids.filter((id) => postfix.where(id) !== null).join('\n')}\n`);
			turns += 1;
		}
	})();
	return { turns: () => turns, stop: () => { going = false; return done; } };
}

test('scroll, selection, filter and the open row stay while the queue churns', async () => {
	const page = await browser.open('/?filter=-from:nobody&sort=arrival', { size: [1280, 700] });
	await matched(page, 50).waitFor();
	const scroller = page.locator('[data-grid] .scroller');
	await mark(page, [flood[0], flood[1]]);
	await rowOf(page, flood[2]).getByRole('button', { name: 'Details' }).click();
	await page.locator('.expansion').getByText('1 recipient', { exact: true }).waitFor();
	await scroller.evaluate((element, deep) => { element.scrollTop = deep; }, DEEP);
	const index = await until('a row wholly in sight', () => scroller.evaluate((element, deep) => {
		const { top, bottom } = element.getBoundingClientRect();
		const inside = [...element.querySelectorAll('.row')].find((row) => row.querySelector('.id') && row.getBoundingClientRect().top > top && row.getBoundingClientRect().bottom < bottom);
		return element.scrollTop === deep && inside?.getAttribute('aria-rowindex');
	}, DEEP));
	const seen = page.locator(`[role=row][aria-rowindex="${index}"]`);
	const what = await seen.locator('.id').innerText();
	const where = await seen.boundingBox();
	const moving = churn();
	await page.getByRole('button', { name: /new.*refresh/ }).waitFor();
	await until('some turns of mail', () => moving.turns() >= 4);
	await postfix.feed('postsuper', ['-d', '-'], `${flood[1]}\n`);
	await page.getByText('(1 of them gone)', { exact: true }).waitFor();
	await moving.stop();
	assert.equal(await scroller.evaluate((element) => element.scrollTop), DEEP);
	assert.equal(await seen.locator('.id').innerText(), what);
	assert.deepEqual(await seen.boundingBox(), where, 'a row moved by itself');
	await page.getByText('2 selected', { exact: true }).waitFor();
	assert.match(page.url(), new RegExp(`filter=-from:nobody.*open=${flood[2]}`));
	await scroller.evaluate((element) => { element.scrollTop = 0; });
	await rowOf(page, flood[1]).and(page.locator('.gone')).waitFor();
	await page.locator('.expansion').waitFor();
	await page.keyboard.press('r');
	await rowOf(page, flood[1]).waitFor({ state: 'detached' });
	await page.locator('.expansion').waitFor();
	await rowOf(page, flood[0]).and(page.locator('.marked')).waitFor();
	await browser.assertClean();
});

test('a refresh that is asked for stays at the message where one stands, and the focus at its own', async () => {
	const page = await browser.open('/?filter=-from:nobody', { size: [1280, 700] });
	const scroller = page.locator('[data-grid] .scroller');
	await page.locator('[role=grid][aria-activedescendant="row-0"]').waitFor();
	await page.getByRole('grid', { name: 'Messages' }).focus();
	// What the test before took away may still leave the view here, and the focus follows its message.
	const place = async () => Number((await page.getByRole('grid', { name: 'Messages' }).getAttribute('aria-activedescendant')).replace('row-', ''));
	await until('a row far down', async () => {
		await page.keyboard.press('ArrowDown');
		return (await place()) >= 24;
	});
	const focused = page.locator('.row.focused');
	const top = (row) => row.boundingBox().then((box) => box.y);
	await until('the scrolling to settle', async () => {
		const one = await scroller.evaluate((element) => element.scrollTop);
		return one > 300 && one === await scroller.evaluate((element) => element.scrollTop);
	});
	const id = await focused.locator('.id').innerText();
	const from = await place();
	const before = await top(rowOf(page, id));
	const late = await postfix.injectMany(3, (i) => ({ from: 'late@office.example', to: [`l${i}@full.example`] }));
	await postfix.untilIn('deferred', late);
	await page.getByRole('button', { name: /^3 new.*: refresh/ }).waitFor();
	await page.keyboard.press('r');
	await until('the new view', async () => (await place()) > from);
	assert.equal(await focused.locator('.id').innerText(), id);
	await until('the row to be where it was', async () => Math.abs((await top(rowOf(page, id))) - before) < 2);
	await postfix.feed('postsuper', ['-d', '-'], `${late.join('\n')}\n`);
	await browser.assertClean();
});

test('facets, completions and a preview fit a phone, in the dark too', async () => {
	for (const dark of [false, true]) {
		const page = await browser.open('/', { size: [320, 640], dark });
		await box(page).click();
		await box(page).pressSequentially('from:');
		await option(page, /^anna@office\.example/).waitFor();
		await assertFits(page, 'completions');
		await assertAccessible(page, 'completions on a phone');
		await option(page, /^anna@office\.example/).click();
		await matched(page, 4).waitFor();
		await mark(page, [others[9]]);
		await page.getByRole('button', { name: 'Select all 4 that match', exact: true }).click();
		await page.getByRole('toolbar', { name: 'Actions on the selection' }).getByRole('button', { name: 'Delete', exact: true }).click();
		await page.getByRole('dialog').getByRole('textbox', { name: 'To go on, type the number 4', exact: true }).waitFor();
		await assertFits(page, 'a preview');
		await assertAccessible(page, 'a preview on a phone');
		await page.context().close();
	}
	await browser.assertClean();
});
