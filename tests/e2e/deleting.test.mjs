// Mail that a delete has on hold until its grace time is over is shown as what it is, everywhere: not as held.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { Browser, assertAccessible, rowOf } from './browser.mjs';

let sink, postfix, postroom, browser, ids, job;

before(async () => {
	sink = await Sink.start({ rcpt: () => '452 4.2.2 Mailbox full' });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes', maximal_queue_lifetime: '5h', bounce_queue_lifetime: '5h' } });
	ids = await postfix.injectMany(4, (i) => ({ from: `anna${i}@office.example`, to: [`u${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	await postfix.feed('postsuper', ['-h', '-'], `${ids[3]}\n`);
	postroom = await Postroom.start(postfix);
	for (const id of ids)
		await postroom.untilMessage(id);
	job = await postroom.post('/jobs', { action: 'delete', ids: [ids[0], ids[1]], undo_seconds: 900 });
	await until('the grace time', async () => (await postroom.get(`/jobs/${job.id}`)).state === 'grace');
	await postroom.untilMessage(ids[0], (message) => message.queue === 'hold');
	await postroom.untilMessage(ids[1], (message) => message.queue === 'hold');
	browser = await Browser.start(postroom);
});

after(() => browser?.close());

const matched = async (filter) => (await postroom.get(`/messages?filter=${encodeURIComponent(filter)}`)).matched;

async function isTold() {
	const { deleting } = await postroom.get(`/messages/${ids[0]}`);
	assert.equal(deleting.job, job.id);
	assert.ok(Date.parse(deleting.until) > Date.now());
	assert.equal((await postroom.get(`/messages/${ids[3]}`)).deleting, null);
	const summary = await postroom.get('/queue');
	assert.equal(summary.counts.hold, 3);
	assert.equal(summary.deleting, 2);
	assert.equal(await matched('deleting:yes'), 2);
	assert.equal(await matched('queue:hold deleting:no'), 1);
	const { groups } = await postroom.get('/groups?by=queue&limit=10');
	assert.deepEqual(groups.map(({ key, messages, filter }) => [key, messages, filter]).sort(), [['deferred', 1, 'queue:="deferred"'], ['deleting', 2, 'deleting:yes'], ['hold', 1, '(queue:hold deleting:no)']]);
	for (const group of groups)
		assert.equal(await matched(group.filter), group.messages, group.key);
}

test('API: the message, the counts, filters and groups', isTold);

test('the command line: list and show', async () => {
	const { stdout } = await postroom.cli('list');
	assert.match(stdout, new RegExp(`${ids[0]}\\s+deleting`));
	assert.match(stdout, new RegExp(`${ids[3]}\\s+hold`));
	assert.match((await postroom.cli('show', ids[0])).stdout, new RegExp(`on hold for job ${job.id}, removed .*postroom jobs undo ${job.id} .*brings it back`));
});

test('after a restart it is told again', async () => {
	await postroom.stop();
	await postroom.up();
	await postroom.untilCurrent();
	await until('the jobs to be read', async () => (await postroom.get('/queue')).deleting === 2);
	await isTold();
});

test('the page: row, tile, groups, its own page, and Undo of all that the job holds', async () => {
	const page = await browser.open('/', { size: [1440, 900] });
	const row = rowOf(page, ids[0]);
	await row.getByText('deleting', { exact: true }).waitFor();
	assert.match(await row.locator('.c-next').innerText(), /^gone in \d+ min/);
	assert.doesNotMatch(await row.innerText(), /held|on release/);
	await page.getByRole('button', { name: /^Held\s*1$/ }).waitFor();
	await page.getByRole('button', { name: /^Being deleted\s*2$/ }).click();
	await rowOf(page, ids[3]).waitFor({ state: 'detached' });
	// Pressed is what shows as many as it counts.
	await page.goto(`${postroom.url}/?filter=queue:hold`);
	await page.getByRole('button', { name: /^Held\s*1$/, pressed: false }).click();
	await rowOf(page, ids[3]).waitFor();
	await page.getByRole('button', { name: /^Held\s*1$/, pressed: true }).waitFor();
	await page.getByRole('button', { name: /^Being deleted\s*2$/ }).click();
	await row.waitFor();
	await row.getByRole('button', { name: 'Details' }).click();
	await page.locator('.expansion').getByText(/Being deleted by job \d+: removed in \d+ min/).waitFor();
	await assertAccessible(page, 'a message that is being deleted');
	await page.goto(`${postroom.url}/?page=message&id=${ids[1]}`);
	await page.getByText('deleting', { exact: true }).waitFor();
	await page.getByRole('button', { name: 'Undo all 2 messages', exact: true }).click();
	await page.getByText('deleting', { exact: true }).waitFor({ state: 'detached' });
	await postfix.untilIn('deferred', [ids[0], ids[1]]);
	await until('nothing to be deleted', async () => (await postroom.get('/queue')).deleting === 0);
	assert.equal(await matched('deleting:yes'), 0);
	await browser.assertClean();
});

test('what is removed is never seen as held on its way out', async () => {
	const seen = new Set();
	const next = await postroom.post('/jobs', { action: 'delete', ids: [ids[2]], undo_seconds: 1 });
	await until('it to be gone', async () => {
		const { status, body } = await postroom.api('GET', `/messages/${ids[2]}`);
		if (status === 200)
			seen.add(body.deleting ? 'deleting' : body.queue);
		return status === 404 && (await postroom.get(`/jobs/${next.id}`)).state === 'done';
	});
	assert.ok(!seen.has('hold'), [...seen].join());
});

test('near the end of their lifetime is asked of the settings, not of a default', async () => {
	assert.equal(await matched('expires<6h'), 3 - 1, 'deferred mail of a lifetime of five hours');
	assert.equal(await matched('expires<4h'), 0);
	const page = await browser.open('/');
	await page.locator('summary', { hasText: 'Saved views' }).click();
	await page.getByRole('link', { name: 'Less than 6 hours of their lifetime left', exact: true }).click();
	await rowOf(page, ids[0]).waitFor();
	await page.getByText('messages whose lifetime ends in less than 6 hours', { exact: true }).waitFor();
	await browser.assertClean();
});
