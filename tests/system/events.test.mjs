// The stream of events: what changes, in order, again after a break.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, schemaProblem, until } from '../harness/index.mjs';

let postfix;
let postroom;

before(async () => {
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix);
});
after(async () => {
	await postroom.stop();
	postfix.remove();
});

// A reader: `events` fills as they come.
function listen(headers = {}) {
	const reader = { events: [], ended: false };
	const outgoing = request({ socketPath: postroom.socket, path: '/api/v1/events', headers: { Host: 'localhost', 'Keep-Alive': 'postroom', ...headers } }, (reply) => {
		reader.type = reply.headers['content-type'];
		let text = '';
		reply.on('data', (data) => {
			text += data;
			for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
				const fields = Object.fromEntries(text.slice(0, end).split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
				text = text.slice(end + 2);
				if (fields.event)
					reader.events.push({ ...fields, data: JSON.parse(fields.data) });
			}
		});
		reply.on('close', () => { reader.ended = true; });
	});
	outgoing.on('error', () => { reader.ended = true; });
	outgoing.end();
	reader.close = () => outgoing.destroy();
	return reader;
}

test('the state of the queue comes at once, then each change, within a second or two', async () => {
	const reader = listen();
	await until('the first event', () => reader.events.length > 0);
	assert.equal(reader.type, 'text/event-stream');
	assert.equal(reader.events[0].event, 'queue');
	assert.equal(schemaProblem('QueueSummary', reader.events[0].data), null);
	const before = reader.events[0].data.messages;
	await postfix.injectDeferred();
	const seen = await until('the new message', () => reader.events.find((e) => e.data.messages === before + 1));
	assert.ok(seen.data.generation > reader.events[0].data.generation);
	reader.close();
});

test('a reader that comes back gets what it missed, or is told that this is not known', async () => {
	const first = listen();
	await until('the first event', () => first.events.length > 0);
	const { id } = first.events.at(-1);
	first.close();
	await postfix.injectDeferred();
	await until('the change', async () => (await postroom.get('/queue')).messages >= 2);
	const again = listen({ 'Last-Event-ID': id });
	await until('events after the break', () => again.events.length > 0);
	assert.ok(!again.events.some((e) => e.event === 'reset'));
	again.close();
	for (const odd of ['00000000-1', 'nonsense', `${id}9999`, '-']) {
		const lost = listen({ 'Last-Event-ID': odd });
		await until('a reset', () => lost.events.some((e) => e.event === 'reset'));
		assert.equal(schemaProblem('EventReset', lost.events.find((e) => e.event === 'reset').data), null);
		lost.close();
	}
});

test('a row of a view that has left says what became of it', async () => {
	const [kept, deleted] = await Promise.all([postfix.injectDeferred(), postfix.injectDeferred()]);
	await postroom.untilMessage(kept);
	await postroom.untilMessage(deleted);
	const view = await postroom.post('/views', { filter: `id:${deleted}` });
	await postfix.feed('postsuper', ['-d', '-'], `${deleted}\n`);
	const row = await until('the fate of the row', async () => {
		const { rows } = await postroom.get(`/views/${view.id}/rows`);
		return rows[0].gone && rows[0].fate ? rows[0] : null;
	});
	assert.equal(row.id, deleted);
	assert.match(row.fate, /deleted/);
});

test('a warning alone is an event, and so is its end', async () => {
	const reader = listen();
	const stopped = (e) => e.data.postfix?.running === false && e.data.warnings.some((w) => w.code === 'postfix_stopped');
	await until('the first event', () => reader.events.length > 0);
	await postfix.stop();
	await until('Postfix to be seen as stopped', () => reader.events.some(stopped));
	const seen = reader.events.length;
	await postfix.up();
	await until('Postfix to be seen as running', () => reader.events.slice(seen).some((e) => e.data.postfix?.running && !e.data.warnings.some((w) => w.code === 'postfix_stopped')));
	reader.close();
});

test('the stream ends with the token that opened it', async () => {
	const { token } = await postroom.post('/tokens', { name: 'short', role: 'viewer', valid_seconds: 2 });
	const reader = listen({ Authorization: `Bearer ${token}` });
	await until('the first event', () => reader.events.length > 0);
	await until('the end', () => reader.ended, { timeout: 40000 });
});

test('the end of the service ends the stream', async () => {
	const reader = listen();
	await until('the first event', () => reader.events.length > 0);
	assert.deepEqual(await postroom.stop(), { code: 0, signal: null });
	await until('the end', () => reader.ended);
	await postroom.up();
});

test('a stream ends with the token or session that opened it', async () => {
	const { token, info } = await postroom.post('/tokens', { name: 'watch', role: 'viewer' });
	const { once } = await postroom.post('/login-links', { name: 'leaver', role: 'viewer' });
	const login = await postroom.api('POST', '/login', { once }, { tcp: true });
	// A session is a browser's: it does not come over the Unix socket, where the kernel says who calls.
	const Cookie = /^postroom=[^;]+/.exec(login.headers['set-cookie'][0])[0];
	const browser = { ended: false, begun: false };
	const outgoing = request(`${postroom.url}/api/v1/events`, { headers: { Cookie } }, (reply) => {
		reply.on('data', () => { browser.begun = true; }).on('close', () => { browser.ended = true; });
	});
	outgoing.on('error', () => { browser.ended = true; });
	outgoing.end();
	const byToken = listen({ Authorization: `Bearer ${token}` });
	const other = listen();
	await until('the streams', () => browser.begun && byToken.events.length > 0 && other.events.length > 0);
	assert.equal((await postroom.api('DELETE', `/tokens/${info.id}`)).status, 204);
	assert.equal((await postroom.api('POST', '/logout', undefined, { tcp: true, headers: { Cookie, Origin: postroom.url } })).status, 204);
	await until('their ends', () => byToken.ended && browser.ended);
	assert.equal(other.ended, false);
	other.close();
});
