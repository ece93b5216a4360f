// The page of alerts against the real program: from an empty page to a channel that works, a real incident that is told and how that is
// shown, silences, rules, what is refused and where, two people at once, and who may do what. Receivers behave as the world does.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Receiver, freePort, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, press } from './browser.mjs';

const SIZES = [[1440, 900], [768, 1024], [320, 640]];
const SECRET = 'the-secret-path-0815';
const MANY = 200;
const LONG = { timeout: 180000 };

let postfix, postroom, browser, receiver;

before(async () => {
	receiver = await Receiver.start();
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix, { set: { 'http.public_url': 'https://queue.example/' } });
	browser = await Browser.start(postroom);
});
after(() => browser?.close());

const title = (page) => page.getByRole('heading', { name: 'Alerts', exact: true });
const part = (page, name) => page.getByRole('navigation', { name: 'Parts of the page' }).getByRole('link', { name: new RegExp(`^${name}`) });
const card = (page, name) => page.getByRole('listitem', { name, exact: true });
const dialog = (page) => page.getByRole('dialog');
const read = (what) => postroom.get(`/alerts/${what}`);
const write = async (what, body) => postroom.put(`/alerts/${what}`, { revision: (await read(what)).revision, ...body });
const hook = (id, more = {}) => ({ id, name: id, kind: 'webhook', url: `${receiver.url}/${id}`, allow_local: true, ...more });
const heartbeat = { enabled: false, every_s: 60 };
const inOneHour = () => `${new Date(Date.now() + 3600000).toISOString().slice(0, 19)}Z`;

// As people see it: each width, light and dark, readable by all.
async function look(address, what, ready) {
	for (const size of SIZES) {
		for (const dark of [false, true]) {
			const page = await browser.open(address, { size, dark });
			await ready(page);
			await assertFits(page, `${what} at ${size}`);
			await assertAccessible(page, `${what} at ${size}${dark ? ', dark' : ''}`);
			await page.context().close();
		}
	}
	await browser.assertClean();
}

test('an empty page leads to a channel that works: chosen, pasted, saved, and what was answered to the test', LONG, async () => {
	await look('/?page=alerts', 'no channel', (page) => page.getByRole('heading', { name: 'Nobody is called yet' }).waitFor());
	const page = await browser.open('/');
	await page.keyboard.press('g');
	await page.keyboard.press('a');
	await title(page).waitFor();
	for (const kind of ['Slack', 'Microsoft Teams', 'Discord', 'Matrix', 'ntfy', 'Mail', 'Webhook', 'Alertmanager', 'Command'])
		await page.getByRole('button', { name: new RegExp(`^${kind} .{20}`) }).waitFor();
	await page.getByText(/cannot tell you is that this host is dead/).waitFor();

	await page.getByRole('button', { name: /^Slack/ }).click();
	await dialog(page).getByText('Signing key').waitFor({ state: 'detached' });
	await until('the focus where something is to be pasted', async () => (await page.evaluate(() => document.activeElement.labels?.[0]?.textContent)) === 'Address');
	await page.keyboard.type(`${receiver.url}/${SECRET}`);
	await dialog(page).getByLabel('Name', { exact: true }).fill('Team chat');
	await dialog(page).locator('summary').click();
	await dialog(page).getByLabel(/^It may be on this host/).check();
	await assertAccessible(page, 'a new channel');
	receiver.answer = () => ({ status: 200, body: 'ok, <b>posted</b>' });
	await press(dialog(page), 'Save and send a test');

	await page.getByText('Team chat is saved.').waitFor();
	await part(page, 'Channels').click();
	const chat = card(page, 'Team chat');
	await chat.getByText('Taken.').waitFor();
	await chat.getByText(/^HTTP 200, \d+ m?s$/).waitFor();
	await chat.getByText('ok, <b>posted</b>').waitFor();
	await chat.getByText('Used by Everything that needs somebody').waitFor();
	assert.match(JSON.parse(receiver.requests.at(-1).body).text, /test/i);
	assert.ok(!(await page.content()).includes(SECRET), 'the page has the secret address');
	await page.getByText('Team chat would be told.').waitFor();
	assert.deepEqual((await read('rules')).rules.map(({ channels, severities }) => [channels, severities]), [[['team-chat'], ['act']]]);
	await page.keyboard.press('Escape');
	await browser.assertClean();
});

test('Escape closes a dialog and nothing else', async () => {
	const page = await browser.open('/?page=alerts&tab=channels');
	await page.getByRole('button', { name: 'Remove: Team chat' }).click();
	await dialog(page).getByRole('button', { name: 'Cancel', exact: true }).waitFor();
	await page.keyboard.press('Escape');
	await dialog(page).waitFor({ state: 'detached' });
	assert.equal(new URL(page.url()).search, '?page=alerts&tab=channels');
	await until('the focus to go back', async () => (await page.evaluate(() => document.activeElement.getAttribute('aria-label'))) === 'Remove: Team chat');
	await browser.assertClean();
});

test('a test that fails shows the real answer, and a channel that is not there says so', LONG, async () => {
	await write('channels', { channels: [{ id: 'team-chat', name: 'Team chat', kind: 'slack', allow_local: true }, hook('pager', { name: 'Night pager' }), hook('dead', { url: `http://127.0.0.1:${await freePort()}/x` })], heartbeat });
	receiver.answer = () => ({ status: 401, body: '{"error":"invalid token"}' });
	const page = await browser.open('/?page=alerts&tab=channels');
	await page.getByRole('button', { name: 'Test: Night pager' }).click();
	await card(page, 'Night pager').getByText('Not taken.').waitFor();
	await card(page, 'Night pager').getByText(/^HTTP 401/).waitFor();
	await card(page, 'Night pager').getByText('{"error":"invalid token"}').waitFor();
	await page.getByRole('button', { name: 'Test: dead' }).click();
	await card(page, 'dead').getByText('Not taken.').waitFor();
	await assertAccessible(page, 'tests of channels');
	receiver.answer = () => null;
	await browser.assertClean();
});

test('secrets are kept where nothing is typed; what is wrong is told at its field and its place', LONG, async () => {
	const page = await browser.open('/?page=alerts&tab=channels');
	await page.getByRole('button', { name: 'Edit: Team chat' }).click();
	assert.match(await dialog(page).getByLabel('Address', { exact: true }).getAttribute('placeholder'), /^http:\/\/127\.0\.0\.1.*… kept; type to replace$/);
	await dialog(page).locator('summary').click();
	await dialog(page).getByLabel('Text', { exact: true }).fill('{{title}} and {{nonsense}} too');
	await press(dialog(page), 'Save');
	const wrong = dialog(page).locator('.field', { hasText: 'Text' }).getByRole('alert');
	await wrong.waitFor();
	assert.match(await wrong.locator('mark').innerText(), /nonsense/);
	assert.equal(await dialog(page).getByLabel('Text', { exact: true }).getAttribute('aria-invalid'), 'true');
	await until('the focus in the field', () => page.evaluate(() => document.activeElement.tagName === 'TEXTAREA'));
	await assertAccessible(page, 'a wrong template');
	await dialog(page).getByLabel('Text', { exact: true }).fill('{{title}}!');
	await press(dialog(page), 'Save');
	await dialog(page).waitFor({ state: 'detached' });
	await page.getByRole('button', { name: 'Test: Team chat' }).click();
	await card(page, 'Team chat').getByText('Taken.').waitFor();
	assert.equal(receiver.requests.at(-1).url, `/${SECRET}`, 'the address was lost');

	// A header and a key: written, never shown, kept, and forgotten.
	await page.getByRole('button', { name: 'Edit: Night pager' }).click();
	await dialog(page).locator('summary').click();
	await press(dialog(page), 'Add a header');
	await dialog(page).getByLabel('Name of a header').fill('X-Token');
	await dialog(page).getByLabel('Its value').fill('value-4711');
	await dialog(page).getByLabel('Signing key').fill('0123456789abcdef');
	await press(dialog(page), 'Save');
	await dialog(page).waitFor({ state: 'detached' });
	await page.getByRole('button', { name: 'Test: Night pager' }).click();
	await until('the header and the signature', () => receiver.at('/pager').some(({ headers }) => headers['x-token'] === 'value-4711' && headers['x-postroom-signature']));
	assert.ok(!(await page.content()).includes('value-4711'));
	await page.getByRole('button', { name: 'Edit: Night pager' }).click();
	assert.equal(await dialog(page).getByLabel('Its value').getAttribute('placeholder'), 'kept; type to replace');
	await dialog(page).locator('.field', { hasText: 'Signing key' }).getByRole('button', { name: 'Forget it' }).click();
	await press(dialog(page), 'Save');
	await dialog(page).waitFor({ state: 'detached' });
	const [, pager] = (await read('channels')).channels;
	assert.deepEqual([pager.hmac_set, pager.headers], [false, [{ name: 'X-Token', value_set: true }]]);
	await browser.assertClean();
});

test('two people at once: nothing typed is lost, and it is said what the other did', LONG, async () => {
	const page = await browser.open('/?page=alerts&tab=channels');
	await page.getByRole('button', { name: 'Edit: Night pager' }).click();
	await dialog(page).getByLabel('Name', { exact: true }).fill('Pager of the night');
	const kept = async () => (await read('channels')).channels.map(({ id, name, kind, headers, template }) => ({ id, name, kind, template, headers: headers.map((header) => ({ name: header.name })), allow_local: true }));
	await write('channels', { channels: [...(await kept()), hook('other')], heartbeat });
	await press(dialog(page), 'Save');
	await dialog(page).getByText(/Somebody else changed the alerts meanwhile/).waitFor();
	await assertAccessible(page, 'a conflict');
	assert.equal(await dialog(page).getByLabel('Name', { exact: true }).inputValue(), 'Pager of the night');
	await press(dialog(page), 'Take over their changes');
	await dialog(page).getByText(/Their changes are in/).waitFor();
	await write('channels', { channels: (await kept()).map((each) => (each.id === 'pager' ? { ...each, name: 'Theirs' } : each)), heartbeat });
	await press(dialog(page), 'Save');
	await press(dialog(page), 'Take over their changes');
	await dialog(page).getByText(/yours replaces theirs/).waitFor();
	await press(dialog(page), 'Save');
	await dialog(page).waitFor({ state: 'detached' });
	assert.deepEqual((await read('channels')).channels.map(({ name }) => name), ['Team chat', 'Pager of the night', 'dead', 'other']);
	await browser.assertClean();
});

test('a rule is made of ticks and read as a sentence; a channel that goes is taken out of it', LONG, async () => {
	const page = await browser.open('/?page=alerts&tab=rules');
	await page.getByRole('button', { name: 'Add a rule' }).click();
	const reads = dialog(page).locator('.rule-reads');
	await reads.getByText(/Incidents that need somebody, of any kind, go nowhere: at once, again every 4 hours/).waitFor();
	await dialog(page).getByLabel('Name', { exact: true }).fill('Nights');
	await press(dialog(page), 'Save');
	await dialog(page).getByText('Tick at least one channel.').waitFor();
	await dialog(page).getByLabel('other', { exact: true }).check();
	await dialog(page).getByLabel('to watch').check();
	await dialog(page).locator('summary', { hasText: 'Which incidents' }).click();
	await dialog(page).getByLabel('Flood').check();
	await dialog(page).locator('summary', { hasText: 'When' }).click();
	await dialog(page).getByLabel(/^Quiet hours/).check();
	await dialog(page).getByLabel('Tell again').selectOption('every hour');
	await reads.getByText(/Incidents that need somebody or are to watch, of the kind Flood, go to other: at once, again every hour and when they are over\. In quiet hours \(between 22:00 and 07:00\)/).waitFor();
	await assertAccessible(page, 'a rule');
	await page.setViewportSize({ width: 320, height: 640 });
	await assertFits(page, 'a rule on a phone');
	await assertAccessible(page, 'a rule on a phone');
	await page.setViewportSize({ width: 1440, height: 900 });
	await press(dialog(page), 'Save');
	await card(page, 'Nights').getByText(/of the kind Flood, go to other/).waitFor();
	const nights = (await read('rules')).rules.find(({ id }) => id === 'nights');
	assert.deepEqual([nights.kinds, nights.severities, nights.repeat_s, nights.quiet.from, nights.channels], [['flood'], ['act', 'watch'], 3600, '22:00', ['other']]);

	await part(page, 'Channels').click();
	await page.getByRole('button', { name: 'Remove: other' }).click();
	await dialog(page).getByText('These rules have no other channel and go with it: Nights.').waitFor();
	await press(dialog(page), 'Remove');
	await card(page, 'other').waitFor({ state: 'detached' });
	assert.deepEqual((await read('rules')).rules.map(({ id }) => id), ['everything']);
	await browser.assertClean();
});

test('the heartbeat calls its address, and says how that went', LONG, async () => {
	const page = await browser.open('/?page=alerts&tab=channels');
	await page.getByRole('button', { name: 'Set up the heartbeat' }).click();
	await dialog(page).getByLabel('Address that is called').fill(`${receiver.url}/beat-secret`);
	await dialog(page).getByLabel('How often').selectOption('every 30 seconds');
	await dialog(page).getByLabel(/^It may be on this host/).check();
	await assertAccessible(page, 'the heartbeat');
	await press(dialog(page), 'Save');
	await dialog(page).waitFor({ state: 'detached' });
	await until('a beat', () => receiver.at('/beat-secret').length > 0);
	const beat = page.getByRole('region', { name: 'Heartbeat' });
	await beat.getByText('answered', { exact: true }).waitFor();
	await page.getByText(/^Heartbeat sent .* ago\.$/).waitFor();
	assert.ok(!(await page.content()).includes('beat-secret'));
	await browser.assertClean();
});

test('an incident is told: in the list, live, with what was answered and the next try; on its own page, and silenced there', LONG, async () => {
	receiver.answer = ({ url }) => (url.startsWith('/pager') ? { status: 503, body: 'upstream is away' } : { status: 200, body: 'ok' });
	const { channels: [chat, pager] } = await read('channels');
	await write('rules', { rules: [{ id: 'all', name: 'All', channels: [chat.id, pager.id], severities: ['act', 'watch', 'note'] }] });
	const page = await browser.open('/?page=alerts', { size: SIZES[0] });
	await title(page).waitFor();
	await postfix.stop();
	const row = (channel) => page.getByRole('row').filter({ hasText: 'New:' }).filter({ hasText: channel }).first();
	await row('Team chat').getByText('sent', { exact: true }).waitFor(LONG);
	await row('Team chat').getByText('by the rule All').waitFor();
	await row('Pager of the night').getByText('not taken yet').waitFor(LONG);
	await row('Pager of the night').getByText(/next try/).waitFor();
	await row('Pager of the night').getByText(/upstream is away/).waitFor();
	await page.getByLabel(/^State/).selectOption('not taken yet');
	await row('Team chat').waitFor({ state: 'detached' });
	assert.equal(new URL(page.url()).searchParams.get('state'), 'failed');
	await page.getByLabel(/^State/).selectOption('All');
	await row('Team chat').getByRole('link').first().click();

	const told = page.getByRole('region', { name: 'Who was told' });
	await told.getByText('Team chat').first().waitFor();
	await told.getByText('not taken yet').first().waitFor();
	await page.getByRole('button', { name: 'Silence alerts …' }).click();
	await dialog(page).getByRole('button', { name: '4 hours', exact: true }).click();
	await dialog(page).getByLabel('Why').fill('planned work');
	await assertAccessible(page, 'a silence of an incident');
	await press(dialog(page), 'Silence');
	await told.getByText(/Alerts of this are silenced until .* by tester\./).waitFor();
	await assertAccessible(page, 'an incident that was told');
	await page.setViewportSize({ width: 320, height: 640 });
	await assertFits(page, 'an incident that was told, on a phone');
	await page.setViewportSize({ width: 1440, height: 900 });
	const { silences: [silence] } = await read('silences');
	assert.deepEqual([silence.kind, silence.by, silence.reason], ['postfix', 'tester', 'planned work']);

	await page.goto(`${postroom.url}/?page=alerts&tab=silences`);
	await page.getByText('planned work').waitFor();
	await assertAccessible(page, 'silences');
	await page.getByRole('button', { name: /^End it now: Postfix/ }).click();
	await page.getByText('planned work').waitFor({ state: 'detached' });
	assert.deepEqual((await read('silences')).silences, []);
	await postfix.up();
	await browser.assertClean();
});

test('who may only look sees all of it, and is told what he may not do', LONG, async () => {
	await postroom.post('/alerts/silences', { kind: 'flood', key: null, severity: null, until: inOneHour(), reason: 'a test' });
	const viewer = await browser.open('/?page=alerts&tab=channels', { role: 'viewer', name: 'looker' });
	await viewer.getByText(/Changing them takes the right “settings”/).waitFor();
	await card(viewer, 'Team chat').waitFor();
	assert.equal(await viewer.getByRole('button', { name: /^(Test|Edit|Remove):|Add a channel|heartbeat/ }).count(), 0);
	await part(viewer, 'Silences').click();
	await viewer.getByText(/takes the right of an operator/).waitFor();
	await viewer.getByText('a test').waitFor();
	assert.equal(await viewer.getByRole('button', { name: /End it now|Silence alerts/ }).count(), 0);
	await part(viewer, 'Rules').click();
	await card(viewer, 'All').waitFor();
	const operator = await browser.open('/?page=alerts&tab=silences', { role: 'operator', name: 'worker' });
	await operator.getByRole('button', { name: 'Silence alerts …' }).click();
	await dialog(operator).getByLabel('Kind of incident').selectOption('Loop');
	await dialog(operator).getByLabel('Why').fill('by hand');
	await press(dialog(operator), 'Silence');
	await operator.getByText('by hand').waitFor();
	await part(operator, 'Rules').click();
	await operator.getByText(/Changing them takes the right “settings”/).waitFor();
	await browser.assertClean();
});

test('two hundred alerts: each width, light and dark; older ones are asked for', LONG, async () => {
	receiver.answer = () => null;
	const page = await browser.open('/?page=alerts');
	while ((await postroom.get('/alerts?limit=200')).alerts.length < MANY)
		await Promise.all(Array.from({ length: 10 }, () => postroom.post('/alerts/channels/pager/test')));
	await look('/?page=alerts', 'many alerts', async (each) => {
		await each.getByRole('table').locator('tbody tr').nth(40).waitFor();
	});
	await page.goto(`${postroom.url}/?page=alerts`);
	const rows = page.getByRole('table').locator('tbody tr');
	await until('a page of them', async () => (await rows.count()) === 50);
	await page.getByRole('button', { name: 'Show older ones' }).click();
	await until('two pages of them', async () => (await rows.count()) === 100);
	await browser.assertClean();
});

test('in forced colours and with the keyboard alone it works', LONG, async () => {
	const page = await browser.open('/?page=alerts&tab=channels');
	await page.emulateMedia({ forcedColors: 'active' });
	await card(page, 'Team chat').waitFor();
	await assertAccessible(page, 'forced colours');
	await page.getByRole('button', { name: 'Add a channel' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: /^Slack/ }).waitFor();
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await dialog(page).getByLabel('Address', { exact: true }).waitFor();
	await page.keyboard.press('Escape');
	await dialog(page).waitFor({ state: 'detached' });
	await page.keyboard.press('Control+k');
	await page.getByRole('combobox', { name: 'Find anything' }).waitFor();
	await page.keyboard.type('alerts rules');
	await page.getByRole('option', { name: /rules/i }).first().waitFor();
	await page.keyboard.press('Enter');
	await page.getByRole('button', { name: 'Add a rule' }).waitFor();
	await browser.assertClean();
});
