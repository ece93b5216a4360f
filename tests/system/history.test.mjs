// How deep the queue was: sampled, kept across a restart, and a time without a sample is a gap.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

const HOUR = 3600;
let postfix, postroom;

before(async () => {
	postfix = await Postfix.start();
	await postfix.injectDeferred();
	await postfix.injectDeferred();
	postroom = await Postroom.start(postfix, { set: { 'store.sample_interval': 1 } });
});
after(async () => {
	await postroom.stop();
	await postfix.stop();
});

const second = (at) => Date.parse(at) / 1000;
const read = (query = '') => postroom.get(`/history?points=4000${query}`);

// As if the service had run, and stopped, so long ago.
const age = (seconds) => execFileSync('python3', ['-c', `import sqlite3
db = sqlite3.connect(${JSON.stringify(postroom.keys['store.path'])})
db.execute('UPDATE samples SET taken = taken - ${seconds}')
db.commit()`]);

test('older samples are there after a restart, with a gap that is a gap', async () => {
	const [old] = (await until('the first sample', async () => {
		const { samples } = await read();
		return samples.length > 0 ? samples : null;
	}));
	assert.equal(old.deferred, 2);
	assert.deepEqual(await postroom.stop(), { code: 0, signal: null });
	age(2 * HOUR);
	await postroom.up();
	const history = await until('a sample after the restart', async () => {
		const reply = await read();
		return reply.samples.length > 1 && second(reply.samples.at(-1).at) >= second(old.at) ? reply : null;
	});
	assert.equal(history.step, 300);
	const moved = new Date((second(old.at) - 2 * HOUR) * 1000).toISOString();
	assert.deepEqual({ ...history.samples[0], at: second(history.samples[0].at) }, { ...old, at: second(moved) });
	// What was not seen is not there: neither zeros nor what could be drawn between.
	const between = history.samples.filter((s) => second(s.at) >= second(moved) + 2 * history.step && second(s.at) < second(old.at));
	assert.deepEqual(between, []);
	assert.equal(history.samples.at(-1).deferred, 2);
	const { stdout } = await postroom.cli('history', '--json', '--from', '3h');
	assert.ok(stdout.trim().split('\n').length >= history.samples.length);
});

test('samples that are taken seldom are not shown as gaps', async () => {
	await postroom.stop();
	postroom.keys['store.sample_interval'] = 1200;
	postroom.writeConfig();
	await postroom.up();
	assert.equal((await read()).step, 1800);
});
