// What a hand may do to the page by accident, and what the page may do to a hand: keys with the focus nowhere, rows that
// move, a way back that leads out, a focus that is lost, words that are not ended, what is old and looks live.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, mark, press, rowOf } from './browser.mjs';

const MANY = 60;
let sink, postfix, postroom, browser, ids;

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	ids = await postfix.injectMany(MANY, (i) => ({ from: `${i % 2 ? 'anna' : 'from'}${i}@office.example`, to: [`u${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	postroom = await Postroom.start(postfix);
	for (const id of ids)
		await postroom.untilMessage(id);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const box = (page) => page.getByRole('combobox', { name: 'Filter', exact: true });
const matched = (page, count) => page.locator('.matched', { hasText: new RegExp(`^${count} messages`) });
const action = (page, name) => page.getByRole('toolbar', { name: 'Actions on the selection' }).getByRole('button', { name, exact: true });
const focusIsIn = (page, selector) => page.evaluate((wanted) => document.activeElement?.closest(wanted) !== null && document.activeElement !== document.body, selector);
const jobs = async () => (await postroom.get('/jobs')).jobs.length;

test('letters typed with the focus nowhere act on no mail and open nothing; in the table they do', async () => {
	const page = await browser.open('/?sort=id');
	await matched(page, MANY).waitFor();
	await page.locator('[role=grid][aria-activedescendant="row-0"]').waitFor();
	const had = await jobs();
	await page.locator('body').click({ position: { x: 2, y: 2 } });
	await page.keyboard.type('hotmail just out #');
	await page.keyboard.press('Enter');
	await page.keyboard.type('x');
	/* A key that does work here shows that those before it were heard. */
	await page.keyboard.press('/');
	await until('the filter to have the focus', () => focusIsIn(page, '#filter'));
	assert.equal(new URL(page.url()).search, '?sort=id');
	assert.equal(await page.getByRole('dialog').count(), 0);
	assert.equal(await page.locator('.row.marked').count(), 0);
	assert.equal(await jobs(), had);
	const first = await page.locator('#row-0 .id').innerText();
	await page.keyboard.press('Escape');
	await until('the focus in the table', () => focusIsIn(page, '[data-grid]'));
	await page.keyboard.press('h');
	await postfix.untilIn('hold', [first]);
	await page.getByRole('status').getByRole('button', { name: 'Undo', exact: true }).click();
	await postfix.untilIn('deferred', [first]);
	await browser.assertClean();
});

test('a key in the details of another open row does nothing to the row with the focus', async () => {
	const page = await browser.open(`/?sort=id&open=${[...ids].sort()[2]}`);
	const had = await jobs();
	await page.locator('.expansion').getByRole('link', { name: 'Open message' }).focus();
	await page.keyboard.type('htu#');
	await page.keyboard.press('?');
	await page.getByRole('heading', { name: 'The queues', exact: true }).waitFor();
	assert.equal(await jobs(), had);
	await browser.assertClean();
});

test('the toast of a delete brings it back', async () => {
	const page = await browser.open('/');
	await mark(page, [ids[MANY - 1]]);
	await action(page, 'Delete').click();
	await press(page.getByRole('dialog'), 'Delete 1 message');
	await postfix.untilIn('hold', [ids[MANY - 1]]);
	await page.getByRole('status').getByRole('button', { name: 'Undo', exact: true }).click();
	await postfix.untilIn('deferred', [ids[MANY - 1]]);
	await page.getByText('Bringing back 1 message').waitFor();
	await browser.assertClean();
});

test('Escape and Back lead from a message to the queue as it was, also after a reload, and never out', async () => {
	const page = await browser.open('/?filter=from:anna&sort=id');
	await matched(page, MANY / 2).waitFor();
	const queue = new URL(page.url()).search;
	const open = async () => {
		await page.locator('.c-id a').first().click();
		await page.getByRole('button', { name: 'Back', exact: true }).waitFor();
	};
	const isBack = () => until(`the same queue, ${queue}`, () => new URL(page.url()).search === queue || Promise.reject(new Error(page.url())));
	await open();
	await page.keyboard.press('Escape');
	await isBack();
	await matched(page, MANY / 2).waitFor();
	await open();
	await page.getByRole('tab', { name: 'Source' }).click();
	await page.reload();
	await page.getByRole('button', { name: 'Back', exact: true }).click();
	await isBack();
	/* A message that was opened by its address has nothing of ours before it. */
	await page.goto('about:blank');
	await page.goto(`${postroom.url}/?page=message&id=${ids[0]}`);
	await page.getByRole('button', { name: 'Back', exact: true }).click();
	await matched(page, MANY).waitFor();
	assert.equal(new URL(page.url()).origin, postroom.url);
	await browser.assertClean();
});

test('a term that is not ended does not run, and the page says what it shows until then', async () => {
	const page = await browser.open('/?filter=to:full');
	await matched(page, MANY).waitFor();
	await box(page).fill('');
	await until('no filter', () => !page.url().includes('filter='));
	await box(page).pressSequentially('from');
	await page.getByText(/Enter or a blank runs this\. The table still shows all messages\./).waitFor();
	await matched(page, MANY).waitFor();
	assert.doesNotMatch(page.url(), /filter=from/);
	await box(page).pressSequentially(':');
	await page.getByText(/^To go on:.*The table still shows all messages\./).waitFor();
	await box(page).pressSequentially('anna');
	await matched(page, MANY / 2).waitFor();
	await box(page).fill('from');
	await page.getByText(/The table still shows from:anna/).waitFor();
	await box(page).press('Enter');
	await matched(page, MANY / 2).waitFor();
	await until('the word to run', () => /filter=from$/.test(page.url()));
	await box(page).fill('from anna');
	await box(page).press('Escape');
	await box(page).press('Escape');
	await until('the box to say what is shown', async () => (await box(page).inputValue()) === 'from');
	await browser.assertClean();
});

// All shifts of the layout that the browser saw, as it counts them, of elements in the table.
const watchShifts = (page) => page.evaluate(() => {
	globalThis.shifts = [];
	new PerformanceObserver((list) => {
		for (const entry of list.getEntries())
			for (const { node } of entry.sources)
				if (node && (node.nodeType === 1 ? node : node.parentElement)?.closest('.grid')) globalThis.shifts.push((node.outerHTML ?? node.data).slice(0, 80));
	}).observe({ type: 'layout-shift', buffered: false });
});

test('nothing of ours moves a row: a selection, chips, a mistake, a long meaning, a refusal', async () => {
	for (const size of [[1440, 900], [1024, 768], [360, 740]]) {
		const page = await browser.open('/?sort=id', { size });
		await matched(page, MANY).waitFor();
		/* The main cause of what a filter finds comes with that filter, above the table: it is not what is judged here. */
		await page.route(/\/groups\?(?=.*by=cause)(?=.*limit=1(&|$))/, (route) => route.abort());
		const row = page.locator('#row-1');
		await row.waitFor();
		await until('the page to have settled', async () => (await page.locator('.facets .group, .group-list').count()) > 0);
		const at = () => row.evaluate((element) => element.getBoundingClientRect().top + scrollY);
		const was = await at();
		await watchShifts(page);
		const stays = async (what) => assert.equal(await at(), was, `${what} at ${size}`);
		await row.getByRole('checkbox').click();
		await page.getByText('1 selected', { exact: true }).waitFor();
		await stays('a selection');
		await page.locator('#row-2').getByRole('checkbox').click();
		await page.locator('#row-2.marked').waitFor();
		assert.equal(await page.locator('.row.marked').count(), 2, 'the second click met the row that was under it');
		await page.getByRole('button', { name: 'Clear selection', exact: true }).click();
		await stays('no selection');
		await box(page).fill('to:full domain:full from:office -from:nobody size<90M age<5d recipients<50 to:u');
		await page.getByRole('button', { name: 'Remove to:full', exact: true }).waitFor();
		await box(page).press('Escape');
		await matched(page, MANY).waitFor();
		await stays('chips');
		await box(page).fill('nosuch:x');
		await page.locator('#filter-fault').waitFor();
		await stays('a mistake');
		assert.deepEqual(await page.evaluate(() => globalThis.shifts), [], `at ${size}`);
		await page.context().close();
	}
	await browser.assertClean();
});

test('a new filter and a new order begin at the top', async () => {
	const page = await browser.open('/?sort=id', { size: [1280, 700] });
	await matched(page, MANY).waitFor();
	const scroller = page.locator('[data-grid] .scroller');
	const deep = () => scroller.evaluate((element) => { element.scrollTop = 600; return element.scrollTop; });
	const isTop = () => until('the top', () => scroller.evaluate((element) => element.scrollTop === 0));
	await until('rows below', async () => (await deep()) > 300);
	await box(page).fill('to:full');
	await page.getByRole('button', { name: 'Remove to:full', exact: true }).waitFor();
	await isTop();
	await box(page).press('Escape');
	await until('rows below', async () => (await deep()) > 300);
	await page.getByRole('columnheader').getByRole('button', { name: 'Sender', exact: true }).click();
	await isTop();
	await page.locator('#row-0 .id').waitFor();
	await browser.assertClean();
});

test('the table is two keys away, few Tabs without them; a row tells its ID once', async () => {
	const page = await browser.open('/');
	await matched(page, MANY).waitFor();
	await page.locator('.facets .group').first().waitFor();
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the messages');
	await page.keyboard.press('Enter');
	await until('the focus in the table', () => page.evaluate(() => document.activeElement.hasAttribute('data-grid')));
	await page.reload();
	await matched(page, MANY).waitFor();
	let tabs = 0;
	for (; tabs < 60 && !(await page.evaluate(() => document.activeElement.hasAttribute('data-grid'))); tabs++)
		await page.keyboard.press('Tab');
	assert.ok(tabs <= 19, `${tabs} Tabs to the table`);
	const row = page.locator('#row-0');
	const id = await row.locator('.id').innerText();
	const name = await row.getAttribute('aria-label');
	assert.equal(name.split(id).length - 1, 1, name);
	assert.match(name, /^deferred, \w+@office\.example to \w+@full\.example, /);
	for (const role of ['checkbox', 'button'])
		assert.equal(await row.getByRole(role, { name: id }).count(), 0, `the ID in the name of a ${role}`);
	await page.getByRole('toolbar', { name: 'Show one queue', exact: true }).getByRole('button').first().focus();
	await page.keyboard.press('ArrowRight');
	assert.match(await page.evaluate(() => document.activeElement.textContent), /^\s*Active/);
	await browser.assertClean();
});

test('the focus is in the table after an action on many, and beside what is gone', async () => {
	const page = await browser.open('/');
	await mark(page, [ids[MANY - 2], ids[MANY - 3]]);
	await action(page, 'Delete').click();
	await press(page.getByRole('dialog'), 'Delete 2 messages');
	await page.getByRole('dialog').waitFor({ state: 'detached' });
	await until('the focus in the table', () => focusIsIn(page, '[data-grid]'));
	await postfix.untilIn('hold', [ids[MANY - 2], ids[MANY - 3]]);
	const undo = page.getByRole('status').getByRole('button', { name: 'Undo', exact: true });
	await undo.focus();
	await page.keyboard.press('Enter');
	await undo.waitFor({ state: 'detached' });
	await until('the focus in the table', () => focusIsIn(page, '[data-grid]'));
	await postfix.untilIn('deferred', [ids[MANY - 2], ids[MANY - 3]]);
	await browser.assertClean();
});

test('in forced colours each line of the chart has its own', async () => {
	const page = await browser.open('/');
	await page.emulateMedia({ forcedColors: 'active' });
	await page.reload();
	await page.getByRole('button', { name: /^Open the chart\./ }).click();
	await page.locator('.chart').waitFor();
	const colours = await page.evaluate(() => ['deferred', 'active', 'hold', 'incoming'].map((name) => {
		const probe = document.createElement('span');
		probe.className = `probe-${name}`;
		document.body.append(probe);
		const { color } = getComputedStyle(probe);
		probe.remove();
		return color;
	}));
	assert.equal(new Set(colours).size, 4, String(colours));
	await browser.assertClean();
});

test('the chart has no numbers of now beside those above it, until one points at a time', async () => {
	const page = await browser.open('/');
	await matched(page, MANY).waitFor();
	await page.getByRole('button', { name: /^Open the chart\./ }).click();
	await page.getByRole('region', { name: 'Queue depth' }).locator('.legend').waitFor();
	assert.equal(await page.locator('.legend').getByText(/\d/).count(), 0);
	await browser.assertClean();
});

test('a sign-in says what was wrong with it: a spent link, a cut one, a wrong password, a session that ended', async () => {
	const page = await (await browser.chromium.newContext()).newPage();
	browser.watch(page);
	const { path } = await postroom.post('/login-links', { name: 'once', role: 'viewer' });
	await page.goto(`${postroom.url}${path}`);
	await page.getByRole('link', { name: 'Queue', exact: true }).waitFor();
	await page.context().clearCookies();
	await page.getByText('Your session has ended.').waitFor();
	for (const link of [path, '/#login=%E0%A4%A']) {
		await page.goto('about:blank');
		await page.goto(`${postroom.url}${link}`);
		await page.getByText('This sign-in link is no longer good.').waitFor();
		assert.equal(await page.getByText('Name or password is wrong').count(), 0);
	}
	await page.getByLabel('Name').fill('nobody');
	await page.getByLabel('Password').fill('wrong');
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await page.getByText('Name or password is wrong').waitFor();
	assert.equal(await page.getByText('link').count(), 0);
	const fresh = await postroom.post('/login-links', { name: 'once', role: 'viewer' });
	await page.goto(`${postroom.url}${fresh.path}`); /* where the sign-in page is: the fragment alone changes */
	await page.getByRole('link', { name: 'Queue', exact: true }).waitFor();
	assert.equal(new URL(page.url()).hash, '');
	await page.context().close();
	await browser.assertClean();
});

test('what is old does not look live: a reader that hangs, a server that hangs', async (t) => {
	const page = await browser.open('/');
	await page.locator('.live.now').waitFor();
	const readerGoesOn = postroom.hang('reader');
	t.after(readerGoesOn);
	await until('the server to say how old it is', async () => (await postroom.get('/queue')).age > 6);
	readerGoesOn();
	await until('it to be young again', async () => (await postroom.get('/queue')).age <= 6);
	await page.clock.install();
	await page.reload();
	await page.locator('.live.now').waitFor();
	const serverGoesOn = postroom.hang('server');
	t.after(serverGoesOn);
	await page.clock.fastForward(40000);
	await page.locator('.live.stale', { hasText: /^not live: \d+ s old/ }).waitFor();
	serverGoesOn();
	await page.locator('.live.now').waitFor();
	await browser.assertClean();
});
