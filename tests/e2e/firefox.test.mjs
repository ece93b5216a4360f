// The main path once more, in the other engine: Debian's Firefox ESR. Every other test of the page is in Chromium.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Firefox, assertGood, click, find, press, text } from './firefox.mjs';

const PASSWORD = 'correct horse battery';
const NEWS = 22;
const ALL = NEWS + 1;

let sink, postfix, postroom, firefox, page, news, other;

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	/* All of it expires soon, so that an incident is there at once. */
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes', maximal_queue_lifetime: '5h', minimal_backoff_time: '3000s', maximal_backoff_time: '4000s' } });
	news = await postfix.injectMany(NEWS, (i) => ({ from: 'news@shop.example', to: [`u${i}@full.example`], subject: 'Autumn news' }));
	other = await postfix.injectDeferred({ from: 'anna@office.example', to: ['b@full.example'], subject: 'Lunch' });
	await postfix.untilIn('deferred', news);
	postroom = await Postroom.start(postfix);
	await postroom.post('/users', { name: 'berta', role: 'admin', password: PASSWORD });
	for (const id of [...news, other])
		await postroom.untilMessage(id);
	firefox = await Firefox.start(postroom);
	page = await firefox.open('/');
});

after(() => firefox?.close());

const parameter = (name) => new URL(page.url()).searchParams.get(name);
const matched = (count) => text(page, '.matched', new RegExp(`^${count} message`));
const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);

async function type(role, name, value) {
	await click(page, role, name);
	await page.keyboard.type(value);
}

// The completions lie over the first rows: they are closed once they are there.
async function filter(value, count) {
	await type('combobox', 'Filter', `${value} `);
	await matched(count);
	await text(page, '[role=option]', /\S/);
	await page.keyboard.press('Escape');
	await until('the completions to be closed', async () => (await page.$('[role=option]')) === null);
}

test('what the page does against its policy is heard', async () => {
	await find(page, 'button', 'Sign in');
	await page.evaluate(() => {
		try {
			document.body.innerHTML = '<i>against the policy</i>';
		} catch {
			/* As it should be. */
		}
	});
	await until('the breach to be told', () => firefox.wrong.some((one) => /Content-Security-Policy.*require-trusted-types-for/.test(one)));
	firefox.wrong.splice(0);
});

test('sign in, and the first screen: the sentence, the figures, an incident, the rows', async () => {
	await assertGood(page, 'sign-in');
	await type('textbox', 'Name', 'berta');
	await page.keyboard.press('Tab');
	await page.keyboard.type(PASSWORD);
	await click(page, 'button', 'Sign in');
	await text(page, '.says h2', /\S/);
	await find(page, 'button', `Deferred ${ALL}`);
	await text(page, '.incidents .incident', new RegExp(`Expiring.*${ALL} messages will be returned within 6 h`));
	await text(page, '#row-0', /@full\.example/);
	await matched(ALL);
	await assertGood(page, 'the first screen');
	firefox.assertClean();
});

test('a filter as it is typed, and a row that opens', async () => {
	await filter('from:anna', 1);
	assert.match(parameter('filter'), /^from:anna/);
	await click(page, 'button', 'Details');
	await text(page, '.expansion', /452 4\.2\.2 Mailbox full/);
	assert.equal(parameter('open'), other);
	await assertGood(page, 'an open row');
	firefox.assertClean();
});

test('the page of a message: what is in it, and how far it is in its lifetime', async () => {
	await click(page, 'link', 'Open message');
	await text(page, 'h1', /^Lunch$/);
	await text(page, '[role=tabpanel]', /\S/);
	await find(page, 'meter', 'Age against lifetime');
	assert.equal(await page.$eval('meter', (meter) => getComputedStyle(meter).appearance), 'none', 'Firefox draws the bar with ends of its own');
	await assertGood(page, 'a message');
	await click(page, 'button', 'Back');
	await matched(1);
	firefox.assertClean();
});

test('all that match are held after a preview, and let go again by Undo in the drawer of jobs', async () => {
	await click(page, 'button', 'Clear the filter');
	await filter('from:news', NEWS);
	await press(page, '#row-0 input[type=checkbox]');
	await click(page, 'button', `Select all ${NEWS} that match`);
	/* The banner of the main cause has one, too; beside a selection it is switched off. */
	await click(page, 'button', 'Hold', '.selection-bar');
	await text(page, 'dialog .preview-facts', new RegExp(`${NEWS} messages, ${NEWS} recipients`));
	await assertGood(page, 'a preview');
	await click(page, 'button', `Hold ${NEWS} messages`);
	await postfix.untilIn('hold', news);
	assert.equal(postfix.where(other), 'deferred');
	await click(page, 'button', 'Jobs');
	await text(page, '.drawer article', new RegExp(`Hold, ${NEWS} messages`));
	await assertGood(page, 'the jobs');
	await press(page, '.drawer article ::-p-text(Undo)');
	await postfix.untilIn('deferred', news);
	firefox.assertClean();
});

test('the settings: the line of attempts; and the dark', async () => {
	await click(page, 'link', 'Settings');
	await text(page, '.settings-table', /maximal_queue_lifetime/);
	await page.waitForSelector('.schedule-line rect');
	await assertGood(page, 'settings');
	const light = await scheme();
	await page.click('.top .menu summary');
	await click(page, 'button', 'Dark');
	await until('the dark', async () => (await scheme()) === 'dark' && light !== 'dark');
	await assertGood(page, 'settings in the dark');
	await click(page, 'link', 'Queue');
	await text(page, '#row-0', /@full\.example/);
	await assertGood(page, 'the queue in the dark');
	firefox.assertClean();
});
