// A mail server of somebody else, which behaves as a test says; with TLS where it is given a key and a certificate.
//
//   const host = await MailHost.start('127.9.0.1', { ehlo: ['mx.test', 'STARTTLS'], tls: { key, cert } });
//   host.commands: ['EHLO mail.test', 'STARTTLS', 'EHLO mail.test', 'QUIT']
//
// greeting, starttls: a reply, or a function of the socket (which says what it likes). ehlo: lines, or a reply.
import { createServer } from 'node:net';
import { TLSSocket, createSecureContext } from 'node:tls';
import { register } from './cleanup.mjs';

const replyOf = (lines, code = 250) => lines.map((line, i) => `${code}${i < lines.length - 1 ? '-' : ' '}${line}\r\n`).join('');

export class MailHost {
	static async start(address, behaviour = {}, port = 25) {
		const host = new MailHost(behaviour);
		await new Promise((resolve, reject) => host.#server.once('error', reject).listen(port, address, resolve));
		host.port = host.#server.address().port;
		return host;
	}

	// Every line that was said to it.
	commands = [];
	connections = 0;
	#server;
	#sockets = new Set();

	constructor(behaviour) {
		this.behaviour = { greeting: '220 mx.test ESMTP', ehlo: ['mx.test', 'PIPELINING', 'SIZE 1000'], starttls: '220 2.0.0 Ready', ...behaviour };
		this.#server = createServer((socket) => {
			this.connections++;
			this.#sockets.add(socket);
			socket.on('close', () => this.#sockets.delete(socket));
			this.#serve(socket, true);
		});
		this.#server.unref();
		register(() => this.stop());
	}

	stop() {
		this.#server.close();
		for (const socket of this.#sockets)
			socket.destroy();
	}

	#say(socket, what) {
		if (typeof what === 'function')
			what(socket);
		else if (what !== null)
			socket.write(Array.isArray(what) ? replyOf(what) : `${what}\r\n`);
	}

	#serve(socket, greets) {
		let rest = '';
		const onData = (data) => {
			const lines = (rest + data.toString('latin1')).split('\r\n');
			rest = lines.pop();
			for (const line of lines)
				this.#command(socket, line, onData);
		};
		socket.unref?.();
		socket.on('error', () => socket.destroy());
		socket.on('data', onData);
		if (greets)
			this.#say(socket, this.behaviour.greeting);
	}

	#command(socket, line, onData) {
		this.commands.push(line);
		if (line.startsWith('EHLO'))
			this.#say(socket, socket.encrypted ? this.behaviour.ehloTls ?? this.behaviour.ehlo : this.behaviour.ehlo);
		else if (line === 'STARTTLS')
			this.#startTls(socket, onData);
		else if (line === 'QUIT')
			socket.end('221 2.0.0 Bye\r\n');
		else
			socket.write('502 5.5.2 What?\r\n');
	}

	#startTls(socket, onData) {
		this.#say(socket, this.behaviour.starttls);
		if (!this.behaviour.tls)
			return;
		socket.removeListener('data', onData);
		const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(this.behaviour.tls) });
		this.#serve(secure, false);
	}
}
