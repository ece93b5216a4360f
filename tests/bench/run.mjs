// The benchmark of docs/BENCHMARKS.md at 100,000 messages. Everything is measured side by side in one run:
// what Postroom does, and what Postfix's own tools do with the same queue on the same machine.
import { spawnSync } from 'node:child_process';
import { Agent } from 'node:http';
import { parseArgs } from 'node:util';
import { Postfix, Postroom } from '../harness/index.mjs';
import { MAIN, SORTS, allCpu, anonymous, firstView, generate, get, listing, log, median, percentile, postfixVersion, printTable, row, runJob, seconds, sleep, timed, timedAsync, uniqueText } from './measure.mjs';

const { values: options } = parseArgs({ options: {
	count: { type: 'string', default: '100000' },
	runs: { type: 'string', default: '3' },
	only: { type: 'string', default: '' },
} });
const COUNT = Number(options.count);
const RUNS = Number(options.runs);

// ---- First view -------------------------------------------------------------------------------

async function measureFirstView(postfix, source, most) {
	const ours = [], theirs = [];
	listing(postfix); // warm
	for (let i = 0; i < RUNS; i++) {
		const { ms, postroom } = await firstView(postfix, source, COUNT);
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

// A whole look at a queue in which nothing changed. While inotify tells of changes there is hardly ever one: here
// nothing may be watched, so the queue is looked at again and again, and each time as_of moves. Its cost: the
// processor time of all processes.
async function measureRefresh(postfix, postqueueMs) {
	const postroom = await Postroom.start(postfix, { set: { 'postfix.source': 'spool' }, limits: { max_inotify_watches: 1 } });
	const seen = new Set();
	const before = allCpu(postroom);
	const start = Date.now();
	while (Date.now() - start < 45000) {
		seen.add((await postroom.get('/queue')).as_of);
		await sleep(400);
	}
	const polling = 45000 / 400 * 0.3; // what the 112 requests themselves cost, measured apart: 0.3 ms each
	if (seen.size < 2)
		throw new Error('the queue was not looked at again');
	const each = (allCpu(postroom) - before - polling) / (seen.size - 1);
	await postroom.stop();
	row('a refresh when nothing changed, spool (processor time of all processes)', `${each.toFixed(0)} ms`, `\`postqueue -j\` ${seconds(postqueueMs)}`,
		(each / postqueueMs).toFixed(3), 0.1, each / postqueueMs <= 0.1);
}

// ---- Requests ---------------------------------------------------------------------------------

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
	const text = await uniqueText(full);
	const each = (loaded - base - text) / COUNT;
	row('memory of the server for each one-recipient message, beside its own unique text', `${each.toFixed(0)} bytes`,
		`unique text ${(text / COUNT).toFixed(0)} bytes; the reader beside it ${(reader / COUNT).toFixed(0)} bytes`, '', '250 bytes', each <= 250);
	await full.stop();
	await postfix.stop();
	postfix.remove();
}

// ---- Actions ----------------------------------------------------------------------------------

const idsOf = async (postroom, filter) => (await postroom.messages(filter)).map((m) => m.id);

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

log(`${COUNT} messages, Postfix ${postfixVersion()}`);
const postfix = await Postfix.start({ main: MAIN });
await generate(postfix, COUNT);
let postqueueMs = 0;
if (wants('spool'))
	postqueueMs = await measureFirstView(postfix, 'spool', 0.6);
if (wants('listing'))
	await measureFirstView(postfix, 'listing', 1.3);
if (wants('refresh'))
	await measureRefresh(postfix, postqueueMs || listing(postfix));
const { postroom } = await firstView(postfix, 'spool', COUNT);
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

printTable(COUNT, RUNS);
process.exit(0);
