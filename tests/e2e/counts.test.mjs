// What the page says of numbers and states is what it will do and what is so: a button's count, a Postfix that is
// stopped.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, mark, press } from './browser.mjs';

const MANY = 60;
let sink, postfix, postroom, browser, ids;

before(async () => {
	sink = await Sink.start({ rcpt: () => '452 4.2.2 Mailbox full' });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	ids = await postfix.injectMany(MANY, (i) => ({ from: `anna${i}@office.example`, to: [`u${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	await postfix.feed('postsuper', ['-h', '-'], `${ids.slice(-2).join('\n')}\n`);
	postroom = await Postroom.start(postfix);
	for (const id of ids)
		await postroom.untilMessage(id);
	for (const id of ids.slice(-2))
		await postroom.untilMessage(id, (message) => message.queue === 'hold');
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const action = (page, name) => page.getByRole('toolbar', { name: 'Actions on the selection' }).getByRole('button', { name, exact: true });

test('a button counts what it will do: of five selected two are on hold', async () => {
	const selected = ids.slice(-5);
	const preview = await postroom.post('/previews', { action: 'retry', ids: selected });
	assert.deepEqual([preview.matched, preview.possible], [5, 3]);
	for (const [name, possible] of [['hold', 3], ['release', 2], ['delete', 5], ['requeue', 5]])
		assert.equal((await postroom.post('/previews', { action: name, ids: selected })).possible, possible, name);
	const page = await browser.open('/');
	await mark(page, selected);
	await action(page, 'Retry now').click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('heading', { name: 'Retry 3 messages now?' }).waitFor();
	await dialog.getByText('2 messages are left as they are').waitFor();
	await assertAccessible(page, 'a preview with what is left');
	await press(dialog, 'Retry 3 messages');
	await page.getByText('Retrying 3 messages', { exact: true }).waitFor();
	await until('no job to be under way', async () => (await postroom.get('/jobs')).jobs.every((job) => job.state === 'done'));
	/* Nothing of it can be done: the button says so, and cannot be pressed. */
	await page.getByRole('button', { name: 'Clear selection', exact: true }).click();
	await mark(page, ids.slice(-2));
	await action(page, 'Retry now').click();
	await dialog.getByRole('heading', { name: 'Retry 0 messages now?' }).waitFor();
	assert.equal(await dialog.getByRole('button', { name: 'Retry 0 messages', exact: true }).isDisabled(), true);
	await browser.assertClean();
});

test('Postfix that is stopped is an error, and no next try is counted down', async () => {
	const page = await browser.open('/?filter=queue:deferred&sort=id');
	await page.locator('#row-0 .c-next', { hasText: /^(in|due)/ }).waitFor();
	await postfix.stop();
	await page.getByRole('region', { name: 'Notices' }).locator('.notice.error', { hasText: 'the mail system is not running' }).waitFor();
	assert.equal((await postroom.get('/queue')).warnings.find(({ code }) => code === 'postfix_stopped').severity, 'error');
	await page.locator('#row-0 .c-next', { hasText: 'Postfix stopped' }).waitFor();
	assert.equal(await page.locator('.c-next', { hasText: /^in \d/ }).count(), 0);
	await page.locator('#row-0').getByRole('button', { name: 'Details' }).click();
	await page.getByText('Postfix is stopped: nothing is tried until it is started.').waitFor();
	const { stdout, stderr } = await postroom.cli('show', await page.locator('#row-0 .c-id .id').innerText());
	assert.match(stderr, /^postroom show: the mail system is not running: .*; fix: postfix /m);
	assert.match(stdout, /^Next retry +when Postfix runs: it is stopped$/m);
	assert.doesNotMatch((await postroom.cli('list')).stdout, /  (in \d|due )/);
	await postfix.up();
	await page.locator('#row-0 .c-next', { hasText: /^(in|due)/ }).waitFor();
	await browser.assertClean();
});
