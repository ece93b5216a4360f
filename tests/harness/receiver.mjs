// A receiver of alerts on loopback: keeps each request that it got, and answers as a test says.
//
//   const receiver = await Receiver.start();
//   receiver.answer = (request) => ({ status: 429, headers: { 'Retry-After': '1' }, body: 'later' });
//   receiver.requests   [{ method, url, headers, body, at }]
import { createServer } from 'node:http';
import { register } from './cleanup.mjs';

export class Receiver {
	static async start({ port = 0 } = {}) {
		const receiver = new Receiver();
		await new Promise((resolve, reject) => receiver.#server.once('error', reject).listen(port, '127.0.0.1', resolve));
		receiver.port = receiver.#server.address().port;
		receiver.url = `http://127.0.0.1:${receiver.port}`;
		return receiver;
	}

	requests = [];
	// What it answers; null and nothing: 200.
	answer = () => null;
	#server;

	constructor() {
		this.#server = createServer((request, reply) => {
			const chunks = [];
			request.on('data', (chunk) => chunks.push(chunk));
			request.on('error', () => {});
			request.on('end', () => {
				const got = { method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString('utf8'), at: Date.now() };
				this.requests.push(got);
				const { status = 200, headers = {}, body = 'ok' } = this.answer(got) ?? {};
				reply.writeHead(status, headers);
				reply.end(body);
			});
		});
		this.#server.unref();
		register(() => this.stop());
	}

	// Those to one path.
	at(url) {
		return this.requests.filter((request) => request.url === url);
	}

	stop() {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}
