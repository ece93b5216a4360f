// Peers that stall or stay silent, on every side: clients that send nothing or read nothing, a showq that
// never answers, roles that hang. Nobody else waits for them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { Postfix, Postroom, register, until } from '../harness/index.mjs';

const LONG = { timeout: 120000 };
// What an answer may take while somebody else stalls.
const SOON_MS = 20000;

let postfix;
let postroom;
let ids;

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes', minimal_backoff_time: '4000s' } });
	ids = await postfix.injectMany(50, (i) => ({ from: `s${i}@shop.example`, to: [`u${i}@mail.example`], body: 'x'.repeat(i === 0 ? 8_000_000 : 100) }));
	await postfix.untilIn('deferred', ids);
});
after(() => postfix.remove());
afterEach(() => postroom.stop());

async function soon(what, ask) {
	const began = Date.now();
	const reply = await ask();
	assert.ok(Date.now() - began < SOON_MS, `${what}: ${Date.now() - began} ms`);
	return reply;
}

async function answers() {
	await soon('the queue', () => postroom.get('/queue'));
	await soon('a list', () => postroom.get('/messages?limit=20&sort=size'));
	await soon('health', () => postroom.raw('GET', '/healthz', { tcp: true }));
}

function open(text = '') {
	const [host, port] = postroom.keys['http.listen'].split(':');
	const socket = connect(Number(port), host);
	register(() => socket.destroy());
	socket.unref();
	socket.on('error', () => {});
	if (text)
		socket.write(text);
	return socket;
}

test('clients that say nothing, half a request, or a body that never comes', LONG, async () => {
	postroom = await Postroom.start(postfix);
	const sockets = [];
	for (let i = 0; i < 60; i++) {
		sockets.push(open());
		sockets.push(open('GET /api/v1/queue HTTP/1.1\r\nHost: 127.'));
		sockets.push(open(`POST /api/v1/login HTTP/1.1\r\nHost: ${postroom.keys['http.listen']}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`));
	}
	for (let i = 0; i < 3; i++)
		await answers();
	// They are not kept for ever.
	await until('all of them to be closed', () => sockets.every((socket) => socket.destroyed || socket.readableEnded || socket.closed || drained(socket)), { timeout: 60000 });
});

// Reads what is there, so that an end is noticed.
function drained(socket) {
	socket.resume();
	return socket.readableEnded;
}

test('clients that read nothing: of events, and of a large message', LONG, async () => {
	postroom = await Postroom.start(postfix);
	const { token } = await postroom.post('/tokens', { name: 'stalled', role: 'admin' });
	const head = `Host: ${postroom.keys['http.listen']}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
	const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${postroom.pids('server')[0]}/status`, 'utf8'))[1]);
	const before = memory();
	for (let i = 0; i < 10; i++) {
		open(`GET /api/v1/events HTTP/1.1\r\n${head}`).pause();
		open(`GET /api/v1/messages/${ids[0]}/raw HTTP/1.1\r\n${head}`).pause();
	}
	for (let i = 0; i < 10; i++) {
		const { items } = await postroom.job({ action: i % 2 ? 'release' : 'hold', ids });
		assert.ok(items.every((item) => item.outcome === 'done'));
		await answers();
	}
	assert.ok(memory() - before < 60000, `${memory() - before} kB more than before`);
	// A view of another message is still possible, or it is said that it is not.
	const view = await soon('a view', () => postroom.api('GET', `/messages/${ids[1]}/content`));
	assert.ok(view.status === 200 || view.body.detail.length > 10, view.text);
});

// The processes of the private master with that name.
function daemons(name) {
	const master = readFileSync(`${postfix.spool}/pid/master.pid`, 'utf8').trim();
	return execFileSync('ps', ['-eo', 'pid=,ppid=,comm=']).toString().trim().split('\n').map((line) => line.trim().split(/\s+/))
		.filter(([, parent, comm]) => parent === master && comm === name).map(([pid]) => Number(pid));
}

const warns = (code) => until(`the warning ${code}`, async () => (await postroom.get('/queue')).warnings.find((w) => code.test(w.code)), { timeout: 60000 });
const calm = () => until('no warning', async () => (await postroom.get('/queue')).warnings.length === 0, { timeout: 60000 });

test('a showq that never answers: what is known stays, and it is said', LONG, async () => {
	postroom = await Postroom.start(postfix, { set: { 'postfix.source': 'listing' } });
	await until('all to be listed', async () => (await postroom.get('/queue')).messages === ids.length);
	const stopped = daemons('showq');
	assert.ok(stopped.length > 0);
	stopped.forEach((pid) => process.kill(pid, 'SIGSTOP'));
	try {
		// Whoever connects next may get a new showq: those are stopped as they come.
		let warned;
		const waiting = warns(/./).then((w) => { warned = w; });
		while (!warned) {
			for (const pid of daemons('showq').filter((one) => !stopped.includes(one))) {
				process.kill(pid, 'SIGSTOP');
				stopped.push(pid);
			}
			await answers();
			await Promise.race([waiting, new Promise((done) => setTimeout(done, 200))]);
		}
		assert.ok(warned.text.length > 10, JSON.stringify(warned));
		assert.equal((await postroom.get('/messages')).matched, ids.length);
	} finally {
		stopped.forEach((pid) => process.kill(pid, 'SIGCONT'));
	}
	await calm();
	assert.equal((await postroom.get('/queue')).source.state, 'current');
});

for (const role of ['reader', 'logreader', 'helper'])
	test(`a ${role} that hangs keeps no other request waiting`, LONG, async () => {
		postroom = await Postroom.start(postfix);
		const [pid] = postroom.pids(role);
		// The supervisor may have put another one in its place by then.
		const goOn = () => postroom.pids(role).includes(pid) && process.kill(pid, 'SIGCONT');
		process.kill(pid, 'SIGSTOP');
		try {
			await answers();
			const began = Date.now();
			const message = await postroom.api('GET', `/messages/${ids[1]}`);
			assert.equal(message.status, 200);
			assert.ok(Date.now() - began < 30000, `${Date.now() - began} ms`);
			const asked = Promise.all([postroom.api('GET', `/messages/${ids[1]}/content`), postroom.post('/jobs', { action: 'hold', ids: [ids[2]] })]);
			await answers();
			const [content, job] = await asked;
			assert.ok(content.status === 200 || content.body.detail.length > 10);
			await answers();
			assert.ok(['planned', 'running', 'done'].includes(job.state));
			goOn();
			const { items } = await until('the job to end', () => postroom.untilJob(job.id), { timeout: 60000 });
			assert.equal(items[0].outcome, 'done');
			assert.equal(postfix.where(ids[2]), 'hold');
		} finally {
			goOn();
		}
		await postfix.feed('postsuper', ['-H', '-'], `${ids[2]}\n`);
	});

for (const form of ['long', 'short'])
	test(`many jobs on the same messages at once: each outcome is true (${form} IDs)`, LONG, async () => {
		await postfix.set({ enable_long_queue_ids: form === 'long' ? 'yes' : 'no' });
		postroom = await Postroom.start(postfix);
		const mine = await postfix.injectMany(120, (i) => ({ from: `m${i}@shop.example`, to: [`u${i}@mail.example`] }));
		await postfix.untilIn('deferred', mine);
		for (const id of mine.slice(-5))
			await postroom.untilMessage(id);
		const requests = [
			{ action: 'hold' }, { action: 'requeue' }, { action: 'delete', undo_seconds: 0 }, { action: 'release' }, { action: 'retry' },
			{ action: 'delete', undo_seconds: 2 }, { action: 'hold' }, { action: 'release' },
		];
		const jobs = await Promise.all(requests.map((request, i) => postroom.post('/jobs', { ...request, ids: i % 2 ? mine : [...mine].reverse() })));
		const results = await Promise.all(jobs.map((job) => until(`job ${job.id}`, () => postroom.untilJob(job.id, ['done']), { timeout: 60000 })));
		await postfix.command('postqueue', '-f');
		await until('maildrop to be empty', () => postfix.ids('maildrop').length === 0, { timeout: 90000 });
		const queue = await postfix.queue();
		const senders = new Map();
		for (const m of queue)
			senders.set(m.sender, (senders.get(m.sender) ?? 0) + 1);
		mine.forEach((id, i) => {
			const by = results.map((r, n) => ({ action: requests[n].action, ...r.items.find((item) => item.id === id) }));
			const removed = by.filter((b) => b.action === 'delete' && b.outcome === 'done').length;
			const requeued = by.filter((b) => b.action === 'requeue' && b.outcome === 'done').length;
			const left = senders.get(`m${i}@shop.example`) ?? 0;
			// Exactly one of: removed by one job; in the queue once, under this ID or a new one.
			assert.equal(removed + left, 1, `${id}: ${JSON.stringify(by)}, ${left} left`);
			assert.ok(removed <= 1 && requeued <= 1, JSON.stringify(by));
			if (left && requeued)
				assert.equal(postfix.where(id), null);
			assert.ok(by.every((b) => ['done', 'gone', 'changed', 'refused'].includes(b.outcome)), JSON.stringify(by));
		});
	});
