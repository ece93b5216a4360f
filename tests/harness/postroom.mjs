// The real program: `postroom serve` on a private Postfix, its API and its command line.
//
//   const postroom = await Postroom.start(postfix);
//   const { body } = await postroom.api('GET', '/queue');
//   const { status, stdout } = await postroom.cli('list', '--json');
import { spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { register, temporaryDirectory } from './cleanup.mjs';
import { checkReply } from './contract.mjs';
import { freePort } from './ports.mjs';
import { until } from './wait.mjs';

const build = process.env.POSTROOM_BUILD ?? resolve(new URL('../../build', import.meta.url).pathname);
export const binary = join(build, 'postroom');
// The executables of the service.
export const programs = Object.fromEntries(['supervisor', 'helper', 'reader', 'viewer', 'server', 'notifier', 'identity'].map((name) => [name, join(build, `postroom-${name}`)]));

// Whom the server, the readers, the viewer and the notifier run as in tests: numbers that no system gives to anybody (src/demo/demo.c).
export const USERS = { server: 65521, parse: 65522, view: 65523, notify: 65524 };
// The operators' group in tests, which every Debian has.
export const OPERATORS = 'nogroup';
const STOP_MS = 15000;
// No request takes this long; one that does must fail its test and not hang it.
const REPLY_MS = 90000;
// Nor does a command.
const COMMAND_MS = 150000;
// How long what it has printed last may take to arrive once it has ended: a process that outlives it can hold its pipes for ever.
const DRAIN_MS = 5000;

// A command in a user namespace of its own, with these limits there. It waits until its users are mapped; the next program then has
// the rights of root there, which the one that waits has not.
const limited = (limits) => ['unshare', '--user', 'sh', '-c', 'read go && exec sh -c "$0" "$@"',
	`${Object.entries(limits).map(([name, value]) => `echo ${value} >/proc/sys/user/${name}`).join(' && ')} && exec "$0" "$@"`];

// The same users as outside.
async function enterNamespace(child) {
	const own = readlinkSync('/proc/self/ns/user');
	await until('a user namespace', () => readlinkSync(`/proc/${child.pid}/ns/user`) !== own);
	for (const map of ['uid_map', 'gid_map'])
		writeFileSync(`/proc/${child.pid}/${map}`, '0 0 65536');
	child.stdin.write('go\n');
}

export class Postroom {
	// `set`: more keys, {'postfix.source': 'listing'}. `ready: false` does not wait for the first reading.
	// `limits`: of /proc/sys/user, in a user namespace of its own: {max_inotify_watches: 10}.
	// `under`: the words of a command that runs it; `more`: options of `serve`.
	static async start(postfix, { set = {}, ready = true, tcp = true, limits = null, under = [], more = [] } = {}) {
		const postroom = new Postroom(postfix, { ...(tcp ? { 'http.listen': `127.0.0.1:${await freePort()}` } : {}), ...set });
		postroom.limits = limits;
		postroom.under = under;
		postroom.more = more;
		await postroom.up();
		if (ready)
			await postroom.untilCurrent();
		return postroom;
	}

	constructor(postfix, set) {
		this.postfix = postfix;
		this.dir = temporaryDirectory('serve');
		this.state = join(this.dir, 'state');
		chmodSync(this.dir, 0o755);
		mkdirSync(this.state, { mode: 0o700 });
		chownSync(this.state, USERS.server, USERS.server);
		this.keys = {
			'http.listen': '',
			'http.socket': join(this.dir, 'postroom.sock'),
			'http.socket_group': OPERATORS,
			'postfix.config_directory': postfix.config,
			'store.path': join(this.state, 'postroom.db'),
			'run.user': USERS.server,
			'run.parse_user': USERS.parse,
			'run.view_user': USERS.view,
			'run.notify_user': USERS.notify,
			...set,
		};
		this.under = [];
		this.more = [];
		this.configFile = join(this.dir, 'postroom.conf');
		this.writeConfig();
		this.log = '';
		this.remove = register(() => this.#killNow());
	}

	writeConfig() {
		const sections = {};
		for (const [key, value] of Object.entries(this.keys)) {
			const [section, name] = key.split('.');
			// A list: of a key that is given again and again.
			(sections[section] ??= []).push(...[value].flat().map((one) => `${name} = ${one}\n`));
		}
		writeFileSync(this.configFile, Object.entries(sections).map(([name, lines]) => `[${name}]\n${lines.join('')}`).join('\n'));
	}

	get url() {
		return `http://${this.keys['http.listen']}`;
	}

	// The records of the audit, as they are in its files: the oldest first.
	audit() {
		const directory = `${this.keys['store.path']}-audit`;
		return readdirSync(directory).filter((name) => name.endsWith('.jsonl')).sort()
			.flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line)));
	}

	get socket() {
		return this.keys['http.socket'];
	}

	// Starts the service (again) and waits until it answers.
	async up() {
		const command = [...(this.limits ? limited(this.limits) : []), ...this.under, binary, 'serve', '--config', this.configFile, ...this.more];
		const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env.PATH } });
		this.child = child;
		this.exited = new Promise((done) => {
			const end = (code, signal) => {
				if (this.child === child)
					this.child = null;
				done({ code, signal });
			};
			child.once('close', end);
			child.once('exit', (code, signal) => setTimeout(end, DRAIN_MS, code, signal).unref());
		});
		for (const stream of [child.stdout, child.stderr]) {
			stream.on('data', (data) => { this.log += data; });
			stream.unref?.();
		}
		child.unref();
		child.stdin.on('error', () => {});
		if (this.limits)
			await enterNamespace(child);
		child.stdin.end();
		await until('postroom serve to answer', async () => {
			if (!this.child)
				throw Object.assign(new Error(`postroom serve ended:\n${this.log}`), { final: true });
			return (await this.raw('GET', '/healthz')).status === 200;
		}).catch((error) => {
			throw new Error(`${error.message}\n${this.log}`);
		});
	}

	untilCurrent() {
		return until('the first reading of the queue', async () => (await this.get('/queue')).source.state === 'current').catch((error) => {
			throw new Error(`${error.message}\n${this.log}`);
		});
	}

	#killNow() {
		this.child?.kill('SIGKILL');
	}

	// Asks it to stop as a service manager does; gives {code, signal}.
	async stop() {
		if (!this.child)
			return this.exited;
		this.child.ref();
		this.child.kill('SIGTERM');
		const timer = setTimeout(() => this.child?.kill('SIGKILL'), STOP_MS);
		const result = await this.exited;
		clearTimeout(timer);
		return result;
	}

	// The process IDs of a role ('server', 'helper', 'reader', 'logreader', 'notifier'), children of this service.
	pids(role) {
		const { pid } = this.child;
		const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
		return children.filter((child) => {
			try {
				return readFileSync(`/proc/${child}/cmdline`, 'utf8').split('\0').includes(role);
			} catch (error) {
				if (error.code !== 'ENOENT' && error.code !== 'ESRCH')
					throw error;
				return false; // it has ended meanwhile
			}
		});
	}

	// A role hangs, for as long as the test needs: the supervisor, which would replace it within 12.5 s, stands still as well.
	// What is returned lets both go on; it may be called twice.
	hang(role) {
		const pids = [...this.pids(role), this.child.pid];
		[...pids].reverse().forEach((pid) => process.kill(pid, 'SIGSTOP'));
		return register(() => pids.forEach((pid) => {
			try {
				process.kill(pid, 'SIGCONT');
			} catch (error) {
				if (error.code !== 'ESRCH')
					throw error;
			}
		}));
	}

	// One request, unchecked: {status, headers, body (text)}. Over the Unix socket (root: admin) unless
	// `token` or `tcp` is given; `from`: the loopback address that it comes from.
	raw(method, path, { body, headers = {}, token, tcp = false, from } = {}) {
		const [host, port] = this.keys['http.listen'].split(':');
		const over = tcp || token || from ? { host, port, localAddress: from } : { socketPath: this.socket };
		return new Promise((resolve, reject) => {
			const outgoing = request({
				...over, method, path, agent: false,
				headers: {
					...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
					...(token ? { Authorization: `Bearer ${token}` } : {}),
					...(over.socketPath ? { Host: 'localhost', 'Keep-Alive': 'postroom' } : {}),
					...(method === 'GET' ? {} : { 'X-Postroom': '1' }),
					// Node gives a DELETE no length by itself.
					...(body === undefined || method !== 'DELETE' ? {} : { 'Transfer-Encoding': 'chunked' }),
					...headers,
				},
			}, (reply) => {
				const chunks = [];
				reply.on('data', (chunk) => chunks.push(chunk));
				reply.on('error', reject);
				reply.on('end', () => {
					const bytes = Buffer.concat(chunks);
					resolve({ status: reply.statusCode, headers: reply.headers, bytes, body: bytes.toString('utf8') });
				});
			});
			outgoing.setTimeout(REPLY_MS, () => outgoing.destroy(new Error(`${method} ${path}: no answer in ${REPLY_MS} ms`)));
			outgoing.on('error', reject);
			outgoing.end(body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
		});
	}

	// One request, its reply checked against the contract: {status, headers, body (parsed JSON or text)}.
	// `path` is below /api/v1, unless it begins with // (then below /).
	async api(method, path, body, options = {}) {
		const full = path.startsWith('//') ? path.slice(1) : `/api/v1${path}`;
		const reply = await this.raw(method, full, { body, ...options });
		const type = reply.headers['content-type'];
		checkReply(method, full, reply.status, type, reply.body);
		return { ...reply, text: reply.body, body: /json/.test(type ?? '') ? JSON.parse(reply.body) : reply.body };
	}

	// The body of a request that must succeed.
	async #ok(method, path, body, options) {
		const reply = await this.api(method, path, body, options);
		if (reply.status >= 300)
			throw new Error(`${method} ${path}: ${reply.status} ${reply.body.code}: ${reply.body.detail}`);
		return reply.body;
	}

	get(path, options) {
		return this.#ok('GET', path, undefined, options);
	}

	post(path, body = {}, options) {
		return this.#ok('POST', path, body, options);
	}

	put(path, body, options) {
		return this.#ok('PUT', path, body, options);
	}

	// All messages that match, over all pages.
	async messages(filter = '', sort = '-arrival') {
		const found = [];
		let after = '';
		do {
			const page = await this.get(`/messages?limit=1000&sort=${sort}&filter=${encodeURIComponent(filter)}${after ? `&after=${encodeURIComponent(after)}` : ''}`);
			found.push(...page.messages);
			after = page.next;
		} while (after);
		return found;
	}

	// Waits until the page's own list has a message that fits (a function of Message).
	untilMessage(id, fits = () => true) {
		return until(`message ${id} as expected`, async () => {
			const { status, body } = await this.api('GET', `/messages/${id}`);
			return status === 200 && fits(body) ? body : null;
		});
	}

	untilGone(id) {
		return until(`message ${id} to be gone`, async () => (await this.api('GET', `/messages/${id}`)).status === 404);
	}

	// Creates a job and waits for its end (or its grace time): {job, items}.
	async job(request) {
		const { id } = await this.post('/jobs', request);
		return this.untilJob(id);
	}

	async untilJob(id, states = ['done', 'grace', 'cancelled', 'undone']) {
		const job = await until(`job ${id} to end`, async () => {
			const now = await this.get(`/jobs/${id}`);
			return states.includes(now.state) ? now : null;
		});
		const { items } = await this.get(`/jobs/${id}/items?limit=1000`);
		return { job, items };
	}

	// Runs one of the command line's commands on this service: {status, stdout, stderr}. `input` is what
	// it reads (nothing by default); it never has a terminal.
	cli(command, ...args) {
		return this.cliWith({}, command, ...args);
	}

	cliWith({ input = '', env = {} }, command, ...args) {
		return new Promise((resolve, reject) => {
			const child = spawn(binary, [command, '--config', this.configFile, ...args], { stdio: 'pipe', env: { PATH: process.env.PATH, ...env } });
			let stdout = '';
			let stderr = '';
			const timer = setTimeout(() => {
				child.kill('SIGKILL');
				reject(new Error(`postroom ${command} ${args.join(' ')}: no end in ${COMMAND_MS} ms; printed: ${stdout}${stderr}`));
			}, COMMAND_MS);
			child.stdout.on('data', (data) => { stdout += data; });
			child.stderr.on('data', (data) => { stderr += data; });
			child.on('error', reject);
			child.on('close', (status) => {
				clearTimeout(timer);
				resolve({ status, stdout, stderr });
			});
			child.stdin.on('error', () => {});
			child.stdin.end(input);
		});
	}
}
