// The live view when inotify fails it: events dropped, watches used up, directories that come, go and are swapped, processes
// killed while they load. After each the view is the queue, without anybody's help.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { Postfix, Postroom, binary, queueFile, until } from '../harness/index.mjs';
import { size } from './size.mjs';

const QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];
const bytes = queueFile({ sender: 'news@shop.example' });
const owner = Number(execFileSync('id', ['-u', 'postfix']));

// Each test has a mail system of its own, which is stopped: nothing but the test moves messages.
const started = [];

async function world(options = {}) {
	const postfix = await Postfix.start();
	await postfix.stop();
	const postroom = await Postroom.start(postfix, { set: { 'postfix.source': 'spool' }, ...options });
	started.push(postroom);
	return { postfix, postroom };
}

after(async () => {
	for (const postroom of started)
		await postroom.stop();
});

const nameOf = (i) => `4F0A5${(0x100000 + i).toString(16).toUpperCase()}`;

function put(postfix, queue, id, directory = '') {
	const path = join(postfix.spool, queue, directory, id);
	for (let i = 1; i <= directory.length; i += 2) {
		const parent = join(postfix.spool, queue, directory.slice(0, i));
		if (!existsSync(parent)) {
			mkdirSync(parent, { mode: 0o700 });
			chownSync(parent, owner, -1);
		}
	}
	writeFileSync(path, bytes, { mode: 0o700 });
	chownSync(path, owner, -1);
	return path;
}

// What is in the queue directories, ready or not, as "queue ID".
function real(postfix) {
	const found = [];
	const walk = (queue, directory) => {
		for (const entry of readdirSync(directory, { withFileTypes: true }))
			if (entry.isDirectory())
				walk(queue, join(directory, entry.name));
			else if (/^[0-9A-Za-z]{6,}$/.test(entry.name) && (statSync(join(directory, entry.name)).mode & 0o700) === 0o700)
				found.push(`${queue} ${entry.name}`);
	};
	for (const queue of QUEUES)
		walk(queue, join(postfix.spool, queue));
	return found.sort();
}

// Until the view is what the directories have.
function untilSame({ postfix, postroom }) {
	return until('the view to be the queue', async () => {
		const shown = (await postroom.messages()).map((m) => `${m.queue} ${m.id}`).sort();
		const there = real(postfix);
		if (shown.length === there.length && shown.every((line, i) => line === there[i]))
			return { count: there.length };
		throw new Error(`${shown.length} shown, ${there.length} there, for example ${shown.find((line) => !there.includes(line))} and ${there.find((line) => !shown.includes(line))}`);
	}, { timeout: size(60000, 240000) });
}

test('more events than the kernel keeps', async () => {
	const w = await world();
	const kept = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
	const goOn = w.postroom.hang('reader');
	try {
		for (let i = 0; i < size(300, 20000); i++)
			put(w.postfix, i % 2 ? 'hold' : 'deferred', nameOf(i), i % 2 ? '' : '4');
		// One of them until there are more events than are kept: two for each renaming.
		const [a, b] = [join(w.postfix.spool, 'hold', nameOf(1)), join(w.postfix.spool, 'hold', nameOf(999999))];
		for (let i = 0; i <= kept / 4; i++) {
			renameSync(a, b);
			renameSync(b, a);
		}
		for (let i = 1; i < size(300, 20000); i += 4)
			renameSync(join(w.postfix.spool, 'hold', nameOf(i)), join(w.postfix.spool, 'active', nameOf(i)));
	} finally {
		goOn();
	}
	await untilSame(w);
	await until('the log to say why', () => /the kernel dropped events/.test(w.postroom.log));
	// And live again.
	put(w.postfix, 'hold', nameOf(500000));
	await w.postroom.untilMessage(nameOf(500000));
});

// User namespaces have limits of their own; where there are none, nothing can be tried without a change of the machine.
const namespaces = spawnSync('unshare', ['--user', 'true']).status === 0;

test('watches used up', { skip: !namespaces && 'no user namespaces here' }, async () => {
	// In all sixteen hashed directories.
	const hashed = (i) => (i % 16).toString(16).toUpperCase() + nameOf(i).slice(1);
	const w = await world({ limits: { max_inotify_watches: 9 } });
	for (let i = 0; i < 20; i++)
		put(w.postfix, 'deferred', hashed(i), hashed(i)[0]);
	await untilSame(w);
	const { warnings } = await until('the notice', async () => {
		const now = await w.postroom.get('/queue');
		return now.warnings.some((warning) => warning.text.includes('sysctl -w user.max_inotify_watches=524288')) ? now : null;
	});
	assert.equal(warnings.filter((warning) => warning.text.includes('sysctl')).length, 1);
	assert.equal((await w.postroom.get('/queue')).source.state, 'current');
	unlinkSync(join(w.postfix.spool, 'deferred', '0', hashed(0)));
	assert.equal((await untilSame(w)).count, 19);
	// The check, in the same namespace, says the same and the line to type.
	const check = spawnSync('nsenter', ['--user', '--target', String(w.postroom.child.pid), binary, 'check', '--config', w.postroom.configFile, '--json']).stdout.toString();
	assert.match(check, /"code":"not_watched".*"fix":"sysctl -w user.max_inotify_watches=524288"/);
	if (size(false, true)) {
		execFileSync('nsenter', ['--user', '--target', String(w.postroom.child.pid), 'sh', '-c', 'echo 1000 >/proc/sys/user/max_inotify_watches']);
		await until('watches again', async () => (await w.postroom.get('/queue')).warnings.every((warning) => !warning.text.includes('sysctl')), { timeout: 180000 });
		put(w.postfix, 'hold', nameOf(100));
		await w.postroom.untilMessage(nameOf(100));
	}
});

test('files that come and go by the ten thousand a second', async () => {
	const w = await world();
	const until = Date.now() + size(2000, 20000);
	let round = 0;
	while (Date.now() < until) {
		// Names used before, so that what is shown of them has to change.
		for (let i = 0; i < 500; i++)
			put(w.postfix, 'incoming', nameOf(i));
		for (let i = 0; i < 500; i++)
			renameSync(join(w.postfix.spool, 'incoming', nameOf(i)), join(w.postfix.spool, 'active', nameOf(i)));
		for (let i = 0; i < 500; i++)
			unlinkSync(join(w.postfix.spool, 'active', nameOf(i)));
		// Postroom gets a turn, as beside a real mail system.
		if (++round % 10 === 0)
			await w.postroom.get('/queue');
	}
	for (let i = 0; i < 50; i++)
		put(w.postfix, 'hold', nameOf(i * 7));
	assert.equal((await untilSame(w)).count, 50);
});

test('a change of the hash depth', async () => {
	const w = await world();
	const count = size(200, 20000);
	for (let i = 0; i < count; i++)
		put(w.postfix, 'deferred', nameOf(i), '4');
	await untilSame(w);
	// postsuper has given up root when it writes its log, and there is no postlogd while Postfix is stopped.
	execFileSync('chmod', ['0666', w.postfix.log]);
	// As the manual says: stopped, then `postsuper -s` puts every file where the new depth wants it (and names each by its inode).
	await w.postfix.command('postconf', '-e', 'hash_queue_depth=3', 'hash_queue_names=incoming, active, deferred, hold, defer, bounce');
	await w.postfix.command('postsuper', '-s');
	assert.ok(existsSync(join(w.postfix.spool, 'deferred', real(w.postfix)[0].split(' ')[1].slice(0, 1))));
	await untilSame(w);
	// What comes into directories that did not exist is seen.
	for (const [i, queue] of QUEUES.entries())
		put(w.postfix, queue, `F${i}0A5123456`, queue === 'maildrop' ? '' : `F/${i}/0`);
	assert.equal((await untilSame(w)).count, count + QUEUES.length);
	await w.postfix.command('postconf', '-e', 'hash_queue_depth=1', 'hash_queue_names=deferred, defer');
	await w.postfix.command('postsuper', '-s');
	assert.equal((await untilSame(w)).count, count + QUEUES.length);
});

test('a queue directory swapped, and the whole queue moved away and back', async () => {
	const w = await world();
	const at = (...names) => join(w.postfix.spool, ...names);
	for (let i = 0; i < 40; i++)
		put(w.postfix, i % 2 ? 'hold' : 'deferred', nameOf(i), i % 2 ? '' : '4');
	await untilSame(w);
	// Another directory in its place, with other files; what goes on in the old one is no news.
	mkdirSync(at('new'), { mode: 0o700 });
	chownSync(at('new'), owner, -1);
	put(w.postfix, 'new', nameOf(100));
	renameSync(at('hold'), at('old'));
	renameSync(at('new'), at('hold'));
	assert.equal((await untilSame(w)).count, 21);
	unlinkSync(at('old', nameOf(1)));
	put(w.postfix, 'hold', nameOf(101));
	await w.postroom.untilMessage(nameOf(101));
	renameSync(at('old', nameOf(3)), at('hold', nameOf(3)));
	assert.equal((await untilSame(w)).count, 23);
	// The directory above all of them: nothing can be read until it is back.
	renameSync(w.postfix.spool, `${w.postfix.spool}.away`);
	await until('the loss to be told', async () => (await w.postroom.get('/queue')).source.state === 'failed', { timeout: 120000 });
	renameSync(`${w.postfix.spool}.away`, w.postfix.spool);
	put(w.postfix, 'hold', nameOf(102));
	assert.equal((await untilSame(w)).count, 24);
	rmSync(at('old'), { recursive: true });
});

test('files from the past and from the future', async () => {
	const w = await world();
	for (const [i, seconds] of [0, 1, 2 ** 31 - 1, 2 ** 31, 4102444800].entries()) {
		const path = put(w.postfix, 'deferred', nameOf(i), '4');
		utimesSync(path, seconds, seconds);
	}
	await untilSame(w);
	// The same file again and again, as the clock goes back and on.
	const path = join(w.postfix.spool, 'deferred', '4', nameOf(0));
	for (const seconds of [4102444800, 86400, 1795000000]) {
		utimesSync(path, seconds, seconds);
		await w.postroom.untilMessage(nameOf(0), (m) => Date.parse(m.next_retry) / 1000 === seconds);
	}
});

test('the reader killed while it loads', async () => {
	const count = size(2000, 20000);
	const w = await world({ ready: false });
	for (let i = 0; i < count; i++)
		put(w.postfix, i % 3 ? 'hold' : 'deferred', nameOf(i), i % 3 ? '' : '4');
	// The supervisor waits longer before each restart: nine take a minute.
	const kills = size(3, 9);
	for (let i = 0; i < kills; i++) {
		const [reader] = await until('a reader', () => (w.postroom.pids('reader').length === 1 ? w.postroom.pids('reader') : null));
		// At another moment of its work each time.
		await new Promise((resolve) => setTimeout(resolve, 20 + 35 * i));
		process.kill(reader, 'SIGKILL');
		await until('another reader', () => w.postroom.pids('reader').every((pid) => pid !== reader));
		unlinkSync(join(w.postfix.spool, i % 3 ? 'hold' : 'deferred', i % 3 ? '' : '4', nameOf(i)));
	}
	assert.equal((await untilSame(w)).count, count - kills);
	put(w.postfix, 'hold', nameOf(500000));
	await w.postroom.untilMessage(nameOf(500000));
});
