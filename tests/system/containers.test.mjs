// Postroom in a container beside Postfix's: the queue is shared, process numbers are not.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

let postfix, postroom;

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	postroom = await Postroom.start(postfix, { under: ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] });
});
/* Ended with this file: `unshare` waits for its child and takes no signal meanwhile. */
after(() => postfix.remove());

const ELSEWHERE = /another container.*share its process numbers/;

test('a reload, which would signal another process, is refused: what needs one stays safe and says why', async () => {
	const id = await postfix.injectDeferred();
	await postroom.untilMessage(id);
	assert.equal((await postroom.job({ action: 'hold', ids: [id] })).job.state, 'done');
	assert.equal(postfix.where(id), 'hold');
	const log = postroom.log.length;
	const release = await postroom.post('/jobs', { action: 'release', ids: [id] });
	await until('the release to say why it waits', async () => ELSEWHERE.test(JSON.stringify(await postroom.get(`/jobs/${release.id}/items`))));
	assert.equal(postfix.where(id), 'hold');
	await postroom.put('/settings', { values: { queue_run_delay: '200s' } });
	const [change] = await until('the change to be taken back', async () => {
		const { changes } = await postroom.get('/settings/changes');
		return changes[0].state !== 'applying' && changes;
	});
	assert.match(change.detail, ELSEWHERE);
	assert.doesNotMatch(readFileSync(join(postfix.config, 'main.cf'), 'utf8'), /queue_run_delay = 200s/);
	assert.doesNotMatch(postroom.log.slice(log), /configuration was read again/);
});

test('retrying, flushing and deleting need no signal', async () => {
	const id = await postfix.injectDeferred();
	await postroom.untilMessage(id);
	assert.equal((await postroom.job({ action: 'retry', ids: [id] })).job.state, 'done');
	assert.ok((await postroom.api('POST', '/flush', {})).status < 300);
	assert.equal((await postroom.job({ action: 'delete', ids: [id] })).job.state, 'grace');
	assert.equal(postfix.where(id), 'hold');
});
