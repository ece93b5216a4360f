// The notifier alone, in its own sandbox: what it sends arrives, and whatever a receiver does is said in words, costs nothing and holds up
// nothing else. The receivers are written here and behave as the world does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TLSSocket, createServer as createTlsServer } from 'node:tls';
import { Notifier, Sink, USERS, freePort, register, temporaryDirectory, until } from '../harness/index.mjs';

let notifier;
before(async () => {
	notifier = await Notifier.start();
});
after(() => notifier.stop());

// A receiver that is what `serve(socket, text so far)` makes of it; called again as more comes. {url, port, requests}.
async function receiver(serve, server = createServer()) {
	const sockets = new Set();
	const requests = [];
	server.on(server.setSecureContext ? 'secureConnection' : 'connection', (socket) => {
		let text = '';
		sockets.add(socket);
		socket.unref();
		socket.on('error', () => socket.destroy());
		socket.on('close', () => sockets.delete(socket));
		socket.on('data', (data) => {
			text += data.toString('latin1');
			const [head, body = ''] = text.split('\r\n\r\n');
			const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
			if (!text.includes('\r\n\r\n') || body.length < length)
				return;
			requests.push({ head, body, text });
			text = '';
			serve(socket, requests.at(-1));
		});
	});
	server.unref();
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	register(() => {
		server.close();
		sockets.forEach((socket) => socket.destroy());
	});
	const { port } = server.address();
	return { port, url: `http://127.0.0.1:${port}/hook`, requests, open: () => sockets.size };
}

const says = (status, more = '', body = 'ok') => (socket) => socket.end(`HTTP/1.1 ${status}\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`);

test('a webhook gets what is sent, as it is, and its answer is told', async () => {
	const there = await receiver(says('200 OK', 'X: y\r\n', 'thanks'));
	const body = JSON.stringify({ text: 'ü'.repeat(500) });
	const sent = await notifier.http(`${there.url}?a=b`, { body, headers: 'Authorization: Bearer x\nX-Name: ü\n' });
	assert.deepEqual({ ...sent, answer: sent.answer.toString(), took: 0 }, { result: 'done', status: 200, retryAfter: 0, took: 0, text: 'It answered 200.', answer: 'thanks' });
	const [{ head, body: got }] = there.requests;
	assert.match(head, /^POST \/hook\?a=b HTTP\/1\.1\r\n/);
	assert.match(head, /\r\nAuthorization: Bearer x(\r\n|$)/);
	assert.match(head, /\r\nUser-Agent: postroom\//);
	assert.match(head, /\r\nContent-Type: application\/json(\r\n|$)/);
	assert.doesNotMatch(head, /expect/i);
	assert.equal(Buffer.from(got, 'latin1').toString(), body);
	const named = await notifier.http(there.url, { body: 'plain', headers: 'Content-Type: text/plain\n' });
	assert.equal(named.result, 'done');
	assert.match(there.requests[1].head, /\r\nContent-Type: text\/plain/);
	assert.doesNotMatch(there.requests[1].head, /application\/json/);
});

test('a PUT is one, and a GET has no body', async () => {
	const there = await receiver(says('200 OK'));
	assert.equal((await notifier.http(there.url, { method: 'PUT', body: '{"a":1}' })).result, 'done');
	assert.equal((await notifier.http(there.url, { method: 'GET', body: '' })).result, 'done');
	assert.match(there.requests[0].head, /^PUT \/hook HTTP\/1\.1\r\n/);
	assert.equal(there.requests[0].body, '{"a":1}');
	assert.match(there.requests[1].head, /^GET \/hook HTTP\/1\.1\r\n/);
	assert.doesNotMatch(there.requests[1].head, /content-/i);
	assert.equal((await notifier.http(there.url, { method: 'GET', body: 'x' })).result, 'refused');
});

test('what a status means', async () => {
	const rows = [
		['200 OK', 'done'], ['204 No Content', 'done'], ['202 Accepted', 'done'],
		['400 Bad Request', 'refused'], ['401 Unauthorized', 'refused'], ['404 Not Found', 'refused'], ['410 Gone', 'refused'],
		['408 Request Timeout', 'try again'], ['425 Too Early', 'try again'], ['429 Too Many Requests', 'try again'], ['500 Internal Server Error', 'try again'], ['503 Service Unavailable', 'try again'],
	];
	for (const [status, result] of rows) {
		const there = await receiver(says(status));
		const sent = await notifier.http(there.url);
		assert.deepEqual([sent.result, sent.status, sent.text], [result, Number(status.slice(0, 3)), `It answered ${status.slice(0, 3)}.`]);
	}
});

test('Retry-After in seconds, as a date, and beyond reason', async () => {
	const after = async (value) => notifier.http((await receiver(says('429 Too Many Requests', `Retry-After: ${value}\r\n`))).url);
	const seconds = await after('30');
	assert.deepEqual([seconds.result, seconds.retryAfter], ['try again', 30]);
	assert.equal(seconds.text, 'It answered 429: not now, but again after 30 s.');
	const date = await after(new Date(Date.now() + 120000).toUTCString());
	assert.ok(date.retryAfter > 60 && date.retryAfter <= 120, String(date.retryAfter));
	assert.equal((await after('99999999999')).retryAfter, 86400);
	for (const none of ['soon', '-5', new Date(Date.now() - 5000).toUTCString()])
		assert.equal((await after(none)).retryAfter, 0, none);
});

test('a redirect is not followed, and said', async () => {
	const target = await receiver(says('200 OK'));
	for (const status of ['301 Moved', '302 Found', '303 See Other', '307 Temporary Redirect', '308 Permanent Redirect']) {
		const there = await receiver(says(status, `Location: ${target.url}\r\n`));
		const sent = await notifier.http(there.url);
		assert.deepEqual([sent.result, sent.status], ['refused', Number(status.slice(0, 3))]);
		assert.ok(sent.text.includes(target.url), sent.text);
	}
	assert.deepEqual(target.requests, []);
});

test('10 GB of answer, a header without end and an answer without end cost nothing', async () => {
	const memory = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${notifier.pid}/status`, 'utf8'))[1]);
	const before = memory();
	const block = Buffer.alloc(65536, 'x');
	let written = 0;
	const flood = (head, more = block) => (socket) => {
		socket.write(head);
		const go = () => {
			while (!socket.destroyed && socket.write(more))
				written += more.length;
			socket.once('drain', go);
		};
		go();
	};
	const huge = await notifier.http((await receiver(flood('HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n'))).url);
	assert.deepEqual([huge.result, huge.status, huge.answer.length], ['done', 200, 4096]);
	const refused = await notifier.http((await receiver(flood('HTTP/1.1 403 No\r\n\r\n'))).url);
	assert.deepEqual([refused.result, refused.status, refused.answer.length], ['refused', 403, 4096]);
	// One line without end, and lines without end: the status has been said before.
	const lines = Buffer.from('X-Name: value\r\n'.repeat(4096));
	for (const more of [block, lines])
		for (const [status, result] of [['200 OK', 'done'], ['500 No', 'try again']]) {
			const sent = await notifier.http((await receiver(flood(`HTTP/1.1 ${status}\r\nX: `, more))).url);
			assert.deepEqual([sent.result, sent.answer.length], [result, 0], sent.text);
		}
	assert.ok(written < 64 << 20, `${written} bytes were taken`);
	assert.ok(memory() - before < 8192, `${memory() - before} kB more`);
	// It has said 200: that it then says nothing more changes nothing.
	const silent = await notifier.http((await receiver((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'))).url, { timeout: 2000 });
	assert.deepEqual([silent.result, silent.status, silent.answer.toString()], ['done', 200, 'abc']);
});

test('a receiver that hangs, closes early, speaks no HTTP or is not there', async () => {
	const hangs = await receiver(() => {});
	const late = await notifier.http(hangs.url, { timeout: 300 });
	assert.deepEqual([late.result, late.status], ['try again', 0]);
	assert.match(late.text, /did not answer in time/);
	await until('the connection to be given up', () => hangs.open() === 0);
	for (const serve of [(socket) => socket.destroy(), (socket) => socket.end(), (socket) => socket.end('HTTP/1.'), (socket) => socket.end('220 smtp.example ESMTP\r\n'), (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n')]) {
		const sent = await notifier.http((await receiver(serve)).url);
		assert.deepEqual([sent.result, sent.status], ['try again', 0], sent.text);
		assert.match(sent.text, /^It could not be sent \(/);
	}
	const nobody = await notifier.http(`http://127.0.0.1:${await freePort()}/`);
	assert.equal(nobody.result, 'try again');
	const unknown = await notifier.http('http://no-such-host.invalid/');
	assert.equal(unknown.result, 'try again');
	assert.match(unknown.text, /name service/);
});

test('none blocks another, and there is a bound', async () => {
	const hangs = await receiver(() => {});
	const stuck = Array.from({ length: 31 }, () => notifier.http(hangs.url, { timeout: 60000 }));
	await until('all of them to hang', () => hangs.requests.length === 31);
	const there = await receiver(says('200 OK'));
	assert.equal((await notifier.http(there.url)).result, 'done');
	const last = notifier.http(hangs.url, { timeout: 60000 });
	await until('the last one', () => hangs.requests.length === 32);
	const over = await notifier.http(there.url);
	assert.deepEqual([over.result, /too many others/.test(over.text)], ['try again', true]);
	await notifier.ping();
	// Nobody waits for them: their connections are closed, and there is room again.
	for (const sent of [...stuck, last])
		notifier.cancel(sent.number);
	await until('the connections to be closed', () => hangs.open() === 0);
	assert.equal((await notifier.http(there.url)).result, 'done');
});

test('a name service that is silent holds up nobody', async () => {
	const directory = temporaryDirectory('resolver');
	const silent = createSocket('udp4');
	const asked = [];
	silent.on('message', (message) => asked.push(message));
	// A name server has port 53, so it has an address of its own.
	const address = `127.${20 + (process.pid % 200)}.77.${1 + (process.pid % 250)}`;
	await new Promise((done, fail) => silent.once('error', fail).bind(53, address, done));
	silent.unref();
	chmodSync(directory, 0o755);
	writeFileSync(join(directory, 'resolv.conf'), `nameserver ${address}\n`);
	const under = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', join(directory, 'resolv.conf')];
	const asking = await Notifier.start({ under });
	const there = await receiver(says('200 OK'));
	const late = await asking.http('http://hook.dest.example/', { timeout: 300 });
	assert.equal(late.result, 'try again', late.text);
	// libc asks for ten seconds and more, in a thread that nobody waits for.
	assert.ok(late.took < 5000, `${late.took} ms`);
	await until('it to have been asked', () => asked.length > 0);
	await asking.ping();
	assert.equal((await asking.http(there.url)).result, 'done');
	await asking.stop();
	silent.close();
});

test('a notifier that is killed: what was under way is not known', async () => {
	const hangs = await receiver(() => {});
	const killed = await Notifier.start();
	const lost = killed.http(hangs.url, { timeout: 60000 });
	await until('it to be sent', () => hangs.requests.length === 1);
	process.kill(killed.pid, 'SIGKILL');
	assert.equal(await lost, null);
	await killed.stop();
});

test('this host and where clouds keep credentials are not connected to, after the name was resolved', async () => {
	const there = await receiver(says('200 OK'));
	const own = execFileSync('hostname', ['-I']).toString().trim().split(/\s+/).filter(Boolean).map((address) => (address.includes(':') ? `[${address}]` : address));
	for (const host of ['127.0.0.1', 'localhost', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]', '[::]', ...own]) {
		const sent = await notifier.http(`http://${host}:${there.port}/`, { allowLocal: false });
		assert.deepEqual([host, sent.result], [host, 'refused'], sent.text);
		assert.match(sent.text, /is this host itself|is link-local/);
	}
	for (const host of ['169.254.169.254', '[fd00:ec2::254]', '[fe80::1]', '[::ffff:169.254.169.254]', '224.0.0.1'])
		for (const allowLocal of [false, true]) {
			const sent = await notifier.http(`http://${host}/latest/meta-data/`, { allowLocal });
			assert.deepEqual([host, sent.result], [host, 'refused'], sent.text);
		}
	assert.deepEqual(there.requests, []);
	// A connection that was made for one who may is not used for one who may not.
	assert.equal((await notifier.http(there.url)).result, 'done');
	assert.equal((await notifier.http(there.url, { allowLocal: false })).result, 'refused');
	assert.equal(there.requests.length, 1);
});

// A key and a certificate for `name`, signed by itself or by `by`.
function certificate(directory, name, by = null) {
	const [key, cert] = [join(directory, `${name}.key`), join(directory, `${name}.pem`)];
	const signer = by ? ['-CA', by.cert, '-CAkey', by.key] : [];
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
		'-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', cert, ...signer], { stdio: 'pipe' });
	return { key, cert };
}
const tlsServer = ({ key, cert }, options = {}) => createTlsServer({ key: readFileSync(key), cert: readFileSync(cert), ...options });

test('TLS: who has no certificate that the system trusts is refused, who has one is not', async () => {
	const directory = temporaryDirectory('tls');
	chmodSync(directory, 0o755);
	const own = certificate(directory, 'localhost');
	const bad = await receiver(says('200 OK'), tlsServer(own));
	const refused = await notifier.http(`https://localhost:${bad.port}/`);
	assert.equal(refused.result, 'refused');
	assert.match(refused.text, /certificate does not prove/);
	assert.deepEqual(bad.requests, []);
	// No TLS at all behind the port.
	const plain = await receiver(says('200 OK'));
	assert.equal((await notifier.http(`https://localhost:${plain.port}/`, { timeout: 500 })).result, 'try again');
	// The same with a system that trusts that signer.
	const signer = certificate(directory, 'signer.example');
	const under = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/ssl/certs && exec "$@"', directory];
	writeFileSync(join(directory, 'ca-certificates.crt'), readFileSync(signer.cert));
	const trusting = await Notifier.start({ under });
	const good = await receiver(says('200 OK'), tlsServer(certificate(directory, 'localhost', signer)));
	const sent = await trusting.http(`https://localhost:${good.port}/`);
	assert.deepEqual([sent.result, sent.text], ['done', 'It answered 200.']);
	const other = await receiver(says('200 OK'), tlsServer(certificate(directory, 'other.example', signer)));
	const named = await trusting.http(`https://localhost:${other.port}/`);
	assert.deepEqual([named.result, other.requests.length], ['refused', 0], named.text);
	await trusting.stop();
});

test('proxies of the environment are not asked', async () => {
	const proxy = await receiver(says('200 OK'));
	const there = await receiver(says('200 OK'));
	const address = `http://127.0.0.1:${proxy.port}`;
	const other = await Notifier.start({ under: ['env', `http_proxy=${address}`, `HTTP_PROXY=${address}`, `ALL_PROXY=${address}`] });
	assert.equal((await other.http(there.url)).result, 'done');
	assert.deepEqual([proxy.requests.length, there.requests.length], [0, 1]);
	await other.stop();
});

test('what cannot be sent is refused without a connection, and frames that are none end nothing', async () => {
	const there = await receiver(says('200 OK'));
	for (const members of [{ url: 'file:///etc/passwd' }, { url: `http://a:b@127.0.0.1:${there.port}/` }, { url: there.url, headers: 'X: y\r\nHost: z\n' }, { url: '' }]) {
		const sent = await notifier.send('http', members);
		assert.deepEqual([sent.result, /does not understand/.test(sent.text)], ['refused', true]);
	}
	notifier.say('raw 01010000090000');
	notifier.say('raw 0163000009000000');
	assert.deepEqual(there.requests, []);
});

// ---- mail ----

const relayOf = (sink) => `smtp://127.0.0.1:${sink.port}`;

test('a message goes to the relay as it is, dots included, and the local queue is not a relay', async () => {
	const sink = await Sink.start();
	const body = 'From: a@b.example\r\nSubject: x\r\n\r\n.\r\n..\r\n.dot\r\nend\r\n';
	const sent = await notifier.mail(relayOf(sink), { to: ['ops@dest.example', 'night@dest.example'], body });
	assert.deepEqual([sent.result, sent.status, sent.text], ['done', 250, 'The relay took it.']);
	assert.match(sent.answer.toString(), /queued as SINK/);
	const [message] = sink.messages;
	assert.deepEqual([message.from, message.to], ['postroom@mx.example', ['ops@dest.example', 'night@dest.example']]);
	assert.equal(message.data, body.replace(/\r\n\./g, '\r\n..').slice(0, -2));
	const nullSender = await notifier.mail(relayOf(sink), { from: '' });
	assert.deepEqual([nullSender.result, sink.messages[1].from], ['done', '']);
	for (const relay of [relayOf(sink), `smtp://localhost:${sink.port}`, `smtp://[::1]:${sink.port}`, `smtps://127.0.0.1:${sink.port}`]) {
		const refused = await notifier.mail(relay, { allowLocal: false });
		assert.equal(refused.result, 'refused', refused.text);
		assert.match(refused.text, /is this host itself/);
	}
	assert.equal(sink.messages.length, 2);
	sink.stop();
});

test('its name in EHLO is that of this Postfix', async () => {
	const names = [];
	const sink = await Sink.start({ ehlo: (name) => { names.push(name); return null; } });
	const named = await Notifier.start({ facts: { myhostname: 'mx.shop.example' } });
	assert.equal((await named.mail(relayOf(sink))).result, 'done');
	assert.deepEqual(names, ['mx.shop.example']);
	await named.stop();
	sink.stop();
});

test('a relay that refuses, at each stage', async () => {
	const rows = [
		['greeting', '554 5.7.1 not you', 'refused', 554], ['greeting', '421 4.3.2 too busy', 'try again', 421],
		['mail', '550 5.7.1 not from you', 'refused', 550], ['mail', '451 4.3.0 later', 'try again', 451],
		['rcpt', '550 5.1.1 no such user', 'refused', 550], ['rcpt', '452 4.2.2 full', 'try again', 452],
		['data', '554 5.5.1 no valid recipients', 'refused', 554], ['data', '451 4.3.0 later', 'try again', 451],
		['end', '552 5.3.4 too large', 'refused', 552], ['end', '452 4.3.1 disk full', 'try again', 452],
	];
	for (const [stage, reply, result, status] of rows) {
		const sink = await Sink.start({ [stage]: () => reply });
		const sent = await notifier.mail(relayOf(sink));
		assert.deepEqual([stage, sent.result, sent.status], [stage, result, status], sent.text);
		assert.ok(sent.text.includes(reply), sent.text);
		assert.deepEqual(sink.messages, []);
		sink.stop();
	}
});

test('one recipient that is refused does not keep it from the others', async () => {
	const sink = await Sink.start({ rcpt: (to) => (to.startsWith('gone') ? '550 5.1.1 no such user' : null) });
	const sent = await notifier.mail(relayOf(sink), { to: ['gone@dest.example', 'ops@dest.example'] });
	assert.deepEqual([sent.result, sent.text], ['done', 'The relay took it, but not for everybody: 550 5.1.1 no such user']);
	assert.deepEqual(sink.messages.map((m) => m.to), [['ops@dest.example']]);
	sink.stop();
});

test('a relay that is silent, hangs up or talks without end, at each stage', async () => {
	const there = await receiver(says('200 OK'));
	for (const stage of ['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'end'])
		for (const what of ['silent', 'close']) {
			const sink = await Sink.start({ [stage]: () => what });
			const sent = await notifier.mail(relayOf(sink), { timeout: what === 'silent' ? 300 : 10000 });
			assert.deepEqual([stage, what, sent.result], [stage, what, 'try again'], sent.text);
			sink.stop();
		}
	// It has taken, or refused, and then does not answer QUIT: nobody waits for that.
	for (const hooks of [{}, { rcpt: () => '550 no' }, { mail: () => '421 later' }]) {
		const sink = await Sink.start({ ...hooks, quit: () => new Promise(() => {}) });
		const sent = await notifier.mail(relayOf(sink));
		assert.notEqual(sent.text, '');
		assert.ok(sent.took < 5000, `${sent.took} ms`);
		assert.equal((await notifier.http(there.url)).result, 'done');
		sink.stop();
	}
	for (const words of ['220-words\r\n', 'x'.repeat(1000)]) {
		const talker = createServer((socket) => {
			const go = () => {
				while (!socket.destroyed && socket.write(words.repeat(100)));
				socket.once('drain', go);
			};
			socket.on('error', () => socket.destroy());
			go();
		});
		await new Promise((done) => talker.listen(0, '127.0.0.1', done));
		const endless = notifier.mail(`smtp://127.0.0.1:${talker.address().port}`, { timeout: 2000 });
		await notifier.ping();
		assert.equal((await notifier.http(there.url)).result, 'done');
		const sent = await endless;
		assert.equal(sent.result, 'try again', sent.text);
		talker.close();
	}
});

// A sink behind TLS: from the first byte, or where STARTTLS is said.
async function tlsRelay(sink, own, { starttls = false } = {}) {
	const options = { key: readFileSync(own.key), cert: readFileSync(own.cert) };
	const joinUp = (socket, back = (inner) => inner.pipe(socket)) => {
		const inner = connect(sink.port, '127.0.0.1');
		for (const [one, other] of [[socket, inner], [inner, socket]]) {
			one.on('error', () => other.destroy());
			one.on('close', () => other.destroy());
		}
		socket.pipe(inner);
		back(inner);
	};
	const greet = (socket) => {
		socket.write('220 relay.example ESMTP\r\n');
		socket.on('error', () => socket.destroy());
		socket.on('data', (data) => {
			if (/^EHLO/.test(data))
				socket.write('250-relay.example\r\n250 STARTTLS\r\n');
			else if (/^STARTTLS/.test(data)) {
				socket.removeAllListeners('data');
				socket.write('220 go on\r\n');
				const secure = new TLSSocket(socket, { isServer: true, ...options });
				// It has greeted already.
				joinUp(secure, (inner) => inner.once('data', () => inner.pipe(secure)));
			} else
				socket.destroy();
		});
	};
	const server = starttls ? createServer(greet) : createTlsServer(options, (socket) => joinUp(socket));
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	server.unref();
	register(() => server.close());
	return server.address().port;
}

test('TLS to a relay: taken where it is offered, proved where there is a password or smtps', async () => {
	const directory = temporaryDirectory('tls');
	chmodSync(directory, 0o755);
	const signer = certificate(directory, 'signer.example');
	const own = certificate(directory, 'localhost', signer);
	const said = [];
	const auth = {
		ehlo: () => '250-sink.example\n250 AUTH PLAIN LOGIN',
		unknown: (line) => {
			said.push(line);
			if (line === 'AUTH PLAIN')
				return '334 ';
			return line === Buffer.from('\0me\0se cret').toString('base64') ? '235 2.7.0 ok' : '535 5.7.8 no';
		},
	};
	const sink = await Sink.start(auth);
	const plain = await Sink.start(auth);
	const smtps = await tlsRelay(sink, own);
	const starttls = await tlsRelay(sink, own, { starttls: true });
	const secret = { user: 'me', password: 'se cret' };
	// This system does not know the signer.
	const result = async (who, relay, options) => {
		const sent = await who.mail(relay, options);
		return [sent.result, sent.text];
	};
	assert.deepEqual(await result(notifier, `smtp://localhost:${starttls}`), ['done', 'The relay took it.']);
	for (const [relay, options] of [[`smtps://localhost:${smtps}`, {}], [`smtp://localhost:${starttls}`, secret]]) {
		const [how, text] = await result(notifier, relay, options);
		assert.deepEqual([how, /certificate does not prove/.test(text)], ['refused', true], text);
	}
	// No TLS, no password.
	assert.deepEqual(await result(notifier, `smtp://localhost:${plain.port}`, secret), ['refused', 'The relay offers no STARTTLS, and a password is not told without it.']);
	assert.deepEqual(said, []);
	assert.equal(sink.messages.length, 1);
	const under = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/ssl/certs && exec "$@"', directory];
	writeFileSync(join(directory, 'ca-certificates.crt'), readFileSync(signer.cert));
	const trusting = await Notifier.start({ under });
	for (const [relay, options] of [[`smtps://localhost:${smtps}`, {}], [`smtps://localhost:${smtps}`, secret], [`smtp://localhost:${starttls}`, secret]])
		assert.deepEqual(await result(trusting, relay, options), ['done', 'The relay took it.']);
	assert.equal(sink.messages.length, 4);
	const [how, text] = await result(trusting, `smtps://localhost:${smtps}`, { ...secret, password: 'wrong' });
	assert.deepEqual([how, text], ['refused', 'The relay refused it: 535 5.7.8 no']);
	await trusting.stop();
	sink.stop();
	plain.stop();
});

test('no recipient, sender or header can become a command or another message', async () => {
	const sink = await Sink.start();
	const bad = [{ to: ['a@b.example>\r\nRCPT TO:<c@d.example'] }, { to: ['a b@c.example'] }, { to: [''] }, { from: 'a@b.example\r\nDATA' }, { body: 'Subject: x\n\nx' },
		{ body: 'Subject: x\r\n\r\n.\n.\r\nMAIL FROM:<x@y.example>\r\n' }, { user: 'me\r\nQUIT', password: 'x' }];
	for (const members of bad) {
		const sent = await notifier.mail(relayOf(sink), members);
		assert.deepEqual([JSON.stringify(members), sent.result, /does not understand/.test(sent.text)], [JSON.stringify(members), 'refused', true]);
	}
	assert.deepEqual(sink.messages, []);
	assert.deepEqual(sink.asked, []);
	sink.stop();
});

// ---- commands ----

// A directory of root's with these programs: {name: text}. The notifier's user may read and run them.
function commandsIn(programs) {
	const directory = temporaryDirectory('commands');
	chmodSync(directory, 0o755);
	for (const [name, text] of Object.entries(programs))
		writeFileSync(join(directory, name), text, { mode: 0o755 });
	return directory;
}

const aliveOf = (uid) => readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
	try {
		return new RegExp(`^Uid:\t${uid}\t`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8')) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('a-long-time');
	} catch {
		return false; // it has ended meanwhile
	}
});

test('a command gets its arguments and standard input, and what it says and how it ends is told', async () => {
	const directory = commandsIn({
		'say.sh': '#!/bin/sh\necho "$0 $# $1|$2|$3"\ncat\necho\necho error >&2\npwd\nid -u\nenv | sort\nls /proc/self/fd | wc -l\ngrep -E "NoNewPrivs|CapEff|Groups" /proc/self/status\n',
		'status.sh': '#!/bin/sh\nexit "$1"\n',
		'signal.sh': '#!/bin/sh\nkill -TERM $$\n',
		'no-interpreter': '#!/no/such/interpreter\n',
	});
	const commanding = await Notifier.start({ set: { 'alerts.commands': directory } });
	const body = JSON.stringify({ title: 'x'.repeat(30000) });
	const sent = await commanding.command('say.sh', { args: ['one', '', 'th ree; $(id)'], body: '{"a":1}' });
	assert.deepEqual([sent.result, sent.status, sent.text], ['done', 0, 'It ended with status 0.'], sent.text);
	const said = sent.answer.toString().split('\n');
	assert.deepEqual(said.slice(0, 5), ['./say.sh 3 one||th ree; $(id)', '{"a":1}', 'error', directory, String(USERS.notify)]);
	assert.deepEqual(said.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split('=')[0]).filter((name) => !['PWD', 'OLDPWD', '_', 'SHLVL'].includes(name)).sort(), ['HOME', 'LC_ALL', 'PATH', 'TZ']);
	assert.match(sent.answer.toString(), /\n4\n/); // 0 to 2, and the listing itself
	assert.match(sent.answer.toString(), /NoNewPrivs:\t1/);
	assert.match(sent.answer.toString(), /CapEff:\t0{16}/);
	// Nobody has to read what it is given.
	assert.equal((await commanding.command('status.sh', { args: ['0'], body })).result, 'done');
	for (const [status, result] of [['1', 'refused'], ['75', 'try again'], ['2', 'refused'], ['127', 'refused']]) {
		const ended = await commanding.command('status.sh', { args: [status] });
		assert.deepEqual([ended.result, ended.status], [result, Number(status)], ended.text);
	}
	const killed = await commanding.command('signal.sh');
	assert.deepEqual([killed.result, killed.status, killed.text], ['try again', 0, 'It was ended by signal 15.']);
	const never = await commanding.command('no-interpreter');
	assert.deepEqual([never.result, never.status, never.answer.toString()], ['refused', 126, 'no-interpreter: No such file or directory\n']);
	await commanding.stop();
});

test('a command that never ends, prints without end, or leaves something behind is ended with all it has started', async () => {
	const directory = commandsIn({
		'for-ever.sh': '#!/bin/sh\nprintf begun\nsh -c "while :; do sleep 1; done # a-long-time" &\nwait\n',
		'prints.sh': '#!/bin/sh\nyes a-long-time\n',
		'much.sh': '#!/bin/sh\nhead -c 300000 /dev/zero | tr "\\0" x\n',
		'leaves.sh': '#!/bin/sh\nsh -c "while :; do sleep 1; done # a-long-time" &\necho left\n',
	});
	const commanding = await Notifier.start({ set: { 'alerts.commands': directory } });
	const late = await commanding.command('for-ever.sh', { timeout: 3000 });
	assert.deepEqual([late.result, late.status, late.text, late.answer.toString()], ['try again', 0, 'It had not ended after 3.0 s and was ended.', 'begun']);
	const endless = await commanding.command('prints.sh');
	assert.deepEqual([endless.result, endless.text, endless.answer.length], ['try again', 'It printed more than 1 MiB and was ended.', 4096]);
	const much = await commanding.command('much.sh');
	assert.deepEqual([much.result, much.answer.length], ['done', 4096]);
	const left = await commanding.command('leaves.sh');
	assert.deepEqual([left.result, left.answer.toString()], ['done', 'left\n']);
	await until('everything to have ended', () => aliveOf(USERS.notify).length === 0);
	// Cancelled, and the end of the notifier.
	const cancelled = commanding.command('for-ever.sh', { timeout: 60000 });
	await until('it to run', () => aliveOf(USERS.notify).length > 0);
	commanding.cancel(cancelled.number);
	await until('it to have ended', () => aliveOf(USERS.notify).length === 0);
	void commanding.command('for-ever.sh', { timeout: 60000 });
	await until('it to run', () => aliveOf(USERS.notify).length > 0);
	process.kill(commanding.pid, 'SIGKILL');
	await until('it to have ended', () => aliveOf(USERS.notify).length === 0);
	await commanding.stop();
});

test('none holds up another, and no more than eight run', async () => {
	const directory = commandsIn({ 'for-ever.sh': '#!/bin/sh\nexec sleep 1000 # a-long-time\n', 'true.sh': '#!/bin/sh\n' });
	const commanding = await Notifier.start({ set: { 'alerts.commands': directory } });
	const stuck = Array.from({ length: 7 }, () => commanding.command('for-ever.sh', { timeout: 60000 }));
	assert.equal((await commanding.command('true.sh')).result, 'done');
	stuck.push(commanding.command('for-ever.sh', { timeout: 60000 }));
	const over = await commanding.command('true.sh');
	assert.deepEqual([over.result, over.text], ['try again', 'It is not started now: 8 other commands are running.']);
	const there = await receiver(says('200 OK'));
	assert.equal((await commanding.http(there.url)).result, 'done');
	stuck.forEach((sent) => commanding.cancel(sent.number));
	await until('room', async () => (await commanding.command('true.sh')).result === 'done');
	await commanding.stop();
});

test('only what root has put there is run, by its file name', async () => {
	const directory = commandsIn({ 'good.sh': '#!/bin/sh\n', 'open.sh': '#!/bin/sh\n', 'group.sh': '#!/bin/sh\n', 'theirs.sh': '#!/bin/sh\n', 'plain.sh': '#!/bin/sh\n', '.hidden.sh': '#!/bin/sh\n' });
	chmodSync(join(directory, 'open.sh'), 0o757);
	chmodSync(join(directory, 'group.sh'), 0o775);
	chmodSync(join(directory, 'plain.sh'), 0o644);
	chownSync(join(directory, 'theirs.sh'), 65534, 65534);
	symlinkSync('/bin/true', join(directory, 'link.sh'));
	mkdirSync(join(directory, 'folder'));
	const commanding = await Notifier.start({ set: { 'alerts.commands': directory } });
	const refused = async (name) => {
		const sent = await commanding.command(name);
		assert.deepEqual([name, sent.result], [name, 'refused'], sent.text);
		return sent.text;
	};
	assert.equal((await commanding.command('good.sh')).result, 'done');
	for (const name of ['open.sh', 'group.sh', 'theirs.sh'])
		assert.match(await refused(name), /can be written by others than root: it is not run/);
	for (const name of ['link.sh', 'folder'])
		assert.match(await refused(name), /is no plain file/);
	assert.match(await refused('plain.sh'), /status 126/);
	assert.match(await refused('missing.sh'), /There is no command missing\.sh in /);
	for (const name of ['/bin/true', '../true', 'a/b', '..', '.hidden.sh', '', 'a b', 'x'.repeat(65)])
		assert.match(await refused(name), /does not understand/);
	// The directory itself.
	chmodSync(directory, 0o777);
	assert.match(await refused('good.sh'), /can be written by others/);
	chmodSync(directory, 0o755);
	chownSync(directory, 65534, 65534);
	assert.match(await refused('good.sh'), /can be written by others/);
	await commanding.stop();
	const none = await Notifier.start();
	assert.match((await none.command('good.sh')).text, /alerts\.commands is empty/);
	await none.stop();
});

test('a command reaches no other process of the service; when its starter dies, what ran is not known', async () => {
	const directory = commandsIn({
		'signal.sh': '#!/bin/sh\nfor pid in "$@"; do kill -0 "$pid" 2>&1; done\nsleep 1000 & kill $! && echo own\nexit 0\n',
		'for-ever.sh': '#!/bin/sh\nexec sleep 1000\n',
	});
	const commanding = await Notifier.start({ set: { 'alerts.commands': directory } });
	const starter = Number(readFileSync(`/proc/${commanding.pid}/task/${commanding.pid}/children`, 'utf8').trim());
	const { answer } = await commanding.command('signal.sh', { args: [commanding.pid, starter].map(String) });
	assert.equal(answer.toString().match(/not permitted/gi)?.length, 2, answer.toString());
	assert.match(answer.toString(), /own\n$/);
	const lost = commanding.command('for-ever.sh', { timeout: 60000 });
	await until('it to run', () => readFileSync(`/proc/${starter}/task/${starter}/children`, 'utf8').trim() !== '');
	process.kill(starter, 'SIGKILL');
	assert.equal(await lost, null);
	await commanding.stop();
	assert.match(commanding.log, /the starter of commands is gone/);
});
