// What Postfix itself says of its queue, read with nothing of Postroom's: `postqueue -j`, postcat, stat, the log, qshape.
import { lstatSync, openSync, readSync, readdirSync, closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';

const QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];
const BESIDE = ['corrupt', 'defer', 'bounce'];

// 'Nov 29 22:38:00' and `Sun Nov 29 22:37:09 2026`, in the machine's zone, as seconds.
const logSeconds = (text) => Math.floor(new Date(`${text} ${new Date().getFullYear()}`).getTime() / 1000);
const dateSeconds = (text) => Math.floor(new Date(text).getTime() / 1000);

// ---- Files ----

function walk(dir, found) {
	let entries = [];
	try {
		entries = readdirSync(dir, { withFileTypes: true });
	} catch {
		return;
	}
	for (const entry of entries) {
		const path = join(dir, entry.name);
		if (entry.isDirectory()) {
			if (entry.name.length === 1)
				walk(path, found);
			continue;
		}
		try {
			const { mode, mtimeMs, size, ino } = lstatSync(path);
			found.push({ id: entry.name, path, mode: mode & 0o777, mtime: Math.floor(mtimeMs / 1000), stamp: `${mtimeMs} ${size} ${mode} ${ino}`, ino, size });
		} catch {
			// It moved between the two.
		}
	}
}

// {queue: [file]} of all queues, and one text that changes when any of it does.
function look(spool) {
	const files = {};
	for (const queue of [...QUEUES, ...BESIDE])
		walk(join(spool, queue), files[queue] = []);
	const mark = Object.entries(files).map(([queue, list]) => list.map(({ id, stamp }) => `${queue}/${id} ${stamp}`).sort().join('\n')).join('\n');
	return { files, mark };
}

const isReady = (file) => (file.mode & 0o700) === 0o700;

// ---- The log ----

const LINE = /^(\w{3} [ \d]\d \d\d:\d\d:\d\d) \S+ (\S+)\[(\d+)\]: (.*)$/;
const DELIVERY = /^([0-9A-Za-z]+): to=<(.*?)>(?:, orig_to=<(.*?)>)?, relay=(.+?)(?:, conn_use=\d+)?, delay=([\d.]+), delays=[\d./]+(?:, tls=\S+)?, dsn=(\d\.\d+\.\d+), status=(\w+) \((.*)\)$/;

class Log {
	#path;
	#at = 0;
	#rest = '';
	// By queue ID: {at, kind: 'attempt' | 'removed' | 'born', ...}.
	lines = new Map();
	#lives = new Map();

	constructor(path) {
		this.#path = path;
	}

	read() {
		const file = openSync(this.#path, 'r');
		try {
			const bytes = Buffer.alloc(fstatSync(file).size - this.#at);
			this.#at += readSync(file, bytes, 0, bytes.length, this.#at);
			const lines = (this.#rest + bytes.toString('utf8')).split('\n');
			this.#rest = lines.pop();
			if (lines.length > 0)
				this.#lives.clear();
			lines.forEach((line) => this.#take(line));
		} finally {
			closeSync(file);
		}
	}

	#add(id, entry) {
		if (!this.lines.has(id))
			this.lines.set(id, []);
		this.lines.get(id).push(entry);
	}

	#take(line) {
		const [, when, program, , text] = LINE.exec(line) ?? [];
		if (!when)
			return;
		const at = logSeconds(when);
		const delivery = DELIVERY.exec(text);
		if (delivery) {
			const [, id, recipient, original, relay, , dsn, status, reason] = delivery;
			this.#add(id, { kind: 'attempt', at, recipient, original: original ?? null, relay, dsn, status, text: reason });
			return;
		}
		const requeued = /^([0-9A-Za-z]+): uid=\d+ from=<.*> orig_id=([0-9A-Za-z]+)$/.exec(text);
		if (requeued)
			this.#add(requeued[1], { kind: 'requeued', at, from: requeued[2] });
		const removed = /^([0-9A-Za-z]+): removed/.exec(text);
		if (removed)
			this.#add(removed[1], { kind: 'removed', at });
		const renamed = /sane_rename|qmgr_active_defer|skipped, still being delivered/.test(text);
		if (renamed && program)
			this.#add(/([0-9A-Za-z]{6,})/.exec(text)[1], { kind: 'other', at });
	}

	// The attempts of the life that this ID leads now, those of the IDs before a re-queue first. Made once until the log grows: they are
	// asked for once for each recipient.
	attempts(id) {
		if (!this.#lives.has(id))
			this.#lives.set(id, this.#life(id, new Set()));
		return this.#lives.get(id);
	}

	#life(id, seen) {
		const life = [];
		let before = null;
		seen.add(id);
		for (const line of this.lines.get(id) ?? []) {
			if (line.kind === 'removed') {
				life.length = 0;
				before = null;
			} else if (line.kind === 'requeued') {
				before = line.from;
			} else if (line.kind === 'attempt') {
				life.push({ ...line, queue_id: id });
			}
		}
		return [...(before && !seen.has(before) ? this.#life(before, seen) : []), ...life];
	}
}

// ---- Messages ----

// What postcat tells of a message that does not change while it has this file.
function parseEnvelope(text) {
	const named = {};
	const recipients = [];
	const facts = { create: null, redirect: null, named, recipients };
	let original = null;
	for (const line of text.split('\n')) {
		const [, name, value] = /^([a-z_]+): ?(.*)$/.exec(line) ?? [];
		if (name === 'create_time')
			facts.create = dateSeconds(value);
		else if (name === 'named_attribute')
			named[value.slice(0, value.indexOf('='))] ??= value.slice(value.indexOf('=') + 1);
		else if (name === 'redirect_to')
			facts.redirect = value;
		else if (name === 'original_recipient')
			original = value;
		else if (name === 'recipient' || name === 'done_recipient') {
			recipients.push({ address: value, original, done: name === 'done_recipient' });
			original = null;
		}
	}
	return facts;
}

function subjectOf(head) {
	const unfolded = head.replace(/\r?\n(?=[ \t])/g, '');
	const found = /^Subject:[ \t]*(.*)$/im.exec(unfolded);
	return found ? found[1].trimEnd() : null;
}

// An empty Subject is none, as is one that is not there.
const known = (value) => (value === undefined || value === '' ? null : value);

export class Oracle {
	#postfix;
	#envelopes = new Map();
	// Reasons that Postfix itself has shown, `id address`: it forgets them when it tries again.
	#shown = new Map();
	#everShown = new Set();
	log;

	constructor(postfix) {
		this.#postfix = postfix;
		this.log = new Log(postfix.log);
	}

	look() {
		return look(this.#postfix.spool);
	}

	// 3.7 of 3.7.11.
	async version() {
		return Number(/= (\d+\.\d+)/.exec((await this.#postfix.command('postconf', 'mail_version')).stdout)[1]);
	}

	// Postfix's settings that the times depend on, in seconds.
	async settings() {
		const names = ['maximal_queue_lifetime', 'bounce_queue_lifetime'];
		const { stdout } = await this.#postfix.command('postconf', ...names);
		const units = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
		return Object.fromEntries(stdout.trim().split('\n').map((line) => {
			const [, name, number, unit] = /^(\w+) = (\d+)([smhdw]?)$/.exec(line);
			return [name, Number(number) * units[unit || 'd']];
		}));
	}

	// The envelope's facts and the Subject of a file; asked once for each file.
	async #facts(id, file) {
		const key = `${id} ${file.ino}`;
		if (!this.#envelopes.has(key)) {
			const [envelope, head] = await Promise.all([
				this.#postfix.command('postcat', '-eq', id).then(({ stdout }) => stdout),
				this.#postfix.command('postcat', '-hq', id).then(({ stdout }) => stdout),
			]);
			this.#envelopes.set(key, { ...parseEnvelope(envelope), subject: subjectOf(head) });
		}
		return this.#envelopes.get(key);
	}

	// Whether Postfix has ever shown this reason: `key` is an ID and an address.
	earlier(key, reason) {
		return this.#everShown.has(`${key} ${reason}`);
	}

	// Whether its mail goes to another address than its recipients'.
	redirected(id) {
		return [...this.#envelopes].some(([key, { redirect }]) => key.startsWith(`${id} `) && redirect !== null);
	}

	// Who of the recipients is done already: it changes, so it is asked anew.
	async done(id) {
		const { stdout } = await this.#postfix.command('postcat', '-eq', id);
		return parseEnvelope(stdout).recipients.filter(({ done }) => done).length;
	}

	async raw(id) {
		return (await this.#postfix.command('postcat', '-bhq', id)).stdout;
	}

	async qshape(queue) {
		const { stdout } = await this.#postfix.command('qshape', queue);
		const rows = stdout.split('\n').filter((line) => /\S/.test(line)).map((line) => line.trim().split(/\s+/));
		return rows.slice(1).map(([name, total, ...cells]) => ({ name, total: Number(total), cells: cells.map(Number) }));
	}

	// All messages as they are now: [message]. Null where something moved meanwhile, so that the parts do not fit.
	async messages(now, settings) {
		const listed = await this.#postfix.queue();
		const files = new Map();
		for (const queue of QUEUES)
			for (const file of now.files[queue])
				if (isReady(file))
					files.set(`${queue} ${file.id}`, file);
		const messages = [];
		for (const one of listed) {
			const file = files.get(`${one.queue_name} ${one.queue_id}`);
			if (!file)
				return null;
			messages.push(await this.#message(one, file, settings));
		}
		return messages;
	}

	async #message(one, file, settings) {
		const facts = await this.#facts(one.queue_id, file);
		const sender = one.sender === 'MAILER-DAEMON' ? '' : one.sender;
		// Without the record Postfix counts from the arrival (qmgr_message.c); mail that postdrop has just left in maildrop has none.
		const created = facts.create ?? one.arrival_time;
		const lifetime = sender === '' ? settings.bounce_queue_lifetime : settings.maximal_queue_lifetime;
		return {
			id: one.queue_id,
			queue: one.queue_name,
			arrival: one.arrival_time,
			size: one.message_size,
			sender,
			forced: one.forced_expire,
			recipients: this.#recipients(one, facts),
			next: one.queue_name === 'deferred' ? file.mtime : null,
			created,
			// In maildrop the lifetime has not begun: pickup makes a new message of it.
			expires: one.queue_name === 'maildrop' ? null : created + Math.min(lifetime, settings.maximal_queue_lifetime),
			client: known(facts.named.log_client_name ?? facts.named.client_name),
			address: known(facts.named.log_client_address ?? facts.named.client_address),
			login: known(facts.named.sasl_username),
			helo: known(facts.named.log_helo_name ?? facts.named.helo_name),
			subject: known(facts.subject ?? undefined),
		};
	}

	// One entry for each address: with more than 1,000 of them showq lists some twice, once without the reason.
	#recipients(one, facts) {
		const originals = new Map(facts.recipients.map(({ address, original }) => [address, original]));
		const found = new Map();
		for (const { address, delay_reason: reason = null } of one.recipients) {
			const key = `${one.queue_id} ${address}`;
			if (reason !== null) {
				this.#shown.set(key, reason);
				this.#everShown.add(`${key} ${reason}`);
			}
			if (!found.has(address) || found.get(address).reason === null)
				found.set(address, { address, reason, last: reason ?? this.#shown.get(key) ?? null, original: originals.get(address) ?? null });
		}
		return [...found.values()];
	}
}
