// The benchmark of docs/BENCHMARKS.md. Everything is measured side by side in one run: what Postroom does,
// and what Postfix's own tools do with the same queue on the same machine. Prints a Markdown table.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { Postfix, Postroom } from '../harness/index.mjs';

const { values: options } = parseArgs({ options: {
	count: { type: 'string', default: '100000' },
	runs: { type: 'string', default: '3' },
	only: { type: 'string', default: '' },
} });
const COUNT = Number(options.count);
const RUNS = Number(options.runs);
const generator = join(process.env.POSTROOM_BUILD, 'tests/bench/queue_generate');

// Long IDs stay long; nothing is delivered, and nothing leaves the deferred queue by itself.
const MAIN = {
	enable_long_queue_ids: 'yes',
	defer_transports: 'smtp, relay, local, lmtp, error',
	maximal_queue_lifetime: '30d', bounce_queue_lifetime: '30d',
};

const log = (text) => process.stderr.write(`${text}\n`);
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const percentile = (list, p) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))];
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function timed(fn) {
	const start = process.hrtime.bigint();
	fn();
	return Number(process.hrtime.bigint() - start) / 1e6;
}

async function timedAsync(fn) {
	const start = process.hrtime.bigint();
	await fn();
	return Number(process.hrtime.bigint() - start) / 1e6;
}

const rows = [];
function row(name, figure, compared, ratio, most, ok) {
	rows.push([name, figure, compared, ratio, most, ok ? 'yes' : '**no**']);
	log(`${name}: ${figure}; ${compared}; ${ratio} (at most ${most}) ${ok ? 'ok' : 'MISSED'}`);
}

const listing = (postfix) => timed(() => {
	const { status } = spawnSync('postqueue', ['-c', postfix.config, '-j'], { stdio: ['ignore', 'ignore', 'inherit'] });
	if (status !== 0)
		throw new Error('postqueue -j failed');
});

async function generate(postfix, count, ...more) {
	const ms = timed(() => execFileSync(generator, ['--queue-directory', postfix.spool, '--count', String(count), ...more]));
	log(`${count} messages made in ${seconds(ms)}`);
}

// ---- First view -------------------------------------------------------------------------------

// A look from outside costs the measured ones processor time too: rarely, and without the contract's check.
const LOOK_MS = 40;
const peek = async (postroom, path) => JSON.parse((await postroom.raw('GET', `/api/v1${path}`)).body);

// From the start of the service, with no saved index, until every message is there.
async function firstView(postfix, source) {
	let postroom;
	const ms = await timedAsync(async () => {
		postroom = await Postroom.start(postfix, { set: { 'postfix.source': source }, ready: false });
		while ((await peek(postroom, '/queue')).source.state !== 'current')
			await sleep(LOOK_MS);
	});
	const { messages } = await postroom.get('/queue');
	if (messages !== COUNT)
		throw new Error(`${messages} of ${COUNT} messages seen`);
	return { ms, postroom };
}

async function measureFirstView(postfix, source, most) {
	const ours = [], theirs = [];
	listing(postfix); // warm
	for (let i = 0; i < RUNS; i++) {
		const { ms, postroom } = await firstView(postfix, source);
		ours.push(ms);
		await postroom.stop();
		theirs.push(listing(postfix));
	}
	const ratio = median(ours.map((ms, i) => ms / theirs[i]));
	row(`first full view from ${source === 'spool' ? 'the spool' : 'a listing'}, warm, with the start of all processes`,
		seconds(median(ours)), `\`postqueue -j >/dev/null\` ${seconds(median(theirs))}`, ratio.toFixed(2), most, ratio <= most);
	return median(theirs);
}

// ---- Refresh ----------------------------------------------------------------------------------

const TICK_MS = 10; // USER_HZ is 100 on every Linux that Debian runs on

function cpuMs(pid) {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
	return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

const allCpu = (postroom) => ['helper', 'reader', 'server', 'logreader'].flatMap((role) => postroom.pids(role)).reduce((sum, pid) => sum + cpuMs(pid), 0);

// The source is read again whenever as_of moves. Its cost: the processor time of all processes.
async function measureRefresh(postroom, postqueueMs) {
	const seen = new Set();
	const before = allCpu(postroom);
	const start = Date.now();
	while (Date.now() - start < 45000) {
		seen.add((await postroom.get('/queue')).as_of);
		await sleep(400);
	}
	const polling = 45000 / 400 * 0.3; // what the 112 requests themselves cost, measured apart: 0.3 ms each
	const each = (allCpu(postroom) - before - polling) / Math.max(1, seen.size - 1);
	row('a refresh when nothing changed, spool (processor time of all processes)', `${each.toFixed(0)} ms`, `\`postqueue -j\` ${seconds(postqueueMs)}`,
		(each / postqueueMs).toFixed(3), 0.1, each / postqueueMs <= 0.1);
}

// ---- Requests ---------------------------------------------------------------------------------

function get(postroom, agent, path) {
	return new Promise((resolve, reject) => {
		request({ socketPath: postroom.socket, path, agent, headers: { Host: 'localhost' } }, (reply) => {
			const chunks = [];
			reply.on('data', (chunk) => chunks.push(chunk));
			reply.on('end', () => reply.statusCode === 200 ? resolve(Buffer.concat(chunks)) : reject(new Error(`${path}: ${reply.statusCode} ${Buffer.concat(chunks)}`)));
		}).on('error', reject).end();
	});
}

const SORTS = ['arrival', '-arrival', 'size', '-size', 'sender', '-sender', 'next_retry', '-next_retry', 'recipients', '-recipients', 'id', '-id'];

async function measureMessages(postroom, name, filter, most) {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const times = [];
	let matched;
	for (let round = 0; round < 40; round++)
		for (const sort of SORTS) {
			const path = `/api/v1/messages?limit=50&sort=${sort}${filter ? `&filter=${encodeURIComponent(filter)}` : ''}`;
			let body;
			const ms = await timedAsync(async () => { body = await get(postroom, agent, path); });
			matched = JSON.parse(body).matched;
			if (round > 0) // the first builds each order once
				times.push(ms);
		}
	agent.destroy();
	const p99 = percentile(times, 0.99);
	row(name + (filter ? ` (\`${filter}\`: ${matched} match)` : ''), `p99 ${p99.toFixed(1)} ms, median ${median(times).toFixed(1)} ms`, `${times.length} requests, 12 orders`, '', `${most} ms`, p99 <= most);
}

// ---- Memory -----------------------------------------------------------------------------------

function anonymous(pid) {
	return Number(/^Anonymous:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
}

const utf8Length = (text) => Buffer.byteLength(text, 'utf8');

async function measureMemory() {
	const postfix = await Postfix.start({ main: MAIN });
	const empty = await Postroom.start(postfix, { set: { 'postfix.source': 'spool' } });
	const base = anonymous(empty.pids('server')[0]);
	const readerBase = anonymous(empty.pids('reader')[0]);
	await empty.stop();
	await generate(postfix, COUNT, '--recipients', '1');
	const full = await Postroom.start(postfix, { set: { 'postfix.source': 'spool' } });
	const loaded = anonymous(full.pids('server')[0]);
	const reader = anonymous(full.pids('reader')[0]) - readerBase;
	const texts = new Set();
	let after = '';
	do {
		const page = await full.get(`/messages?limit=1000${after && `&after=${encodeURIComponent(after)}`}`);
		for (const m of page.messages) {
			texts.add(m.id).add(m.sender).add(m.subject ?? '');
			for (const r of m.recipients)
				texts.add(r.address).add(r.reason ?? '');
			for (const value of Object.values(m.origin ?? {}))
				texts.add(value ?? '');
		}
		after = page.next;
	} while (after);
	const text = [...texts].reduce((sum, value) => sum + utf8Length(value), 0);
	const each = (loaded - base - text) / COUNT;
	row('memory of the server for each one-recipient message, beside its own unique text', `${each.toFixed(0)} bytes`,
		`unique text ${(text / COUNT).toFixed(0)} bytes; the reader beside it ${(reader / COUNT).toFixed(0)} bytes`, '', '250 bytes', each <= 250);
	await full.stop();
	await postfix.stop();
	postfix.remove();
}

// ---- Actions ----------------------------------------------------------------------------------

const idsOf = async (postroom, filter) => (await postroom.messages(filter)).map((m) => m.id);

async function runJob(postroom, action, filter, more = {}) {
	const view = await postroom.post('/views', { filter, sort: '-arrival' });
	const { id } = await postroom.post('/jobs', { action, view: view.id, ...more });
	for (;;) {
		const job = await peek(postroom, `/jobs/${id}`);
		if (job.state === 'done')
			return job;
		await sleep(LOOK_MS);
	}
}

async function measureDelete(postfix, postroom, form, most) {
	const which = form === 'long' ? 'id:z' : '-id:z';
	const ids = await idsOf(postroom, `from:@s1 ${which}`);
	let job;
	const ours = await timedAsync(async () => { job = await runJob(postroom, 'delete', `from:@s0 ${which}`, { undo_seconds: 0 }); });
	const input = `${ids.slice(0, job.counts.done).join('\n')}\n`;
	const theirs = timed(() => spawnSync('postsuper', ['-c', postfix.config, '-d', '-'], { input, maxBuffer: 1 << 28 }));
	const ratio = ours / theirs;
	row(`delete ${job.counts.done} by filter, no grace, every outcome known, ${form} IDs`, seconds(ours), `\`postsuper -d - < ids\` ${seconds(theirs)}`, ratio.toFixed(2), most, ratio <= most);
}

const LOOP = 1000;

async function measureRetry(postfix, postroom, most) {
	const ids = (await idsOf(postroom, 'from:@s3')).slice(0, LOOP);
	const theirs = timed(() => {
		for (const id of ids)
			spawnSync('postqueue', ['-c', postfix.config, '-i', id], { stdio: 'ignore' });
	});
	let job;
	const ours = await timedAsync(async () => { job = await runJob(postroom, 'retry', 'from:@s2'); });
	const count = Object.values(job.counts).filter(Number.isFinite).reduce((a, b) => Math.max(a, b), 0);
	const scaled = theirs / ids.length * count;
	row(`retry ${count} by filter`, seconds(ours), `a loop of \`postqueue -i\`: ${(theirs / ids.length).toFixed(1)} ms each (${ids.length} run), so ${seconds(scaled)}`, (ours / scaled).toFixed(2), most, ours / scaled <= most);
}

// ---- The page ---------------------------------------------------------------------------------

async function measurePage(postroom) {
	const fetchBr = (path) => postroom.raw('GET', path, { tcp: true, headers: { 'Accept-Encoding': 'br' } });
	const index = await postroom.raw('GET', '/', { tcp: true });
	const sizes = { script: 0, style: 0 };
	for (const [, kind, path] of index.body.matchAll(/<(script|link)\b[^>]*?(?:src|href)="([^"]+\.(?:js|css))"/g)) {
		const reply = await fetchBr(new URL(path, 'http://x/').pathname);
		if (reply.headers['content-encoding'] !== 'br')
			throw new Error(`${path} came without brotli`);
		sizes[kind === 'script' || path.endsWith('.js') ? 'script' : 'style'] += reply.bytes.length;
	}
	row("the page's first load, brotli: script", `${(sizes.script / 1000).toFixed(1)} kB`, '', '', '60 kB', sizes.script > 0 && sizes.script <= 60000);
	row("the page's first load, brotli: style", `${(sizes.style / 1000).toFixed(1)} kB`, '', '', '12 kB', sizes.style > 0 && sizes.style <= 12000);
}

// ---- All of it --------------------------------------------------------------------------------

const only = options.only.split(',').filter(Boolean);
const wants = (name) => only.length === 0 || only.includes(name);

const version = execFileSync('postconf', ['-h', 'mail_version']).toString().trim();
log(`${COUNT} messages, Postfix ${version}`);
const postfix = await Postfix.start({ main: MAIN });
await generate(postfix, COUNT);
let postqueueMs = 0;
if (wants('spool'))
	postqueueMs = await measureFirstView(postfix, 'spool', 0.6);
if (wants('listing'))
	await measureFirstView(postfix, 'listing', 1.3);
const { postroom } = await firstView(postfix, 'spool');
if (wants('refresh'))
	await measureRefresh(postroom, postqueueMs || listing(postfix));
if (wants('messages')) {
	await measureMessages(postroom, '`GET /messages`, first page, any sort', '', 10);
	await measureMessages(postroom, 'the same with a two-term filter that matches 1 %', 'login:login00 queue:deferred', 25);
}
if (wants('page'))
	await measurePage(postroom);
if (wants('delete')) {
	// The first removals meet cold directories, whoever makes them.
	await runJob(postroom, 'delete', 'from:@s39', { undo_seconds: 0 });
	await measureDelete(postfix, postroom, 'long', 1.2);
	await measureDelete(postfix, postroom, 'short', 1.6);
}
if (wants('retry'))
	await measureRetry(postfix, postroom, 0.2);
await postroom.stop();
await postfix.stop();
postfix.remove();
if (wants('memory'))
	await measureMemory();

const date = new Date().toISOString().slice(0, 10);
console.log(`${date}, ${cpus().length} cores (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Postfix ${version}, ${COUNT.toLocaleString('en')} deferred messages, median of ${RUNS} runs.\n`);
console.log('| what | Postroom | compared with | ratio | at most | held |\n|---|---|---|---|---|---|');
for (const cells of rows)
	console.log(`| ${cells.join(' | ')} |`);
process.exit(0);
