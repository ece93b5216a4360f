// Who comes in and who is out, side by side in one run:
//  - from the click that revokes an account, a session or a token to the last byte that it was answered: of a stream, and of requests
//    one after the other; and until all is closed, with a large download that is under way. Bound: 1 s.
//  - how long it takes the right one to come in while 100 addresses send 100 wrong sign-ins a second, over all that it was told to
//    try again: from a browser that is known, and from addresses that nobody has seen, with his name tried and with others. Bound: 2 s
//    (99th percentile). A stranger whose own name is being guessed waits for as long as that goes on (docs/decisions/access.md).
//     tests/bench/run access [--rounds 20] [--seconds 30]
import { request } from 'node:http';
import { parseArgs } from 'node:util';
import { Postfix, Postroom } from '../harness/index.mjs';
import { log, median, percentile, sleep } from './measure.mjs';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, seconds: { type: 'string', default: '30' } } });
const ROUNDS = Number(options.rounds);
const SECONDS = Number(options.seconds);
const PASSWORD = 'correct horse battery';
const WRONG_PER_SECOND = 100;
const ADDRESSES = 100;
const RIGHT_PER_SECOND = 4;
const PATIENCE_MS = 10_000;
const WARM_MS = 12_000;
const MOST = { revoked: 1000, signIn: 2000 };

const postfix = await Postfix.start();
const postroom = await Postroom.start(postfix);
const [host, port] = postroom.keys['http.listen'].split(':');
const origin = { Origin: postroom.url };
await postroom.post('/users', { name: 'chief', role: 'admin', password: PASSWORD });

async function signIn(name, { from = '127.0.0.1', password = PASSWORD, cookie } = {}) {
	const reply = await postroom.raw('POST', '/api/v1/login', { body: { name, password }, from, headers: { ...origin, ...(cookie ? { Cookie: cookie } : {}) } });
	const cookies = (reply.headers['set-cookie'] ?? []).map((text) => text.split(';')[0]);
	return { status: reply.status, wait: reply.status === 429 ? JSON.parse(reply.body).retry_after : 0, session: cookies.find((text) => text.startsWith('postroom=')), device: cookies.find((text) => text.startsWith('postroom-device=')) };
}

// ---- Revoking ----

// Notes when the last byte of an answer came.
class Watch {
	constructor() {
		this.last = 0;
		this.open = [];
		this.later = []; // what begins to be read after the click
	}

	note() {
		this.last = performance.now();
	}

	// An answer without an end, or a large one that is not read before the click: what lies in the kernel by then was given before it.
	async hold(headers, path, later = false) {
		const reply = await new Promise((resolve, reject) => request({ host, port, path, agent: false, headers }, resolve).on('error', reject).end());
		if (reply.statusCode !== 200)
			throw new Error(`${path}: ${reply.statusCode}`);
		if (later)
			this.later.push(() => reply.resume());
		else
			reply.on('data', () => this.note());
		this.open.push(new Promise((resolve) => reply.on('close', resolve).on('error', () => {})));
	}

	// Requests one after the other, until one is refused.
	poll(headers) {
		this.open.push((async () => {
			for (;;) {
				const { status } = await postroom.raw('GET', '/api/v1/me', { tcp: true, headers }).catch(() => ({ status: 0 }));
				if (status !== 200)
					return;
				this.note();
			}
		})());
	}
}

const WAYS = {
	'an account': ({ name }) => postroom.api('DELETE', `/users/${name}`),
	'its sessions': ({ name }) => postroom.api('DELETE', `/sessions?user=${name}`),
	'a token': ({ id }) => postroom.api('DELETE', `/tokens/${id}`),
};

async function revoke(way, round) {
	const name = `r${round}-${Object.keys(WAYS).indexOf(way)}`;
	await postroom.post('/users', { name, role: 'operator', password: PASSWORD });
	const { session } = await signIn(name, { from: `127.0.2.${1 + round % 250}` });
	const cookie = { ...origin, Cookie: session };
	const { token, info } = await postroom.post('/tokens', { name: 'bench', role: 'operator' }, { tcp: true, headers: cookie });
	const headers = way === 'a token' ? { Authorization: `Bearer ${token}` } : cookie;
	const watch = new Watch();
	await watch.hold(headers, '/api/v1/events');
	await watch.hold(headers, `/api/v1/messages/${large}/raw?as=download`, true);
	for (let i = 0; i < 4; i++)
		watch.poll(headers);
	await sleep(200);
	const click = performance.now();
	const { status } = await WAYS[way]({ name, id: info.id });
	if (status !== 204)
		throw new Error(`${way}: ${status}`);
	watch.later.forEach((read) => read());
	await Promise.all(watch.open);
	return { answered: Math.max(0, watch.last - click), over: performance.now() - click };
}

const large = await postfix.inject({ from: 'a@shop.example', to: ['b@full.example'], message: `Subject: large\r\n\r\n${`${'x'.repeat(78)}\r\n`.repeat(100_000)}` });
await postroom.untilMessage(large);

async function revocations() {
	const rows = [];
	for (const way of Object.keys(WAYS)) {
		const found = [];
		for (let round = 0; round < ROUNDS; round++)
			found.push(await revoke(way, round));
		const answered = found.map((each) => each.answered);
		const over = found.map((each) => each.over);
		rows.push({ way, median: median(answered), most: Math.max(...answered), over: Math.max(...over) });
		log(JSON.stringify(rows.at(-1)));
	}
	return rows;
}

// ---- Signing in ----

let wrong = 0;
// Each address at the same pace, one after the other.
function attack(name) {
	let next = 0;
	const turn = setInterval(() => {
		const from = `127.77.0.${1 + next++ % ADDRESSES}`;
		signIn(name ?? `nobody${next % 5000}`, { from, password: 'a wrong password' }).then(() => { wrong++; }, () => {});
	}, 1000 / WRONG_PER_SECOND);
	return () => clearInterval(turn);
}

// Until he is in, as often as he is told to come again.
async function comeIn(name, how) {
	const start = performance.now();
	while (performance.now() - start < PATIENCE_MS) {
		const { status, wait } = await signIn(name, how);
		if (status === 200)
			return performance.now() - start;
		if (status !== 429)
			throw new Error(`the right password: ${status}`);
		await sleep(Math.min(wait * 1000, PATIENCE_MS));
	}
	return Infinity;
}

let stranger = 0;
const unseen = () => { stranger++; return `127.88.${Math.floor(stranger / 250)}.${1 + stranger % 250}`; };

const KINDS = [
	{ kind: 'nobody else, unseen address', right: unseen },
	{ kind: 'others\' names tried, known browser', attacked: () => null, known: true },
	{ kind: 'others\' names tried, unseen address', attacked: () => null, right: unseen },
	{ kind: 'his name tried, known browser', attacked: (name) => name, known: true },
	{ kind: 'his name tried, unseen address', attacked: (name) => name, right: unseen, unbound: true },
];

async function signIns({ kind, attacked, known, right, unbound }, number) {
	const name = `worker${number}`;
	await postroom.post('/users', { name, role: 'viewer', password: PASSWORD });
	const { device } = known ? await signIn(name, { from: unseen() }) : {};
	const end = attacked ? attack(attacked(name)) : () => {};
	// Until each address has failed once it is like any other: what is measured is an attack that goes on.
	await sleep(attacked ? WARM_MS : 0);
	wrong = 0;
	const running = [];
	const until = Date.now() + SECONDS * 1000;
	while (Date.now() < until) {
		running.push(comeIn(name, { from: known ? `127.0.3.${number}` : right(), cookie: device }));
		await sleep(1000 / RIGHT_PER_SECOND);
	}
	const rate = wrong / SECONDS;
	const times = await Promise.all(running);
	end();
	const row = { kind, of: times.length, wrong: rate, median: median(times), p99: percentile(times, 0.99), never: times.filter((time) => time === Infinity).length, unbound };
	log(JSON.stringify(row));
	// The counts of one kind are not those of the next: the service starts anew.
	await postroom.stop();
	await postroom.up();
	return row;
}

const revoked = await revocations();
await postroom.stop();
await postroom.up();
const signed = [];
for (const [number, each] of KINDS.entries())
	signed.push(await signIns(each, number + 1));

const ms = (value) => (value === Infinity ? 'never' : `${Math.round(value)} ms`);
console.log(`\n| revoked | last answer after the click, median | most | all connections closed, most |\n|---|---|---|---|`);
for (const { way, median: middle, most, over } of revoked)
	console.log(`| ${way} | ${ms(middle)} | ${ms(most)} | ${ms(over)} |`);
console.log(`\n| the right one | sign-ins | wrong ones a second | median | p99 | not in within ${PATIENCE_MS / 1000} s |\n|---|---|---|---|---|---|`);
for (const { kind, of, wrong: rate, median: middle, p99, never } of signed)
	console.log(`| ${kind} | ${of} | ${Math.round(rate)} | ${ms(middle)} | ${ms(p99)} | ${never} |`);
const bad = [...revoked.filter(({ most }) => most > MOST.revoked).map(({ way }) => way), ...signed.filter(({ p99, unbound }) => !unbound && p99 > MOST.signIn).map(({ kind }) => kind)];
if (bad.length)
	console.log(`\nBeyond the bounds: ${bad.join('; ')}`);
await postroom.stop();
postfix.remove();
process.exit(bad.length ? 1 : 0);
