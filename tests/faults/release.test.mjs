// An undo never destroys mail: rounds of hold, delete, undo, release, reload and kill at random on mail that is being delivered, to a
// next hop that says nothing and to one that is slow. Nothing is deleted in the end, so every message must arrive, and once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Postfix, Postroom, Sink, until } from '../harness/index.mjs';
import { FULL, random, size } from './size.mjs';

const ROUNDS = size(60, 1000);
const ALIVE = 60;
const PATIENCE = { timeout: FULL ? 1800000 : 180000 };
const OPEN_JOBS = 5;
const SETTINGS = {
	default_destination_concurrency_limit: '2', default_destination_concurrency_failed_cohort_limit: '100000', queue_run_delay: '2s',
	minimal_backoff_time: '2s', maximal_backoff_time: '4s', smtp_helo_timeout: '6s', transport_retry_time: '1s',
};

test(`${ROUNDS} rounds of hold, delete, undo, release, reload and kill: nothing lost, nothing twice`, PATIENCE, async (t) => {
	const seed = Number(process.env.POSTROOM_SEED ?? Date.now() % 2 ** 31);
	t.diagnostic(`POSTROOM_SEED=${seed}`);
	const next = random(seed);
	const pick = (list) => list[Math.floor(next() * list.length)];
	const some = (list, share) => list.filter(() => next() < share);
	const silent = await Sink.start({ greeting: () => 'silent' });
	const slow = await Sink.start({ end: () => new Promise((done) => setTimeout(done, 100 + next() * 400)).then(() => null) });
	const main = { ...SETTINGS, enable_long_queue_ids: next() < 0.5 ? 'yes' : 'no' };
	const postfix = await Postfix.start({ main, transports: {
		'silent.example': `smtp:[127.0.0.1]:${silent.port}`, 'slow.example': `smtp:[127.0.0.1]:${slow.port}`,
	} });
	const postroom = await Postroom.start(postfix);
	const sent = [];
	const arrived = () => [...silent.messages, ...slow.messages].flatMap((message) => message.to);
	// While a role is away, a request may fail; then the round did nothing.
	const ask = (method, path, body) => postroom.raw(method, `/api/v1${path}`, { body }).then((reply) => (reply.status < 300 ? JSON.parse(reply.body) : null), () => null);
	const queued = (...queues) => queues.flatMap((queue) => postfix.ids(queue));
	const jobs = async (...states) => ((await ask('GET', '/jobs?state=open&limit=200'))?.jobs ?? [null]).filter((job) => job === null || states.includes(job.state));
	const onHold = (action, ids, more = {}) => (ids.length > 0 ? ask('POST', '/jobs', { action, ids, ...more }) : null);

	const inject = async () => {
		const missing = ALIVE - queued('incoming', 'active', 'deferred', 'hold').length;
		if (missing <= 0)
			return;
		const first = sent.length;
		for (let i = 0; i < missing; i++)
			sent.push(`m${first + i}@${next() < 0.6 ? 'silent' : 'slow'}.example`);
		await postfix.injectMany(missing, (i) => ({ to: [sent[first + i]] }));
	};
	const act = {
		hold: () => onHold('hold', some(queued('active', 'deferred', 'incoming'), 0.3)),
		delete: () => onHold('delete', some(queued('active', 'deferred', 'hold'), 0.3), { undo_seconds: 3600 }),
		undo: async () => {
			const job = pick(await jobs('grace'));
			return job && ask('POST', `/jobs/${job.id}/undo`, {});
		},
		cancel: async () => {
			const job = pick(await jobs('running', 'planned'));
			return job && job.action !== 'release' && ask('POST', `/jobs/${job.id}/cancel`, {});
		},
		release: () => onHold('release', some(queued('hold'), 0.5)),
		somebodyHolds: () => postfix.feed('postsuper', ['-h', '-'], `${some(queued('active', 'deferred'), 0.2).join('\n')}\n`),
		retry: () => onHold('retry', some(queued('deferred'), 0.3)),
		reload: () => postfix.reload(),
		kill: () => {
			for (const pid of postroom.pids(pick(['server', 'helper', 'reader'])))
				process.kill(pid, 'SIGKILL');
		},
		restart: async () => {
			await postroom.stop();
			await postroom.up();
		},
	};
	const weights = { hold: 5, delete: 4, undo: 4, cancel: 1, release: 5, somebodyHolds: 2, retry: 2, reload: 1, kill: 1.5, restart: 0.3 };
	const lots = Object.entries(weights).flatMap(([name, weight]) => Array(weight * 10).fill(name));
	const done = Object.fromEntries(Object.keys(weights).map((name) => [name, 0]));
	for (let round = 0; round < ROUNDS; round++) {
		const name = pick(lots);
		await inject();
		await act[name]();
		done[name]++;
		await until('few enough jobs to be open', async () => (await jobs('planned', 'running')).length <= OPEN_JOBS, PATIENCE);
	}

	silent.hooks.greeting = () => null;
	await until('everything to be given back', async () => {
		for (const job of (await jobs('grace')).filter(Boolean))
			await ask('POST', `/jobs/${job.id}/undo`, {});
		if ((await jobs('planned', 'running', 'grace')).length > 0)
			return false;
		await onHold('release', queued('hold'));
		await postfix.command('postqueue', '-f');
		return queued('incoming', 'active', 'deferred', 'hold', 'maildrop').length === 0;
	}, PATIENCE);
	const times = new Map();
	for (const address of arrived())
		times.set(address, (times.get(address) ?? 0) + 1);
	const lost = sent.filter((address) => !times.has(address));
	const twice = sent.filter((address) => times.get(address) > 1);
	t.diagnostic(`${sent.length} messages, ${lost.length} lost, ${twice.length} twice; ${JSON.stringify(done)}`);
	assert.deepEqual({ lost, twice }, { lost: [], twice: [] });
});
