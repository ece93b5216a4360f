// Whoever reads the queue is killed while it reads, over and over: the view is whole in the end, nothing is shown twice or lost,
// and what the server knew already is not read again.
import assert from 'node:assert/strict';
import { chownSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, queueFile, until } from '../harness/index.mjs';
import { size } from './size.mjs';

const COUNT = size(6000, 100000);
const ROUNDS = size(2, 10);
const LONG = { timeout: size(120000, 1200000) };
let postfix;

const id = (i) => `0${(0xA0000000 + i).toString(16).toUpperCase()}`;

before(() => Postfix.start().then((started) => {
	postfix = started;
	const hold = join(postfix.spool, 'hold');
	const { uid } = statSync(hold);
	for (let i = 0; i < COUNT; i++) {
		const path = join(hold, id(i));
		writeFileSync(path, queueFile({ sender: `user${i % 50}@shop.example`, recipients: [`r${i}@full.example`], arrival: 1790000000 + i }), { mode: 0o700 });
		chownSync(path, uid, -1);
	}
}), LONG);

after(() => postfix?.stop());

const readings = (postroom) => [...postroom.log.matchAll(/the queue was read: (\d+) messages?, (\d+) of them read anew/g)].map((m) => [Number(m[1]), Number(m[2])]);
const queue = async (postroom) => JSON.parse((await postroom.raw('GET', '/api/v1/queue')).body);

// A role that is being started again has no process for a moment.
async function kill(postroom, role) {
	const pid = await until(`a ${role}`, () => postroom.pids(role)[0] ?? null);
	process.kill(pid, 'SIGKILL');
}

// So many of the queue are shown, or all.
const partly = (postroom, share) => until('some to be shown', async () => {
	const { messages, source } = await queue(postroom).catch(() => ({ messages: 0, source: {} }));
	return source.state === 'current' || messages >= COUNT * share;
});

async function whole(postroom, count) {
	await until('the whole queue', async () => {
		const { messages, source } = await queue(postroom).catch(() => ({ source: {} }));
		return source.state === 'current' && messages === count;
	}, { timeout: LONG.timeout });
	const ids = (await postroom.messages()).map((m) => m.id);
	assert.equal(new Set(ids).size, count);
	assert.equal(ids.length, count);
}

for (const role of ['reader', 'helper'])
	test(`the ${role} killed while the queue is read`, LONG, async () => {
		const postroom = await Postroom.start(postfix, { ready: false });
		try {
			for (let round = 1; round <= ROUNDS; round++) {
				await partly(postroom, round / (ROUNDS + 1));
				await kill(postroom, role);
			}
			await whole(postroom, COUNT);
			// Nothing changes: no two of the complete readings have read the same message.
			assert.ok(readings(postroom).reduce((sum, [, anew]) => sum + anew, 0) <= COUNT, JSON.stringify(readings(postroom)));
			if (role === 'helper')
				return;
			await kill(postroom, role);
			await until('a reading of nothing', () => readings(postroom).at(-1)?.[1] === 0);
		} finally {
			await postroom.stop();
		}
	});

test('the server killed while the queue is read, and again when it is', LONG, async () => {
	const postroom = await Postroom.start(postfix, { ready: false });
	try {
		for (let round = 1; round <= ROUNDS; round++) {
			await partly(postroom, round / (ROUNDS + 1));
			await kill(postroom, 'server');
		}
		await whole(postroom, COUNT);
		await kill(postroom, 'server');
		await whole(postroom, COUNT);
	} finally {
		await postroom.stop();
	}
});

// The spool as it is afterwards, whatever went on while it was read.
test('files that come, go and change while the queue is read and its reader is killed', LONG, async () => {
	const postroom = await Postroom.start(postfix, { ready: false });
	const gone = COUNT / 10;
	try {
		await partly(postroom, 0.2);
		for (let i = 0; i < gone; i++) {
			unlinkSync(join(postfix.spool, 'hold', id(i)));
			utimesSync(join(postfix.spool, 'hold', id(COUNT - 1 - i)), 1790000000, 1790000000 + i);
			if (i === gone / 2)
				await kill(postroom, 'reader');
		}
		await whole(postroom, COUNT - gone);
	} finally {
		await postroom.stop();
	}
});
