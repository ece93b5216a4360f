// The first page on a real queue: what is shown, how it follows, how it is filtered, sorted and grouped.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, rowOf } from './browser.mjs';

let sink, postfix, postroom, browser;
const ids = {};

before(async () => {
	sink = await Sink.start({
		rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : to.endsWith('@grey.example') ? '450 4.7.1 Greylisted, come back later' : null),
	});
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	ids.full = await postfix.injectDeferred({ from: 'news@shop.example', to: ['a@full.example', 'b@full.example'], subject: 'Autumn news', xclient: { NAME: 'web1.shop.example', ADDR: '192.0.2.10', LOGIN: 'news', HELO: 'web1.shop.example' } });
	ids.grey = await postfix.injectDeferred({ from: 'anna@office.example', to: ['c@grey.example'], body: 'x'.repeat(40000) });
	ids.bounce = await postfix.injectDeferred({ from: '', to: ['d@full.example'] });
	ids.held = await postfix.injectDeferred({ from: 'anna@office.example', to: ['e@full.example'] });
	await postfix.feed('postsuper', ['-h', '-'], `${ids.held}\n`);
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

test('the queue is shown with state, sender, recipients, reason, size and next try', async () => {
	const page = await browser.open();
	const row = rowOf(page, ids.full);
	await row.waitFor();
	const text = await row.textContent();
	for (const part of ['deferred', ids.full, 'news@shop.example', 'a@full.example', '+1', '452 4.2.2 Mailbox full', 'Autumn news'])
		assert.ok(text.includes(part), `${part} in ${text}`);
	assert.match(await rowOf(page, ids.held).innerText(), /held/);
	assert.match(await rowOf(page, ids.bounce).innerText(), /null sender/);
	assert.match(await rowOf(page, ids.bounce).locator('.c-age').innerText(), /^\d+ (s|min)/);
	assert.match(await rowOf(page, ids.full).locator('.c-next').innerText(), /^(in|due)/);
	await page.getByRole('button', { name: /^Deferred\s*3$/ }).waitFor();
	await page.getByRole('button', { name: /^Held\s*1$/ }).waitFor();
	await page.locator('.live', { hasText: /live, as of \d\d:\d\d:\d\d/ }).waitFor();
	await assertAccessible(page, 'queue');
	await browser.assertClean();
});

test('sorting and the sizes it goes by', async () => {
	const page = await browser.open('/?sort=-size');
	await rowOf(page, ids.grey).waitFor();
	assert.equal(await page.locator('[role=row] .c-id a').first().innerText(), ids.grey);
	await page.getByRole('columnheader', { name: 'Size', exact: true }).getByRole('button').click();
	await until('the order to turn', async () => (await page.locator('[role=row] .c-id a').last().innerText()) === ids.grey);
	assert.match(page.url(), /sort=size/);
	await browser.assertClean();
});

test('a click opens a row wherever it is; a funnel stands at the value under the pointer; the domain is never cut', async () => {
	const page = await browser.open('/?sort=id', { size: [1440, 900] });
	const row = rowOf(page, ids.full);
	await row.locator('.c-age').click();
	await page.locator('.expansion').getByRole('link', { name: ids.full, exact: true }).waitFor();
	await row.locator('.c-cause').click();
	await page.locator('.expansion').waitFor({ state: 'detached' });
	await row.locator('.to .cell-value').hover();
	await page.getByRole('button', { name: 'Show only: a@full.example', exact: false }).click();
	await rowOf(page, ids.grey).waitFor({ state: 'detached' });
	assert.match(page.url(), /filter=to:%3Da@full\.example/);
	await row.locator('.c-state .cell-value').click({ modifiers: ['Alt'] });
	await until('the filter by the value', () => page.url().includes('queue:deferred'));
	await page.goto(`${postroom.url}/?sort=id`);
	await rowOf(page, ids.grey).locator('.from .cell-value, .cell-value.from').click({ modifiers: ['Alt', 'Shift'] });
	await rowOf(page, ids.grey).waitFor({ state: 'detached' });
	await rowOf(page, ids.full).waitFor();
	for (const [width, lines] of [[1440, 1], [1000, 2], [360, 2]]) {
		await page.setViewportSize({ width, height: 800 });
		const [from, to] = await Promise.all(['.from', '.to'].map((part) => rowOf(page, ids.full).locator(part).boundingBox()));
		assert.equal(Math.abs(from.y - to.y) > 10 ? 2 : 1, lines, `lines at ${width}`);
		assert.deepEqual(await page.locator('.row .domain').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)), [], `a cut domain at ${width}`);
	}
	await browser.assertClean();
});

test('the filter is text in the address; a mistake keeps it, shows the spot, and leaves the last good rows', async () => {
	const page = await browser.open('/');
	await rowOf(page, ids.full).waitFor();
	const box = page.getByRole('combobox', { name: 'Filter', exact: true });
	await box.fill('from:office.example');
	await rowOf(page, ids.full).waitFor({ state: 'detached' });
	await rowOf(page, ids.grey).waitFor();
	assert.match(page.url(), /filter=from:office\.example/);
	await box.fill('from:office.example nosuchfield:x');
	await page.locator('#filter-fault').waitFor();
	await page.locator('#filter-fault u', { hasText: /^nosuchfield:x$/ }).waitFor();
	assert.equal(await box.inputValue(), 'from:office.example nosuchfield:x');
	await rowOf(page, ids.grey).waitFor();
	await assertAccessible(page, 'a wrong filter');
	await until('the mistake in the address', () => page.url().includes('nosuchfield'));
	await page.goto(page.url());
	await rowOf(page, ids.full).waitFor();
	await page.locator('#filter-fault').waitFor();
	await browser.assertClean();
});

test('a filter that matches nothing says which term it is', async () => {
	const page = await browser.open('/?filter=from:office.example%20to:nobody.example');
	await page.getByRole('heading', { name: 'Nothing matches', exact: true }).waitFor();
	await page.locator('.empty p', { hasText: 'Without to:nobody.example' }).getByRole('button', { name: 'Drop it', exact: true }).click();
	await rowOf(page, ids.grey).waitFor();
	await browser.assertClean();
});

test('facets: counts by kind, narrowed by a click, excluded with Alt, open or closed as they were left', async () => {
	const page = await browser.open('/');
	const panel = page.getByRole('complementary', { name: 'What it consists of' });
	const facet = (name) => panel.getByRole('region', { name, exact: true });
	await facet('Recipient domain').getByRole('button', { name: /^grey\.example/ }).click();
	await rowOf(page, ids.full).waitFor({ state: 'detached' });
	await rowOf(page, ids.grey).waitFor();
	await page.getByRole('button', { name: 'Clear the filter', exact: true }).click();
	await rowOf(page, ids.full).waitFor();
	await facet('Sender').getByRole('button', { name: /^news@shop\.example/ }).waitFor();
	for (const [name, expected] of [['Queue', /^Held/], ['Reason', /Mailbox full/], ['Age', /^under 5 min/], ['Login', /^news/], ['Client', /^web1\.shop\.example/], ['Sender domain', /^office\.example/]]) {
		await facet(name).getByRole('button', { name, exact: true }).click();
		await facet(name).getByRole('button', { name: expected }).first().waitFor();
	}
	await assertAccessible(page, 'all facets');
	await facet('Queue').getByRole('button', { name: /^Held/ }).click({ modifiers: ['Alt'] });
	await rowOf(page, ids.held).waitFor({ state: 'detached' });
	await page.getByText('messages not (on hold and not being deleted)', { exact: true }).waitFor();
	await page.reload();
	await facet('Queue').getByRole('button', { name: /^Deferred/ }).waitFor();
	await browser.assertClean();
});

test('the depth is a strip above the table, which opens to the chart and stays open; also as a table', async () => {
	const page = await browser.open();
	await page.getByRole('button', { name: /^Open the chart\./ }).click();
	const chart = page.getByRole('region', { name: 'Queue depth' });
	await chart.locator('canvas, .chart-empty').first().waitFor();
	await chart.getByRole('button', { name: '7 d' }).click();
	await page.waitForURL(/range=7d/);
	await chart.getByRole('button', { name: 'Show as table' }).click();
	await chart.getByRole('columnheader', { name: 'Deferred' }).waitFor();
	// By what the log counted, and by whom: it stands in the address, and each line's name filters.
	await chart.getByRole('button', { name: 'Deferred', exact: true }).click();
	const counted = page.getByRole('region', { name: 'Recipients in 5 minutes or more, from the mail log', exact: true }).first();
	await counted.getByRole('button', { name: 'Domain', exact: true }).click();
	await until('the choice in the address', () => /chart=deferred\.recipient_domain/.test(page.url()));
	await page.reload();
	await counted.getByRole('button', { name: 'Domain', exact: true, pressed: true }).waitFor();
	await counted.locator('canvas, .chart-empty').first().waitFor();
	await assertAccessible(page, 'the chart');
	await counted.getByRole('button', { name: 'Queue', exact: true }).or(counted.getByRole('button', { name: 'All mail', exact: true })).click();
	await counted.getByRole('button', { name: 'Depth', exact: true }).click();
	await page.reload();
	await chart.getByRole('button', { name: 'Close the chart', exact: true }).click();
	await page.getByRole('button', { name: /^Open the chart\./ }).waitFor();
	await browser.assertClean();
});

test('the shape: a real table of domain by age, each cell narrows, the arrows go through it', async () => {
	const page = await browser.open();
	await rowOf(page, ids.grey).waitFor();
	await page.getByRole('button', { name: /^Open the chart\./ }).click();
	await page.getByRole('button', { name: 'Shape', exact: true }).click();
	const table = page.getByRole('region', { name: 'Recipient domain by age', exact: true }).getByRole('table');
	const full = table.getByRole('row', { name: /^full\.example/ });
	await full.waitFor();
	await assertAccessible(page, 'the shape');
	const grey = table.getByRole('row', { name: /^grey\.example/ });
	const first = table.getByRole('button').first();
	await first.focus();
	await page.keyboard.press('ArrowDown');
	await until('the arrow to go on', () => first.evaluate((button) => document.activeElement !== button && document.activeElement.closest('.shape-table') !== null));
	await grey.getByRole('cell').nth(1).getByRole('button', { name: '1', exact: true }).click();
	await rowOf(page, ids.full).waitFor({ state: 'detached' });
	await rowOf(page, ids.grey).waitFor();
	assert.match(page.url(), /domain/);
	await page.setViewportSize({ width: 320, height: 640 });
	await assertFits(page, 'the shape on a phone');
	await browser.assertClean();
});

test('the page follows the queue, and keeps what is selected', async () => {
	const page = await browser.open();
	await rowOf(page, ids.full).waitFor();
	const extra = await postfix.injectDeferred({ to: ['late@full.example'] });
	await rowOf(page, extra).waitFor();
	await rowOf(page, ids.grey).getByRole('checkbox').click();
	const more = await postfix.injectDeferred({ to: ['later@full.example'] });
	await page.getByRole('button', { name: /^1 new.*refresh/ }).waitFor();
	assert.equal(await rowOf(page, more).count(), 0, 'rows moved under a selection');
	await postfix.feed('postsuper', ['-d', '-'], `${extra}\n`);
	await page.locator('.row.gone', { hasText: extra }).waitFor();
	await page.keyboard.press('r');
	await rowOf(page, more).waitFor();
	await page.getByText('1 selected', { exact: true }).waitFor();
	await rowOf(page, ids.grey).and(page.locator('.marked')).waitFor();
	await postfix.feed('postsuper', ['-d', '-'], `${more}\n`);
	await browser.assertClean();
});

test('keys: down, mark, open, filter, help; and they can be switched off', async () => {
	const page = await browser.open('/?sort=id');
	await rowOf(page, ids.full).waitFor();
	await page.locator('[role=grid][aria-activedescendant="row-0"]').waitFor();
	await page.keyboard.press('g');
	await page.keyboard.press('t');
	await page.keyboard.press('j');
	await page.locator('[role=grid][aria-activedescendant="row-1"]').waitFor();
	await page.keyboard.press('x');
	await page.getByText('1 selected', { exact: true }).waitFor();
	await page.keyboard.press('Escape');
	await page.getByText('1 selected', { exact: true }).waitFor({ state: 'detached' });
	await page.getByRole('grid', { name: 'Messages' }).focus();
	await page.keyboard.press('Enter');
	await page.locator('.expansion').waitFor();
	await page.keyboard.press('/');
	await until('the filter to have the focus', async () => (await page.evaluate(() => document.activeElement.id)) === 'filter');
	await page.keyboard.press('Escape');
	await page.keyboard.press('?');
	await page.getByRole('heading', { name: 'The queues', exact: true }).waitFor();
	await page.getByLabel('Use single keys').uncheck();
	await page.keyboard.press('g');
	await page.keyboard.press('q');
	assert.match(page.url(), /page=help/);
	await browser.assertClean();
});

test('320 px, a phone in the dark, a wide screen: nothing is cut off', async () => {
	for (const [size, dark] of [[[320, 640], false], [[390, 800], true], [[1024, 768], false], [[2200, 1200], true]]) {
		const page = await browser.open('/', { size, dark });
		await page.locator('.c-who', { hasText: 'full.example' }).first().waitFor();
		await assertFits(page, `queue at ${size}`);
		await assertAccessible(page, `queue at ${size}`);
		await page.context().close();
	}
	await browser.assertClean();
});

test('all tabs of a browser share one event stream, and the next tab takes over', async () => {
	const first = await browser.open();
	await first.locator('.live', { hasText: 'live, as of' }).waitFor();
	const streams = [];
	first.context().on('request', (request) => { if (request.url().endsWith('/api/v1/events')) streams.push(request); });
	const second = await first.context().newPage();
	browser.watch(second);
	await second.goto(postroom.url);
	await rowOf(second, ids.full).waitFor();
	await second.locator('.live', { hasText: 'live, as of' }).waitFor();
	assert.equal(streams.length, 0, 'the second tab opened a stream of its own');
	const late = await postfix.injectDeferred({ to: ['tab@full.example'] });
	await rowOf(second, late).waitFor();
	await first.close();
	await until('the second tab to take over', () => streams.length === 1);
	await postfix.feed('postsuper', ['-d', '-'], `${late}\n`);
	await rowOf(second, late).waitFor({ state: 'detached' });
	await browser.assertClean();
});

test('a long queue: the last row by End, the first by Home, pages of a hundred for those who want them', async () => {
	const many = await postfix.injectMany(260, (i) => ({ from: `long${i}@office.example`, to: ['l@full.example'] }));
	await postfix.untilIn('deferred', many);
	const page = await browser.open('/?filter=from:long&sort=arrival');
	await page.locator('.matched', { hasText: '260 messages' }).waitFor();
	await page.getByRole('grid', { name: 'Messages' }).focus();
	await page.keyboard.press('End');
	await page.locator('[role=row][aria-rowindex="261"]').waitFor();
	await page.locator('[role=grid][aria-activedescendant="row-259"]').waitFor();
	await page.locator('[role=row][aria-rowindex="2"]').waitFor({ state: 'detached' }); /* rows out of sight are not drawn */
	await page.keyboard.press('Home');
	await page.locator('[role=row][aria-rowindex="2"] .c-id').waitFor();
	await page.locator('.toolbar .menu').last().locator('summary').click();
	await page.getByLabel('Pages of 100 instead of scrolling').check();
	await page.keyboard.press('Escape');
	await page.getByRole('navigation', { name: 'Pages of the table' }).getByRole('button', { name: 'Next' }).click();
	await page.locator('[role=row][aria-rowindex="102"] .c-id').waitFor();
	await assertAccessible(page, 'pages of a hundred');
	await browser.assertClean();
});
