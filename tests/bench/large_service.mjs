// What the service costs and how current it is: first view, restart, idle time, following, bulk actions, intake.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Postroom } from '../harness/index.mjs';
import { ROLES, anonymous, barePass, cpuMs, expectMessages, firstView, generate, generator, listing, log, median, peek, percentile, runJob, seconds, sleep, timed, timedAsync, uniqueText, untilCurrent } from './measure.mjs';

const CHANGES = 100; // messages that come and go between a stop and the next start
const IDLE_MS = 60000, SETTLE_MS = 5000;
const BOUT_LOOK_MS = 250, BOUT_LEAST_MS = 40, BOUT_QUIET_MS = 3000;
const BOUT_BEGINS_MS = 150000; // the first comparison begins two minutes after the first view
const CHURN_RATE = 200, CHURN_SECONDS = 60;
const SAMPLE_EVERY = 29; // of the lines that the churn prints; not a divisor of its pattern
const SEEN_AT_MOST_MS = 10000;
const POLL_MS = 15;
const PAIRS = 10, INTAKE = 1500, QUIET_MS = 1000;

export async function firstViewRow(postfix, count, runs, row) {
	const ours = [], bare = [];
	const postqueueMs = listing(postfix);
	barePass(postfix, 'read');
	for (let i = 0; i < runs; i++) {
		const { ms, postroom } = await firstView(postfix, 'spool', count);
		ours.push(ms);
		await postroom.stop();
		bare.push(barePass(postfix, 'read'));
	}
	const ratio = median(ours.map((ms, i) => ms / bare[i]));
	row('first full view, warm, with the start of all processes', seconds(median(ours)),
		`a bare pass on two threads ${seconds(median(bare))}; \`postqueue -j\` ${seconds(postqueueMs)}`, ratio.toFixed(2), 1.8, ratio <= 1.8);
	return median(ours);
}

async function changeALittle(postfix, postroom, seed) {
	const { messages } = await postroom.get(`/messages?limit=${CHANGES}&sort=id`);
	await postroom.stop();
	spawnSync('postsuper', ['-c', postfix.config, '-d', '-'], { input: messages.map((m) => `${m.id}\n`).join('') });
	await generate(postfix, CHANGES, '--seed', String(seed));
}

export async function restartRow(postfix, postroom, runs, row) {
	const ours = [], bare = [];
	const before = (await postroom.get('/queue')).messages;
	for (let i = 0; i < runs; i++) {
		await changeALittle(postfix, postroom, i + 2);
		bare.push(barePass(postfix, 'stat'));
		ours.push(await timedAsync(async () => {
			await postroom.up();
			await untilCurrent(postroom);
		}));
		await expectMessages(postroom, before);
	}
	const ratio = median(ours.map((ms, i) => ms / bare[i]));
	row(`restart to a current full view, ${CHANGES} messages gone and ${CHANGES} new`, seconds(median(ours)), `a bare pass of names and times ${seconds(median(bare))}`,
		ratio.toFixed(2), 2, ratio <= 2);
	return postroom;
}

// Processor time of the showq processes of this Postfix that are there, by PID.
function showqCpu(postfix) {
	const master = Number(readFileSync(`${postfix.spool}/pid/master.pid`, 'utf8'));
	return new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
		try {
			const [, name, parent] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
			return name === 'showq' && Number(parent) === master ? [[pid, cpuMs(pid)]] : [];
		} catch {
			return []; // it has ended
		}
	}));
}

// Adds up what all processes take: Postroom's, and showq's, which come and go.
class Meter {
	constructor(postfix, postroom) {
		Object.assign(this, { postfix, postroom, showq: 0, known: showqCpu(postfix), began: Date.now() });
		this.before = this.#own();
	}

	#own() {
		return ROLES.map((role) => this.postroom.pids(role).reduce((sum, pid) => sum + cpuMs(pid), 0));
	}

	// Milliseconds of showq's; to be called while it runs, as a process that ended tells nothing.
	look() {
		const now = showqCpu(this.postfix);
		now.forEach((ms, pid) => { this.showq += ms - (this.known.get(pid) ?? 0); });
		this.known = now;
		return this.showq;
	}

	// Whole milliseconds of processor time since the beginning, and in words whose.
	read() {
		const each = this.#own().map((ms, i) => ms - this.before[i]);
		const all = [...each, this.look()];
		return { ms: all.reduce((sum, ms) => sum + ms, 0), wall: Date.now() - this.began,
			words: [...ROLES, 'showq'].map((name, i) => [name, all[i]]).filter(([, ms]) => ms > 0).map(([name, ms]) => `${name} ${ms} ms`).join(', ') };
	}
}

// What a bout of work costs, which begins some time and is over when `value`, milliseconds of the process that has most
// to do, has grown by less than a little for a while. Nothing where it does not begin: too short to be told from chance.
async function bout(meter, value) {
	const until = Date.now() + BOUT_BEGINS_MS, second = 1000 / BOUT_LOOK_MS, samples = [value()];
	let began = 0, ended = 0;
	while (began === 0 ? Date.now() < until : Date.now() - ended < BOUT_QUIET_MS) {
		await sleep(BOUT_LOOK_MS);
		samples.push(value());
		if (samples[samples.length - 1] - samples[Math.max(0, samples.length - 1 - second)] < BOUT_LEAST_MS)
			continue;
		began ||= Date.now() - 2 * BOUT_LOOK_MS;
		ended = Date.now();
	}
	return began === 0 ? { ms: 0, wall: 0, words: 'too short to be measured' } : { ...meter.read(), wall: ended - began };
}

// The first comparison begins by itself.
function comparison(postfix, postroom) {
	const meter = new Meter(postfix, postroom);
	return bout(meter, () => meter.look());
}

// A whole look is made, after a rest, when something changes beside the corrupt queue.
function wholeLook(postfix, postroom) {
	const meter = new Meter(postfix, postroom);
	const [helper] = postroom.pids('helper');
	writeFileSync(`${postfix.spool}/corrupt/.look`, '');
	rmSync(`${postfix.spool}/corrupt/.look`);
	return bout(meter, () => cpuMs(helper));
}

const minutes = (ms) => `${Math.round(ms / 60000)} min`;
const percent = (share) => `${(share * 100).toFixed(2)} %`;

// While nothing changes, and what comes rarely spread over the time until it comes again (reader.c: a look and a
// comparison rest a thousand times as long as they took, a look at most an hour, a comparison at least ten minutes).
// The quiet minute is the last: after the first view reasons are still sorted into classes, and the index is saved.
export async function idleRow(postfix, postroom, row) {
	const compared = await comparison(postfix, postroom);
	compared.every = Math.max(600000, compared.wall * 1000);
	const looked = await wholeLook(postfix, postroom);
	looked.every = Math.min(3600000, Math.max(10000, looked.wall * 1000));
	await sleep(SETTLE_MS);
	const meter = new Meter(postfix, postroom);
	await sleep(IDLE_MS);
	const idle = meter.read();
	const parts = [idle.ms / idle.wall, compared.ms / compared.every, looked.ms / looked.every];
	const share = parts.reduce((sum, part) => sum + part, 0);
	row('processor time of all processes, showq\'s included, when nothing changes', `${percent(share)} of a core`,
		`${percent(parts[0])} over ${Math.round(idle.wall / 1000)} s (${idle.words || 'less than a tick'}); a comparison with a listing every ${minutes(compared.every)}: ${percent(parts[1])} (${compared.words}); ` +
		`a whole look ${looked.wall > 0 ? `every ${minutes(looked.every)}: ${percent(parts[2])}` : ''} (${looked.words})`, '', '0.5 %', share <= 0.005);
}

const STATES = {
	made: (reply) => reply.status === 200,
	held: (reply) => reply.status === 200 && JSON.parse(reply.body).queue === 'hold',
	removed: (reply) => reply.status === 404,
};

async function seenAfter(postroom, what, id, at) {
	for (;;) {
		const reply = await postroom.raw('GET', `/api/v1/messages/${id}`);
		const late = Date.now() - at;
		if (STATES[what](reply) || late > SEEN_AT_MOST_MS)
			return late;
		await sleep(POLL_MS);
	}
}

// Messages are made, held and removed by renames as Postfix does it; how long until the API says so.
async function follow(postfix, postroom) {
	const child = spawn(generator, ['--queue-directory', postfix.spool, '--count', String(CHURN_RATE * CHURN_SECONDS), '--churn', String(CHURN_RATE), '--seed', '77'], { stdio: ['ignore', 'pipe', 'inherit'] });
	const waiting = [];
	let n = 0;
	for await (const line of createInterface({ input: child.stdout })) {
		const [what, id, at] = line.split(' ');
		// The first seconds have nothing to remove yet.
		if (++n > CHURN_RATE * 2 && n % SAMPLE_EVERY === 0)
			waiting.push(seenAfter(postroom, what, id, Number(at) / 1000));
	}
	return Promise.all(waiting);
}

export async function liveRow(postfix, postroom, row) {
	const times = await follow(postfix, postroom);
	const p99 = percentile(times, 0.99);
	row(`a new, moved or removed message visible in the API, while ${CHURN_RATE} a second come and go`, `p99 ${p99.toFixed(0)} ms, median ${median(times).toFixed(0)} ms`,
		`${times.length} changes watched`, '', '1 s', p99 <= 1000);
}

const SET = (tens) => [0, 1, 2, 3].map((i) => `from:@s${tens}${i}`).join(' or ');
const everyPid = (postroom) => [postroom.child.pid, ...['helper', 'reader', 'server', 'logreader'].flatMap((role) => postroom.pids(role))];
const signal = (pids, name) => pids.forEach((pid) => process.kill(pid, name));

async function untilHeld(postroom, count) {
	while ((await peek(postroom, '/queue')).counts.hold !== count)
		await sleep(200);
}

// Postsuper alone, with Postroom stopped dead, so that nobody shares the processor with it.
async function postsuperAlone(postfix, postroom, option, ids) {
	const pids = everyPid(postroom);
	signal(pids, 'SIGSTOP');
	const ms = timed(() => spawnSync('postsuper', ['-c', postfix.config, option, '-'], { input: `${ids.join('\n')}\n`, maxBuffer: 1 << 28 }));
	signal(pids, 'SIGCONT');
	return ms;
}

export async function holdRow(postfix, postroom, runs, row) {
	const ids = (await postroom.messages(SET('1'))).map((m) => m.id);
	const ratios = [], ours = [], theirs = [];
	let count;
	const warm = await runJob(postroom, 'hold', 'from:@s39');
	await untilHeld(postroom, warm.counts.done);
	await runJob(postroom, 'release', 'queue:hold');
	await untilHeld(postroom, 0);
	for (let i = 0; i < runs; i++) {
		let job;
		ours.push(await timedAsync(async () => { job = await runJob(postroom, 'hold', SET('0')); }));
		count = job.counts.done;
		theirs.push(await postsuperAlone(postfix, postroom, '-h', ids.slice(0, count)) * count / Math.min(count, ids.length));
		ratios.push(ours[i] / theirs[i]);
		await untilHeld(postroom, count + Math.min(count, ids.length));
		await postsuperAlone(postfix, postroom, '-H', (await postroom.messages('queue:hold')).map((m) => m.id));
		await untilHeld(postroom, 0);
	}
	const ratio = median(ratios);
	row(`hold ${count.toLocaleString('en')} by filter, every outcome known`, seconds(median(ours)), `\`postsuper -h - < ids\` ${seconds(median(theirs))}`, ratio.toFixed(2), 1.15, ratio <= 1.15);
}

// Nothing of what was before shall be under way: mail that Postfix still sorts, pages on their way to the disk.
async function quiet(postfix) {
	while (['incoming', 'active'].some((queue) => readdirSync(`${postfix.spool}/${queue}`).length > 0))
		await sleep(100);
	spawnSync('sync');
	await sleep(QUIET_MS);
}

async function intake(postfix) {
	await quiet(postfix);
	return INTAKE / timed(() => execFileSync('smtp-source', ['-s', '2', '-m', String(INTAKE), '-l', '4096', '-f', 'intake@source.example', '-t', 'someone@sink.example', `127.0.0.1:${postfix.port}`])) * 1000;
}

// The median of the pairs' ratios and the order statistics around it that hold it at 95 %.
function interval(ratios) {
	const sorted = [...ratios].sort((a, b) => a - b);
	const margin = Math.ceil(0.98 * Math.sqrt(sorted.length));
	const middle = Math.floor(sorted.length / 2);
	return [sorted[Math.max(0, middle - margin)], median(sorted), sorted[Math.min(sorted.length - 1, middle + margin)]];
}

export async function intakeRow(postfix, postroom, row) {
	const ratios = [];
	let alone;
	await intake(postfix); // warm
	for (let i = 0; i < PAIRS; i++) {
		const speed = {};
		for (const watching of i % 2 === 0 ? [true, false] : [false, true]) {
			if (watching && !postroom.child) {
				await postroom.up();
				await untilCurrent(postroom);
			} else if (!watching && postroom.child)
				await postroom.stop();
			speed[watching] = await intake(postfix);
		}
		alone = speed.false;
		ratios.push(speed.true / speed.false);
		log(`intake ${i + 1}: ${speed.true.toFixed(0)} and ${speed.false.toFixed(0)} messages a second`);
	}
	if (!postroom.child) {
		await postroom.up();
		await untilCurrent(postroom);
	}
	const [low, middle, high] = interval(ratios);
	row("Postfix's own intake (`smtp-source`, 2 sessions) while Postroom watches", `${middle.toFixed(3)} (95 %: ${low.toFixed(3)} to ${high.toFixed(3)})`,
		`without: ${alone.toFixed(0)} messages a second; ${PAIRS} interleaved pairs`, middle.toFixed(2), 'not under 0.97', middle >= 0.97);
	return postroom;
}

export async function memoryRow(postfix, count) {
	const roles = ['server', 'reader'];
	const taken = (postroom) => Object.fromEntries(roles.map((role) => [role, anonymous(postroom.pids(role)[0])]));
	const empty = await Postroom.start(postfix, { set: { 'postfix.source': 'spool' } });
	const base = taken(empty);
	await empty.stop();
	await generate(postfix, count, '--recipients', '1');
	const { postroom } = await firstView(postfix, 'spool', count);
	const full = taken(postroom);
	const text = await uniqueText(postroom);
	const server = (full.server - base.server - text) / count, reader = (full.reader - base.reader) / count;
	await postroom.stop();
	return { bytes: server + reader, words: `server ${server.toFixed(0)}, reader ${reader.toFixed(0)}; unique text ${(text / count).toFixed(0)} bytes` };
}
