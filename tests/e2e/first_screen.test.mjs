// The first screen answers: is it healthy, what is wrong, since when, who causes it, what to press. A calm host, then one with
// three destinations that take nothing, as they are found. Of a hijack the mail, the view, the preview and the jobs are real; that it
// is found needs a day of the past, so that here the list is told of it.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits } from './browser.mjs';

/* More than a screen holds. */
const CALM = 30;
const FLOOD = 40;
const DOWN = 30;
const SIZES = [[1440, 900], [1024, 768], [360, 780]];
const BIG = SIZES[0];

let sink, postfix, postroom, browser;

const replies = { 'full.example': '452 4.2.2 Mailbox full', 'down.example': '421 4.3.2 Service shutting down', 'disk.example': '452 4.3.1 Insufficient system storage', 'tired.example': '421 4.4.5 Server busy, try again later' };
/* Each in trouble has a server of its own: what one server refuses for all is one incident, which hides theirs. */
const TROUBLED = ['down.example', 'disk.example', 'tired.example'];
const list = () => postroom.get('/incidents');

before(async () => {
	const rcpt = (to) => replies[to.split('@')[1]] ?? null;
	sink = await Sink.start({ rcpt });
	const servers = await Promise.all(TROUBLED.map((_, i) => Sink.start({ rcpt }, { host: `127.0.0.${i + 2}` })));
	const routes = TROUBLED.map((domain, i) => `{${domain}=smtp:[127.0.0.${i + 2}]:${servers[i].port}}`);
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes', transport_maps: `inline:{${routes.join(', ')}}` } });
	const ids = await postfix.injectMany(CALM, (i) => ({ from: `anna${i}@office.example`, to: [`u${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	await postfix.injectMany(2 * CALM, (i) => ({ from: `bob${i % 20}@office.example`, to: [`u${i}@other${i % 7}.example`] }));
	await until('the rest to be delivered', () => sink.messages.length === 2 * CALM);
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const incidentRows = (page) => page.locator('.incidents > .incident');
const rowAbout = (page, what) => incidentRows(page).filter({ hasText: what }).first();
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

test('in trouble: what, where, since when and how much, 12 rows in sight, and the tab says it', async () => {
	const ids = await postfix.injectMany(DOWN, (i) => ({ from: `carl${i}@office.example`, to: [`w${i}@${TROUBLED[i % 3]}`] }));
	await postfix.untilIn('deferred', ids);
	/* A minute of the log must have passed, and a destination must have taken nothing for one. */
	await until('three incidents', async () => {
		const all = await postroom.get('/incidents?state=all');
		if ((await list()).incidents.filter(({ severity, state }) => severity !== 'note' && state === 'open').length < 3)
			throw new Error(JSON.stringify({ as_of: all.as_of, sentence: all.sentence, summary: all.summary, known: all.incidents.map(({ title, state, caused_by: by }) => [title, state, by]) }));
		return true;
	}, { timeout: 200000 });
	const { incidents } = await list();
	const many = incidents.filter(({ severity, state }) => severity !== 'note' && state === 'open').length;
	await look('trouble', async (page, size) => {
		await sentence(page).filter({ hasText: `${many} to watch` }).waitFor();
		assert.match(await page.title(), /^Queue · /);
		assert.match(await page.locator('link[rel=icon]').getAttribute('href'), /icon-watch-/);
		const row = rowAbout(page, 'disk.example');
		const text = await row.innerText();
		for (const part of [/destination/i, /to watch|needs somebody/i, /disk\.example/, /10 attempts failed/, /Insufficient system storage/, /[±+]\d/, /\d\d:\d\d/])
			assert.match(text, part);
		await row.getByRole('img', { name: /^Messages in the last 24 hours: .*now 10$/ }).waitFor();
		await row.getByRole('button', { name: 'Retry gently', exact: true }).waitFor();
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
	await rowAbout(page, 'disk.example').getByRole('link', { name: 'Show', exact: true }).click();
	await page.locator('.matched', { hasText: '10 messages' }).waitFor();
	await browser.assertClean();
});

test('keyboard alone: to an incident, along its buttons, into its page and back', async () => {
	const page = await browser.open('/', { size: BIG });
	await firstRow(page).waitFor();
	await incidentRows(page).first().waitFor();
	const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
	/* One stop for Tab, whatever the number of incidents. */
	const stops = () => page.evaluate(() => [...document.querySelectorAll('.incidents a[href], .incidents button')].filter((each) => each.tabIndex === 0).length);
	await until('one stop', async () => (await stops()) === 1);
	await page.keyboard.press('g');
	await page.keyboard.press('i');
	const title = await incidentRows(page).first().locator('.i-title a').innerText();
	await until('the focus on the first incident', async () => (await focused()) === title);
	await page.keyboard.press('ArrowDown');
	await until('the next', async () => (await focused()) === (await incidentRows(page).nth(1).locator('.i-title a').innerText()));
	await page.keyboard.press('Home');
	await page.keyboard.press('ArrowRight');
	await until('its first button', () => page.evaluate(() => document.activeElement.closest('.i-actions') !== null));
	await until('one stop', async () => (await stops()) === 1);
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: title, exact: true }).waitFor();
	await page.getByRole('heading', { name: 'Evidence', exact: true }).waitFor();
	await assertAccessible(page, 'an incident');
	await page.keyboard.press('Escape');
	await incidentRows(page).first().waitFor();
	assert.equal(new URL(page.url()).search, '');
	await browser.assertClean();
});

test('an incident of its own: evidence, a note, put aside and taken up again, for all who look', async () => {
	const { incidents } = await list();
	const { id, title } = incidents.find(({ subject }) => subject.key === 'disk.example');
	const page = await browser.open(`/?page=incident&id=${id}`, { size: BIG });
	await page.getByRole('heading', { name: title, exact: true }).waitFor();
	await page.getByText(/10 attempts failed/).first().waitFor();
	await page.getByRole('link', { name: 'Show all 10 in the table', exact: true }).waitFor();
	await page.getByLabel('Add a note').fill('Called the customer');
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	await page.getByRole('region', { name: 'Notes', exact: true }).getByText('Called the customer', { exact: true }).waitFor();
	await page.getByRole('region', { name: 'What happened', exact: true }).getByText('Called the customer').waitFor();
	const watched = Number(/(\d+) to watch/.exec((await list()).sentence)[1]);
	await page.locator('summary', { hasText: 'Put aside' }).click();
	await page.getByRole('button', { name: /^4 hours/ }).click();
	await page.getByText(/Put aside until .* by tester/).waitFor();
	await assertAccessible(page, 'an incident that is put aside');
	const other = await browser.open('/', { size: SIZES[2], name: 'other' });
	await sentence(other).filter({ hasText: `${watched - 1} to watch` }).waitFor();
	assert.equal(await rowAbout(other, 'disk.example').count(), 0);
	await other.getByRole('button', { name: '1 put aside', exact: true }).click();
	await rowAbout(other, 'disk.example').getByText(/put aside until/).waitFor();
	await assertFits(page, 'an incident that is put aside');
	await page.setViewportSize({ width: 360, height: 780 });
	await assertFits(page, 'an incident on a phone');
	await page.getByRole('button', { name: 'Take it up again', exact: true }).click();
	await sentence(other).filter({ hasText: `${watched} to watch` }).waitFor();
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
	await line.getByRole('link', { name: /^New: .*disk\.example/ }).waitFor();
	await line.getByText(/Postfix was started/).waitFor();
	await assertAccessible(page, 'since you looked');
	await page.getByRole('button', { name: 'I have read it', exact: true }).click();
	await line.waitFor({ state: 'detached' });
	await page.reload();
	await incidentRows(page).first().waitFor();
	assert.equal(await line.count(), 0);
	await browser.assertClean();
});

// The list as it is, and the flood on top of it.
async function tellFlood(page, since) {
	await page.route('**/api/v1/incidents', async (route) => {
		const response = await route.fetch();
		const body = await response.json();
		const known = body.incidents[0];
		const flood = {
			...known, id: '999', kind: 'flood', severity: 'act', title: 'Login info sends 40 a minute, usually 2', text: 'Hold all of it (postsuper -h), then stop the login.',
			subject: { kind: 'login', key: 'info' }, diagnosis: null, since, noticed: since, messages: FLOOD, growth: FLOOD, filter: 'login:=info', actions: ['hold', 'release', 'delete'], cause_of: [], evidence: [],
		};
		await route.fulfill({ status: 200, contentType: 'application/json', body: JSON.stringify({ ...body, incidents: [flood, ...body.incidents] }) });
	});
}

test('a hijack: two clicks from opening the page to its mail held, two more to it being deleted, and back again', async () => {
	const since = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString().replace('.000', '');
	const flood = await Promise.all(Array.from({ length: FLOOD }, (_, i) => postfix.inject({ from: 'info@office.example', to: [`v${i}@full.example`], xclient: { ADDR: '203.0.113.77', LOGIN: 'info' } })));
	await postfix.untilIn('deferred', flood);
	for (const id of flood)
		await postroom.untilMessage(id, (message) => message.queue === 'deferred');
	const page = await browser.open('/', { size: BIG });
	await tellFlood(page, since);
	await page.reload();
	const row = rowAbout(page, 'Login info');
	let clicks = 0;
	const click = async (button) => {
		await button.click();
		clicks += 1;
	};
	await click(row.getByRole('button', { name: `Hold all ${FLOOD}`, exact: true }));
	const dialog = page.getByRole('dialog');
	await dialog.getByText('postsuper -h').first().waitFor();
	assert.equal(await dialog.getByRole('textbox', { name: /type the number/ }).count(), 0, 'what can be taken back asks for no number');
	await click(dialog.getByRole('button', { name: `Hold ${FLOOD} messages`, exact: true }));
	await postfix.untilIn('hold', flood);
	assert.equal(clicks, 2);
	await click(row.getByRole('button', { name: `Delete these ${FLOOD} …`, exact: true }));
	await dialog.getByRole('textbox', { name: `To go on, type the number ${FLOOD}`, exact: true }).fill(String(FLOOD));
	await click(dialog.getByRole('button', { name: `Delete ${FLOOD} messages`, exact: true }));
	await until('all of it to be deleted', async () => (await postroom.get('/messages?filter=login:info%20deleting:yes')).matched === FLOOD);
	assert.equal(clicks, 4);
	/* The same after a reload, and for everybody: it is told by the jobs. */
	await page.reload();
	await row.getByRole('button', { name: /^Undo delete, / }).click();
	/* It was on hold before the delete, and is again; then it is let go. */
	await row.getByRole('button', { name: `Delete these ${FLOOD} …`, exact: true }).waitFor();
	await postfix.untilIn('hold', flood);
	await row.getByRole('button', { name: 'Release', exact: true }).click();
	await postfix.untilIn('deferred', flood);
	await browser.assertClean();
});

test('who may only look sees it all and can press nothing', async () => {
	const page = await browser.open('/', { size: BIG, role: 'viewer', name: 'looker' });
	await incidentRows(page).first().getByRole('link', { name: 'Show', exact: true }).waitFor();
	assert.equal(await page.locator('.i-actions button').count(), 0);
	await browser.assertClean();
});
