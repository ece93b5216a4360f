// The runbooks in the browser: by an address that an alert gives, from an incident and from a cause; and all of them.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits } from './browser.mjs';

let postfix, postroom, browser, ids;

before(async () => {
	const sink = await Sink.start({ rcpt: () => '451 4.7.1 Greylisted, try again later' });
	postfix = await Postfix.start({ sink });
	postroom = await Postroom.start(postfix);
	ids = await postfix.injectMany(4, (i) => ({ to: [`a${i}@shop.example`] }));
	for (const id of ids)
		await postroom.untilMessage(id, ({ queue }) => queue === 'deferred');
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

test('the address of an alert shows the runbook, which leads to others and to all', async () => {
	const page = await browser.open('/runbook/flood');
	await page.getByRole('heading', { name: 'Flood: somebody sends far more than ever', level: 1 }).waitFor();
	await page.getByRole('heading', { name: 'Never', exact: true }).waitFor();
	await page.getByText('postsuper -d ALL').waitFor();
	await assertAccessible(page, 'a runbook');
	await page.getByRole('link', { name: 'blocklisted', exact: true }).click();
	await page.getByRole('heading', { name: 'Blocklisted: several providers refuse our address', level: 1 }).waitFor();
	await page.getByRole('link', { name: 'All runbooks' }).click();
	await page.getByRole('link', { name: 'I deleted the wrong mail' }).waitFor();
	assert.ok((await page.locator('.runbook-list li').count()) >= 17);
	await assertAccessible(page, 'all runbooks');
	await page.goto(`${postroom.url}/runbook/no-such-thing`);
	await page.getByText('There is no runbook “no-such-thing”.').waitFor();
	await browser.assertClean();
});

test('a cause has its runbook, above the table and in an open row', async () => {
	const page = await browser.open(`/?filter=${encodeURIComponent('domain:=shop.example')}&open=${ids[0]}`);
	const banner = page.getByRole('region', { name: /main cause/ });
	await banner.getByRole('link', { name: 'Runbook' }).waitFor();
	await page.locator('.expansion').getByRole('link', { name: 'Runbook' }).click();
	await page.getByRole('heading', { name: 'Dead destination: it takes none of our mail', level: 1 }).waitFor();
	await browser.assertClean();
});

for (const [width, dark] of [[320, false], [1440, true]])
	test(`a runbook fits ${width} px, ${dark ? 'dark' : 'light'}`, async () => {
		const page = await browser.open('/runbook/dead-destination', { size: [width, 900], dark });
		await page.getByRole('heading', { name: 'Be sure', exact: true }).waitFor();
		await assertFits(page);
		if (process.env.SCREENSHOTS)
			await page.screenshot({ path: `${process.env.SCREENSHOTS}/runbook-${width}.png`, fullPage: true });
		await browser.assertClean();
	});

// The last: Postfix is away from here on.
test('an incident leads to its runbook', { timeout: 180000 }, async () => {
	await postfix.stop();
	const { id } = await until('the incident', async () => (await postroom.get('/incidents')).incidents.find(({ kind }) => kind === 'postfix'), { timeout: 90000 });
	const page = await browser.open(`/?page=incident&id=${id}`);
	await page.getByRole('link', { name: 'Runbook', exact: true }).click();
	await page.getByRole('heading', { name: 'Postfix does not start, or one of its services does not', level: 1 }).waitFor();
	await browser.assertClean();
});
