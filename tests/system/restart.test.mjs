// What is known outlives whoever ends: after each end only what has changed is read again, and what is shown is the queue.
import assert from 'node:assert/strict';
import { existsSync, renameSync, unlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, placeOf, plant, queueFile, until } from '../harness/index.mjs';

const COUNT = 40;
const later = Math.floor(Date.now() / 1000) + 7200;
const arrival = Math.floor(Date.now() / 1000) - 3600;
const id = (i) => `ABCD${(16 + i).toString(16).toUpperCase()}`;
let postfix, postroom;

const put = (i) => plant(postfix, 'hold', id(i), queueFile({ sender: `user${i}@shop.example`, recipients: [`r${i}@full.example`], arrival }));
const pid = (role) => postroom.pids(role)[0];

// Each first complete reading since somebody began anew says so in the log: [messages, read anew].
const readings = () => [...postroom.log.matchAll(/the queue was read: (\d+) messages?, (\d+) of them read anew/g)].map((m) => [Number(m[1]), Number(m[2])]);
const lastReading = (count) => until('another reading', () => (readings().length === count ? readings().at(-1) : null));

async function shown(count) {
	await until('all to be shown', async () => (await postroom.get('/queue')).messages === count);
	return (await postroom.messages()).map((m) => `${m.id} ${m.queue} ${m.sender}`).sort();
}
const listed = async () => (await postfix.queue()).map((m) => `${m.queue_id} ${m.queue_name} ${m.sender}`).sort();

before(async () => {
	postfix = await Postfix.start();
	for (let i = 0; i < COUNT; i++)
		put(i);
	// So that the queue manager leaves it alone when it comes into deferred.
	utimesSync(placeOf(postfix, 'hold', id(1)), later, later);
	postroom = await Postroom.start(postfix);
});

after(async () => {
	await postroom?.stop();
	await postfix?.stop();
});

test('a restart shows the last known queue, and reads only what has changed', async () => {
	assert.deepEqual(await lastReading(1), [COUNT, COUNT]);
	await postroom.stop();
	unlinkSync(placeOf(postfix, 'hold', id(0)));
	put(COUNT);
	put(COUNT + 1);
	// One that only moves is not read again.
	renameSync(placeOf(postfix, 'hold', id(1)), placeOf(postfix, 'deferred', id(1)));
	await postroom.up();
	assert.notEqual((await postroom.get('/queue')).source.state, 'empty');
	assert.deepEqual(await lastReading(2), [COUNT + 1, 2]);
	assert.deepEqual(await shown(COUNT + 1), await listed());
	assert.equal((await postroom.get(`/messages/${id(1)}`)).next_retry, new Date(later * 1000).toISOString().replace('.000', ''));
});

test('a new reader finds that the server knows everything', async () => {
	process.kill(pid('reader'), 'SIGKILL');
	assert.deepEqual(await lastReading(3), [COUNT + 1, 0]);
});

test('a server that is killed has what was saved meanwhile', async () => {
	const snapshot = join(postroom.state, 'queue.snapshot');
	put(COUNT + 2);
	await until('it to be seen', async () => (await postroom.get('/queue')).messages === COUNT + 2);
	await postroom.stop();
	// What it saved at its end is not what is meant.
	unlinkSync(snapshot);
	await postroom.up();
	assert.deepEqual(await lastReading(4), [COUNT + 2, COUNT + 2]);
	await until('it to be saved', () => existsSync(snapshot));
	process.kill(pid('server'), 'SIGKILL');
	assert.deepEqual(await lastReading(5), [COUNT + 2, 0]);
	assert.deepEqual(await shown(COUNT + 2), await listed());
});
