// "Test it now" on the page against the real program, with name servers and mail servers that behave as the world's do: on a message, an
// open row, the banner of a main cause and an incident; steps as they come, refusals that say what to do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { Authority, Dns, MailHost, Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, hit, rowOf } from './browser.mjs';

// Servers of the world have port 25, so each has an address of its own, where no other test is.
const net = `127.${210 + (process.pid % 40)}.${1 + (process.pid % 250)}`;
const at = (n) => `${net}.${n}`;
const SIZES = [[1440, 900], [768, 1024], [320, 640]];
const LONG = { timeout: 240000 };
/* Of one cause, so that it is the main one. */
const MANY = 12;
/* Enough for an incident: a destination that takes nothing. */
const DOWN = 30;

const zones = {
	'good.test': { MX: [[10, 'mx.good.test']] },
	'mx.good.test': { A: [at(1)] },
	'rude.test': { MX: [[10, 'no.rude.test'], [20, 'down.rude.test']] },
	'no.rude.test': { A: [at(2)] },
	'down.rude.test': { A: [at(99)] },
	'slow.test': { MX: [[10, 'mx.slow.test']] },
	'mx.slow.test': { A: [at(3)] },
	'mail.test': { A: [at(50)] },
};

let postfix, postroom, browser;
let letSlowGreet = () => {};
const ids = {};

before(async () => {
	const authority = new Authority();
	const dns = await Dns.start(zones);
	await MailHost.start(at(1), { ehlo: ['mx.good.test', 'STARTTLS', 'SIZE 1000'], tls: authority.issue('elsewhere.test') });
	await MailHost.start(at(2), { greeting: '554 5.7.1 Go <b>away</b>' });
	await MailHost.start(at(3), { greeting: (socket) => { letSlowGreet = () => socket.write('220 mx.slow.test at last\r\n'); }, ehlo: ['mx.slow.test'] });
	const sink = await Sink.start({ rcpt: () => '452 4.3.1 Insufficient system storage' });
	postfix = await Postfix.start({ main: {
		relay_domains: 'down.test', relay_transport: `relay:[127.0.0.1]:${sink.port}`,
		/* Of all others mail waits, and nothing is tried. */
		default_transport: 'smtp', defer_transports: 'smtp', transport_maps: '', smtp_dns_support_level: 'enabled', smtp_host_lookup: 'dns',
		smtp_tls_security_level: 'may', smtp_tls_CAfile: authority.file, smtp_bind_address: at(50),
		/* Nor a second time while it is looked at: for that moment it waits in no list. */
		minimal_backoff_time: '3000s', maximal_backoff_time: '4000s',
	} });
	postroom = await Postroom.start(postfix, { set: { 'probes.resolver': dns.server, 'probes.allow_local': 'yes' } });
	for (const domain of ['good.test', 'slow.test'])
		ids[domain] = await postfix.injectDeferred({ to: [`someone@${domain}`] });
	const rude = await postfix.injectMany(MANY, (i) => ({ to: [`w${i}@rude.test`] }));
	await postfix.untilIn('deferred', rude);
	[ids['rude.test']] = rude;
	await postfix.untilIn('deferred', await postfix.injectMany(DOWN, (i) => ({ from: `c${i}@office.test`, to: [`w${i}@down.test`] })));
	for (const id of Object.values(ids))
		await postroom.untilMessage(id, (message) => message.queue === 'deferred');
	browser = await Browser.start(postroom);
});
after(() => browser?.close());

const steps = (place, name) => place.getByRole('list', { name: `Steps of the test of ${name}` }).getByRole('listitem');
const begin = async (place, domain) => {
	const button = place.getByRole('button', { name: `Test ${domain} now` });
	await until('a free prober', () => button.isEnabled());
	await hit(button);
};

test('a message: each step with its word, its time and what the server said, in each width, light and dark', LONG, async () => {
	const address = `/?page=message&id=${ids['good.test']}`;
	const page = await browser.open(address, { size: SIZES[0] });
	await begin(page, 'good.test');
	const all = steps(page, 'good.test');
	await page.getByText(/good\.test takes connections as it should, at 1 address/).waitFor();
	assert.deepEqual((await all.locator('.step-name').allInnerTexts()).map((text) => text.split(/[\n:]/).at(-1).trim()),
		['Route', 'MX', 'Addresses', 'Connection', 'Greeting', 'EHLO', 'STARTTLS', 'Certificate', 'EHLO in TLS', 'QUIT']);
	await all.filter({ hasText: 'MX' }).getByText(/mx\.good\.test \(10\)/).waitFor();
	await all.filter({ hasText: 'STARTTLS' }).first().getByText(/250-STARTTLS|220/).first().waitFor();
	assert.match(await all.filter({ hasText: 'Certificate' }).innerText(), /look at it:/, 'another name is said in words, not by colour alone');
	for (const text of await all.locator('.step-took').allInnerTexts())
		assert.match(text, /^[\d.]+ m?s$/);
	for (const size of SIZES)
		for (const dark of [false, true]) {
			const each = await browser.open(address, { size, dark });
			await steps(each, 'good.test').nth(9).waitFor();
			await assertFits(each, `a test at ${size}`);
			await assertAccessible(each, `a test at ${size}${dark ? ', dark' : ''}`);
			await each.context().close();
		}
	await page.emulateMedia({ forcedColors: 'active' });
	await assertAccessible(page, 'a test in forced colours');
	await browser.assertClean();
});

test('steps appear as they come; meanwhile another test is refused, and it says what to do', LONG, async () => {
	const page = await browser.open(`/?page=message&id=${ids['slow.test']}`);
	await begin(page, 'slow.test');
	await steps(page, 'slow.test').filter({ hasText: 'Connection' }).waitFor();
	assert.equal(await steps(page, 'slow.test').filter({ hasText: 'Greeting' }).count(), 0);
	assert.ok(await page.getByRole('button', { name: 'Test slow.test now' }).isDisabled());
	await assertAccessible(page, 'a test that runs');

	/* Another browser, which knows of it only when it asks. */
	const other = await browser.open(`/?page=message&id=${ids['good.test']}`, { name: 'other' });
	const button = other.getByRole('button', { name: 'Test good.test now' });
	await until('it to know that one runs', () => button.isDisabled());
	const { status, body } = await postroom.api('POST', '/probes', { kind: 'destination', domain: 'good.test' });
	assert.deepEqual([status, body.code], [409, 'probe_busy']);
	letSlowGreet();
	await steps(page, 'slow.test').filter({ hasText: 'Greeting' }).getByText('220 mx.slow.test at last').waitFor();
	await page.getByText(/slow\.test takes connections/).waitFor();
	await until('the other to be free', () => button.isEnabled());
	await browser.assertClean();
});

test('an open row and the banner of a main cause test the destination, too; nothing of a stranger is markup', LONG, async () => {
	const page = await browser.open('/?filter=queue:deferred%20domain:rude.test', { size: SIZES[0] });
	const banner = page.getByRole('region', { name: 'The main cause of these messages' });
	await page.locator('.matched', { hasText: `${MANY} messages` }).waitFor();
	await banner.getByRole('button', { name: 'Test the destinations' }).click();
	await banner.getByRole('button', { name: 'Test rude.test now' }).waitFor();
	await assertAccessible(page, 'tests in the banner');
	await hit(rowOf(page, ids['rude.test']).locator('.c-who'));
	const open = page.locator('.expansion');
	await begin(open, 'rude.test');
	await page.getByText(/nothing takes it, at 2 addresses/).first().waitFor();
	const greeting = steps(open, 'rude.test').filter({ hasText: 'Greeting' }).first();
	await greeting.getByText('554 5.7.1 Go <b>away</b>').waitFor();
	assert.match(await greeting.innerText(), /bad:/);
	assert.match(await steps(open, 'rude.test').filter({ hasText: 'Connection refused' }).innerText(), /down\.rude\.test\[/);
	await assertAccessible(page, 'a test in an open row');
	await browser.assertClean();
});

test('an incident keeps its tests for those who look, and our own address is tested, too', LONG, async () => {
	/* A minute of the log must have passed. */
	const incident = await until('an incident of a destination', async () => (await postroom.get('/incidents')).incidents.find(({ kind }) => kind === 'destination'), LONG);
	const page = await browser.open(`/?page=incident&id=${incident.id}`, { size: SIZES[0] });
	const tests = page.getByRole('region', { name: 'Test it now' });
	await tests.waitFor();
	await begin(tests, 'down.test');
	await steps(tests, 'down.test').filter({ hasText: 'QUIT' }).waitFor();
	await tests.getByRole('button', { name: 'Test our address' }).click();
	await steps(tests, 'our address').filter({ hasText: 'Reverse name' }).waitFor();
	await until('its end', async () => (await postroom.get(`/probes?incident=${incident.id}`)).probes.filter(({ state }) => state !== 'running').length === 2);
	for (const [size, dark] of [[SIZES[0], true], [SIZES[2], false]]) {
		const other = await browser.open(`/?page=incident&id=${incident.id}`, { size, dark, role: 'viewer', name: 'looker' });
		await steps(other, 'our address').first().waitFor();
		await other.getByText('One earlier test').click();
		await steps(other, 'down.test').first().waitFor();
		await other.getByText(/takes the right of an operator/).waitFor();
		assert.equal(await other.getByRole('button', { name: /^Test / }).count(), 0);
		await assertFits(other, `an incident with tests at ${size}`);
		await assertAccessible(other, `an incident with tests at ${size}`);
		await other.context().close();
	}
	await browser.assertClean();
});

test('a refusal says what to do: ten in a minute, mail that has left, no notifier', LONG, async () => {
	const page = await browser.open(`/?page=message&id=${ids['good.test']}`);
	const button = page.getByRole('button', { name: 'Test good.test now' });
	await button.waitFor();
	const ten = async () => {
		const { body } = await postroom.api('POST', '/probes', { kind: 'own_address', address: at(50) });
		return body.code === 'probe_too_many';
	};
	await until('ten in a minute', ten);
	await until('a free prober', () => button.isEnabled());
	await button.click();
	await page.getByText(/Ten tests a minute are the most.*Press again in \d+ s\./).waitFor();
	await assertAccessible(page, 'a refused test');
	await page.getByRole('button', { name: 'Dismiss' }).click();

	/* It counts anew after a restart. The mail goes while its page stays as it is. */
	await postroom.stop();
	await postroom.up();
	await postroom.untilCurrent();
	await page.reload();
	await until('a free prober', () => button.isEnabled());
	await page.getByRole('button', { name: 'Pause (p)' }).click();
	execFileSync('postsuper', ['-c', postfix.config, '-d', ids['good.test']], { stdio: 'ignore' });
	await until('it to be gone', async () => (await postroom.api('GET', `/messages/${ids['good.test']}`)).status === 404);
	await button.click();
	await page.getByText(/This mail has left; nothing is to be done here/).waitFor();
	await browser.assertClean();
});
