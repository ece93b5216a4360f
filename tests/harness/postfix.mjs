// A real Postfix of its own for one test file: own configuration, queue and data directories, loopback
// only, free ports, never the machine's instance. Many may run side by side.
//
//   const postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
//   const id = await postfix.inject({ from: 'news@shop.example', to: ['a@full.example'] });
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { register, temporaryDirectory } from './cleanup.mjs';
import { freePort } from './ports.mjs';
import { SmtpClient, plainMessage } from './smtp.mjs';
import { until } from './wait.mjs';

const run = promisify(execFile);
const START_ATTEMPTS = 4;
// No command of Postfix takes this long; one that does must fail its test and not hang it.
const COMMAND_MS = 90000;

// name, type, private, unprivileged, chroot, wake-up, process limit, command
const SERVICES = (port, services) => `
127.0.0.1:${port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
${services}
`;

const uidOf = (name) => Number(execFileSync('id', ['-u', name]));

const postconf = (name) => execFileSync('postconf', ['-h', name], { encoding: 'utf8' }).trim();
let masterProgram;

// A file that changed less than two seconds ago may still be changing, to Postfix: each of its programs that reads one waits.
// These are whole, so they are dated back.
const SETTLED_S = 10;
const settle = (path) => utimesSync(path, Date.now() / 1000 - SETTLED_S, Date.now() / 1000 - SETTLED_S);

// Where Postfix's own list of its files says what a queue directory has in it: lines such as
// $queue_directory/maildrop:d:$mail_owner:$setgid_group:730:uc
const QUEUE_DIRECTORY = /^\$queue_directory\/(\w+):d:(\S+?):(\S+?):(\d+):/gm;
let queueTree;

// The directories below a queue directory: [{name, uid, gid, mode}], read once.
function queueDirectories() {
	if (queueTree)
		return queueTree;
	const owners = { root: 0, $mail_owner: uidOf(postconf('mail_owner')) };
	const groups = { '-': -1, $setgid_group: Number(execFileSync('getent', ['group', postconf('setgid_group')], { encoding: 'utf8' }).split(':')[2]) };
	const list = readFileSync(join(postconf('meta_directory'), 'postfix-files'), 'utf8');
	queueTree = [...list.matchAll(QUEUE_DIRECTORY)].map(([, name, owner, group, mode]) => ({ name, uid: owners[owner], gid: groups[group], mode: parseInt(mode, 8) }));
	return queueTree;
}

function makeSpool(spool) {
	for (const { name, uid, gid, mode } of queueDirectories()) {
		const dir = join(spool, name);
		mkdirSync(dir);
		chownSync(dir, uid, gid);
		chmodSync(dir, mode);
	}
}

export class Postfix {
	// sink: where all mail goes (none: port 9 of loopback, where nothing listens, so everything is
	// deferred). main: more main.cf settings. transports: {'domain.example': 'smtp:[127.0.0.1]:2525'}.
	// services: more lines for master.cf. hosts, resolver: the text of its own /etc/hosts and /etc/resolv.conf.
	// past: what its log already says.
	static async start({ sink, main = {}, transports = {}, services = '', hosts, resolver, past } = {}) {
		for (let attempt = 1; ; attempt++) {
			const postfix = new Postfix({ sink, main, transports, services, hosts, resolver, past, port: await freePort() });
			try {
				await postfix.up();
				return postfix;
			} catch (error) {
				postfix.remove();
				if (attempt === START_ATTEMPTS || !/in use/.test(error.message))
					throw error;
			}
		}
	}

	constructor({ sink, main, transports, services, hosts, resolver, past, port }) {
		this.port = port;
		this.dir = temporaryDirectory('postfix');
		this.config = join(this.dir, 'config');
		this.spool = join(this.dir, 'spool');
		this.log = join(this.dir, 'mail.log');
		chmodSync(this.dir, 0o755);
		for (const name of ['config', 'spool', 'data'])
			mkdirSync(join(this.dir, name));
		chownSync(join(this.dir, 'data'), uidOf('postfix'), -1);
		this.mainLines = {
			compatibility_level: '3.6',
			queue_directory: this.spool,
			data_directory: join(this.dir, 'data'),
			inet_interfaces: '127.0.0.1',
			inet_protocols: 'ipv4',
			myhostname: 'mail.test',
			mydestination: '',
			alias_maps: '',
			alias_database: '',
			maillog_file: this.log,
			maillog_file_prefixes: this.dir,
			// A process that dies at its start, for example for want of time on a busy machine, is started again soon: the default
			// of 60 s is as long as a test waits.
			service_throttle_time: '1s',
			mynetworks: '0.0.0.0/0',
			smtpd_relay_restrictions: 'permit_mynetworks, reject',
			smtpd_authorized_xclient_hosts: '127.0.0.1',
			smtpd_delay_reject: 'no',
			smtp_dns_support_level: 'disabled',
			smtp_host_lookup: 'native',
			smtp_bind_address: '127.0.0.1',
			transport_maps: `texthash:${join(this.config, 'transport')}`,
			default_transport: `smtp:[127.0.0.1]:${sink?.port ?? 9}`,
			...main,
		};
		const lines = Object.entries(this.mainLines).map(([name, value]) => `${name} = ${value}\n`);
		writeFileSync(join(this.config, 'main.cf'), lines.join(''));
		writeFileSync(join(this.config, 'master.cf'), SERVICES(port, services));
		writeFileSync(join(this.config, 'transport'), Object.entries(transports).map(([key, value]) => `${key} ${value}\n`).join(''));
		for (const name of ['main.cf', 'master.cf', 'transport'])
			settle(join(this.config, name));
		this.own = Object.entries({ hosts, 'resolv.conf': resolver }).filter(([, text]) => text !== undefined).map(([name, text]) => {
			writeFileSync(join(this.dir, name), text);
			return [join(this.dir, name), join('/etc', name)];
		});
		if (past)
			writeFileSync(this.log, past);
		this.remove = register(() => this.#stopNow());
	}

	// A command in a mount namespace that has its own files of /etc, where it has some.
	#inOwnFiles(command) {
		if (!this.own.length)
			return command;
		const mounts = this.own.map((pair) => `mount --bind ${pair.join(' ')}`).join(' && ');
		return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `${mounts} && exec "$0" "$@"`, ...command];
	}

	#stopNow() {
		if (!this.running)
			return;
		this.running = false;
		try {
			execFileSync('postfix', ['-c', this.config, 'stop'], { stdio: 'ignore', timeout: 30000 });
		} catch {
			// `postfix stop` fails where the master is gone already.
		}
	}

	// The first start is the master's alone: `postfix start` also looks at every file of the installation, a second of CPU.
	async up() {
		const again = this.started;
		this.running = this.started = true;
		try {
			if (!again)
				makeSpool(this.spool);
			const command = this.#inOwnFiles(again ? ['postfix', '-c', this.config, 'start'] : [masterProgram ??= join(postconf('daemon_directory'), 'master'), '-c', this.config, '-w']);
			await run(command[0], command.slice(1), { timeout: COMMAND_MS });
			await until('the private Postfix to answer', async () => (await SmtpClient.connect(this.port)).close() ?? true, { timeout: 15000 });
		} catch (error) {
			throw new Error(`private Postfix: ${error.message}\n${this.logText().split('\n').slice(-20).join('\n')}`);
		}
	}

	// Stops Postfix; the queue stays. start() again with up().
	async stop() {
		this.running = false;
		await run('postfix', ['-c', this.config, 'stop'], { timeout: COMMAND_MS });
	}

	// Runs one of Postfix's own commands on this instance: {stdout, stderr}.
	command(name, ...args) {
		return run(name, ['-c', this.config, ...args], { maxBuffer: 1 << 30, timeout: COMMAND_MS });
	}

	// Ends when the master says that it did: it does so some time after the command, and what asks it before meets what was.
	async reload() {
		const told = () => this.logText().split(' reload -- version ').length;
		const before = told();
		const done = await this.command('postfix', 'reload');
		/* A test may have taken its log away. */
		await until('the master to have reloaded', () => told() > before || !existsSync(this.log), { timeout: 20000 });
		return done;
	}

	// main.cf settings, then a reload.
	async set(settings) {
		await this.command('postconf', '-e', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`));
		settle(join(this.config, 'main.cf'));
		await this.reload();
	}

	// Runs `name` with `input` on its standard input: {status, stdout, stderr}.
	feed(name, args, input) {
		return new Promise((resolve) => {
			const child = execFile(name, ['-c', this.config, ...args], { maxBuffer: 1 << 28, timeout: COMMAND_MS }, (error, stdout, stderr) =>
				resolve({ status: error ? error.code : 0, stdout, stderr }));
			child.stdin.end(input);
		});
	}

	logText() {
		try {
			return readFileSync(this.log, 'utf8');
		} catch {
			return '';
		}
	}

	// Sends one message and gives its queue ID. Without `message` a plain one is made of the rest.
	async inject({ from = 'sender@shop.example', to = ['someone@mail.example'], message, xclient, utf8, ...rest } = {}) {
		const client = await SmtpClient.connect(this.port);
		try {
			return await client.send({ from, to, xclient, utf8, message: message ?? plainMessage({ from, to, ...rest }) });
		} finally {
			client.close();
		}
	}

	// `count` messages over a few connections; `make(i)` gives what inject takes. The IDs, in order.
	async injectMany(count, make = () => ({}), { connections = 4 } = {}) {
		const ids = new Array(count);
		let next = 0;
		await Promise.all(Array.from({ length: Math.min(connections, count) }, async () => {
			const client = await SmtpClient.connect(this.port);
			for (let i = next++; i < count; i = next++) {
				const { from = 'sender@shop.example', to = ['someone@mail.example'], message, xclient, utf8, ...rest } = make(i);
				ids[i] = await client.send({ from, to, xclient, utf8, message: message ?? plainMessage({ from, to, ...rest }) });
			}
			client.close();
		}));
		return ids;
	}

	// What Postfix itself says is queued: the objects of `postqueue -j`.
	async queue() {
		const { stdout } = await this.command('postqueue', '-j');
		return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	}

	// The queue a message is in by its file, or null: 'deferred', 'hold', 'active', 'incoming', 'maildrop'.
	where(id) {
		// Between two directories it may move from one that was not looked at yet to one that was: nowhere is what is so twice.
		return this.#whereNow(id) ?? this.#whereNow(id);
	}

	#whereNow(id) {
		for (const queue of ['hold', 'deferred', 'active', 'incoming', 'maildrop'])
			if (this.ids(queue).includes(id))
				return queue;
		return null;
	}

	// The IDs in one queue's directory (hashed or not).
	ids(queue) {
		const found = [];
		const walk = (dir) => {
			let entries = [];
			try {
				entries = readdirSync(dir, { withFileTypes: true });
			} catch {
				return;
			}
			for (const entry of entries) {
				if (entry.isDirectory())
					walk(join(dir, entry.name));
				else
					found.push(entry.name);
			}
		};
		walk(join(this.spool, queue));
		return found;
	}

	// When the file of a message in that queue was last changed or renamed (its ctime), in milliseconds.
	changed(queue, id) {
		return [join(this.spool, queue, id), join(this.spool, queue, id[0], id)].map((path) => statSync(path, { throwIfNoEntry: false })?.ctimeMs).find(Boolean);
	}

	// Waits until each message is in that queue (null: in none).
	async untilIn(queue, ...ids) {
		const wanted = ids.flat();
		await until(`${wanted.length} messages in ${queue}`, () => {
			if (queue !== null) {
				const there = new Set(this.ids(queue));
				return wanted.every((id) => there.has(id));
			}
			return wanted.every((id) => this.where(id) === null);
		});
	}

	// Injects and waits for the first deferral.
	async injectDeferred(options) {
		const id = await this.inject(options);
		await this.untilIn('deferred', id);
		return id;
	}
}
