// The first screen answers: is it healthy, what is wrong, since when, who causes it, what to press. A calm host, then one in
// trouble: a hijacked login, and two destinations that take nothing. Real mail, a real Postfix, incidents as they are found.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits } from './browser.mjs';

/* More than a screen holds. */
const CALM = 30;
const FLOOD = 40;
const SIZES = [[1440, 900], [1024, 768], [360, 780]];
const BIG = SIZES[0];

let sink, postfix, postroom, browser, flood;

const replies = { 'full.example': '452 4.2.2 Mailbox full', 'big.example': '421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address', 'down.example': '421 4.3.2 Service shutting down', 'disk.example': '452 4.3.1 Insufficient system storage' };
const list = () => postroom.get('/incidents');

before(async () => {
	sink = await Sink.start({ rcpt: (to) => replies[to.split('@')[1]] ?? null });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	const ids = await postfix.injectMany(CALM, (i) => ({ from: `anna${i}@office.example`, to: [`u${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	await postfix.injectMany(2 * CALM, (i) => ({ from: `bob${i % 20}@office.example`, to: [`u${i}@other${i % 7}.example`] }));
	await until('the rest to be delivered', () => sink.messages.length === 2 * CALM);
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const incidentRows = (page) => page.locator('.incidents > .incident');
const floodRow = (page) => incidentRows(page).filter({ hasText: 'info' }).first();
const sentence = (page) => page.locator('.says h2');

// Rows of the table that are wholly in the window.
const rowsInSight = (page) => page.evaluate(() => {
	const box = document.querySelector('.scroller').getBoundingClientRect();
	return [...document.querySelectorAll('.spacer > .row:not(.waiting)')].map((row) => row.getBoundingClientRect())
		.filter(({ top, bottom }) => top >= box.top - 1 && bottom <= Math.min(innerHeight, box.bottom) + 1).length;
});
const firstRow = (page) => page.locator('#row-0:not(.waiting)');

async function look(state, check) {
	for (const size of SIZES) {
		for (const dark of [false, true]) {
			const page = await browser.open('/', { size, dark });
			await firstRow(page).waitFor();
			await check(page, size);
			await assertFits(page, `${state} at ${size}`);
			await assertAccessible(page, `${state} at ${size}${dark ? ', dark' : ''}`);
			await page.context().close();
		}
	}
	await browser.assertClean();
}

test('calm is one line, true, and leaves room for 18 rows', async () => {
	const { calm, sentence: said } = await list();
	assert.equal(calm, true, said);
	await look('calm', async (page, size) => {
		await sentence(page).filter({ hasText: /^\s*Nothing unusual\. 30 deferred/ }).waitFor();
		await page.getByRole('button', { name: /^Deferred 30$/ }).waitFor();
		assert.equal(await incidentRows(page).count(), 0);
		assert.match(await page.title(), /^Queue · /);
		assert.match(await page.locator('link[rel=icon]').getAttribute('href'), /icon-[0-9a-f]+\.svg$/);
		if (size === BIG)
			await until('18 rows above the fold', async () => (await rowsInSight(page)) >= 18);
	});
});

test('in trouble: who, what, since when and how much, 12 rows in sight, and the tab says it', async () => {
	flood = [];
	while (flood.length < FLOOD)
		flood.push(...await Promise.all(Array.from({ length: 10 }, (_, i) => postfix.inject({
			from: 'info@office.example', to: [`v${flood.length + i}@big.example`], subject: 'Your account needs attention',
			xclient: { NAME: 'a.example', ADDR: '203.0.113.77', LOGIN: 'info' },
		}))));
	const others = await postfix.injectMany(20, (i) => ({ from: `carl${i}@office.example`, to: [`w${i}@${i % 2 ? 'down' : 'disk'}.example`] }));
	await postfix.untilIn('deferred', flood, others);
	/* A minute of the log must have passed, and a destination must have taken nothing for one. */
	await until('three incidents', async () => {
		const { incidents } = await list();
		return incidents.filter(({ severity, state }) => severity !== 'note' && state === 'open').length >= 3 && incidents.some(({ kind, severity, messages }) => kind === 'flood' && severity === 'act' && messages === FLOOD);
	}, { timeout: 150000 });
	const { incidents } = await list();
	const many = incidents.filter(({ severity, state }) => severity !== 'note' && state === 'open').length;
	await look('trouble', async (page, size) => {
		await sentence(page).filter({ hasText: `${many} need somebody` }).waitFor();
		assert.match(await page.title(), new RegExp(`^\\(${many}\\) Queue · `));
		assert.match(await page.locator('link[rel=icon]').getAttribute('href'), /icon-act-/);
		const row = floodRow(page);
		const text = await row.innerText();
		for (const part of [/flood/i, /needs somebody/, /info/, /recipients in 10 minutes/, /[±+]\d/, /\d\d:\d\d/])
			assert.match(text, part);
		await row.getByRole('img', { name: /^Messages in the last 24 hours: .*now 40$/ }).waitFor();
		await row.getByRole('button', { name: `Hold all ${FLOOD}`, exact: true }).waitFor();
		if (size === BIG) {
			assert.ok((await incidentRows(page).count()) >= 3);
			await until('12 rows above the fold', async () => (await rowsInSight(page)) >= 12);
		}
	});
});

test('the figures, the sentence and the rows are one truth', async () => {
	const page = await browser.open('/?filter=queue:deferred', { size: BIG });
	await firstRow(page).waitFor();
	const { deferred } = (await list()).summary;
	await page.getByRole('button', { name: `Deferred ${deferred}`, exact: true }).waitFor();
	await page.locator('.matched', { hasText: `${deferred} messages` }).waitFor();
	await floodRow(page).getByRole('link', { name: 'Show', exact: true }).click();
	await page.locator('.matched', { hasText: `${FLOOD} messages` }).waitFor();
	await browser.assertClean();
});

test('keyboard alone: to an incident, along its buttons, into its page and back', async () => {
	const page = await browser.open('/', { size: BIG });
	await firstRow(page).waitFor();
	await floodRow(page).waitFor();
	const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
	/* One stop for Tab, whatever the number of incidents. */
	const stops = () => page.evaluate(() => [...document.querySelectorAll('.incidents a[href], .incidents button')].filter((each) => each.tabIndex === 0).length);
	assert.equal(await stops(), 1);
	await page.keyboard.press('g');
	await page.keyboard.press('i');
	const title = await incidentRows(page).first().locator('.i-title a').innerText();
	await until('the focus on the first incident', async () => (await focused()) === title);
	await page.keyboard.press('ArrowDown');
	await until('the next', async () => (await focused()) === (await incidentRows(page).nth(1).locator('.i-title a').innerText()));
	await page.keyboard.press('Home');
	await page.keyboard.press('ArrowRight');
	await until('its first button', () => page.evaluate(() => document.activeElement.closest('.i-actions') !== null));
	assert.equal(await stops(), 1);
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: title, exact: true }).waitFor();
	await page.getByRole('heading', { name: 'Evidence', exact: true }).waitFor();
	await assertAccessible(page, 'an incident');
	await page.keyboard.press('Escape');
	await floodRow(page).waitFor();
	assert.equal(new URL(page.url()).search, '');
	await browser.assertClean();
});

test('an incident of its own: evidence, what it explains, a note, put aside and taken up again, for all who look', async () => {
	const { incidents } = await list();
	const { id, title } = incidents.find(({ kind }) => kind === 'flood');
	const page = await browser.open(`/?page=incident&id=${id}`, { size: BIG });
	await page.getByRole('heading', { name: title, exact: true }).waitFor();
	await page.getByText(/recipients in 10 minutes/).first().waitFor();
	await page.getByRole('link', { name: `Show all ${FLOOD} in the table`, exact: true }).waitFor();
	await page.getByLabel('Add a note').fill('Called the customer');
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('region', { name: 'Notes', exact: true }).getByText('Called the customer', { exact: true }).waitFor();
	await page.getByRole('region', { name: 'What happened', exact: true }).getByText('Called the customer').waitFor();
	const needs = Number.parseInt((await list()).sentence, 10);
	await page.locator('summary', { hasText: 'Put aside' }).click();
	await page.getByRole('button', { name: /^4 hours/ }).click();
	await page.getByText(/^Put aside until .* by tester/).waitFor();
	await assertAccessible(page, 'an incident that is put aside');
	const other = await browser.open('/', { size: SIZES[2], name: 'other' });
	await sentence(other).filter({ hasText: `${needs - 1} need` }).waitFor();
	assert.equal(await floodRow(other).count(), 0);
	await other.getByRole('button', { name: '1 put aside', exact: true }).click();
	await floodRow(other).getByText(/put aside until/).waitFor();
	await assertFits(page, 'an incident that is put aside');
	await page.setViewportSize({ width: 360, height: 780 });
	await assertFits(page, 'an incident on a phone');
	await page.getByRole('button', { name: 'Take it up again', exact: true }).click();
	await sentence(other).filter({ hasText: `${needs} need` }).waitFor();
	await other.context().close();
	await browser.assertClean();
});

test('who comes back is told what happened since, until he has read it; each account on its own', async () => {
	const page = await browser.open('/', { size: BIG });
	await firstRow(page).waitFor();
	assert.equal(await page.getByText(/^Since you looked/).count(), 0, 'nobody has looked before');
	await page.addInitScript(() => {
		if (!sessionStorage.getItem('away')) {
			localStorage.setItem('postroom.looked.tester', String(Date.now() - 7_200_000));
			sessionStorage.setItem('away', '1');
		}
	});
	await page.reload();
	const line = page.locator('.lines', { hasText: 'Since you looked, 2 h ago:' });
	await line.getByRole('link', { name: /^New: .*info/ }).waitFor();
	await line.getByText(/Postfix was started/).waitFor();
	await assertAccessible(page, 'since you looked');
	await page.getByRole('button', { name: 'I have read it', exact: true }).click();
	await line.waitFor({ state: 'detached' });
	await page.reload();
	await floodRow(page).waitFor();
	assert.equal(await line.count(), 0);
	await browser.assertClean();
});

test('a hijack: two clicks from opening the page to its mail held, two more to it being deleted, and back again', async () => {
	const page = await browser.open('/', { size: BIG });
	let clicks = 0;
	const click = async (button) => {
		await button.click();
		clicks += 1;
	};
	await click(floodRow(page).getByRole('button', { name: `Hold all ${FLOOD}`, exact: true }));
	const dialog = page.getByRole('dialog');
	await dialog.getByText('postsuper -h').first().waitFor();
	assert.equal(await dialog.getByRole('textbox', { name: /type the number/ }).count(), 0, 'what can be taken back asks for no number');
	await click(dialog.getByRole('button', { name: `Hold ${FLOOD} messages`, exact: true }));
	await postfix.untilIn('hold', flood);
	assert.equal(clicks, 2);
	await click(floodRow(page).getByRole('button', { name: `Delete these ${FLOOD} …`, exact: true }));
	await dialog.getByRole('textbox', { name: `To go on, type the number ${FLOOD}`, exact: true }).fill(String(FLOOD));
	await click(dialog.getByRole('button', { name: `Delete ${FLOOD} messages`, exact: true }));
	await until('all of it to be deleted', async () => (await postroom.get('/messages?filter=login:info%20deleting:yes')).matched === FLOOD);
	assert.equal(clicks, 4);
	/* The same after a reload, and for everybody: it is told by the jobs. */
	await page.reload();
	await floodRow(page).getByRole('button', { name: /^Undo delete, / }).click();
	await postfix.untilIn('deferred', flood);
	await browser.assertClean();
});

test('who may only look sees it all and can press nothing', async () => {
	const page = await browser.open('/', { size: BIG, role: 'viewer', name: 'looker' });
	await floodRow(page).getByRole('link', { name: 'Show', exact: true }).waitFor();
	assert.equal(await page.locator('.i-actions button').count(), 0);
	await browser.assertClean();
});
