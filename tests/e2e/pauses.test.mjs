// A destination refuses: the incident, mail for it held back with a preview, the message that says so, another end, and all
// of it delivered when it is lifted. Every size and both colours are looked at on the way.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, press, rowOf } from './browser.mjs';

const LONG = { timeout: 300000 };
const SOON = { timeout: 90000 };
const WAITING = 8;
const SHOTS = process.env.SHOTS;

let sink, postfix, postroom, browser, ids;
let refusing = true;

// Minutes in which big.example has already refused: an incident needs some of them.
function past() {
	const now = Math.floor(Date.now() / 60000) * 60;
	const lines = [];
	for (let at = now - 600, i = 0; at < now; at += 20, i++) {
		const time = new Date(at * 1000);
		const stamp = `${time.toLocaleString('en', { month: 'short' })} ${String(time.getDate()).padStart(2)} ${time.toTimeString().slice(0, 8)} mail`;
		lines.push(`${stamp} postfix/smtp[7]: 4PAST0${i.toString(16).toUpperCase().padStart(6, '0')}: to=<u${i}@big.example>, relay=127.0.0.1[127.0.0.1]:25, delay=9, delays=0/0/0/9, dsn=4.3.2, status=deferred (host 127.0.0.1[127.0.0.1] said: 421 4.3.2 Service shutting down (in reply to RCPT TO command))`);
	}
	return `${lines.join('\n')}\n`;
}

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (refusing && /@(big|old)\.example$/.test(to) ? '421 4.3.2 Service shutting down' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' }, past: past() });
	ids = await postfix.injectMany(WAITING, (i) => ({ from: `anna${i}@office.example`, to: [`u${i}@big.example`] }));
	await postfix.untilIn('deferred', ids);
	postroom = await Postroom.start(postfix);
	for (const id of ids)
		await postroom.untilMessage(id);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const shot = async (page, name) => SHOTS && page.screenshot({ path: `${SHOTS}/${name}.png` });
const about = (page) => page.locator('.incidents > .incident').filter({ hasText: 'big.example' }).first();
const pauseRow = (page) => page.locator('.pause', { hasText: 'big.example' });

// The same state at other sizes and in the other colours.
async function look(path, name, ready) {
	for (const [width, dark] of [[1440, false], [1440, true], [1024, false], [320, false], [320, true]]) {
		const page = await browser.open(path, { size: [width, width < 500 ? 780 : 900], dark });
		await ready(page);
		await assertFits(page, `${name} at ${width}`);
		await assertAccessible(page, `${name} at ${width}${dark ? ', dark' : ''}`);
		await shot(page, `${name}-${width}${dark ? '-dark' : ''}`);
		await page.context().close();
	}
}

test('an incident offers to hold back; Postfix is set up once, with the lines shown before', LONG, async () => {
	await until('the incident', async () => (await postroom.get('/incidents')).incidents.some(({ kind, actions, subject }) => kind === 'destination' && actions.includes('pause') && subject.key === 'big.example'), { timeout: 200000 });
	const { incidents } = await postroom.get('/incidents');
	const { id } = incidents.find(({ subject }) => subject.key === 'big.example');
	const page = await browser.open(`/?page=incident&id=${id}`, { size: [1440, 900] });
	await page.getByRole('button', { name: 'Hold back …', exact: true }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByText('Postfix has to be set up for this once').waitFor();
	await dialog.getByText('defer_transports', { exact: true }).waitFor();
	await assertAccessible(page, 'the set-up');
	await shot(page, 'setup-1440');
	await press(dialog, 'Write these lines and reload Postfix');
	await dialog.getByRole('textbox', { name: 'Why' }).waitFor();
	assert.equal((await postroom.get('/pauses/setup')).state, 'done');
	await page.context().close();
});

test('the preview counts before the button; then the list, the rows and the message say who, until when and why', LONG, async () => {
	const page = await browser.open('/', { size: [1440, 900] });
	await rowOf(page, ids[0]).waitFor();
	await rowOf(page, ids[0]).getByRole('button', { name: 'Details' }).click();
	await page.locator('.expansion').getByRole('button', { name: 'Hold back …', exact: true }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('combobox', { name: 'What' }).selectOption('domain big.example');
	await dialog.getByText(`${WAITING} messages would wait`).waitFor();
	assert.equal(await dialog.getByRole('button', { name: 'Hold back', exact: true }).isDisabled(), true, 'without a reason');
	await dialog.getByText('Say why: whoever finds mail waiting reads it.').waitFor();
	await dialog.getByRole('textbox', { name: 'Why' }).fill('they are down until four');
	await shot(page, 'dialog-1440');
	await assertAccessible(page, 'the dialog');
	await press(dialog, 'Hold back');
	await dialog.waitFor({ state: 'detached' });
	await pauseRow(page).getByText(/nothing passes, new mail waits, too; by tester: they are down until four/).waitFor();
	await pauseRow(page).getByRole('link', { name: `${WAITING} wait` }).waitFor();
	await rowOf(page, ids[0]).locator('.c-next', { hasText: /\d\d:\d\d/ }).waitFor();
	await page.locator('.expansion').getByText(/Paused with its domain big\.example by tester until .*: they are down until four/).waitFor();
	await pauseRow(page).getByRole('link', { name: `${WAITING} wait` }).click();
	await page.locator('.matched', { hasText: `${WAITING} messages` }).waitFor();
	assert.match(decodeURIComponent(page.url()), /filter=paused:=big\.example/);
	await page.context().close();
	const { incidents } = await postroom.get('/incidents');
	const { id } = incidents.find(({ subject }) => subject.key === 'big.example');
	await look(`/?page=incident&id=${id}`, 'incident', (other) => pauseRow(other).getByText(/by tester: they are down until four/).waitFor());
	await look('/', 'paused', (other) => pauseRow(other).waitFor());
	await look(`/?page=message&id=${ids[0]}`, 'message', (other) => other.getByText(/Paused with its domain/).waitFor());
});

test('new mail waits, too, whatever is tried; nobody is called for it', LONG, async () => {
	refusing = false;
	await until('the pause to hold', async () => {
		const id = await postfix.inject({ to: ['new@big.example'] });
		return until('an attempt', async () => {
			const message = (await postroom.api('GET', `/messages/${id}`)).body;
			const where = postfix.where(id);
			return where === null ? 'gone' : message.recipients?.[0]?.diagnosis === 'paused' ? 'waits' : null;
		}, SOON).then((fate) => fate === 'waits');
	}, SOON);
	await postroom.job({ action: 'retry', ids: [ids[0]] });
	/* The attempt may be under way still. */
	await postfix.untilIn('deferred', [ids[0]]);
	const page = await browser.open('/?filter=paused:yes', { size: [1440, 900] });
	await page.locator('.matched', { hasText: `${WAITING + 1} messages` }).waitFor();
	await page.context().close();
});

test('another end, and lifted: all of it is delivered', LONG, async () => {
	const page = await browser.open('/', { size: [1440, 900] });
	const before = (await postroom.get('/pauses')).pauses[0];
	await pauseRow(page).getByText('Longer', { exact: true }).click();
	await pauseRow(page).getByRole('button', { name: 'Until 4 h from now' }).click();
	await until('another end', async () => Date.parse((await postroom.get('/pauses')).pauses[0].until) > Date.parse(before.until), SOON);
	await pauseRow(page).getByRole('button', { name: 'Lift', exact: true }).click();
	await page.getByText('The pause of big.example ends.').waitFor();
	await until('all to be delivered', async () => (await postroom.get('/messages?filter=domain:big.example')).matched === 0, { timeout: 200000 });
	await pauseRow(page).waitFor({ state: 'detached' });
	await page.context().close();
	await browser.assertClean();
});

test('what would be returned before the end can be put on hold with it', LONG, async () => {
	refusing = true;
	const old = await postfix.injectMany(2, (i) => ({ to: [`u${i}@old.example`] }));
	for (const id of old)
		await postroom.untilMessage(id, ({ queue }) => queue === 'deferred');
	const page = await browser.open('/?filter=domain:old.example', { size: [1440, 900] });
	await rowOf(page, old[0]).getByRole('button', { name: 'Details' }).click();
	await page.locator('.expansion').getByRole('button', { name: 'Hold back …', exact: true }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('combobox', { name: 'What' }).selectOption('domain old.example');
	await dialog.getByRole('combobox', { name: 'Until' }).selectOption('a time of your own');
	const end = new Date(Date.now() + 6 * 86400000);
	await dialog.getByLabel('Date and time').fill(new Date(end.getTime() - end.getTimezoneOffset() * 60000).toISOString().slice(0, 16));
	await dialog.getByRole('checkbox', { name: 'Longer than 24 hours is meant' }).check();
	await dialog.getByText('2 messages would be returned: their lifetime ends before').waitFor();
	await dialog.getByRole('checkbox', { name: 'Put these 2 on hold, where nothing expires' }).check();
	await dialog.getByRole('textbox', { name: 'Why' }).fill('they move house');
	await press(dialog, 'Hold back');
	await dialog.waitFor({ state: 'detached' });
	await postfix.untilIn('hold', old);
	await page.context().close();
	await browser.assertClean();
});
