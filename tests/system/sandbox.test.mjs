// The sandbox of each role: what a parser that was taken over tries, in the very sandbox that it has, and what is said where the kernel
// gives less. Each attempt is made twice: by a user who may do it, without a sandbox, where it works; and by the same user inside, where
// nothing but the sandbox stands in the way. Then as the user that the parser is, on what there is to attack.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, binary, register, until } from '../harness/index.mjs';

const probe = join(dirname(binary), 'src/role/sandbox_probe');
const PARSERS = ['reader', 'logreader', 'viewer'];
const ENDED = 'ended by its sandbox';

// {attempt: what came of it}; `said` is what the process wrote.
function run(...args) {
	const { stdout, stderr, status } = spawnSync(probe, args.map(String), { encoding: 'utf8' });
	assert.equal(status, 0, stderr);
	const results = Object.fromEntries(stdout.trim().split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
	return { results, said: stderr };
}

const bare = (uid, gid, attempts) => run('bare', uid, gid, ...attempts).results;
const inside = (role, uid, gid, attempts) => run('try', role, uid, gid, '/nonexistent/postroom.db', ...attempts);
const idOf = (option, name) => Number(execFileSync('id', [option, name]));
const owner = (path) => {
	const { uid, gid } = statSync(path);
	return [uid, gid];
};
const userOf = (pid) => {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return [/^Uid:\t(\d+)/m, /^Gid:\t(\d+)/m].map((pattern) => Number(pattern.exec(status)[1]));
};

let postfix;
let postroom;
let queueFile;
before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	const id = await postfix.injectDeferred({});
	postroom = await Postroom.start(postfix);
	queueFile = join(postfix.spool, readdirSync(postfix.spool, { recursive: true }).find((name) => name.startsWith('deferred/') && name.endsWith(id)));
});
after(async () => {
	await postroom.stop();
	await postfix.stop();
});

test('the kernel says of each process what THREAT-MODEL says', async () => {
	const text = readFileSync(new URL('../../docs/THREAT-MODEL.md', import.meta.url), 'utf8');
	const rows = new Map([...text.matchAll(/^\| ([a-z ]+) \| (\d) \| /gm)].map((m) => [m[1], Number(m[2])]));
	const statusOf = (pid, name) => new RegExp(`^${name}:\t(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
	const outer = Number(statusOf('self', 'Seccomp_filters'));
	const id = await postfix.injectDeferred({ message: `Subject: long\r\n\r\n${`${'x'.repeat(900)}\r\n`.repeat(9000)}` });
	await postroom.untilMessage(id);
	// Nobody reads the download, so the viewer stays.
	const reply = await new Promise((done, fail) => {
		request({ socketPath: postroom.socket, path: `/api/v1/messages/${id}/raw`, headers: { Host: 'localhost', 'Keep-Alive': 'postroom' } }, done).on('error', fail).end();
	});
	const [helper] = postroom.pids('helper');
	const viewer = await until('a viewer', () => {
		const line = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(helper)]).toString().split('\n').find((words) => /postroom-viewer/.test(words));
		return line ? Number(line.trim().split(' ')[0]) : null;
	});
	const pids = { supervisor: postroom.child.pid, helper, viewer };
	for (const role of ['reader', 'logreader', 'server', 'notifier'])
		[pids[role]] = postroom.pids(role);
	pids.starter = Number(readFileSync(`/proc/${pids.notifier}/task/${pids.notifier}/children`, 'utf8').trim());
	for (const [role, pid] of Object.entries(pids)) {
		assert.equal(statusOf(pid, 'Seccomp'), '2', role);
		assert.equal(Number(statusOf(pid, 'Seccomp_filters')) - outer, rows.get(role), role);
	}
	reply.destroy();
});

test('files: the database, a spool file, /etc/shadow, other processes', () => {
	const [server] = postroom.pids('server');
	const shadow = [idOf('-u', 'nobody'), Number(execFileSync('getent', ['group', 'shadow']).toString().split(':')[2])];
	const cases = [
		[`open:${postroom.keys['store.path']}`, owner(postroom.keys['store.path'])],
		[`open:${queueFile}`, owner(queueFile)],
		['open:/etc/shadow', shadow],
		['open:/etc/passwd', userOf(server)],
		['open:/proc/1/status', userOf(server)],
	];
	for (const [attempt, user] of cases) {
		assert.equal(bare(...user, [attempt])[attempt], 'worked', attempt);
		for (const role of ['reader', 'viewer']) // they open the converters of iconv; Landlock has the rest
			assert.equal(inside(role, ...user, [attempt]).results[attempt], 'EACCES', `${role} ${attempt}`);
		const { results, said } = inside('logreader', ...user, [attempt]);
		assert.equal(results[attempt], ENDED, attempt);
		assert.match(said, /logreader: the sandbox does not admit the system call open/);
	}
});

test('sockets, programs and other processes', () => {
	const [uid, gid] = userOf(postroom.pids('server')[0]);
	const victim = spawn('sleep', ['1000'], { uid, gid, stdio: 'ignore' });
	register(() => victim.kill('SIGKILL'));
	const [group] = owner(postroom.socket).slice(1);
	// What works without a sandbox (EFAULT: it may look, but not at that address), and the call that the log names inside.
	const cases = [
		[`connect:${postroom.socket}`, [uid, group], 'worked', 'socket'],
		[`tcp:${postroom.keys['http.listen'].split(':')[1]}`, [uid, gid], 'worked', 'socket'],
		[`signal:${victim.pid}`, [uid, gid], 'worked', 'kill'],
		[`trace:${victim.pid}`, [uid, gid], 'worked', 'ptrace'],
		[`memory:${victim.pid}`, [uid, gid], 'EFAULT', 'process_vm_readv'],
		['fork', [uid, gid], 'worked', '(clone|fork)'],
		['exec', [uid, gid], 'worked', 'execve'],
		['write:/dev/null', [uid, gid], 'worked', 'open'],
	];
	for (const [attempt, user, outside, call] of cases) {
		assert.equal(bare(...user, [attempt])[attempt], outside, attempt);
		for (const role of PARSERS) {
			const { results, said } = inside(role, ...user, [attempt]);
			assert.equal(results[attempt], ENDED, `${role} ${attempt}`);
			assert.match(said, new RegExp(`${role}: the sandbox does not admit the system call ${call}`));
		}
	}
	victim.kill('SIGKILL');
});

test('as the user that it is, a parser reaches none of the others', () => {
	const pids = ['helper', 'server', 'reader', 'logreader'].flatMap((role) => postroom.pids(role));
	const attempts = [`open:${postroom.keys['store.path']}`, `open:${queueFile}`, 'open:/etc/shadow', 'open:/proc/1/status', `connect:${postroom.socket}`,
		...pids.flatMap((pid) => [`open:/proc/${pid}/mem`, `signal:${pid}`, `trace:${pid}`, `memory:${pid}`])];
	const user = userOf(postroom.pids('reader')[0]);
	for (const role of PARSERS)
		for (const [attempt, result] of Object.entries(inside(role, ...user, attempts).results))
			assert.ok(result === ENDED || (result === 'EACCES' && role !== 'logreader'), `${role} ${attempt}: ${result}`);
});

test('the server keeps its own directory, and no program, network or other process', () => {
	const user = userOf(postroom.pids('server')[0]);
	const store = postroom.keys['store.path'];
	const { results, said } = run('try', 'server', ...user, store, `open:${store}`, `open:${queueFile}`, 'open:/etc/shadow', `open:${postroom.configFile}`,
		'open:/proc/1/status', 'tcp:25', 'exec', `trace:${postroom.child.pid}`, `memory:${postroom.child.pid}`, `signal:${postroom.child.pid}`);
	assert.deepEqual(Object.values(results), ['worked', 'EACCES', 'EACCES', 'EACCES', 'EACCES', 'EAFNOSUPPORT', 'EPERM', 'EPERM', 'EPERM', 'EPERM']);
	assert.match(said, /server: the sandbox does not admit the system call execve, which was refused/);
});

test('the notifier connects, and reaches no file, program, process, nor socket of the product', () => {
	const user = userOf(postroom.pids('notifier')[0]);
	const { results, said } = run('try', 'notifier', ...user, '/nonexistent', `tcp:${postroom.keys['http.listen'].split(':')[1]}`, 'open:/etc/hosts', `open:${postroom.keys['store.path']}`, `open:${queueFile}`,
		`open:${postfix.spool}`, 'open:/etc/shadow', 'open:/proc/1/status', 'write:/dev/null', 'exec', 'fork', `connect:${postroom.socket}`, `connect:${join(postfix.spool, 'public/showq')}`, `trace:${postroom.child.pid}`,
		`memory:${postroom.child.pid}`, `signal:${postroom.child.pid}`);
	assert.deepEqual(Object.values(results), ['worked', 'worked', 'EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES', 'EPERM', 'EPERM', 'EACCES', 'EACCES', 'EPERM', 'EPERM', 'EPERM'], JSON.stringify(results));
	assert.match(said, /notifier: the sandbox does not admit the system call (clone|fork), which was refused/);
	// What its user may, its sandbox still refuses.
	const [uid, gid] = user;
	const victim = spawn('sleep', ['1000'], { uid, gid, stdio: 'ignore' });
	register(() => victim.kill('SIGKILL'));
	assert.deepEqual(bare(uid, gid, [`signal:${victim.pid}`, 'fork', 'exec', 'write:/dev/null']), { [`signal:${victim.pid}`]: 'worked', fork: 'worked', exec: 'worked', 'write:/dev/null': 'worked' });
	assert.equal(run('try', 'notifier', uid, gid, '/nonexistent', `signal:${victim.pid}`).results[`signal:${victim.pid}`], 'EPERM');
	victim.kill('SIGKILL');
});

const LACKING = {
	landlock: /the kernel does not give Landlock/,
	seccomp: /gives no seccomp filters/,
};
for (const [what, words] of Object.entries(LACKING))
	test(`a kernel without ${what}: said, and run.sandbox decides`, async () => {
		const without = await Postroom.start(postfix, { under: [probe, 'without', what] });
		await until('it to be said', () => words.test(without.log));
		const { warnings } = await until('the warning', async () => {
			const queue = await without.get('/queue');
			return queue.warnings.some((w) => w.code === 'sandbox_partial') ? queue : null;
		});
		assert.match(warnings.find((w) => w.code === 'sandbox_partial').text, words);
		assert.equal(/^Seccomp:\t(\d)/m.exec(readFileSync(`/proc/${without.pids('reader')[0]}/status`, 'utf8'))[1], '2', 'at least the one that simulates');
		await without.stop();
		const check = (...args) => spawnSync(probe, ['without', what, binary, 'check', '--json', '--config', without.configFile, ...args], { encoding: 'utf8' });
		const problem = (text) => text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)).find((p) => p.code === 'sandbox_partial');
		const advice = check();
		assert.equal(problem(advice.stdout).severity, 'advice');
		assert.equal(advice.status, 0, advice.stdout);
		const fatal = check('--set', 'run.sandbox=require');
		assert.equal(problem(fatal.stdout).severity, 'fatal');
		assert.equal(fatal.status, 1);
		const refused = spawnSync(probe, ['without', what, binary, 'serve', '--config', without.configFile, '--set', 'run.sandbox=require'], { encoding: 'utf8' });
		assert.equal(refused.status, 1);
		assert.match(refused.stderr, /run\.sandbox = require, but/);
		assert.match(refused.stderr, words);
	});

test('with all of it, `require` starts', async () => {
	const whole = await Postroom.start(postfix, { set: { 'run.sandbox': 'require' } });
	assert.doesNotMatch(whole.log, /sandbox/);
	await whole.stop();
});

test('another directory of commands brings another notifier, whose starter knows it', async () => {
	const changed = await Postroom.start(postfix);
	const [notifier] = changed.pids('notifier');
	changed.keys['alerts.commands'] = '/nonexistent/commands';
	changed.writeConfig();
	process.kill(changed.child.pid, 'SIGHUP');
	await until('another notifier', () => changed.pids('notifier').some((pid) => pid !== notifier));
	assert.throws(() => process.kill(notifier, 0), { code: 'ESRCH' });
	await changed.stop();
});

test('a log command brings another helper, as its sandbox must admit it', async () => {
	const changed = await Postroom.start(postfix);
	const [helper] = changed.pids('helper');
	changed.keys['postfix.log_command'] = `tail -n +1 -F ${postfix.log}`;
	changed.writeConfig();
	process.kill(changed.child.pid, 'SIGHUP');
	await until('another helper', () => changed.pids('helper').some((pid) => pid !== helper));
	await until('what the command prints', () => execFileSync('pgrep', ['-f', `tail -n .1 -F ${postfix.log}`]).length > 0);
	await changed.untilCurrent();
	await changed.stop();
});
