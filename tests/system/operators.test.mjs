// Two operators at once, and queue IDs that are used again.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { Postfix, Postroom, Sink } from '../harness/index.mjs';

let postfix;
let postroom;

before(async () => {
	const sink = await Sink.start({ rcpt: () => '452 4.2.2 Mailbox full' });
	postfix = await Postfix.start({ sink });
	postroom = await Postroom.start(postfix);
});

const deferred = async () => {
	const id = await postfix.injectDeferred();
	await postroom.untilMessage(id, (m) => m.queue === 'deferred');
	return id;
};

test('of two deletes of one message one is done, the other is told that it is gone', async () => {
	const id = await deferred();
	const results = await Promise.all([1, 2].map(() => postroom.job({ action: 'delete', ids: [id], undo_seconds: 0 })));
	const outcomes = results.map(({ items }) => items[0].outcome).sort();
	assert.equal(outcomes.filter((outcome) => outcome === 'done').length, 1, outcomes.join());
	assert.ok(['gone', 'changed', 'refused'].includes(outcomes.find((outcome) => outcome !== 'done')), outcomes.join());
	assert.equal(postfix.where(id), null);
});

test('what somebody else removed by hand is gone, not done', async () => {
	const id = await deferred();
	await postfix.feed('postsuper', ['-d', '-'], `${id}\n`);
	const { items } = await postroom.job({ action: 'hold', ids: [id] });
	assert.equal(items[0].outcome, 'gone');
});

test('an action on a view does not touch what has arrived since', async () => {
	const early = await deferred();
	const view = await postroom.post('/views', { filter: '' });
	const late = await deferred();
	const { items } = await postroom.job({ action: 'delete', view: view.id, undo_seconds: 0 });
	assert.ok(items.some((item) => item.id === early && item.outcome === 'done'));
	assert.ok(!items.some((item) => item.id === late));
	assert.equal(postfix.where(early), null);
	assert.equal(postfix.where(late), 'deferred');
});

test('IDs that are none are refused before anything runs', async () => {
	for (const bad of ['ALL', '-', 'a;b', '../etc', 'x\n4A1B2C3D4E', 'x'.repeat(300), '4A1B\u0000C3D4E']) {
		const { status, body } = await postroom.api('POST', '/jobs', { action: 'delete', ids: [bad], undo_seconds: 0 });
		assert.ok(status >= 400 && status < 500, `${JSON.stringify(bad)}: ${status}`);
		assert.ok(body.code, JSON.stringify(bad));
	}
	const { status } = await postroom.api('POST', '/jobs', { action: 'delete', ids: [], undo_seconds: 0 });
	assert.ok(status >= 400 && status < 500);
	assert.equal((await postfix.queue()).length > 0, true);
});
