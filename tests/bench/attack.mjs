// What strangers' traffic does to those who have signed in: each kind of it for --seconds (60), side by side with none.
// Authenticated requests of two kinds run all the while, each on a connection of its own: their 99th percentile, what
// the server's memory and the database have grown by at the end. Bounds: 250 ms, 20 MB, 1 MB.
//     tests/bench/run attack [--seconds 60] [--only "refused POSTs"]
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Postfix, Postroom } from '../harness/index.mjs';
import { anonymous, cpuMs, log, median, percentile, postfixVersion, sleep } from './measure.mjs';

const KINDS = ['none', 'refused POSTs', 'bad tokens', 'HEAD of the events', 'bad sign-ins', 'garbage', 'half-open sign-ins', 'page that nobody reads'];
const MOST = { ms: 250, memory: 20, database: 1 };
const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, only: { type: 'string', default: '' } } });
const SECONDS = Number(options.seconds);
const EVERY_MS = 25;
// The memory of one password check, which is given back after each: it is not what grows.
const SAMPLES_AT_END = 20;

const MB = 1024 * 1024;
const bytes = (path) => { try { return statSync(path).size; } catch { return 0; } };
const database = (postroom) => ['', '-wal'].reduce((sum, end) => sum + bytes(postroom.keys['store.path'] + end), 0);

// The least of several samples: what has grown stays, what one password check takes (64 MiB) is gone a moment later.
async function memory(postroom) {
	let least = Infinity;
	for (let i = 0; i < SAMPLES_AT_END; i++) {
		least = Math.min(least, anonymous(postroom.pids('server')[0]));
		await sleep(50);
	}
	return least;
}

async function requests(postroom, token, until) {
	const times = [];
	let failed = 0;
	const one = async (path) => {
		const start = performance.now();
		const status = await postroom.raw('GET', path, { token }).then((reply) => reply.status, () => 0);
		times.push(performance.now() - start);
		failed += status !== 200;
	};
	const running = [];
	while (Date.now() < until) {
		running.push(one('/api/v1/queue'), one('/api/v1/messages?limit=50'));
		await sleep(EVERY_MS);
	}
	await Promise.all(running);
	return { times, failed };
}

async function attack(kind, [host, port]) {
	if (kind === 'none')
		return async () => 0;
	const child = spawn(process.execPath, [new URL('attack_traffic.mjs', import.meta.url).pathname, kind, host, port], { stdio: ['ignore', 'pipe', 'inherit'] });
	let count = '';
	child.stdout.on('data', (data) => { count += data; });
	return () => new Promise((resolve) => {
		child.on('close', () => resolve(Number(count)));
		child.kill('SIGTERM');
	});
}

async function measure(postfix, kind) {
	const postroom = await Postroom.start(postfix);
	const { token } = await postroom.post('/tokens', { name: 'bench', role: 'viewer' });
	await requests(postroom, token, Date.now() + 2000); // warm
	const before = { memory: await memory(postroom), database: database(postroom) };
	const end = await attack(kind, postroom.keys['http.listen'].split(':'));
	const server = postroom.pids('server')[0];
	const cpu = cpuMs(server);
	const { times, failed } = await requests(postroom, token, Date.now() + SECONDS * 1000);
	const busy = (cpuMs(server) - cpu) / SECONDS / 1000;
	const memoryGrown = (await memory(postroom) - before.memory) / MB;
	const count = await end();
	const databaseGrown = (database(postroom) - before.database) / MB;
	const result = { kind, count, p99: percentile(times, 0.99), p50: median(times), most: Math.max(...times), failed, of: times.length, busy, memoryGrown, databaseGrown };
	log(JSON.stringify(result));
	await postroom.stop();
	return result;
}

const postfix = await Postfix.start();
await postfix.injectDeferred();
const results = [];
for (const kind of KINDS)
	if (!options.only || options.only.split(',').includes(kind))
		results.push(await measure(postfix, kind));
console.log(`${new Date().toISOString().slice(0, 10)}, Postfix ${postfixVersion()}, ${SECONDS} s of each.\n`);
console.log('| strangers\' traffic | how much | authenticated requests: median, p99, longest | failed | server busy | memory grown | database grown | held |\n|---|---|---|---|---|---|---|---|');
let held = true;
for (const r of results) {
	const ok = r.p99 <= MOST.ms && r.memoryGrown <= MOST.memory && r.databaseGrown <= MOST.database && r.failed === 0;
	held &&= ok;
	console.log(`| ${r.kind} | ${r.count ? `${r.count.toLocaleString('en')} (${Math.round(r.count / SECONDS).toLocaleString('en')}/s)` : ''} | ${r.p50.toFixed(0)} ms, ${r.p99.toFixed(0)} ms, ${r.most.toFixed(0)} ms | ${r.failed} of ${r.of} | ${Math.round(r.busy * 100)} % | ${r.memoryGrown.toFixed(1)} MB | ${r.databaseGrown.toFixed(2)} MB | ${ok ? 'yes' : '**no**'} |`);
}
await postfix.stop();
postfix.remove();
process.exit(held ? 0 : 1);
