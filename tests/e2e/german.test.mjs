// The page in German: each of its pages at a desk's width and a phone's, with no word of English that is the page's own, readable by
// all, none too wide; numbers as Germans write them; and the choice of the language, which falls back to English.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Receiver, Sink, until } from '../harness/index.mjs';
import { catalogues, entries, pattern, sayings } from '../../web/build/words.mjs';
import { Browser, REDRAWN_MS, assertAccessible, assertFits, mark, press, rowOf } from './browser.mjs';

const DESK = [1440, 900];
const PHONE = [360, 780];
const LONG = { timeout: 240000 };
const SHOTS = process.env.SHOTS;
const HELD = 3;
/* Nothing is tried a second time while it is looked at: a message that is being delivered is in no list of those that wait. */
const LATER = { minimal_backoff_time: '3000s', maximal_backoff_time: '4000s' };

let postfix, postroom, browser, ids, incident, english;

// Minutes in which big.example has already refused: an incident needs some of them.
function past() {
	const now = Math.floor(Date.now() / 60000) * 60;
	return Array.from({ length: 30 }, (_, i) => {
		const time = new Date((now - 600 + 20 * i) * 1000);
		const stamp = `${time.toLocaleString('en', { month: 'short' })} ${String(time.getDate()).padStart(2)} ${time.toTimeString().slice(0, 8)} mail`;
		return `${stamp} postfix/smtp[7]: 4PAST0${i.toString(16).toUpperCase().padStart(6, '0')}: to=<u${i}@big.example>, relay=127.0.0.1[127.0.0.1]:25, delay=9, delays=0/0/0/9, dsn=4.3.2, status=deferred (host 127.0.0.1[127.0.0.1] said: 421 4.3.2 Service shutting down (in reply to RCPT TO command))\n`;
	}).join('');
}

before(async () => {
	const sink = await Sink.start({ rcpt: (to) => (to.endsWith('@big.example') ? '421 4.3.2 Service shutting down' : '452 4.2.2 Mailbox full') });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes', ...LATER }, past: past() });
	ids = await postfix.injectMany(8 + HELD, (i) => ({ from: `anna${i}@office.example`, to: [`u${i}@${i < HELD ? 'full' : 'big'}.example`], body: 'Hallo. '.repeat(600) }));
	await postfix.untilIn('deferred', ids);
	postroom = await Postroom.start(postfix);
	for (const id of ids)
		await postroom.untilMessage(id, ({ queue }) => queue === 'deferred');
	await postroom.job({ action: 'hold', ids: ids.slice(0, HELD) });
	const receiver = await Receiver.start();
	const { revision, heartbeat } = await postroom.get('/alerts/channels');
	await postroom.put('/alerts/channels', { revision, heartbeat: { enabled: heartbeat.enabled, every_s: heartbeat.every_s }, channels: [{ id: 'pager', name: 'Pager', kind: 'webhook', url: receiver.url, allow_local: true }] });
	const rules = await postroom.get('/alerts/rules');
	await postroom.put('/alerts/rules', { revision: rules.revision, rules: [{ id: 'all', name: 'Alles', channels: ['pager'] }] });
	await postroom.post('/users', { name: 'anna', role: 'operator', password: 'correct horse battery', scope: 'domain:=big.example', taken: ['content'] });
	browser = await Browser.start(postroom);
	english = await onlyEnglish();
	incident = await until('the incident', async () => (await postroom.get('/incidents')).incidents.find(({ subject }) => subject.key === 'big.example'), { timeout: 200000 });
});

after(() => browser?.close());

// What the English page says and the German one doesn't: sentences as patterns, and what stands between their parts.
async function onlyEnglish() {
	const { en, de } = await catalogues();
	const said = (words) => entries(words).flatMap(([, value]) => sayings(value));
	const pieces = (all) => all.flatMap((saying) => saying.split(/\{\w+\}/)).map((piece) => piece.trim()).filter((piece) => /\p{L}{3}/u.test(piece));
	const [of, german] = [said(en), said(de)];
	const [ours, theirs] = [new Set([...german, ...pieces(german)]), new Set([...of, ...pieces(of)])];
	const texts = [...theirs].filter((text) => !ours.has(text));
	const patterns = texts.map(pattern).filter((each) => each && !german.some((saying) => each.test(saying)));
	assert.ok(patterns.length > 1000, 'the catalogues are there');
	return patterns;
}

// All that is seen or read aloud, but what others said, commands, and what says that it is English.
const textsOf = (page) => page.evaluate(() => {
	const found = new Set();
	const all = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
	for (let node = all.currentNode; node; node = all.nextNode()) {
		if (node.nodeType === Node.TEXT_NODE && !node.parentElement.closest('code, bdi, pre, kbd, script, noscript, [lang=en]'))
			found.add(node.data.trim());
		else if (node.nodeType === Node.ELEMENT_NODE && !node.closest('[lang=en], .lines'))
			for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-name'])
				found.add(node.getAttribute(name)?.trim());
	}
	return [...found].filter(Boolean);
});

async function look(page, what) {
	for (const size of [DESK, PHONE]) {
		await page.setViewportSize({ width: size[0], height: size[1] });
		const texts = await textsOf(page);
		assert.deepEqual(texts.filter((text) => english.some((each) => each.test(text))), [], `English on ${what} at ${size[0]}`);
		assert.deepEqual(texts.filter((text) => /\{\w+\}|undefined|NaN/.test(text)), [], `${what} at ${size[0]}`);
		await assertFits(page, `${what} at ${size[0]}`);
		await assertNothingCut(page, `${what} at ${size[0]}`);
		await assertAccessible(page, `${what} at ${size[0]}`);
		if (SHOTS)
			await shots(page, what, size);
	}
	await page.setViewportSize({ width: DESK[0], height: DESK[1] });
}

// Words that are longer than their button or their dialog, once it is drawn for this width.
const assertNothingCut = (page, what) => until(`nothing to be cut in ${what}`, async () => {
	const cut = await page.evaluate(() => [...document.querySelectorAll('dialog[open], button, .button, nav a, th, legend')]
		.filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1 && !node.closest('.visually-hidden, .value, .row, .group, .strip, .pill') && getComputedStyle(node).display !== 'inline')
		.map((node) => `${node.tagName} ${node.className}: ${node.textContent.slice(0, 60)}`));
	assert.deepEqual(cut, [], what);
	const squeezed = await page.evaluate(() => [...document.querySelectorAll('td')]
		.filter((node) => node.checkVisibility() && node.innerText.length > 30 && node.clientWidth < 120)
		.map((node) => `${node.clientWidth} px: ${node.innerText.slice(0, 60)}`));
	assert.deepEqual(squeezed, [], `${what}: a column in which each word has a line of its own`);
	return true;
}, { timeout: REDRAWN_MS });

// For people: every width, in both colours.
async function shots(page, what, size) {
	for (const width of size === DESK ? [1440, 1024, 768] : [360])
		for (const colorScheme of ['light', 'dark']) {
			await page.setViewportSize({ width, height: size[1] });
			await page.emulateMedia({ colorScheme });
			await assertFits(page, `${what} at ${width}`);
			await page.screenshot({ path: `${SHOTS}/${what.replaceAll(' ', '-')}-${width}-${colorScheme}.png` });
		}
	await page.emulateMedia({ colorScheme: 'light' });
	await page.setViewportSize({ width: size[0], height: size[1] });
}

async function open(path, more = {}) {
	const page = await browser.open(path, { size: DESK, locale: 'de-DE', ...more });
	page.on('response', (response) => replies.push(textsWithoutWords(response)));
	return page;
}

// ---- What the server says: a text whose words are null can only be shown in English.

// Whose words are rightly null: values of the queue among completions.
const OTHERS = new Set(['label']);
const replies = [];

function withoutWords(value, where) {
	if (typeof value !== 'object' || value === null)
		return [];
	const found = Object.entries(value).flatMap(([name, inner]) => withoutWords(inner, `${where} ${name}`));
	for (const [name, text] of Object.entries(value)) {
		const beside = name === 'text' ? 'words' : `${name}_words`;
		if (typeof text === 'string' && text !== '' && beside in value && value[beside] === null && !OTHERS.has(name))
			found.push(`${where} ${name}: ${text}`);
	}
	return found;
}

async function textsWithoutWords(response) {
	const { pathname } = new URL(response.url());
	if (!pathname.startsWith('/api/v1/') || !/json/.test(response.headers()['content-type'] ?? ''))
		return [];
	// A page that has gone on takes its replies with it.
	const reply = await response.json().catch(() => null);
	return withoutWords(reply, pathname).map((each) => each.replace(/ \d+(?= )/g, ''));
}

test('in trouble and calm: the first screen, a row that is open, and the numbers', LONG, async () => {
	const page = await open('/');
	await page.locator('.incidents > .incident').getByRole('button', { name: 'Behutsam versuchen', exact: true }).waitFor();
	assert.equal(await page.locator('html').getAttribute('lang'), 'de');
	assert.match(await page.title(), /Warteschlange · /);
	await page.getByRole('button', { name: `Angehalten ${HELD}`, exact: true }).waitFor();
	// What the server says, too: the incident's title, what to make of it, and its evidence.
	const said = page.locator('.incidents > .incident').first();
	await said.getByText('big.example: Der Maildienst ist jetzt nicht verfügbar').waitFor();
	await said.getByText(/ Versuche in 30 Minuten gescheitert, 0 gelungen/).waitFor();
	await look(page, 'trouble');
	await postroom.post(`/incidents/${incident.id}/snooze`, { until: `${new Date(Date.now() + 3600000).toISOString().slice(0, 19)}Z` });
	await page.getByRole('button', { name: '1 beiseitegelegt', exact: true }).waitFor();
	await rowOf(page, ids[5]).getByRole('button', { name: 'Details' }).click();
	await page.locator('.expansion').getByText('Nächster Versuch').waitFor();
	assert.match(await rowOf(page, ids[5]).locator('.c-size').innerText(), /^\d,\d kB$/);
	await look(page, 'open row');
	await browser.assertClean();
});

test('a filter is explained and completed in German', async () => {
	const page = await open(`/?filter=${encodeURIComponent('domain:=big.example age<7d -queue:hold')}`);
	await page.getByText('Nachrichten: eine Empfänger-Domain ist „big.example“, jünger als 1 Woche, nicht angehalten').first().waitFor();
	assert.match(await page.locator('.chip-text').last().getAttribute('title'), /^nicht angehalten\./);
	const box = page.getByRole('combobox', { name: 'Filter' });
	await box.fill('exp');
	await page.getByText('Zeit bis zum Ende der Lebensdauer').first().waitFor();
	await look(page, 'filter');
	await browser.assertClean();
});

test('an action says what it does, is previewed, done and taken back', async () => {
	const page = await open(`/?filter=${encodeURIComponent('queue:deferred')}`);
	await mark(page, [ids[4]]);
	await page.getByText('1 ausgewählt').waitFor();
	await page.getByRole('toolbar', { name: 'Aktionen für die Auswahl' }).getByRole('button', { name: 'Löschen', exact: true }).click();
	const dialog = page.getByRole('dialog', { name: '1 Nachricht löschen, ohne dass der Absender davon erfährt?' });
	await dialog.getByText('Niemand erfährt davon: weder der Absender noch die Empfänger.').waitFor();
	await dialog.getByText('postsuper -h').waitFor();
	await look(page, 'preview');
	/* A toast goes by itself, but not from under the pointer. */
	const toast = page.locator('.toast', { hasText: '1 Nachricht wird gelöscht: jetzt angehalten, nach der Frist entfernt' });
	await Promise.all([toast.hover(), press(dialog, '1 Nachricht löschen')]);
	/* What was not held yet would be cancelled, not brought back. */
	await until('the grace time', async () => (await postroom.get('/jobs?limit=1')).jobs[0].state === 'grace');
	await toast.getByRole('button', { name: 'Rückgängig', exact: true }).click();
	await postroom.untilMessage(ids[4], ({ queue }) => queue === 'deferred');
	await page.getByRole('navigation', { name: 'Seiten', exact: true }).getByRole('button', { name: 'Aufträge' }).click();
	await page.getByRole('complementary', { name: 'Aufträge' }).getByText('zurückgenommen').first().waitFor();
	await look(page, 'jobs');
	await browser.assertClean();
});

const PAGES = [
	['message', () => `/?page=message&id=${ids[5]}`, (page) => page.getByRole('heading', { name: 'Inhalt' })],
	['gone', () => '/?page=message&id=ABC0123456', (page) => page.getByRole('heading', { name: 'ist nicht in der Warteschlange' })],
	['incident', () => `/?page=incident&id=${incident.id}`, (page) => page.getByRole('heading', { name: 'Was geschah' })],
	['settings', () => '/?page=settings', (page) => page.getByRole('heading', { name: 'Wann eine Nachricht versucht wird' })],
	['accounts', () => '/?page=accounts', (page) => page.getByRole('heading', { name: 'Konto anlegen' })],
	['person', () => '/?page=accounts&id=anna', (page) => page.getByText('Er trifft jetzt')],
	['account', () => '/?page=account', (page) => page.getByRole('heading', { name: 'Neues Token' })],
	['help', () => '/?page=help', (page) => page.getByRole('heading', { name: 'Was die Aktionen tun' })],
	['runbooks', () => '/?page=runbook', (page) => page.locator('.runbook-list')],
	['sent', () => '/?page=alerts', (page) => page.getByRole('columnheader', { name: 'Was gesagt wurde' }).or(page.getByText('Noch wurde nichts gesendet.'))],
	['silences', () => '/?page=alerts&tab=silences', (page) => page.getByRole('button', { name: 'Alarme stummschalten …' })],
	['channels', () => '/?page=alerts&tab=channels', (page) => page.getByRole('heading', { name: 'Lebenszeichen' })],
	['rules', () => '/?page=alerts&tab=rules', (page) => page.getByText(/^Vorfälle, die Eingriff brauchen oder im Auge zu behalten sind, jeder Art, gehen an Pager: sofort/)],
];

test('every page, and what they ask', LONG, async () => {
	const page = await open('/');
	for (const [name, address, ready] of PAGES) {
		await page.goto(`${postroom.url}${address()}`);
		await ready(page).first().waitFor();
		await look(page, name);
	}
	await page.getByRole('button', { name: 'Regel hinzufügen' }).click();
	await page.getByRole('dialog').getByText('Sie lautet:').waitFor();
	await look(page, 'rule');
	await page.keyboard.press('Escape');
	await page.keyboard.press('Control+k');
	await page.getByRole('combobox', { name: 'Alles finden' }).fill('zurückhalten');
	await page.getByRole('option', { name: /Zurückhalten …/ }).click();
	await page.getByRole('dialog', { name: 'Mail zurückhalten' }).waitFor();
	await look(page, 'pause');
	await browser.assertClean();
});

test('the language is chosen before signing in and after, kept, and English when German does not come', async () => {
	const context = await browser.chromium.newContext({ locale: 'de-CH', viewport: { width: DESK[0], height: DESK[1] } });
	const page = await context.newPage();
	browser.watch(page);
	await page.goto(postroom.url);
	await page.getByRole('button', { name: 'Anmelden', exact: true }).waitFor();
	await look(page, 'sign-in');
	await page.getByRole('button', { name: 'English', exact: true }).click();
	await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
	assert.equal(await page.locator('html').getAttribute('lang'), 'en');
	const { path } = await postroom.post('/login-links', { name: 'tester', role: 'admin' });
	await page.goto('about:blank');
	await page.goto(`${postroom.url}${path}`);
	await page.locator('.top .menu summary', { hasText: 'Account' }).click();
	await page.getByRole('button', { name: 'Deutsch', exact: true }).click();
	await page.locator('.top .menu summary', { hasText: 'Konto' }).click();
	await page.getByRole('button', { name: 'ISO-Datum', exact: true }).click();
	await page.goto(`${postroom.url}/?page=accounts`);
	await page.getByRole('heading', { name: 'Konten' }).waitFor();
	await page.goto(`${postroom.url}/?page=message&id=${ids[5]}`);
	assert.match(await page.locator('time').first().getAttribute('title'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /);
	await page.route(/\/assets\/first-/, (route) => route.abort());
	await page.goto(postroom.url);
	await page.getByRole('link', { name: 'Queue', exact: true }).waitFor();
	assert.equal(await page.locator('html').getAttribute('lang'), 'en');
	await context.close();
	await browser.assertClean();
});

// Last: over all that the tests above have asked for.
test('every text of the server came with its words', async () => {
	const found = (await Promise.all(replies)).flat();
	assert.ok(replies.length > 50, 'replies were looked at');
	assert.deepEqual([...new Set(found)], []);
});
