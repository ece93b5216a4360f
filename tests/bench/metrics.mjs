// What a scrape costs: GET /metrics at a million messages, with what the server and the helper ask of the kernel meanwhile. Prints a Markdown table.
//     node metrics.mjs [--count 1000000] [--scrapes 200]
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Postfix, Postroom, freePort, temporaryDirectory, until } from '../harness/index.mjs';
import { MAIN, cpuMs, expectMessages, generate, log, median, percentile, printTable, row, seconds, timedAsync, untilCurrent } from './measure.mjs';

const { values: options } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, scrapes: { type: 'string', default: '200' } } });
const COUNT = Number(options.count);
const SCRAPES = Number(options.scrapes);
const MS_MAX = 10, BYTES_MAX = 65536, SERIES_MAX = 600;
const SURVEY_MS = 1200000; // a look at a million messages takes some turns of ten seconds, more where the machine is busy

// System calls that look at a file by its name, or at a directory.
const FILES = 'openat,open,openat2,stat,lstat,newfstatat,statx,getdents64,readlink,access';

// Traces processes while `work` runs: the lines of each.
async function traced(pids, calls, work) {
	const files = pids.map((pid) => join(temporaryDirectory('trace'), String(pid)));
	const traces = pids.map((pid, i) => spawn('strace', ['-f', '-e', `trace=${calls}`, '-o', files[i], '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] }));
	await Promise.all(traces.map((trace) => new Promise((attached) => trace.stderr.on('data', (text) => /attached/.test(text) && attached()))));
	await work();
	await Promise.all(traces.map((trace) => new Promise((ended) => {
		trace.once('exit', ended);
		trace.kill('SIGINT');
	})));
	return files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => /\(.*= /.test(line)) : []));
}

const postfix = await Postfix.start({ main: MAIN });
await generate(postfix, COUNT);
const listen = `127.0.0.1:${await freePort()}`;
const postroom = await Postroom.start(postfix, { set: { 'metrics.listen': listen }, ready: false });
log(`first view in ${seconds(await timedAsync(() => untilCurrent(postroom)))}`);
await expectMessages(postroom, COUNT);
// Prometheus keeps its connection, too. Not over the Unix socket, where the caller is looked up in the system's list of users.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = listen.split(':');
const scrape = () => new Promise((resolve, reject) => {
	request({ host, port, path: '/metrics', agent }, (reply) => {
		const chunks = [];
		reply.on('data', (chunk) => chunks.push(chunk));
		reply.on('end', () => resolve(Buffer.concat(chunks).toString()));
	}).on('error', reject).end();
});
await until('a survey of all of it', async () => Number(/^postfix_queue_bytes\{queue="deferred"\} (\d+)/m.exec(await scrape())?.[1]) > 0, { timeout: SURVEY_MS });

const [server] = postroom.pids('server');
const times = [];
let text;
const before = cpuMs(server);
for (let i = 0; i < SCRAPES; i++)
	times.push(await timedAsync(async () => { text = await scrape(); }));
const cpu = cpuMs(server) - before;
const series = text.split('\n').filter((line) => line && !line.startsWith('#')).length;
const destinations = text.match(/^postfix_destination_queued_recipients\{/gm).length - 1;

// Longer than a turn of the incidents and a question to the helper, which both come every ten seconds.
const many = async () => { for (let i = 0; i < SCRAPES; i++) await scrape(); };
const [ours, helpers] = await traced([server, ...postroom.pids('helper')], `${FILES},recvmsg,write,writev`, many);
if (ours.filter((line) => /\bwritev?\(.*= [1-9]/.test(line)).length < SCRAPES)
	throw new Error('the trace of the server does not show its answers');
const named = [...ours, ...helpers].filter((line) => !/\b(recvmsg|writev?)\(/.test(line));
const questions = helpers.filter((line) => /recvmsg\(.*= [1-9]/.test(line));

row(`a scrape, ${destinations} destinations`, `${median(times).toFixed(2)} ms (99 of 100: ${percentile(times, 0.99).toFixed(2)} ms)`, `processor time of the server ${(cpu / SCRAPES).toFixed(2)} ms`, '', `${MS_MAX} ms`, percentile(times, 0.99) <= MS_MAX);
row('its size', `${text.length} bytes`, '', '', `${BYTES_MAX} bytes`, text.length <= BYTES_MAX);
row('series', String(series), '', '', String(SERIES_MAX), series <= SERIES_MAX);
row(`files looked at in ${SCRAPES} scrapes`, String(named.length), `frames that the helper got: ${questions.length}`, '', '0', named.length === 0 && questions.length <= 2);
printTable(COUNT, SCRAPES);
await postroom.stop();
await postfix.stop();
process.exit(0);
