// Unauthenticated traffic of one kind, as fast as it goes, until it is told to end: then it prints how much that was.
//     node attack_traffic.mjs KIND HOST PORT
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';

const [kind, host, port] = process.argv.slice(2);
let done = 0;
let ending = false;

const head = (line, more = '', body = '') => `${line} HTTP/1.1\r\nHost: localhost\r\n${more}${body ? `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` : ''}\r\n${body}`;
const login = () => head('POST /api/v1/login', '', JSON.stringify({ name: `name${Math.floor(Math.random() * 5000)}`, password: 'wrong password' }));
// Loopback has 2^24 addresses: sign-ins come from many.
const somewhere = () => `127.${1 + Math.floor(Math.random() * 200)}.${Math.floor(Math.random() * 250)}.${1 + Math.floor(Math.random() * 250)}`;

// One request after the other on connections that stay open.
function ask(make) {
	if (ending)
		return;
	const socket = connect({ host, port: Number(port) });
	const next = () => { if (!ending) socket.write(make()); };
	socket.on('connect', next).on('error', () => {}).on('close', () => setTimeout(ask, 1, make));
	socket.on('data', () => { done++; next(); });
}

// Connections that are given up once the answer, or the end, has come.
function visit(bytes, from) {
	if (ending)
		return;
	const socket = connect({ host, port: Number(port), localAddress: from?.() });
	const end = () => socket.destroy();
	socket.on('connect', () => socket.write(bytes())).on('data', end).on('end', end).on('error', () => {});
	socket.on('close', () => { done++; setImmediate(visit, bytes, from); });
}

// Opens and never ends a request; when one was closed, another takes its place.
function hold(bytes) {
	if (ending)
		return;
	const socket = connect({ host, port: Number(port) }, () => socket.write(bytes));
	socket.on('error', () => {}).on('close', () => { done++; setTimeout(hold, 20, bytes); }).resume();
}

const HALF_LOGIN = `POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 8000\r\nX-Long: ${'x'.repeat(30000)}\r\n\r\n${' '.repeat(7999)}`;
const times = (n, start) => Array.from({ length: n }, start);
const kinds = {
	'refused POSTs': () => times(64, () => ask(() => head('POST /api/v1/jobs', '', '{"action":"delete","ids":[]}'))),
	'HEAD of the events': () => times(64, () => ask(() => head('HEAD /api/v1/events'))),
	'bad tokens': () => times(64, () => ask(() => head('GET /api/v1/messages', `Authorization: Bearer postroom_${randomBytes(24).toString('base64url')}\r\n`))),
	'bad sign-ins': () => times(64, () => visit(login, somewhere)),
	garbage: () => times(64, () => visit(() => randomBytes(512))),
	'half-open sign-ins': () => times(2000, (_, i) => setTimeout(hold, i, HALF_LOGIN)),
	'page that nobody reads': () => times(300, () => hold(head('GET /').repeat(50))),
};
kinds[kind]();
process.on('SIGTERM', () => {
	ending = true;
	console.log(done);
	process.exit();
});
