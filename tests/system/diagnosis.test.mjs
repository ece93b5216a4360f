// Why mail is stuck: replies of several lines, what is ours and what is theirs, and the delay that a reply asks for.
import test from 'node:test';
import assert from 'node:assert/strict';
import { Postfix, Postroom, Sink } from '../harness/index.mjs';

/** The same reply, its lines broken at two different blanks, and in one line. */
const BROKEN = {
	'a@lines.example': '450-4.2.1 The user you are trying to contact is receiving mail at a rate\r\n450-4.2.1 that prevents additional messages from\r\n450 4.2.1 being delivered. Please come back in 180 seconds.',
	'b@lines.example': '450-4.2.1 The user you are trying to contact is receiving\r\n450 4.2.1 mail at a rate that prevents additional messages from being delivered. Please come back in 180 seconds.',
	'c@lines.example': '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered. Please come back in 180 seconds.',
};

async function setup() {
	const sink = await Sink.start({ rcpt: (to) => BROKEN[to] ?? '452 4.3.1 mailbox size limit, no space' });
	const postfix = await Postfix.start({ sink, transports: { 'down.example': 'smtp:[127.0.0.1]:9' } });
	const ids = [];
	for (const to of Object.keys(BROKEN))
		ids.push(await postfix.injectDeferred({ to: [to] }));
	return { postfix, ids, postroom: await Postroom.start(postfix) };
}

test('where a reply’s lines end changes neither diagnosis, class nor what a filter finds; what is shown has all of it', async () => {
	const { postfix, ids, postroom } = await setup();
	for (const id of ids)
		await postroom.untilMessage(id, (message) => message.queue === 'deferred');
	const details = await Promise.all(ids.map((id) => postroom.get(`/messages/${id}`)));
	assert.deepEqual(details.map((message) => message.recipients[0].diagnosis), ['recipient-rate', 'recipient-rate', 'recipient-rate']);
	assert.match(details[0].recipients[0].reason, /at a rate 450-4\.2\.1 that prevents/);
	const { groups } = await postroom.get('/groups?by=reason');
	assert.deepEqual(groups.map((group) => group.messages), [3]);
	const found = async (filter) => (await postroom.get(`/messages?filter=${encodeURIComponent(filter)}`)).messages.length;
	assert.equal(await found('reason:"receiving mail at a rate that prevents additional"'), 3);
	assert.equal(await found('reason:*rate?that?prevents?additional*'), 3);
	assert.equal(await found('"mail at a rate that"'), 3);
	assert.equal(await found('reason:"450-4.2.1 that prevents"'), 1);
	assert.equal(await found('-reason:"rate that prevents"'), 0);
	// The delay that the reply asks for, in the API and beside the next retry.
	assert.deepEqual(details.map((message) => message.recipients[0].asked_delay_seconds), [180, 180, 180]);
	const { stdout } = await postroom.cli('show', ids[0]);
	assert.match(stdout, /Next retry .*\n +the other side asks for 3 ?m/);

	// A hop on the loopback address is ours.
	const refused = await postfix.injectDeferred({ to: ['a@down.example'] });
	await postroom.untilMessage(refused, (message) => message.diagnoses.length > 0);
	const ours = (await postroom.get(`/messages/${refused}`)).diagnoses[0];
	assert.deepEqual([ours.id, ours.where], ['local-service-down', 'here']);
	// A server says that its disk is full: its disk, and here the server is ours.
	const full = await postfix.injectDeferred({ to: ['a@full.example'] });
	await postroom.untilMessage(full, (message) => message.diagnoses.length > 0);
	const { diagnoses } = await postroom.get(`/messages/${full}`);
	assert.deepEqual([diagnoses[0].id, diagnoses[0].where], ['over-quota', 'here']);
	assert.deepEqual(diagnoses[0].advice_words, { code: 'diagnosis.over-quota.advice', params: {} });
});
