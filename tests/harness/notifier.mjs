// A real postroom-notifier, without the rest of the service: started as the supervisor does, asked as the server does.
//
//   const notifier = await Notifier.start();
//   const { result, status, text, answer } = await notifier.http('http://127.0.0.1:8025/', { allowLocal: true });
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { register } from './cleanup.mjs';
import { USERS, binary, programs } from './postroom.mjs';
import { until } from './wait.mjs';

export const notifierPeer = join(dirname(binary), 'src/notifier/notifier_test_peer');
const RESULTS = ['done', 'try again', 'refused'];
const METHODS = ['POST', 'PUT', 'GET'];
const WAYS = { http: 1, command: 2, mail: 3 };
const hex = (value) => Buffer.from(value).toString('hex');
const unhex = (word) => Buffer.from(word === '-' ? '' : word, 'hex');

export class Notifier {
	// `set`: of the configuration; `facts`: what Postfix says of itself. `under`: the words of a command that runs it.
	static async start({ set = {}, facts = {}, under = [] } = {}) {
		const notifier = new Notifier({ ...set, ...facts }, under);
		await until('the notifier to be there', () => notifier.pid);
		await notifier.ping();
		return notifier;
	}

	#waiting = new Map();
	#pongs = [];
	#number = 0;
	#waits = 0;
	#rest = '';

	constructor(set, under) {
		const words = [...under, notifierPeer, programs.notifier, String(USERS.notify), String(USERS.notify), ...Object.entries(set).map(([key, value]) => `${key}=${value}`)];
		this.child = spawn(words[0], words.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env.PATH } });
		this.log = '';
		this.gone = false;
		this.child.stderr.on('data', (data) => { this.log += data; });
		this.child.stdout.on('data', (data) => {
			const lines = (this.#rest + data).split('\n');
			this.#rest = lines.pop();
			lines.forEach((line) => this.#take(line.split(' ')));
		});
		this.child.stdin.on('error', () => {});
		// A test that fails leaves it behind: it must not keep the others from ending.
		[this.child, this.child.stdin, this.child.stdout, this.child.stderr].forEach((part) => part.unref());
		this.exited = new Promise((done) => { this.child.on('close', done); });
		register(() => this.child.kill('SIGKILL'));
	}

	#take([verb, ...words]) {
		if (verb === 'started')
			this.pid = Number(words[0]);
		if (verb === 'pong')
			this.#pongs.shift()?.();
		if (verb === 'gone') {
			this.gone = true;
			for (const done of this.#waiting.values())
				done(null);
		}
		if (verb !== 'sent')
			return;
		const [number, result, status, retryAfter, took, text, answer] = words;
		this.#waiting.get(number)?.({ result: RESULTS[result], status: Number(status), retryAfter: Number(retryAfter), took: Number(took), text: unhex(text).toString(), answer: unhex(answer) });
		this.#waiting.delete(number);
	}

	say(line) {
		this.child.stdin.write(`${line}\n`);
	}

	// What is waited for keeps the test alive; the process alone does not.
	#wait(begin) {
		this.#waits++;
		this.child.stdout.ref();
		return new Promise(begin).finally(() => {
			if (--this.#waits === 0)
				this.child.stdout.unref();
		});
	}

	// It answers from its loop: whatever is under way does not hold it up.
	ping() {
		return this.#wait((done) => {
			this.#pongs.push(done);
			this.say('ping');
		});
	}

	// How it went; null when the notifier has gone. `sent.number` names it for cancel().
	send(way, members, { method = 'POST', timeout = 10000, allowLocal = true } = {}) {
		const number = String(++this.#number);
		const words = Object.entries(members).map(([name, value]) => `${name}=${hex(value)}`);
		const sent = this.#wait((done) => {
			this.#waiting.set(number, done);
			this.say(`send ${number} ${WAYS[way]} ${METHODS.indexOf(method)} ${timeout} ${allowLocal ? 1 : 0} ${words.join(' ')}`);
		});
		sent.number = number;
		return sent;
	}

	http(url, { body = '{}', headers = '', ...options } = {}) {
		return this.send('http', { url, body, headers }, options);
	}

	command(command, { args = [], body = '{}', ...options } = {}) {
		return this.send('command', { command, arguments: args.map((arg) => `${arg}\0`).join(''), body }, options);
	}

	mail(relay, { from = 'postroom@mx.example', to = ['ops@dest.example'], body = 'Subject: x\r\n\r\n.\r\ny\r\n', user = '', password = '', ...options } = {}) {
		return this.send('mail', { relay, from, to: to.map((address) => `${address}\n`).join(''), body, user, password }, options);
	}

	// Its promise is then never fulfilled.
	cancel(number) {
		this.#waiting.delete(number);
		this.#waits--;
		this.say(`cancel ${number}`);
	}

	async stop() {
		[this.child, this.child.stdout, this.child.stderr].forEach((part) => part.ref());
		this.child.stdin.end();
		return this.exited;
	}
}
