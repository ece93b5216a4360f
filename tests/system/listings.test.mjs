// Listings that end too early, are none at all, or come from a Postfix that is stopped, replayed through a
// command prefix that is a plain script (versions.test.mjs: the whole ones of each version).
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { Postroom, temporaryDirectory, until } from '../harness/index.mjs';

const FIXTURES = resolve(new URL('../fixtures', import.meta.url).pathname);
const VERSIONS = readdirSync(FIXTURES).filter((name) => /^postfix-\d/.test(name)).sort();
const POLLED = { timeout: 30000 };

// A mail host that is only its captured output. `listing` is what `postqueue -j` prints; `postsuper` what
// it says of what it read (nothing: nothing was done).
function replay(fixture) {
	const dir = temporaryDirectory('replay');
	const file = (name) => join(dir, name);
	const version = readFileSync(join(FIXTURES, fixture, 'version.txt'), 'utf8').trim().split(/\s+/).pop();
	copyFileSync(join(FIXTURES, fixture, 'postqueue.json'), file('listing'));
	for (const name of ['errors', 'calls'])
		writeFileSync(file(name), '');
	writeFileSync(file('status'), '0');
	writeFileSync(file('enter'), `#!/bin/sh
cd ${dir}
echo "$*" >> calls
# A command that hangs, as one in a container that was paused does.
while [ -e "hang-$1" ]; do sleep 0.2; done
case "$1 $2" in
"postconf -h") echo ${version} ;;
"postconf "*) printf '%s\\n' 'queue_directory = /var/spool/postfix' 'config_directory = /etc/postfix' 'command_directory = /usr/sbin' \\
	'mail_version = ${version}' 'myhostname = mail.test' 'data_directory = /var/lib/postfix' ;;
"postqueue -j") cat listing; cat errors >&2; exit $(cat status) ;;
"postsuper "*) cat > ids; echo 'postsuper: fatal: usage: postsuper [-c config_dir] [-d queue_id]' >&2; exit 1 ;;
*) echo "$1: not here" >&2; exit 1 ;;
esac
`);
	chmodSync(file('enter'), 0o755);
	return {
		version, config: '/etc/postfix', prefix: file('enter'),
		calls: () => readFileSync(file('calls'), 'utf8').split('\n').filter(Boolean),
		// What the next listing is: all at once, as a real one comes.
		say(text, { errors = '', status = 0 } = {}) {
			writeFileSync(file('errors'), errors);
			writeFileSync(file('status'), String(status));
			writeFileSync(file('next'), text);
			renameSync(file('next'), file('listing'));
		},
		hang: (program) => writeFileSync(file(`hang-${program}`), ''),
		goOn: (program) => rmSync(file(`hang-${program}`)),
	};
}

const captured = (fixture, name = 'postqueue.json') => readFileSync(join(FIXTURES, fixture, name), 'utf8');
const parse = (text) => text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
const start = (host, ready = true) => Postroom.start(host, { ready, set: { 'postfix.command_prefix': host.prefix, 'postfix.log_command': 'tail -f /dev/null' } });

test('a command that refuses is no success', async () => {
	const host = replay('postfix-3.7');
	const postroom = await start(host);
	const [own] = parse(captured('postfix-3.7')).filter((m) => m.queue_name === 'deferred' && /^[0-9B-Zb-z]+z[0-9B-Zb-y]+$/.test(m.queue_id));
	const { job, items } = await postroom.job({ action: 'hold', ids: [own.queue_id] });
	assert.equal(job.counts.done, 0);
	assert.equal(items[0].outcome, 'refused', JSON.stringify(items));
	assert.match(items[0].detail, /usage: postsuper/);
	await postroom.stop();
});

test('Postfix stopped: the listing as it is then, and that it is stopped', async () => {
	for (const fixture of VERSIONS) {
		const host = replay(fixture);
		host.say(captured(fixture, 'postqueue-down.json'), { errors: 'postqueue: warning: Mail system is down -- accessing queue directly\n' });
		const postroom = await start(host);
		const ids = (await postroom.messages()).map((m) => m.id).sort();
		assert.deepEqual(ids, [...new Set(parse(captured(fixture, 'postqueue-down.json')).map((m) => m.queue_id))].sort(), fixture);
		const queue = await postroom.get('/queue');
		assert.equal(queue.postfix.running, null, 'nobody can ask the master through a prefix');
		assert.ok(queue.warnings.some((w) => /Postfix is not running/.test(w.text)), JSON.stringify(queue.warnings));
		if (fixture === VERSIONS[0]) {
			host.say(captured(fixture));
			await until('the warning to end', async () => (await postroom.get('/queue')).warnings.length === 0, POLLED);
		}
		await postroom.stop();
	}
});

const BROKEN = {
	'cut in the middle of a line': (text) => [text.slice(0, text.length / 2), 69, 'postqueue: fatal: malformed showq server response\n'],
	'cut between two lines': (text) => [text.slice(0, text.indexOf('\n', text.length / 2) + 1), 69, 'postqueue: fatal: malformed showq server response\n'],
	'cut, and no failure said': (text) => [text.slice(0, text.length / 2), 0, ''],
	'nothing, and a failure': () => ['', 69, 'postqueue: fatal: Queue report unavailable - mail system is down\n'],
	'garbage': () => [Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)), 0, ''],
	'another program\'s text': () => ['Mail queue is empty\n', 0, ''],
	'JSON that is no listing': () => ['{"queue_name": "deferred"}\n[1,2,3]\n"x"\n', 0, ''],
};

// Side by side: a listing is asked for every 5 seconds.
describe('broken listings', { concurrency: true }, () => {
	for (const [what, make] of Object.entries(BROKEN))
		test(`a listing that is ${what} is discarded, and that is said`, async () => {
			const host = replay('postfix-3.7');
			const postroom = await start(host);
			const before = (await postroom.messages()).map((m) => m.id).sort();
			const [text, status, errors] = make(captured('postfix-3.7'));
			host.say(text, { status, errors });
			const { warnings } = await until('a warning', async () => {
				const queue = await postroom.get('/queue');
				return queue.warnings.length > 0 || queue.source.state === 'failed' ? queue : null;
			}, POLLED);
			assert.ok(warnings.length > 0);
			if (errors)
				assert.ok(warnings.some((w) => w.text.includes(errors.trim().replace(/^postqueue: fatal: /, ''))), JSON.stringify(warnings));
			assert.deepEqual((await postroom.messages()).map((m) => m.id).sort(), before, 'nothing is gone because of it');
			// An action is looked up in a listing too: without one, nothing is claimed.
			host.say(captured('postfix-3.7'));
			await until('the warning to end', async () => {
				const queue = await postroom.get('/queue');
				return queue.warnings.length === 0 && queue.source.state === 'current';
			}, POLLED);
			await postroom.stop();
		});
});

test('an empty queue is empty', async () => {
	const host = replay('postfix-3.7');
	host.say('');
	const postroom = await start(host);
	assert.equal((await postroom.get('/queue')).messages, 0);
	await postroom.stop();
});

const line = (message) => `${JSON.stringify({ queue_name: 'deferred', queue_id: 'ABCDEF01', arrival_time: 1700000000, message_size: 1000, forced_expire: false,
	sender: 'a@shop.example', recipients: [{ address: 'b@mail.example', delay_reason: '450 4.2.0 Later' }], ...message })}\n`;

test('hostile and huge values in a listing', async () => {
	const host = replay('postfix-3.7');
	const hostile = ['a\u0000b', '\u001b[31m', 'x\u202egpj.exe', '<script>alert(1)</script>', '\ufffe\uffff', '"\\\'\n', 'x'.repeat(100000)];
	const recipients = Array.from({ length: 50000 }, (_, i) => ({ address: `u${i}@d${i % 100}.example`, delay_reason: `452 4.2.2 Mailbox full, ticket ${i}` }));
	host.say([
		...hostile.map((text, i) => line({ queue_id: `ABCDEF1${i}`, sender: text, recipients: [{ address: text, delay_reason: text }] })),
		line({ queue_id: 'ABCDEF20', recipients }),
		line({ queue_id: 'ABCDEF21', recipients: [] }),
		line({ queue_id: 'ABCDEF22', arrival_time: 0, message_size: Number.MAX_SAFE_INTEGER }),
		line({ queue_id: 'ABCDEF23', something_new: [{ nested: { deep: [1, 2.5e3, null, true] } }] }),
		line({ queue_id: 'ABCDEF24', sender: 'twice@shop.example' }), line({ queue_id: 'ABCDEF24', sender: 'twice@shop.example', queue_name: 'active' }),
	].join(''));
	const postroom = await start(host);
	assert.equal((await postroom.get('/queue')).messages, hostile.length + 5);
	for (let i = 0; i < hostile.length; i++) {
		const message = await postroom.get(`/messages/ABCDEF1${i}`);
		for (const text of [message.sender, message.recipients[0].address, message.recipients[0].reason])
			assert.doesNotMatch(text, /[\0-\x08\x0b-\x1f\x7f]/, JSON.stringify(text));
	}
	const big = await postroom.get('/messages/ABCDEF20');
	assert.deepEqual(big.recipients.map((r) => [r.address, r.reason]), recipients.map((r) => [r.address, r.delay_reason]));
	assert.equal((await postroom.get('/messages/ABCDEF24')).queue, 'active');
	assert.equal((await postroom.get('/messages/ABCDEF22')).size, Number.MAX_SAFE_INTEGER);
	await postroom.get('/groups?by=recipient_domain');
	await postroom.stop();
});

test('commands that hang: the page answers, and each request ends with a reason', { timeout: 180000 }, async () => {
	const host = replay('postfix-3.7');
	const postroom = await start(host);
	const [own] = parse(captured('postfix-3.7')).filter((m) => m.queue_name === 'deferred');
	for (const program of ['postqueue', 'postcat', 'postsuper', 'postconf'])
		host.hang(program);
	const soon = async (path) => {
		const began = Date.now();
		assert.equal((await postroom.api('GET', path)).status, 200);
		assert.ok(Date.now() - began < 20000, `${path}: ${Date.now() - began} ms`);
	};
	const began = Date.now();
	const view = postroom.api('GET', `/messages/${own.queue_id}/content`);
	const settings = postroom.api('GET', '/settings');
	const job = await postroom.post('/jobs', { action: 'hold', ids: [own.queue_id] });
	for (const path of ['/queue', '/messages', '/groups?by=sender', `/jobs/${job.id}`])
		await soon(path);
	const content = await view;
	assert.ok(content.status >= 500 && content.body.detail.length > 10, content.text);
	assert.ok((await settings).status >= 500, (await settings).text);
	assert.ok(Date.now() - began < 100000, `${Date.now() - began} ms`);
	for (const program of ['postqueue', 'postcat', 'postsuper', 'postconf'])
		host.goOn(program);
	const { items } = await until('the job to end', () => postroom.untilJob(job.id), { timeout: 60000 });
	assert.equal(items[0].outcome, 'refused', JSON.stringify(items));
	await postroom.stop();
});
