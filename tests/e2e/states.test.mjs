// What the page says when there is nothing to show, or nobody to show it: each case in its own words, with
// its fix, on the real program brought into that state.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, queueFile, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, rowOf } from './browser.mjs';

/* Enough to be met in the middle of. */
const MANY = 40000;
let postfix, postroom, browser;

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const bytes = queueFile();
const HOURS_AHEAD = Date.now() / 1000 + 3 * 3600;

// As plant does, without a process for each; the queue manager leaves what is on hold alone.
function plantQuickly(i) {
	const path = join(postfix.spool, 'hold', `ABC${i.toString(16).toUpperCase().padStart(5, '0')}`);
	writeFileSync(path, bytes, { mode: 0o600 });
	chownSync(path, statSync(join(postfix.spool, 'hold')).uid, -1);
	utimesSync(path, HOURS_AHEAD, HOURS_AHEAD);
	chmodSync(path, 0o700);
}

const PHONE = [360, 740];

// As people see it: in a window and on a phone, readable by all.
async function look(page, what) {
	await assertAccessible(page, what);
	await page.setViewportSize({ width: PHONE[0], height: PHONE[1] });
	await assertFits(page, what);
	await assertAccessible(page, `${what} on a phone`);
	await page.setViewportSize({ width: 1280, height: 860 });
}

const notices = (page) => page.getByRole('region', { name: 'Notices' });

test('nothing queued: that Postfix runs, or that it does not, and how to start it', async () => {
	const page = await browser.open();
	await page.getByRole('heading', { name: 'The queue is empty' }).waitFor();
	await page.getByText('Postfix is running; new mail appears here by itself.').waitFor();
	await look(page, 'empty');
	await postfix.stop();
	await page.getByText('But Postfix is not running').first().waitFor();
	await notices(page).getByText('the mail system is not running').first().waitFor();
	await notices(page).getByText(`postfix -c ${postfix.config} start`).first().waitFor();
	await look(page, 'stopped');
	await postfix.up();
	await page.getByText('But Postfix is not running').first().waitFor({ state: 'detached' });
	await browser.assertClean();
});

test('nothing matches: one term is dropped by showing all', async () => {
	const id = await postfix.injectDeferred({ to: ['a@full.example'] });
	await postroom.untilMessage(id);
	const page = await browser.open('/?filter=to:nobody.example');
	await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
	await look(page, 'no-match');
	await page.getByRole('button', { name: 'Show all messages', exact: true }).click();
	await rowOf(page, id).waitFor();
	await browser.assertClean();
});

test('a helper that does not answer is named, with what to do, and what was known stays', async (t) => {
	const [helper] = postroom.pids('helper');
	const page = await browser.open();
	await page.locator('[role=row] .c-id a').waitFor();
	process.kill(helper, 'SIGSTOP');
	await until('it to be said', async () => (await postroom.get('/queue')).warnings.some((w) => w.code === 'helper_unavailable'));
	const goOn = postroom.hang('helper');
	t.after(goOn);
	await page.getByText('The helper does not answer').first().waitFor();
	await page.getByText('systemctl restart postroom').first().waitFor();
	assert.equal(await page.locator('[role=row] .c-id a').count(), 1);
	await look(page, 'helper');
	goOn();
	await page.getByText('The helper does not answer').first().waitFor({ state: 'detached' });
	await browser.assertClean();
});

test('a source that fails: the reason and the fix stand above, and no word of an empty queue', async (t) => {
	await postfix.injectDeferred();
	await postfix.stop();
	const away = join(postfix.dir, 'away');
	renameSync(postfix.spool, away);
	const other = await Postroom.start(postfix, { ready: false });
	const otherBrowser = await Browser.start(other);
	t.after(() => otherBrowser.close());
	const page = await otherBrowser.open();
	await page.getByRole('heading', { name: 'The queue cannot be read' }).waitFor();
	await notices(page).getByText(postfix.spool).first().waitFor();
	await notices(page).getByText('postroom check', { exact: true }).first().waitFor();
	await until('it to be said once', async () => (await notices(page).getByText('postqueue -j ended').count()) === 1);
	assert.equal(await page.getByText('The queue is empty').count(), 0);
	assert.equal(await page.locator('.matched').innerText(), '');
	assert.match(await page.getByRole('button', { name: /^Deferred/ }).innerText(), /–/, 'not known is not zero');
	await look(page, 'failed');
	renameSync(away, postfix.spool);
	await postfix.up();
	await page.locator('[role=row] .c-id a').first().waitFor();
	await page.getByRole('heading', { name: 'The queue cannot be read' }).waitFor({ state: 'detached' });
	await otherBrowser.assertClean();
	await other.stop();
});

test('the first reading says how far it is, and ends in the queue', async (t) => {
	for (let i = 0; i < MANY; i++)
		plantQuickly(i);
	const other = await Postroom.start(postfix, { ready: false });
	const goOn = await until('the first reading to be under way', async () => {
		const { source: now } = await other.get('/queue');
		if (now.state !== 'loading')
			return null;
		return other.hang('reader'); /* at once, while there is most left to read */
	});
	t.after(goOn);
	const otherBrowser = await Browser.start(other);
	t.after(() => otherBrowser.close());
	const page = await otherBrowser.open('/?filter=queue:maildrop');
	await page.getByRole('heading', { name: 'Reading the queue for the first time' }).waitFor();
	/* How many there will be may become known while the reader is being stopped. */
	const said = page.locator('.empty').getByText(/^\d[\d,]* (?:of about \d[\d,]* messages, |messages so far)/);
	await said.waitFor();
	const bar = page.getByRole('progressbar', { name: 'Reading the queue for the first time', exact: true });
	await until('a bar where the end is known', async () => (await bar.count()) === (/of about/.test(await said.innerText()) ? 1 : 0));
	await look(page, 'reading');
	goOn();
	await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
	await otherBrowser.assertClean();
	await other.stop();
});
