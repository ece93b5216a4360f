// One person's share of what is there for all, and who uses what.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom } from '../harness/index.mjs';

let postfix;
let postroom;
let message;

before(async () => {
	postfix = await Postfix.start();
	message = await postfix.injectDeferred({ message: `Subject: large\r\n\r\n${'0123456789abcdef'.repeat(4).concat('\r\n').repeat(11000)}` });
	postroom = await Postroom.start(postfix, { set: { 'access.content_per_hour': '1' } });
	await postroom.untilMessage(message);
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

const person = async (name, role = 'operator') => ({ token: (await postroom.post('/tokens', { name, role })).token });
const used = async (name) => (await postroom.get('/usage')).people.find((one) => one.name === name);

test('content of messages has an end for each person, and for him alone', async () => {
	const [ann, ben] = [await person('ann'), await person('ben')];
	const read = async (who) => postroom.raw('GET', `/api/v1/messages/${message}/raw`, who);
	assert.equal((await read(ann)).status, 200);
	assert.equal((await read(ann)).status, 200);
	const refused = await postroom.api('GET', `/messages/${message}/raw`, undefined, ann);
	assert.equal(refused.status, 429);
	assert.equal(refused.body.code, 'too_many_requests');
	assert.ok(refused.body.retry_after > 60 && refused.body.retry_after <= 3600, `${refused.body.retry_after} s`);
	assert.match(refused.body.detail, /ann has read 1 MB/);
	// All the rest is his, and so is the same to others; root at the socket reads on.
	assert.equal((await postroom.api('GET', `/messages/${message}`, undefined, ann)).status, 200);
	assert.equal((await read(ben)).status, 200);
	for (let i = 0; i < 3; i++)
		assert.equal((await read({})).status, 200);
	const usage = await used('ann');
	assert.ok(usage.content_bytes > 1_400_000, `${usage.content_bytes} bytes`);
	assert.equal(usage.refused, 1);
	assert.equal(usage.via, 'token');
	assert.ok((await used('ben')).content_bytes < usage.content_bytes);
});

test('nobody pushes out the views of another one', async () => {
	const [cat, dan] = [await person('cat', 'viewer'), await person('dan', 'viewer')];
	const { id } = await postroom.post('/views', {}, cat);
	for (let i = 0; i < 210; i++)
		await postroom.raw('POST', '/api/v1/views', { ...dan, body: '{}', headers: { 'Content-Type': 'application/json' } });
	assert.equal((await postroom.api('GET', `/views/${id}`, undefined, cat)).status, 200);
	assert.equal((await used('cat')).views, 1);
	assert.ok((await used('dan')).views > 150);
});

test('open jobs have an end for each person', async () => {
	const eve = await person('eve');
	// One message a minute to a destination that has twenty. Of two, both can be in delivery by other jobs: then such a job is done.
	const many = await postfix.injectMany(20);
	await postfix.untilIn('deferred', many);
	for (const id of many)
		await postroom.untilMessage(id, (one) => one.queue === 'deferred');
	const submit = (who) => postroom.api('POST', '/jobs', { action: 'retry', ids: many, rate: 1 }, who);
	for (let i = 0; i < 50; i++)
		assert.equal((await submit(eve)).status, 201);
	const refused = await submit(eve);
	assert.equal(refused.status, 429);
	assert.match(refused.body.detail, /eve has 50 jobs under way/);
	assert.equal((await submit(await person('fay'))).status, 201);
	assert.equal((await used('eve')).open_jobs, 50);
});

test('only who may see accounts sees who uses what', async () => {
	assert.equal((await postroom.api('GET', '/usage', undefined, await person('gus'))).status, 403);
	const { people, limits } = await postroom.get('/usage');
	assert.equal(limits.content_per_hour, 1048576);
	assert.ok(people.some((one) => one.via === 'socket' && one.requests > 0));
	assert.deepEqual(people.map((one) => one.worked_ms), people.map((one) => one.worked_ms).sort((a, b) => b - a));
});
