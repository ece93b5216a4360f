// What the benchmarks share: clocks, percentiles, processor time, requests, and the table that they print.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { Postroom } from '../harness/index.mjs';

const program = (name) => join(process.env.POSTROOM_BUILD ?? 'build', 'tests/bench', name);

// Long IDs stay long; nothing is delivered, and nothing leaves the deferred queue by itself.
export const MAIN = {
	enable_long_queue_ids: 'yes',
	defer_transports: 'smtp, relay, local, lmtp, error',
	maximal_queue_lifetime: '30d', bounce_queue_lifetime: '30d',
};

export const log = (text) => process.stderr.write(`${text}\n`);
export const percentile = (list, p) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))];
export const median = (list) => percentile(list, 0.5);
export const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function timed(fn) {
	const start = process.hrtime.bigint();
	fn();
	return Number(process.hrtime.bigint() - start) / 1e6;
}

export async function timedAsync(fn) {
	const start = process.hrtime.bigint();
	await fn();
	return Number(process.hrtime.bigint() - start) / 1e6;
}

// The table: name, figure, what it is compared with, ratio, bound, whether it held.
export const rows = [];
export function row(name, figure, compared, ratio, most, ok) {
	rows.push([name, figure, compared, ratio, most, ok ? 'yes' : '**no**']);
	log(`${name}: ${figure}; ${compared}; ${ratio} (at most ${most}) ${ok ? 'ok' : 'MISSED'}`);
}

export const postfixVersion = () => execFileSync('postconf', ['-h', 'mail_version']).toString().trim();

export function printTable(count, runs) {
	const date = new Date().toISOString().slice(0, 10);
	console.log(`${date}, ${cpus().length} cores (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Postfix ${postfixVersion()}, ${count.toLocaleString('en')} deferred messages, median of ${runs} runs.\n`);
	console.log('| what | Postroom | compared with | ratio | at most | held |\n|---|---|---|---|---|---|');
	for (const cells of rows)
		console.log(`| ${cells.join(' | ')} |`);
}

export const listing = (postfix) => timed(() => {
	const { status } = spawnSync('postqueue', ['-c', postfix.config, '-j'], { stdio: ['ignore', 'ignore', 'inherit'] });
	if (status !== 0)
		throw new Error('postqueue -j failed');
});

export const qshape = (postfix) => timed(() => {
	const { status } = spawnSync('qshape', ['-c', postfix.config, 'deferred'], { stdio: ['ignore', 'ignore', 'inherit'] });
	if (status !== 0)
		throw new Error('qshape failed');
});

export const generator = program('queue_generate');

export async function generate(postfix, count, ...more) {
	const ms = timed(() => execFileSync(generator, ['--queue-directory', postfix.spool, '--count', String(count), '--processes', '2', ...more]));
	log(`${count} messages made in ${seconds(ms)}`);
}

// The time of a bare pass over the deferred queue: 'stat' or 'read' (bare_pass.c).
export function barePass(postfix, kind) {
	return Number(/, ([\d.]+) s/.exec(execFileSync(program('bare_pass'), [kind, postfix.spool]).toString())[1]) * 1000;
}

// A look from outside costs the measured ones processor time too: rarely, and without the contract's check.
export const LOOK_MS = 40;
export const peek = async (postroom, path) => JSON.parse((await postroom.raw('GET', `/api/v1${path}`)).body);

// From the start of the service, with no saved index, until every message is there.
export async function firstView(postfix, source, count) {
	let postroom;
	const ms = await timedAsync(async () => {
		postroom = await Postroom.start(postfix, { set: { 'postfix.source': source }, ready: false });
		await untilCurrent(postroom);
	});
	await expectMessages(postroom, count);
	return { ms, postroom };
}

export async function untilCurrent(postroom) {
	while ((await peek(postroom, '/queue')).source.state !== 'current')
		await sleep(LOOK_MS);
}

export async function expectMessages(postroom, count) {
	const { messages } = await postroom.get('/queue');
	if (messages !== count)
		throw new Error(`${messages} of ${count} messages seen`);
}

const TICK_MS = 10; // USER_HZ is 100 on every Linux that Debian runs on

// Of a process and its children that have ended: the server saves its index in one.
export function cpuMs(pid) {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
	return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
}

export const ROLES = ['helper', 'reader', 'server', 'logreader'];
export const allCpu = (postroom) => ROLES.flatMap((role) => postroom.pids(role)).reduce((sum, pid) => sum + cpuMs(pid), 0);

// One request over a connection that stays open.
export function get(postroom, agent, path) {
	return new Promise((resolve, reject) => {
		request({ socketPath: postroom.socket, path, agent, headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } }, (reply) => {
			const chunks = [];
			reply.on('data', (chunk) => chunks.push(chunk));
			reply.on('end', () => reply.statusCode === 200 ? resolve(Buffer.concat(chunks)) : reject(new Error(`${path}: ${reply.statusCode} ${Buffer.concat(chunks)}`)));
		}).on('error', reject).end();
	});
}

export const SORTS = ['arrival', '-arrival', 'size', '-size', 'sender', '-sender', 'next_retry', '-next_retry', 'recipients', '-recipients', 'id', '-id'];

export function anonymous(pid) {
	return Number(/^Anonymous:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
}

// The bytes of all texts that a queue has, each once.
export async function uniqueText(postroom) {
	const texts = new Set();
	let after = '';
	let bytes = 0;
	const add = (text) => {
		if (text && !texts.has(text)) {
			texts.add(text);
			bytes += Buffer.byteLength(text, 'utf8');
		}
	};
	do {
		const page = await peek(postroom, `/messages?limit=1000${after && `&after=${encodeURIComponent(after)}`}`);
		for (const m of page.messages) {
			[m.id, m.sender, m.subject, ...Object.values(m.origin ?? {})].forEach(add);
			for (const r of m.recipients)
				[r.address, r.reason].forEach(add);
		}
		after = page.next;
	} while (after);
	return bytes;
}

export async function runJob(postroom, action, filter, more = {}) {
	const view = await postroom.post('/views', { filter, sort: '-arrival' });
	const { id } = await postroom.post('/jobs', { action, view: view.id, ...more });
	for (;;) {
		const job = await peek(postroom, `/jobs/${id}`);
		if (job.state === 'done')
			return job;
		await sleep(LOOK_MS);
	}
}
