// A name server on loopback whose zones a test writes, and which lies, fails and keeps silent as the world's do.
//
//   const dns = await Dns.start({
//     'shop.test': { MX: [[10, 'mx.shop.test']] },
//     'mx.shop.test': { A: ['127.1.2.3'], signed: true },
//     '3.2.1.127.in-addr.arpa': { PTR: ['mx.shop.test'] },
//     'broken.test': { fail: 'servfail' },      // refused, silent, garbage, other_question, other_name
//     'large.test': { MX: [...], tcp: true },   // too large for UDP, which says so
//   });
//   dns.asked: ['shop.test MX', 'large.test MX by TCP', ...]
//
// A name that is not there does not exist (NXDOMAIN); one without such records has no data. `*.zone` is any name below.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { register } from './cleanup.mjs';

const TYPES = { A: 1, CNAME: 5, PTR: 12, MX: 15, TXT: 16, AAAA: 28, TLSA: 52 };
const CODES = { servfail: 2, nxdomain: 3, refused: 5 };

const u16 = (...numbers) => Buffer.concat(numbers.map((n) => Buffer.from([n >> 8, n & 255])));

const encodeName = (name) => Buffer.concat([...name.split('.').filter(Boolean).map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);

function readName(packet, at) {
	const labels = [];
	for (; packet[at] !== 0; at += packet[at] + 1)
		labels.push(packet.toString('latin1', at + 1, at + 1 + packet[at]));
	return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function v6Bytes(text) {
	const [left, right] = text.split('::').map((part) => part.split(':').filter(Boolean));
	const groups = right ? [...left, ...new Array(8 - left.length - right.length).fill('0'), ...right] : left;
	return u16(...groups.map((group) => parseInt(group, 16)));
}

const DATA = {
	A: (text) => Buffer.from(text.split('.').map(Number)),
	AAAA: v6Bytes,
	CNAME: encodeName,
	PTR: encodeName,
	MX: ([preference, name]) => Buffer.concat([u16(preference), encodeName(name)]),
	TXT: (text) => Buffer.from([text.length, ...Buffer.from(text)]),
	TLSA: ([usage, selector, matching, hex]) => Buffer.concat([Buffer.from([usage, selector, matching]), Buffer.from(hex, 'hex')]),
};

// What is said to a connection: each question and each answer with its length before it.
function serveTcp(socket, answer) {
	let rest = Buffer.alloc(0);
	socket.on('error', () => socket.destroy());
	socket.on('data', (data) => {
		rest = Buffer.concat([rest, data]);
		while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
			const length = rest.readUInt16BE(0);
			const reply = answer(rest.subarray(2, 2 + length));
			rest = rest.subarray(2 + length);
			if (reply)
				socket.write(Buffer.concat([u16(reply.length), reply]));
		}
	});
	socket.unref();
}

const record = (name, type, value) => {
	const data = DATA[type](value);
	return Buffer.concat([encodeName(name), u16(TYPES[type], 1, 0, 60, data.length), data]);
};

export class Dns {
	// UDP and TCP have the same port.
	static async start(zones = {}, host = '127.0.0.1') {
		for (;;) {
			const dns = new Dns(zones, host.includes(':') ? 'udp6' : 'udp4');
			await new Promise((resolve, reject) => dns.#tcp.once('error', reject).listen(0, host, resolve));
			const { port } = dns.#tcp.address();
			const free = await new Promise((resolve, reject) => dns.#socket.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error))).bind(port, host, () => resolve(true)));
			dns.server = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
			if (free)
				return dns;
			dns.#stop();
		}
	}

	// Every question, in order.
	asked = [];
	#socket;
	#tcp;
	#stop;

	constructor(zones, type) {
		this.zones = zones;
		this.#socket = createSocket(type);
		this.#socket.on('message', (packet, peer) => {
			const answer = this.#answer(packet, false);
			if (answer)
				this.#socket.send(answer, peer.port, peer.address);
		});
		this.#socket.unref();
		this.#tcp = createServer((socket) => serveTcp(socket, (packet) => this.#answer(packet, true)));
		this.#tcp.unref();
		this.#stop = register(() => {
			this.#socket.close();
			this.#tcp.close();
		});
	}

	#find(name) {
		return this.zones[name] ?? this.zones[`*.${name.split('.').slice(1).join('.')}`];
	}

	#answer(packet, byTcp) {
		const { name, end } = readName(packet, 12);
		const number = packet.readUInt16BE(end);
		const type = Object.keys(TYPES).find((key) => TYPES[key] === number);
		const question = packet.subarray(12, end + 4);
		const found = this.#find(name);
		this.asked.push(`${name} ${type}${byTcp ? ' by TCP' : ''}`);
		if (found?.fail === 'silent')
			return null;
		if (found?.fail === 'garbage')
			return Buffer.concat([packet.subarray(0, 2), Buffer.from('nothing that anybody could read')]);
		// What does not fit is cut, and the answer says so.
		if (found?.tcp && !byTcp)
			return Buffer.concat([packet.subarray(0, 2), u16(0x8380, 1, 0, 0, 0), question]);
		const reply = (code, asked, records, signed) => Buffer.concat([packet.subarray(0, 2), u16(0x8180 | (signed ? 0x20 : 0) | code, 1, records.length, 0, 0), asked, ...records]);
		if (found?.fail === 'other_question')
			return reply(0, Buffer.concat([encodeName('other.test'), question.subarray(question.length - 4)]), []);
		if (found?.fail === 'other_name')
			return reply(0, question, [record('other.test', 'A', '127.0.0.1'), record('other.test', 'MX', [1, 'localhost'])]);
		if (found?.fail || !found)
			return reply(CODES[found?.fail ?? 'nxdomain'], question, []);
		return reply(0, question, this.#records(name, type, found), found.signed);
	}

	// With the aliases on the way, as a resolver gives them.
	#records(name, type, found) {
		if (found.CNAME && type !== 'CNAME') {
			const target = found.CNAME;
			return [record(name, 'CNAME', target), ...this.#records(target, type, this.#find(target) ?? {})];
		}
		return (found[type] ?? []).map((value) => record(name, type, value));
	}
}
