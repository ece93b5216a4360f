// The rest of the world: an SMTP server on loopback whose replies a test writes. Each hook gets the
// command's argument and the session and returns a reply, or a promise of one (a slow server), or
// 'close' (hangs up), or 'silent' (never answers).
//
//   const sink = await Sink.start({ rcpt: (to) => to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null });
//
// A hook that returns null accepts. Hooks may be replaced at any time: sink.hooks.rcpt = ...
import { createServer } from 'node:net';
import { register } from './cleanup.mjs';

const address = (argument) => /<(.*)>/.exec(argument)?.[1] ?? '';

export class Sink {
	// `host`, `port`: where it listens; a free port of 127.0.0.1 unless named.
	static async start(hooks = {}, { host = '127.0.0.1', port = 0 } = {}) {
		const sink = new Sink(hooks);
		await new Promise((resolve, reject) => sink.#server.once('error', reject).listen(port, host, resolve));
		sink.port = sink.#server.address().port;
		return sink;
	}

	// What was accepted: {from, to: [], data, session}.
	messages = [];
	// Every recipient that was asked for, in order, accepted or not.
	asked = [];
	hooks;
	#server;
	#sockets = new Set();

	constructor(hooks) {
		this.hooks = hooks;
		this.#server = createServer((socket) => this.#serve(socket));
		this.#server.unref();
		register(() => this.stop());
	}

	stop() {
		this.#server.close();
		for (const socket of this.#sockets)
			socket.destroy();
	}

	// Ends every connection, as a next hop does that goes down; new ones are served.
	hangUp() {
		for (const socket of this.#sockets)
			socket.destroy();
	}

	#serve(socket) {
		const session = { socket, from: null, to: [], data: null };
		let buffer = '';
		let busy = Promise.resolve();
		this.#sockets.add(socket);
		socket.unref();
		socket.on('close', () => this.#sockets.delete(socket));
		socket.on('error', () => socket.destroy());
		const answer = async (hook, argument, fallback) => {
			const reply = (await this.hooks[hook]?.(argument, session)) ?? fallback;
			if (reply === 'close')
				socket.destroy();
			else if (reply !== 'silent' && !socket.destroyed)
				socket.write(`${reply.replace(/\n/g, '\r\n')}\r\n`);
			return /^[23]/.test(reply);
		};
		busy = busy.then(() => answer('greeting', '', '220 sink.example ESMTP'));
		socket.on('data', (data) => {
			buffer += data.toString('latin1');
			for (;;) {
				const end = session.data === null ? buffer.indexOf('\r\n') : buffer.indexOf('\r\n.\r\n');
				if (end < 0)
					return;
				const text = buffer.slice(0, end);
				const wasData = session.data !== null;
				buffer = buffer.slice(end + (wasData ? 5 : 2));
				if (wasData)
					session.data = null;
				else if (/^DATA/i.test(text))
					session.data = '';
				busy = busy.then(() => (wasData ? this.#finish(session, text, answer) : this.#command(session, text, answer)));
			}
		});
	}

	async #command(session, line, answer) {
		const [, verb, argument] = /^(\S+)\s*(.*)$/.exec(line) ?? [null, '', ''];
		switch (verb.toUpperCase()) {
		case 'EHLO':
			return answer('ehlo', argument, '250-sink.example\n250-8BITMIME\n250-DSN\n250-ENHANCEDSTATUSCODES\n250 SMTPUTF8');
		case 'HELO':
			return answer('ehlo', argument, '250 sink.example');
		case 'MAIL':
			session.from = address(argument);
			session.to = [];
			return answer('mail', session.from, '250 2.1.0 Ok');
		case 'RCPT':
			this.asked.push(address(argument));
			if (await answer('rcpt', address(argument), '250 2.1.5 Ok'))
				session.to.push(address(argument));
			return null;
		case 'DATA':
			// The client waits for 354 before it sends; a refusal goes back to commands.
			if (!(await answer('data', '', '354 Go on')))
				session.data = null;
			return null;
		case 'RSET':
			return answer('rset', '', '250 2.0.0 Ok');
		case 'NOOP':
			return answer('noop', '', '250 2.0.0 Ok');
		case 'QUIT':
			await answer('quit', '', '221 2.0.0 Bye');
			return session.socket.end();
		default:
			return answer('unknown', line, '502 5.5.2 What?');
		}
	}

	async #finish(session, data, answer) {
		if (await answer('end', data, '250 2.0.0 Ok: queued as SINK'))
			this.messages.push({ from: session.from, to: [...session.to], data });
	}
}
