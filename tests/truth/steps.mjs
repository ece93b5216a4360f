// Random steps: mail comes in, Postroom and Postfix's own tools act on it, processes die, Postfix is reloaded. Each step says
// what it did in one line, with the IDs that it was about.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SmtpClient, plainMessage, plant, queueFile, record, until } from '../harness/index.mjs';

const WAITING = ['full.example', 'grey.example', 'busy.example', 'odd.example', 'long.example', 'flip.example', 'closed.example', 'pipe.example', 'text.example'];
const DOMAINS = [...WAITING, ...WAITING, 'quiet.example', 'bad.example', 'mail.example', 'Full.Example', 'sub.full.example'];
const LOCALS = ['a', 'b', 'info', 'News', 'first.last', 'user+tag', '"two words"', '"a>b, relay"', 'x_y', 'o\'hara', 'x'.repeat(60)];
const SENDERS = ['', '', 'news@shop.example', 'orders@shop.example', 'Bounces+x=y@Lists.example', '"the boss"@corp.example', 'webmaster@other.example'];
const SUBJECTS = ['A test', '', 'Your order 4711 (shipped)', 'Re: "quoted" \\ slash', 'long '.repeat(60).trim(), '*** SPAM? ***'];
const ORIGINS = [null, null, { NAME: 'web1.shop.example', ADDR: '192.0.2.10', LOGIN: 'webshop', HELO: 'web1' }, { NAME: 'out.lists.example', ADDR: '198.51.100.7', LOGIN: 'news@lists', HELO: 'out.lists.example' }, { ADDR: '203.0.113.9', NAME: '[UNAVAILABLE]', HELO: '[203.0.113.9]' }];
// More than showq's filter of duplicates has room for.
const MANY = 1010;

const mailbox = (random, i) => `${random.pick(LOCALS).replace(/^([a-z])$/, `$1${i}`)}@${random.pick(DOMAINS)}`;

function recipients(random) {
	if (random.chance(0.004))
		return Array.from({ length: MANY }, (_, i) => `many${i}@${i % 3 ? 'full' : 'grey'}.example`);
	const count = random.weighted({ 1: 6, 2: 3, 3: 2, 7: 1, 30: 0.2 });
	return [...new Set(Array.from({ length: Number(count) }, (_, i) => mailbox(random, i)))];
}

function headers(random) {
	const kind = random.weighted({ none: 14, hold: 1.5, redirect: 1, filter: 1, quarantine: 0.7, addrcpt: 0.7, delrcpt: 0.4, from: 0.5, subject: 0.5, body: 0.5 });
	switch (kind) {
	case 'none':
		return [];
	case 'hold':
		return ['X-Hold: looked at first'];
	case 'redirect':
		return [`X-Redirect: ${random.pick(['caught@full.example', 'caught@mail.example', 'caught@grey.example'])}`];
	case 'filter':
		return ['X-Filter: yes'];
	case 'addrcpt':
		return [`X-Milter: addrcpt added@${random.pick(WAITING)}`];
	case 'delrcpt':
		return ['X-Milter: delrcpt b0@full.example'];
	case 'from':
		return ['X-Milter: from changed@corp.example'];
	case 'subject':
		return ['X-Milter: subject Changed on the way'];
	case 'body':
		return [`X-Milter: body ${random.pick([200, 3000, 20000])}`];
	default:
		return ['X-Milter: quarantine looks odd'];
	}
}

const DSN = [{}, {}, {}, { mail: 'RET=HDRS ENVID=env1', rcpt: 'NOTIFY=SUCCESS,DELAY,FAILURE ORCPT=rfc822;first@ours.example' }, { rcpt: 'NOTIFY=NEVER' }];

const existing = (now, ...queues) => queues.flatMap((queue) => now.files[queue]).filter(({ mode }) => (mode & 0o700) === 0o700).map(({ id }) => id);
const ANYWHERE = ['incoming', 'active', 'deferred', 'hold', 'maildrop'];

// The processes of a service of the private Postfix.
function servicePids(postfix, name) {
	const master = readFileSync(join(postfix.spool, 'pid/master.pid'), 'utf8').trim();
	const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', master]).toString().split('\n');
	return lines.map((line) => /^\s*(\d+)\s+(\S+)/.exec(line)).filter((found) => found && found[2] === name).map((found) => Number(found[1]));
}

const signal = (pids, name) => pids.forEach((pid) => {
	try {
		process.kill(pid, name);
	} catch {
		// It has ended.
	}
});

export class Steps {
	#world;
	#random;
	#stopped = new Map();
	#jobs = [];

	constructor(world, random) {
		this.#world = world;
		this.#random = random;
	}

	// One step: {text, ids}. `now`: how the oracle saw the queue last.
	async step(now) {
		const count = existing(now, ...ANYWHERE).length;
		const kind = this.#random.weighted({
			smtp: count > 90 ? 0 : 18, burst: count > 60 ? 0 : 3, sendmail: 2.5, planted: count > 90 ? 0 : 1.5, garbage: 0.3,
			superHold: 4, superRelease: 4, superRequeue: 2, superDelete: count > 60 ? 5 : 2, superExpire: 2, queueRetry: 4, flush: 0.7, reload: 0.6,
			apiHold: 3, apiRelease: 3, apiRequeue: 1.5, apiDelete: count > 60 ? 5 : 2, apiBounce: 1.5, apiRetry: 3, apiUndo: 2, cliAct: 1,
			flip: 1.5, stop: 0.8, kill: 0.4, lifetime: 0.3, thin: count > 110 ? 20 : 0, clearCorrupt: now.files.corrupt.length > 5 ? 2 : 0,
		});
		await this.#goOn();
		return this[kind](now);
	}

	// A service that was stopped works again after some steps.
	async #goOn() {
		for (const [name, left] of this.#stopped)
			if (left <= 0) {
				signal(servicePids(this.#world.postfix, name), 'SIGCONT');
				this.#stopped.delete(name);
			} else {
				this.#stopped.set(name, left - 1);
			}
	}

	// All go on that were stopped.
	async release() {
		for (const name of this.#stopped.keys())
			signal(servicePids(this.#world.postfix, name), 'SIGCONT');
		this.#stopped.clear();
	}

	// One message to these, for a test that knows what it wants.
	send(to, lines = [], more = {}) {
		return this.#send({ from: 'news@shop.example', to, message: plainMessage({ to, headers: lines }), ...more });
	}

	async #send(message) {
		const client = await SmtpClient.connect(this.#world.postfix.port);
		try {
			return await client.send(message);
		} finally {
			client.close();
		}
	}

	#aMessage() {
		const random = this.#random;
		const from = random.pick(SENDERS);
		const to = recipients(random);
		const text = plainMessage({ from, to: to.slice(0, 5), subject: random.pick(SUBJECTS), headers: headers(random), body: 'Hello.\r\n'.repeat(random.weighted({ 1: 5, 40: 2, 3000: 0.5 })) });
		return { from, to, message: text, xclient: random.pick(ORIGINS) ?? undefined, dsn: random.pick(DSN) };
	}

	async smtp() {
		const message = this.#aMessage();
		const id = await this.#send(message);
		return { text: `${id} sent from <${message.from}> to ${message.to.slice(0, 4).join(' ')}${message.to.length > 4 ? ` and ${message.to.length - 4} more` : ''}${/^X-.*/m.exec(message.message)?.[0] ? `, ${/^X-.*/m.exec(message.message)[0].trim()}` : ''}`, ids: [id] };
	}

	async burst() {
		const messages = Array.from({ length: this.#random.between(4, 10) }, () => this.#aMessage());
		const ids = await Promise.all(messages.map((message) => this.#send(message)));
		return { text: `sent at once: ${ids.join(' ')}`, ids };
	}

	// What sendmail(1) gives to postdrop(1); that takes this instance's configuration by an option alone.
	async sendmail() {
		const to = recipients(this.#random).slice(0, 5);
		const from = this.#random.pick(['news@shop.example', 'root', '']);
		const lines = [...headers(this.#random), 'Subject: from here', '', 'Hello.'];
		const bytes = Buffer.concat([record('S', from), ...to.map((address) => record('R', address.replaceAll('"', ''))), record('M'), ...lines.map((line) => record('N', line)), record('X'), record('E')]);
		const { status, stderr } = await this.#world.postfix.feed('postdrop', ['-r'], bytes);
		return { text: `postdrop(1) from <${from}> to ${to.join(' ')}: ${status} ${stderr}`.trim(), ids: [] };
	}

	// A message from before: a queue file with the times of one that came days ago.
	async planted() {
		const random = this.#random;
		const minutes = random.pick([7, 15, 33, 70, 130, 250, 500, 1000, 2000, 6000]);
		const id = random.between(0x100000, 0xfffff0).toString(16).toUpperCase() + random.between(0x1000, 0xffff).toString(16).toUpperCase();
		plant(this.#world.postfix, random.pick(['deferred', 'hold']), id, queueFile({
			arrival: Math.floor(Date.now() / 1000) - minutes * 60 - 30, sender: random.pick(['news@shop.example', 'old@lists.example']),
			recipients: Array.from({ length: random.between(1, 4) }, (_, i) => `old${i}@${random.pick(['full.example', 'grey.example', 'mail.example'])}`),
		}));
		return { text: `${id} planted, ${minutes} minutes old`, ids: [id] };
	}

	// A file that is no message, set aside by the queue manager.
	async garbage() {
		const { postfix } = this.#world;
		const name = `BAD${this.#random.between(0x10000, 0xfffff).toString(16).toUpperCase()}`;
		mkdirSync(join(postfix.spool, 'corrupt'), { recursive: true });
		writeFileSync(join(postfix.spool, 'corrupt', name), 'garbage', { mode: 0o400 });
		return { text: `${name} in corrupt`, ids: [] };
	}

	async clearCorrupt() {
		const { postfix } = this.#world;
		for (const name of readdirSync(join(postfix.spool, 'corrupt')))
			unlinkSync(join(postfix.spool, 'corrupt', name));
		return { text: 'corrupt emptied', ids: [] };
	}

	// ---- Postfix's own tools ----

	async #super(option, now, queues, most = 4) {
		const ids = this.#random.some(existing(now, ...queues), this.#random.between(1, most));
		if (!ids.length)
			return this.smtp();
		await this.#world.postfix.feed('postsuper', [option, '-'], `${ids.join('\n')}\n`);
		return { text: `postsuper ${option}: ${ids.join(' ')}`, ids };
	}

	superHold(now) {
		return this.#super('-h', now, ['incoming', 'active', 'deferred']);
	}

	superRelease(now) {
		return this.#super('-H', now, ['hold'], 6);
	}

	superRequeue(now) {
		return this.#super('-r', now, ['incoming', 'active', 'deferred', 'hold'], 2);
	}

	superDelete(now) {
		return this.#super('-d', now, ANYWHERE, 6);
	}

	superExpire(now) {
		return this.#super(this.#random.pick(['-e', '-f']), now, ['incoming', 'active', 'deferred', 'hold'], 2);
	}

	async thin(now) {
		const ids = this.#random.some(existing(now, ...ANYWHERE), 40);
		await this.#world.postfix.feed('postsuper', ['-d', '-'], `${ids.join('\n')}\n`);
		return { text: `postsuper -d of ${ids.length}: ${ids.join(' ')}`, ids };
	}

	async queueRetry(now) {
		const [id] = this.#random.some(existing(now, 'deferred', 'deferred', 'hold', 'active'), 1);
		if (!id)
			return this.smtp();
		await this.#world.postfix.command('postqueue', '-i', id);
		return { text: `postqueue -i ${id}`, ids: [id] };
	}

	async flush() {
		await this.#world.postfix.command('postqueue', '-f');
		return { text: 'postqueue -f', ids: [] };
	}

	async reload() {
		await this.release();
		await this.#world.postfix.reload();
		return { text: 'postfix reload', ids: [] };
	}

	async flip() {
		this.#world.flip = this.#random.chance(0.3);
		return { text: `flip.example ${this.#world.flip ? 'takes' : 'refuses'} mail`, ids: [] };
	}

	// pickup: mail stays in maildrop. qmgr: it stays in incoming.
	async stop() {
		const name = this.#random.pick(['pickup', 'qmgr']);
		const pids = servicePids(this.#world.postfix, name);
		signal(pids, 'SIGSTOP');
		this.#stopped.set(name, this.#random.between(2, 5));
		return { text: `${name} stopped`, ids: [] };
	}

	// ---- Postroom ----

	async #act(action, now, queues, most, more = {}) {
		const ids = this.#random.some(existing(now, ...queues), this.#random.between(1, most));
		if (!ids.length)
			return this.smtp();
		await this.release();
		const { job, items } = await this.#world.postroom.job({ action, ids, ...more });
		this.#jobs.push({ id: job.id, action });
		return { text: `Postroom's ${action} (job ${job.id}, ${job.state}): ${items.map(({ id, outcome }) => `${id} ${outcome}`).join(', ')}`, ids, action, items, undo: more.undo_seconds };
	}

	apiHold(now) {
		return this.#act('hold', now, ['incoming', 'active', 'deferred'], 5);
	}

	apiRelease(now) {
		return this.#act('release', now, ['hold'], 6);
	}

	apiRequeue(now) {
		return this.#act('requeue', now, ['deferred', 'hold'], 2);
	}

	apiDelete(now) {
		return this.#act('delete', now, ANYWHERE, 6, { undo_seconds: this.#random.pick([0, 0, 600]) });
	}

	apiBounce(now) {
		return this.#act('bounce', now, ['deferred', 'hold'], 2);
	}

	apiRetry(now) {
		return this.#act('retry', now, ['deferred'], 4);
	}

	async apiUndo(now) {
		const job = this.#jobs.pop();
		if (!job)
			return this.apiHold(now);
		await this.release();
		const { postroom } = this.#world;
		const { status } = await (job.action === 'delete' ? postroom.api('POST', `/jobs/${job.id}/undo`)
			: job.action === 'hold' || job.action === 'release'
				? postroom.api('POST', '/jobs', { action: job.action === 'hold' ? 'release' : 'hold', undoes: job.id }) : { status: 'nothing' });
		if (status === 200 || status === 201 || status === 202)
			await until('all jobs to end', async () => (await postroom.get('/jobs?limit=20')).jobs.every(({ state }) => !['planned', 'running'].includes(state)));
		return { text: `Postroom's undo of job ${job.id}, a ${job.action}: ${status}`, ids: [] };
	}

	async cliAct() {
		const action = this.#random.pick(['hold', 'release', 'retry']);
		const filter = this.#random.pick(['from:shop.example', 'domain:grey.example', 'to:info', 'queue:hold recipients>1', 'login:=webshop']);
		await this.release();
		const { status, stdout } = await this.#world.postroom.cli(action, '--yes', filter);
		return { text: `postroom ${action} --yes ${filter}: ${status} ${stdout.split('\n').slice(-3).join(' ')}`, ids: [] };
	}

	async lifetime() {
		const value = this.#random.pick(['3d', '5d', '12h']);
		await this.release();
		await this.#world.postfix.set({ maximal_queue_lifetime: value });
		return { text: `maximal_queue_lifetime = ${value}`, ids: [], settings: true };
	}

	// A role dies; Postroom is current again before anything is compared.
	async kill() {
		const { postroom } = this.#world;
		const role = this.#random.pick(['server', 'helper', 'reader', 'logreader']);
		const [pid] = postroom.pids(role);
		process.kill(pid, 'SIGKILL');
		await until(`a new ${role}`, () => postroom.pids(role).some((now) => now !== pid));
		await until('the queue to be current', async () => (await postroom.get('/queue')).source.state === 'current');
		return { text: `${role} killed`, ids: [] };
	}
}
