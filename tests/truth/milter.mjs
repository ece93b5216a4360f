// A small milter (protocol version 6 of Sendmail's libmilter, as Postfix speaks it): a message says in its X-Milter header
// what is to be done with it.
//
//   X-Milter: quarantine suspicious          on hold
//   X-Milter: addrcpt more@mail.example      one recipient more
//   X-Milter: delrcpt less@mail.example      one less
//   X-Milter: from new@shop.example          another envelope sender
//   X-Milter: subject Other words            another Subject
//   X-Milter: body 3000                      another body, of so many bytes
import { createServer } from 'node:net';
import { register } from '../harness/index.mjs';

// All modifications that are asked for below (SMFIF_*): add and change headers, body, recipients, quarantine, sender.
const ACTIONS = 0x7f;
// Steps that are not wanted (SMFIP_NO*): connect, helo, mail, rcpt, body, end of headers, unknown, data.
const SKIPPED = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x40 | 0x100 | 0x200;

const packet = (command, ...parts) => {
	const data = Buffer.concat([Buffer.from(command), ...parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(`${part}\0`)))]);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	return Buffer.concat([length, data]);
};

const CHANGES = {
	quarantine: (text) => packet('q', text),
	addrcpt: (text) => packet('+', `<${text}>`),
	delrcpt: (text) => packet('-', `<${text}>`),
	from: (text) => packet('e', `<${text}>`),
	subject: (text) => packet('m', Buffer.from([0, 0, 0, 1]), 'Subject', text),
	body: (text) => packet('b', Buffer.from(`${'x'.repeat(70)}\r\n`.repeat(Math.ceil(Number(text) / 72)))),
};

function negotiate(socket, data) {
	const answer = Buffer.alloc(12);
	answer.writeUInt32BE(Math.min(6, data.readUInt32BE(0)), 0);
	answer.writeUInt32BE(ACTIONS & data.readUInt32BE(4), 4);
	answer.writeUInt32BE(SKIPPED & data.readUInt32BE(8), 8);
	socket.write(packet('O', answer));
}

function serve(socket) {
	let buffer = Buffer.alloc(0);
	let wanted = [];
	const handlers = {
		O: (data) => negotiate(socket, data),
		L: (data) => {
			const [name, value] = data.toString('latin1').split('\0');
			if (/^x-milter$/i.test(name))
				wanted.push(value.trim());
			socket.write(packet('c'));
		},
		E: () => {
			for (const one of wanted) {
				const [, verb, rest] = /^(\S+) (.*)$/.exec(one);
				socket.write(CHANGES[verb](rest));
			}
			wanted = [];
			socket.write(packet('c'));
		},
		A: () => { wanted = []; },
		K: () => { wanted = []; },
		D: () => {},
		Q: () => socket.end(),
	};
	socket.on('error', () => socket.destroy());
	socket.on('data', (data) => {
		buffer = Buffer.concat([buffer, data]);
		while (buffer.length >= 5 && buffer.length >= 4 + buffer.readUInt32BE(0)) {
			const length = buffer.readUInt32BE(0);
			const command = String.fromCharCode(buffer[4]);
			const rest = buffer.subarray(5, 4 + length);
			buffer = buffer.subarray(4 + length);
			(handlers[command] ?? (() => socket.write(packet('c'))))(rest);
		}
	});
	socket.unref();
}

// Gives its port.
export async function startMilter() {
	const sockets = new Set();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		serve(socket);
	});
	await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
	server.unref();
	register(() => {
		server.close();
		sockets.forEach((socket) => socket.destroy());
	});
	return server.address().port;
}
