// A small SMTP client: one connection, one reply at a time.
import { connect } from 'node:net';

// A server that says nothing for this long is not going to.
const SILENCE_MS = 10000;

export class SmtpClient {
	static async connect(port, { host = '127.0.0.1', helo = 'client.example' } = {}) {
		const client = new SmtpClient(connect(port, host));
		await client.#reply();
		await client.command(`EHLO ${helo}`);
		return client;
	}

	#socket;
	#partial = '';
	#lines = [];
	#replies = [];
	#waiting = [];
	#ended = null;

	constructor(socket) {
		this.#socket = socket;
		socket.setNoDelay(true);
		socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error('SMTP server is silent')));
		socket.on('data', (data) => this.#feed(data.toString('utf8')));
		socket.on('error', (error) => this.#end(error));
		socket.on('close', () => this.#end(new Error('SMTP connection closed')));
	}

	#feed(text) {
		const lines = (this.#partial + text).split('\r\n');
		this.#partial = lines.pop();
		for (const line of lines) {
			this.#lines.push(line);
			if (/^\d{3}( |$)/.test(line)) {
				this.#replies.push(this.#lines.join('\n'));
				this.#lines = [];
			}
		}
		while (this.#replies.length && this.#waiting.length)
			this.#waiting.shift().resolve(this.#replies.shift());
	}

	#end(error) {
		this.#ended ??= error;
		for (const waiter of this.#waiting.splice(0))
			waiter.reject(this.#ended);
	}

	#reply() {
		if (this.#replies.length)
			return Promise.resolve(this.#replies.shift());
		if (this.#ended)
			return Promise.reject(this.#ended);
		return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
	}

	// Sends one line and gives the reply; one that begins with 4 or 5 is thrown.
	async command(line) {
		this.#socket.write(`${line}\r\n`);
		const reply = await this.#reply();
		if (!/^[23]/.test(reply))
			throw new Error(`SMTP: ${line}: ${reply}`);
		return reply;
	}

	// Sends one message and gives its queue ID. `xclient` sets what Postfix takes for the origin, for
	// example {NAME: 'web1.shop.example', ADDR: '192.0.2.10', LOGIN: 'news', HELO: 'web1'}. `dsn`: what MAIL and each
	// RCPT say besides, {mail: 'RET=HDRS ENVID=1', rcpt: 'NOTIFY=SUCCESS'}.
	async send({ from, to, message, xclient, utf8 = false, dsn = {} }) {
		if (xclient) {
			const words = Object.entries(xclient).map(([key, value]) => `${key}=${value}`);
			await this.command(`XCLIENT ${words.join(' ')}`);
			await this.command(`EHLO ${xclient.HELO ?? 'client.example'}`);
		}
		await this.command(`MAIL FROM:<${from}>${utf8 ? ' SMTPUTF8' : ''}${dsn.mail ? ` ${dsn.mail}` : ''}`);
		for (const recipient of [].concat(to))
			await this.command(`RCPT TO:<${recipient}>${dsn.rcpt ? ` ${dsn.rcpt}` : ''}`);
		await this.command('DATA');
		const body = Buffer.isBuffer(message) ? message.toString('latin1') : Buffer.from(message).toString('latin1');
		const stuffed = body.replace(/\r?\n/g, '\r\n').replace(/^\./gm, '..');
		this.#socket.write(Buffer.from(stuffed.endsWith('\r\n') ? stuffed : `${stuffed}\r\n`, 'latin1'));
		const reply = await this.command('.');
		const queued = /queued as (\S+)/.exec(reply);
		if (!queued)
			throw new Error(`SMTP: no queue ID in: ${reply}`);
		return queued[1];
	}

	close() {
		this.#socket.end('QUIT\r\n');
		this.#socket.unref();
	}
}

// A plain message, for tests that do not care.
export function plainMessage({ from = 'sender@shop.example', to = 'someone@mail.example', subject = 'A test', body = 'Hello.', headers = [] } = {}) {
	return [`From: <${from}>`, `To: ${[].concat(to).map((address) => `<${address}>`).join(', ')}`, `Subject: ${subject}`,
		`Date: ${new Date().toUTCString()}`, `Message-ID: <${Math.random().toString(36).slice(2)}@shop.example>`, ...headers, '', body, ''].join('\r\n');
}
