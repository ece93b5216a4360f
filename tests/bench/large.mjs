// The benchmark of docs/BENCHMARKS.md at a million messages: the same figures at growing sizes, and at the
// largest each beside what it is compared with, in one run. Prints a Markdown table and writes the plot.
//     node large.mjs [--count 1000000] [--sizes 1000,10000,100000] [--runs 3] [--only NAME,...] [--figures FILE] [--plot FILE]
// With --figures a run adds to what runs before it have found, so that the plot can be made in parts.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Postfix } from '../harness/index.mjs';
import { MAIN, firstView, generate, log, printTable, qshape, row, rows } from './measure.mjs';
import { firstViewRow, holdRow, idleRow, intakeRow, liveRow, memoryRow, restartRow } from './large_service.mjs';
import { groupRows, latencies, messageRows, viewRow, worstSharedRow } from './large_requests.mjs';
import { plot } from './plot.mjs';

const { values: options } = parseArgs({ options: {
	count: { type: 'string', default: '1000000' },
	sizes: { type: 'string', default: '1000,10000,100000' },
	runs: { type: 'string', default: '3' },
	only: { type: 'string', default: '' },
	figures: { type: 'string', default: '' },
	plot: { type: 'string', default: '' },
} });
const COUNT = Number(options.count);
const RUNS = Number(options.runs);
const only = options.only.split(',').filter(Boolean);
const wants = (name) => only.length === 0 || only.includes(name);

// size -> {name of a figure: milliseconds or bytes}: what the plot and the growth row show.
const figures = new Map(existsSync(options.figures) ? JSON.parse(readFileSync(options.figures, 'utf8')) : []);

function found(count, own) {
	figures.set(count, { ...figures.get(count), ...own });
	if (options.figures)
		writeFileSync(options.figures, JSON.stringify([...figures]));
}

async function withQueue(count, work, ...more) {
	const postfix = await Postfix.start({ main: MAIN });
	try {
		if (count > 0)
			await generate(postfix, count, ...more);
		return await work(postfix);
	} finally {
		await postfix.stop();
		postfix.remove();
		// At once: three queues of a million would not fit side by side on many disks.
		execFileSync('rm', ['-rf', postfix.dir]);
	}
}

async function requests(postroom, count) {
	const own = await latencies(postroom, count);
	found(count, own);
	return own;
}

// How long each part takes: all of them have some 35 minutes.
const parts = [];
async function part(name, work) {
	if (!wants(name))
		return;
	const start = Date.now();
	await work();
	parts.push(`${name} ${((Date.now() - start) / 1000).toFixed(0)} s`);
	log(`-- ${parts[parts.length - 1]}`);
}

async function smallSize(count) {
	await withQueue(count, async (postfix) => {
		const { postroom, ms } = await firstView(postfix, 'spool', count);
		await requests(postroom, count);
		found(count, { 'first view': ms });
		await postroom.stop();
	});
	await memory(count);
}

async function memory(count) {
	await withQueue(0, async (postfix) => {
		const { bytes, words } = await memoryRow(postfix, count);
		found(count, { 'memory a message': bytes });
		if (count === COUNT)
			row('memory of server and reader, for each one-recipient message, beside its own unique text', `${bytes.toFixed(0)} bytes`, words, '', '150 bytes', bytes <= 150);
	});
}

async function largest(postfix) {
	await part('spool', async () => {
		found(COUNT, { 'first view': await firstViewRow(postfix, COUNT, RUNS, row) });
	});
	let { postroom } = await firstView(postfix, 'spool', COUNT);
	await part('restart', async () => { postroom = await restartRow(postfix, postroom, RUNS, row); });
	await part('idle', () => idleRow(postfix, postroom, row));
	await part('requests', async () => {
		const own = await requests(postroom, COUNT);
		messageRows(own, row);
		groupRows(own, qshape(postfix), row);
		viewRow(own, row);
	});
	await part('live', () => liveRow(postfix, postroom, row));
	await part('hold', () => holdRow(postfix, postroom, RUNS, row));
	await part('intake', async () => { postroom = await intakeRow(postfix, postroom, row); });
	await postroom.stop();
}

// The worst filter again where no reason is unique.
async function sharedReasons(count) {
	await withQueue(count, async (postfix) => {
		const { postroom } = await firstView(postfix, 'spool', count);
		const own = await latencies(postroom, count, ['worst filter']);
		worstSharedRow(own, row);
		await postroom.stop();
	}, '--unique-reasons', '0');
}

function growthRow() {
	const [small, large] = [100000, COUNT].map((size) => figures.get(size));
	if (!small || !large || COUNT === 100000)
		return;
	const words = Object.keys(large).filter((name) => small[name] && name !== 'memory a message')
		.map((name) => `${name} ${(large[name] / small[name]).toFixed(1)}`).join(', ');
	rows.push([`growth from 100,000 to ${COUNT.toLocaleString('en')}, times`, words, '', '', 'flat, or its law', '']);
}

log(`${COUNT} messages`);
const began = Date.now();
await part('sizes', async () => {
	for (const size of options.sizes.split(',').filter(Boolean).map(Number))
		await smallSize(size);
});
if (['spool', 'restart', 'idle', 'requests', 'live', 'hold', 'intake'].some(wants))
	await withQueue(COUNT, largest);
await part('memory', () => memory(COUNT));
await part('shared', () => sharedReasons(COUNT));
log(`-- all ${((Date.now() - began) / 60000).toFixed(1)} minutes: ${parts.join(', ')}; the rest makes and removes queues`);
growthRow();
printTable(COUNT, RUNS);
if (options.plot)
	writeFileSync(options.plot, plot(figures));
process.exit(0);
