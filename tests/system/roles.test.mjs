// The processes: what each may do, and what happens when one dies.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { OPERATORS, Postfix, Postroom, USERS, binary, programs, until } from '../harness/index.mjs';

const statusOf = (pid) => Object.fromEntries(readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n').map((line) => {
	const [name, value] = line.split(':');
	return [name, value.trim()];
}));

const only = (list) => {
	assert.equal(list.length, 1);
	return list[0];
};

test('roles run with what they need and no more', async () => {
	const postfix = await Postfix.start();
	const postroom = await Postroom.start(postfix);
	for (const [role, user] of [['server', USERS.server], ['reader', USERS.parse], ['logreader', USERS.parse], ['notifier', USERS.notify]]) {
		const status = statusOf(only(postroom.pids(role)));
		assert.deepEqual(status.Uid.split('\t').map(Number), Array(4).fill(user), role);
		assert.deepEqual(status.Gid.split('\t').map(Number), Array(4).fill(user), role);
		assert.equal(status.Groups, '', role);
		for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
			assert.equal(BigInt(`0x${status[set]}`), 0n, `${role} ${set}`);
		assert.equal(status.NoNewPrivs, '1', role);
	}
	const helper = statusOf(only(postroom.pids('helper')));
	assert.equal(helper.NoNewPrivs, '0'); // postqueue is setgid
	assert.equal(helper.Groups, '');
	const SYS_ADMIN = 21n;
	const NET_ADMIN = 12n;
	for (const capability of [SYS_ADMIN, NET_ADMIN])
		assert.equal((BigInt(`0x${helper.CapBnd}`) >> capability) & 1n, 0n);
	await postroom.stop();
	await postfix.stop();
});

// What docs/THREAT-MODEL.md says of each process: {process: {executable, user, capabilities, ...}}.
function promised() {
	const text = readFileSync(new URL('../../docs/THREAT-MODEL.md', import.meta.url), 'utf8');
	const words = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map((m) => m[1]);
	return Object.fromEntries([...text.matchAll(/^\| (\w+) \| `(postroom-\w+)` \| ([\w-]+) \|([^|]*)\| (\d) \|([^|]*)\|([^|]*)\|$/gm)]
		.map(([, process, executable, user, capabilities, noNewPrivs, links, descriptors]) => [process, {
			executable, user, capabilities: words(capabilities), noNewPrivs, links: words(links), descriptors: words(descriptors) }]));
}

const CAPABILITIES = { dac_read_search: 2n, kill: 5n, setgid: 6n, setuid: 7n, setpcap: 8n };
// By name; the converters of iconv, which are mapped when a message needs them, are one.
const library = (path) => (path.includes('/gconv/') ? 'gconv' : path.replace(/^.*\//, '').replace(/\.so.*$/, '').replace(/-\d+\.\d+(\.\d+)?$/, (tail) => (/^lib(c|m)-/.test(path) ? '' : tail)));

// What is mapped to run: libraries by name, without the loader.
function mapped(pid) {
	const paths = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').filter((line) => / r-xp /.test(line)).map((line) => line.split(/\s+/)[5]);
	return [...new Set(paths.filter((path) => path?.startsWith('/') && /\.so/.test(path)).map(library))].filter((name) => !/^ld-/.test(name)).sort();
}

// Every kind of descriptor that it has open.
function descriptors(pid, postroom, postfix) {
	const kind = (fd) => {
		if (Number(fd) <= 2)
			return 'standard'; // the null device, or where the log goes
		const to = readlinkSync(`/proc/${pid}/fd/${fd}`);
		const known = [[/^\/dev\/null$/, 'null'], [/^\/dev\/u?random/, 'random'], [/^socket:/, 'socket'], [/inotify/, 'inotify'], [/\[pidfd\]/, 'pidfd'], [/signalfd/, 'signalfd'],
			[/eventpoll/, 'epoll'], [/eventfd/, 'eventfd'], [/io_uring/, 'io_uring'], [/\/postroom-[a-z]+$/, 'program'], [/^\/proc\//, 'proc']];
		const found = known.find(([pattern]) => pattern.test(to));
		if (found)
			return found[1];
		if (/^pipe:/.test(to))
			return 'pipe';
		if (to.startsWith(postfix.spool))
			return 'spool';
		if (to.startsWith(postfix.log))
			return 'logfile';
		return to.startsWith(postroom.state) ? 'store' : to;
	};
	return [...new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => {
		try {
			return kind(fd);
		} catch (error) {
			if (error.code !== 'ENOENT')
				throw error;
			return 'standard'; // closed meanwhile
		}
	}))].sort();
}

test('each process is what THREAT-MODEL says', async (t) => {
	const postfix = await Postfix.start();
	const id = await postfix.injectDeferred({ message: `Subject: long\r\n\r\n${`${'x'.repeat(900)}\r\n`.repeat(9000)}` });
	// An issuer that is not there: who asks it runs all the same.
	const postroom = await Postroom.start(postfix, { set: { 'access.oidc_issuer': 'http://127.0.0.1:9', 'access.oidc_client_id': 'postroom', 'http.public_url': 'http://localhost' } });
	await postroom.untilMessage(id);
	// Nobody reads the download, so the viewer stays.
	const reply = await new Promise((done, fail) => {
		request({ socketPath: postroom.socket, path: `/api/v1/messages/${id}/raw`, headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } }, done).on('error', fail).end();
	});
	const helper = only(postroom.pids('helper'));
	const viewer = await until('a viewer', () => readFileSync(`/proc/${helper}/task/${helper}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
		.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('postroom-viewer')));
	const pids = { supervisor: postroom.child.pid, helper, viewer };
	for (const role of ['reader', 'logreader', 'server', 'notifier', 'identity'])
		pids[role] = only(postroom.pids(role));
	pids.starter = Number(readFileSync(`/proc/${pids.notifier}/task/${pids.notifier}/children`, 'utf8').trim());
	const ids = { root: 0, postroom: USERS.server, 'postroom-parse': USERS.parse, 'postroom-view': USERS.view, 'postroom-notify': USERS.notify };
	const table = promised();
	assert.deepEqual(Object.keys(table).sort(), Object.keys(pids).sort());
	for (const [role, pid] of Object.entries(pids)) {
		const row = table[role];
		const status = statusOf(pid);
		const maps = mapped(pid);
		const open = descriptors(pid, postroom, postfix);
		t.diagnostic(`${role}: uid ${status.Uid.split('\t')[0]} gid ${status.Gid.split('\t')[0]} groups [${status.Groups}] permitted ${status.CapPrm} bounding ${status.CapBnd} NoNewPrivs ${status.NoNewPrivs} ` +
			`Seccomp ${status.Seccomp}; mapped: ${maps.join(' ')}; descriptors: ${open.join(' ')}`);
		assert.equal(readlinkSync(`/proc/${pid}/exe`).replace(/^.*\//, ''), row.executable, role);
		assert.deepEqual(status.Uid.split('\t').map(Number), Array(4).fill(ids[row.user]), role);
		if (role !== 'supervisor') {
			assert.deepEqual(status.Gid.split('\t').map(Number), Array(4).fill(ids[row.user]), role);
			assert.equal(status.Groups, '', role);
			const may = row.capabilities.filter((name) => name !== 'none').reduce((set, name) => set | (1n << CAPABILITIES[name]), 0n);
			for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
				assert.equal(BigInt(`0x${status[set]}`), may, `${role} ${set}`);
			for (const set of ['CapInh', 'CapAmb'])
				assert.equal(BigInt(`0x${status[set]}`), 0n, `${role} ${set}`);
		}
		assert.equal(status.NoNewPrivs, row.noNewPrivs, role);
		// Root's two map what they link and no more; others may map what those libraries need.
		const allowed = row.user === 'root' ? row.links
			: execFileSync('ldd', [programs[row.executable.replace('postroom-', '')]], { encoding: 'utf8' }).split('\n').map((line) => library(line.trim().split(/\s+/)[0] ?? '')).concat(row.links);
		assert.deepEqual(maps.filter((name) => !allowed.includes(name)), [], role);
		assert.deepEqual(open.filter((name) => !row.descriptors.includes(name)), [], role);
	}
	reply.destroy();
	await postroom.stop();
	await postfix.stop();
});

test('a viewer could not gain a capability either', async () => {
	const postfix = await Postfix.start();
	const id = await postfix.injectDeferred({ message: `Subject: long\r\n\r\n${`${'x'.repeat(900)}\r\n`.repeat(9000)}` });
	const postroom = await Postroom.start(postfix);
	await postroom.untilMessage(id);
	// Nobody reads the download, so the viewer stays.
	const reply = await new Promise((done, fail) => {
		request({ socketPath: postroom.socket, path: `/api/v1/messages/${id}/raw`, headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } }, done).on('error', fail).end();
	});
	const viewer = await until('a viewer', () => {
		const lines = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(only(postroom.pids('helper')))]).toString().split('\n');
		const line = lines.find((text) => /postroom-viewer/.test(text));
		return line ? Number(line.trim().split(' ')[0]) : null;
	});
	const status = statusOf(viewer);
	assert.deepEqual(status.Uid.split('\t').map(Number), Array(4).fill(USERS.view));
	for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
		assert.equal(BigInt(`0x${status[set]}`), 0n, set);
	reply.destroy();
	await postroom.stop();
	await postfix.stop();
});

test('the socket is for operators and refuses the users of the service; the database is the server\'s alone', async () => {
	const postfix = await Postfix.start();
	const postroom = await Postroom.start(postfix);
	const list = (uid, group) => spawnSync('setpriv', [`--reuid=${uid}`, `--regid=${group}`, '--clear-groups', binary, 'list', '--json', '--socket', postroom.socket], { encoding: 'utf8' });
	const operator = list(65520, OPERATORS);
	assert.ok(operator.status <= 1, operator.stderr); // 1: nothing is queued
	for (const uid of Object.values(USERS)) {
		const inGroup = list(uid, OPERATORS);
		assert.equal(inGroup.status, 4, inGroup.stderr);
		const own = list(uid, uid);
		assert.equal(own.status, 3, own.stderr);
	}
	await postroom.stop();
	assert.equal(statSync(postroom.state).mode & 0o777, 0o700);
	const files = readdirSync(postroom.state);
	assert.ok(files.length >= 2, files); // the database and what the page showed last
	for (const file of files) {
		const stat = statSync(join(postroom.state, file));
		const { mode, uid, gid } = stat;
		assert.deepEqual({ file, mode: mode & 0o777, uid, gid }, { file, mode: stat.isDirectory() ? 0o700 : 0o600, uid: USERS.server, gid: USERS.server });
	}
	await postfix.stop();
});

test('no two levels of trust are one user, nor are operators one of them', async () => {
	const postfix = await Postfix.start();
	const same = new Postroom(postfix, { 'run.parse_user': USERS.server });
	await assert.rejects(same.up(), /run.user = \d+ and run.parse_user = \d+ are one user/);
	const checked = (...more) => spawnSync(binary, ['serve', '--check-config', '--config', same.configFile, ...more], { encoding: 'utf8' });
	assert.match(checked().stderr, /run.user = \d+ and run.parse_user = \d+ are one user/);
	const unknown = checked('--set', 'run.user=no-such-user');
	assert.deepEqual([unknown.status, /no-such-user/.test(unknown.stderr)], [2, true], unknown.stderr);
	assert.equal(checked('--set', `run.parse_user=${USERS.parse}`).status, 0);
	const group = new Postroom(postfix, { 'http.socket_group': String(USERS.view) });
	await assert.rejects(group.up(), /http.socket_group = \d+ is the group of run.view_user/);
	await postfix.stop();
});

test('a role that hangs is said, nothing is called current, and it is replaced', async () => {
	const postfix = await Postfix.start();
	const [one, two] = await Promise.all([Postroom.start(postfix), Postroom.start(postfix)]);
	const replaced = (postroom, role, pid) => until(`another ${role}`, () => postroom.pids(role).some((now) => now !== pid), { timeout: 15000 });
	const hung = ['helper', 'reader', 'logreader', 'notifier'].map((role) => [role, only(one.pids(role))]);
	const server = only(two.pids('server'));
	for (const pid of [...hung.map(([, number]) => number), server])
		process.kill(pid, 'SIGSTOP');
	const waits = hung.map(([role, pid]) => replaced(one, role, pid));
	waits.push(replaced(two, 'server', server));
	const queue = await until('it to be said', async () => {
		const now = await one.get('/queue');
		return ['helper_unavailable', 'reader_unavailable', 'logreader_unavailable', 'notifier_unavailable'].every((code) => now.warnings.some((w) => w.code === code)) ? now : null;
	});
	assert.notEqual(queue.source.state, 'current');
	assert.match(queue.warnings.find((w) => w.code === 'reader_unavailable').text, /does not answer/);
	await Promise.all(waits);
	for (const postroom of [one, two])
		await until('the queue to be current again', async () => {
			const now = await postroom.get('/queue').catch(() => null);
			return now?.source.state === 'current' && !now.warnings.some((w) => /_unavailable$/.test(w.code));
		});
	await until('it to be said', () => /the reader does not answer and is ended/.test(one.log));
	await Promise.all([one.stop(), two.stop()]);
	await postfix.stop();
});

test('while the helper hangs nothing is called current, though the reader goes on', async () => {
	const postfix = await Postfix.start();
	await postfix.injectDeferred();
	const postroom = await Postroom.start(postfix);
	const helper = only(postroom.pids('helper'));
	process.kill(helper, 'SIGSTOP');
	const claims = [];
	await until('another helper', async () => {
		const { source, warnings } = await postroom.get('/queue');
		if (warnings.some((w) => w.code === 'helper_unavailable'))
			claims.push(source.state);
		return postroom.pids('helper').some((now) => now !== helper);
	});
	assert.deepEqual([...new Set(claims)], ['failed']);
	await postroom.untilCurrent();
	await postroom.stop();
	await postfix.stop();
});

test('a role that is killed comes back, and the others go on', async () => {
	const postfix = await Postfix.start();
	const id = await postfix.inject({ from: 'news@shop.example', to: ['anna@dest.example'] });
	const postroom = await Postroom.start(postfix);
	await postroom.untilMessage(id);
	for (const role of ['helper', 'reader', 'logreader', 'server', 'notifier']) {
		const pid = only(postroom.pids(role));
		process.kill(pid, 'SIGKILL');
		await until(`a new ${role}`, () => postroom.pids(role).some((now) => now !== pid));
		await until(`the queue after the ${role} died`, async () => {
			try {
				const queue = await postroom.get('/queue');
				return queue.source.state === 'current' && queue.messages === 1 && !queue.warnings.some((w) => /unavailable|degraded/.test(w.code));
			} catch {
				return false;
			}
		});
	}
	const { items } = await postroom.job({ action: 'hold', ids: [id] });
	assert.equal(items[0].outcome, 'done');
	await until('it to be said', () => /the helper was ended by signal 9; starting it again/.test(postroom.log));
	await postroom.stop();
	await postfix.stop();
});

test('SIGHUP reads the configuration again, SIGTERM ends everything', async () => {
	const postfix = await Postfix.start();
	const postroom = await Postroom.start(postfix);
	const pids = ['helper', 'reader', 'logreader', 'server', 'notifier'].map((role) => only(postroom.pids(role)));
	process.kill(postroom.child.pid, 'SIGHUP');
	await until('the configuration to be read', () => /the configuration was read again/.test(postroom.log));
	chmodSync(postroom.configFile, 0o666);
	process.kill(postroom.child.pid, 'SIGHUP');
	await until('the open file to be refused', () => /the configuration was not read again: .* can be written by others than root.*chmod go-w/.test(postroom.log));
	chmodSync(postroom.configFile, 0o644);
	// Nor may anybody else own it, or put another in its place.
	for (const path of [postroom.configFile, dirname(postroom.configFile)]) {
		chownSync(path, 65534, 0);
		process.kill(postroom.child.pid, 'SIGHUP');
		await until(`${path} to be refused`, () => postroom.log.includes(`was not read again: ${path} does not belong to root`));
		chownSync(path, 0, 0);
	}
	postroom.keys['http.listen'] = 'nonsense';
	postroom.writeConfig();
	process.kill(postroom.child.pid, 'SIGHUP');
	await until('the mistake to be said', () => /the configuration was not read again: .*http.listen/.test(postroom.log));
	// Somebody else changes main.cf: noticed without being told.
	await postfix.command('postconf', '-e', 'maximal_backoff_time=1234s');
	await until('the new settings', () => /Postfix's settings were read again/.test(postroom.log));
	assert.deepEqual(await postroom.stop(), { code: 0, signal: null });
	for (const pid of pids)
		assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
	await postfix.stop();
});

test('check names what is missing, with the fix', async () => {
	const postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	const postroom = await Postroom.start(postfix);
	const problems = async (...args) => {
		const { status, stdout } = await postroom.cli('check', '--json', ...args);
		return { status, found: stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)) };
	};
	// The key of the audit lies beside it until somebody takes it out.
	const { status, found: [key, ...more] } = await problems();
	assert.deepEqual([status, key.code, key.severity, more], [0, 'audit_key_here', 'advice', []]);
	assert.match(key.fix, /^postroom audit key/);
	assert.equal((await postroom.cli('audit', 'key')).status, 0);
	assert.deepEqual(await problems(), { status: 0, found: [] });
	// For people it shows the processes as well, each as this machine runs it.
	const { stdout } = await postroom.cli('check');
	for (const line of [/^ {2}helper +root, setuid, /m, /^ {2}reader +65522, no capabilities, seccomp, /m, /^ {2}logreader +65522, no capabilities, seccomp, /m, /^ {2}server +65521, no capabilities, seccomp, /m, /^ {2}viewer +65523, no capabilities, seccomp, /m, /^ {2}notifier +65524, no capabilities, seccomp, /m])
		assert.match(stdout, line);
	// An installation without the viewer: the service runs, and shows no message.
	const directory = mkdtempSync(join(postroom.dir, 'half-'));
	for (const file of [binary, programs.supervisor, programs.helper, programs.reader, programs.server, programs.notifier])
		copyFileSync(file, join(directory, basename(file)));
	const half = spawnSync(join(directory, 'postroom'), ['check', '--config', postroom.configFile], { encoding: 'utf8' });
	assert.match(half.stdout, /the viewer cannot be run: postroom-viewer: No such file/);
	assert.equal(half.status, 1);
	await postroom.stop();
	await postfix.stop();
	const stopped = await problems();
	assert.equal(stopped.status, 1);
	assert.ok(stopped.found.some((p) => p.code === 'postfix_stopped' && p.fix === `postfix -c ${postfix.config} start`));
	const expect = async (code, ...args) => {
		const { status, found } = await problems(...args);
		assert.equal(status, 1);
		const problem = found.find((p) => p.code === code);
		assert.ok(problem, `${code} in ${JSON.stringify(found)}`);
		assert.ok(problem.text && problem.fix);
	};
	await expect('no_such_user', '--set', 'run.user=no-such-user');
	await expect('user_is_root', '--set', 'run.user=root');
	// That is the whole of it: nobody is told to give the directory to root.
	assert.ok(!(await problems('--set', 'run.user=root')).found.some((p) => p.code === 'store_unwritable'));
	await expect('no_such_group', '--set', 'http.socket_group=no-such-group');
	await expect('postfix_missing', '--set', 'postfix.config_directory=/nonexistent');
	await expect('store_unwritable', '--set', 'store.path=/nonexistent/postroom/x.db');
	await expect('log_unreadable', '--set', 'postfix.log=/nonexistent/mail.log');
	await expect('bad_config', '--set', 'http.listen=nonsense');
	const commands = mkdtempSync(join(postroom.dir, 'commands-'));
	chmodSync(commands, 0o755);
	writeFileSync(join(commands, 'page-me.sh'), '#!/bin/sh\n', { mode: 0o755 });
	assert.ok(!(await problems('--set', `alerts.commands=${commands}`)).found.some((p) => p.code === 'commands_unsafe'));
	chmodSync(join(commands, 'page-me.sh'), 0o777);
	await expect('commands_unsafe', '--set', `alerts.commands=${commands}`);
	// A server that was taken over has its own directory, but not root's eyes: what its database's name leads to, it does not hear of.
	const own = postroom.keys['store.path'];
	const roots = join(dirname(postroom.configFile), 'roots');
	writeFileSync(roots, 'no database at all'.repeat(100), { mode: 0o600 });
	renameSync(own, `${own}.aside`);
	symlinkSync(roots, own);
	assert.equal((await problems()).found.find((p) => p.code === 'store_damaged'), undefined);
	rmSync(own);
	renameSync(`${own}.aside`, own);
	assert.equal((await postroom.cli('check', '--nonsense')).status, 2);
});

test('check names messages that a stopped service left on hold', async () => {
	const postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	const id = await postfix.inject({ from: 'news@shop.example', to: ['anna@dest.example'] });
	const postroom = await Postroom.start(postfix);
	await postroom.untilMessage(id, (message) => message.queue === 'deferred');
	const { job } = await postroom.job({ action: 'delete', ids: [id], undo_seconds: 3600 });
	assert.equal(job.state, 'grace');
	const found = async () => {
		const { status, stdout } = await postroom.cli('check', '--json');
		return { status, problem: stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)).find((p) => p.code === 'grace_open') };
	};
	const running = await found();
	assert.equal(running.status, 0);
	assert.equal(running.problem.severity, 'advice');
	await postroom.stop();
	const stopped = await found();
	assert.equal(stopped.status, 1);
	assert.equal(stopped.problem.severity, 'partial');
	assert.match(stopped.problem.text, new RegExp(`job ${job.id}, a delete: 1 message on hold for`));
	await postfix.stop();
});
