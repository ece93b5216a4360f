// The command line: every command on the real service.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import test, { before } from 'node:test';
import { Postfix, Postroom, Sink, binary, schemaProblem } from '../harness/index.mjs';

let sink;
let postfix;
let postroom;

before(async () => {
	sink = await Sink.start({ rcpt: (to) => (to.endsWith('@full.example') ? '452 4.2.2 Mailbox full' : null) });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	postroom = await Postroom.start(postfix);
});

const deferred = async (options = {}) => {
	const id = await postfix.injectDeferred({ to: ['a@full.example'], ...options });
	await postroom.untilMessage(id, (m) => m.queue === 'deferred' && m.recipients[0].reason);
	return id;
};
const lines = (text) => text.split('\n').filter(Boolean);

// No command takes this long; one that waits for an answer must fail its test and not hang it.
const TERMINAL_MS = 120000;

// A command with a terminal on all three, that answers `input`: {status, output}. An array answers one question
// after the other; a function in it is called when its question stands there.
function withTerminal(input, ...args) {
	const command = [binary, args[0], '--config', postroom.configFile, ...args.slice(1)].map((word) => `'${word}'`).join(' ');
	return new Promise((resolve, reject) => {
		const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: 'pipe' });
		const answers = [input].flat();
		let output = '';
		child.stdout.on('data', async (data) => {
			output += data;
			if (answers.length === 0 || output.split('[y/N]').length - 1 <= [input].flat().length - answers.length)
				return;
			const answer = answers.shift();
			child.stdin.write(typeof answer === 'function' ? await answer() : answer);
		});
		const timer = setTimeout(() => {
			child.kill('SIGKILL');
			reject(new Error(`${command}: no end in ${TERMINAL_MS} ms; it printed: ${output}`));
		}, TERMINAL_MS);
		child.on('close', (status) => {
			clearTimeout(timer);
			resolve({ status, output });
		});
	});
}

test('help and version say something true', () => {
	const help = spawnSync(binary, ['--help'], { encoding: 'utf8' });
	assert.equal(help.status, 0);
	const names = [...help.stdout.matchAll(/^ {2}([a-z]\w*) /gm)].map((m) => m[1]);
	for (const name of ['serve', 'demo', 'list', 'show', 'groups', 'retry', 'hold', 'release', 'requeue', 'delete', 'bounce', 'flush', 'jobs', 'settings', 'history', 'trace', 'user', 'token'])
		assert.ok(names.includes(name), name);
	for (const name of names) {
		const one = spawnSync(binary, [name, '--help'], { encoding: 'utf8' });
		assert.equal(one.status, 0, name);
		assert.match(one.stdout, new RegExp(`^usage: postroom ${name}`), name);
		assert.equal(spawnSync(binary, ['help', name], { encoding: 'utf8' }).stdout, one.stdout, name);
		for (const line of [...lines(help.stdout), ...lines(one.stdout)])
			assert.ok(line.length <= 80 || ['serve', 'demo', 'check', 'leave'].includes(name), line);
	}
	assert.match(spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout, /^postroom \d+\.\d+\.\d+\n$/);
});

test('wrong usage is exit status 2, with what was expected', async () => {
	const cases = [['list', '--nonsense'], ['list', '--limit', 'many'], ['list', '--limit'], ['show'], ['show', 'a;b'], ['groups'],
		['delete', '--yes'], ['delete', '--yes', '--all', 'x'], ['retry', '--yes', '--rate', '-3', 'x'], ['delete', '--yes', '--undo', 'soon', 'x'],
		['jobs', 'undo'], ['jobs', 'x'], ['settings', 'nonsense'], ['history', '--from', 'yesterday'], ['trace'], ['trace', 'a', 'b'], ['trace', 'a', '--to', 'never'], ['user', 'add'], ['token'], ['token', 'create'],
		['token', 'create', '--role', 'admin', '--valid', '0'], ['completion', 'ksh'], ['list', '--set', 'http.listen=nowhere']];
	for (const args of cases) {
		const { status, stdout, stderr } = await postroom.cli(...args);
		assert.equal(status, 2, `${args.join(' ')}: ${stdout}${stderr}`);
		assert.match(stderr, new RegExp(`^postroom ${args[0]}: `), args.join(' '));
		assert.equal(stdout, '', args.join(' '));
	}
	assert.equal(spawnSync(binary, ['nonsense']).status, 2);
	assert.equal(spawnSync(binary, []).status, 2);
});

test('list prints a table for people and a message a line for programs', async () => {
	const id = await deferred({ from: 'orders@shop.example' });
	const table = await postroom.cli('list', 'from:orders@shop.example');
	assert.equal(table.status, 0, table.stderr);
	assert.match(table.stdout, new RegExp(`^ID +QUEUE +AGE.*\n${id} +deferred .*orders@shop\\.example +a@full\\.example .*Mailbox full`));
	const json = await postroom.cli('list', '--json', id);
	assert.equal(json.status, 0, json.stderr);
	assert.equal(lines(json.stdout).length, 1);
	assert.equal(schemaProblem('Message', JSON.parse(json.stdout)), null);
	const none = await postroom.cli('list', 'from:nobody@nowhere.example');
	assert.equal(none.status, 1);
	assert.match(none.stderr, /nothing matched/);
	assert.equal(none.stdout, '');
});

test('a filter that is wrong is answered with its column', async () => {
	const { status, stderr } = await postroom.cli('list', 'size>lots');
	assert.equal(status, 2);
	assert.match(stderr, /column \d+/);
	// No message can have this value: those that there are.
	for (const command of [['list'], ['groups', '--by', 'cause'], ['delete', '--yes']]) {
		const held = await postroom.cli(...command, 'queue:held');
		assert.deepEqual([held.status, held.stdout], [2, '']);
		assert.match(held.stderr, /expected incoming, active, deferred, hold or maildrop \(did you mean hold\?\)/);
	}
});

test('show says everything about one message', async () => {
	const id = await deferred({ subject: 'Shown', xclient: { ADDR: '192.0.2.77', LOGIN: 'webshop' } });
	const { status, stdout, stderr } = await postroom.cli('show', id);
	assert.equal(status, 0, stderr);
	for (const expected of [id, 'deferred', 'Shown', '192.0.2.77', 'webshop', '4.2.2', 'Mailbox full', 'Next retry', 'Expires', 'Attempts', 'Cause', 'mailbox is full'])
		assert.ok(stdout.includes(expected), `${expected} in ${stdout}`);
	const json = await postroom.cli('show', '--json', id);
	assert.equal(schemaProblem('MessageDetail', JSON.parse(json.stdout)), null);
	const gone = await postroom.cli('show', '4jXMp05WMsz1bY2k');
	assert.equal(gone.status, 1);
	assert.match(gone.stderr, /postroom show: /);
});

test('groups count what the queue consists of', async () => {
	await deferred({ from: 'grouped@shop.example' });
	const { status, stdout } = await postroom.cli('groups', '--by', 'sender', 'from:grouped@shop.example');
	assert.equal(status, 0);
	assert.match(stdout, /^MESSAGES.*\n +1 +1 .*grouped@shop\.example\n$/);
	const json = await postroom.cli('groups', '--json', '--by', 'recipient_domain');
	assert.ok(lines(json.stdout).every((line) => schemaProblem('Group', JSON.parse(line)) === null));
});

test('control characters and direction marks of mail never reach the terminal', async () => {
	const evil = 'x\u001b]0;owned\u0007\u202e\u009b2J';
	const id = await deferred({ from: 'evil@shop.example', message: Buffer.from(`Subject: ${evil}\r\n\r\nbody\r\n`, 'utf8') });
	for (const args of [['show', id], ['show', '--json', id], ['list', id], ['list', '--json', id], ['list', 'subject:owned']]) {
		const { stdout, stderr } = await postroom.cli(...args);
		// eslint-disable-next-line no-control-regex
		assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, args.join(' '));
	}
	const { stdout } = await postroom.cli('show', id);
	assert.match(stdout, /<U\+202E>|\?/);
});

test('acting without a terminal refuses, and a dry run changes nothing', async () => {
	const id = await deferred();
	const refused = await postroom.cli('hold', id);
	assert.equal(refused.status, 2);
	assert.match(refused.stderr, /terminal/);
	const dry = await postroom.cli('hold', '--dry-run', id);
	assert.equal(dry.status, 0, dry.stderr);
	assert.match(dry.stdout, /hold: 1 message/);
	assert.equal(postfix.where(id), 'deferred');
});

test('hold and release by ID, by standard input and by filter', async () => {
	const [one, two, three] = [await deferred(), await deferred(), await deferred({ from: 'batch@shop.example' })];
	const held = await postroom.cli('hold', '--yes', '--json', one);
	assert.equal(held.status, 0, held.stderr);
	assert.deepEqual(lines(held.stdout).map((line) => JSON.parse(line)).map((item) => [item.id, item.outcome]), [[one, 'done']]);
	assert.equal(postfix.where(one), 'hold');
	const piped = await postroom.cliWith({ input: `${two}\n` }, 'hold', '--yes', '-');
	assert.equal(piped.status, 0, piped.stderr);
	assert.equal(postfix.where(two), 'hold');
	const filtered = await postroom.cli('hold', '--yes', 'from:batch@shop.example');
	assert.equal(filtered.status, 0, filtered.stderr);
	assert.match(filtered.stdout, /1 done/);
	assert.equal(postfix.where(three), 'hold');
	await postroom.untilMessage(one, (m) => m.queue === 'hold');
	await postroom.untilMessage(two, (m) => m.queue === 'hold');
	const released = await postroom.cli('release', '--yes', one, two);
	assert.equal(released.status, 0, released.stderr);
	assert.equal(postfix.where(one), 'deferred');
});

test('what cannot be done for all is exit status 1, and each is named', async () => {
	const id = await deferred();
	const { status, stdout } = await postroom.cli('hold', '--yes', id, '4jXMp05WMsz1bY2k');
	assert.equal(status, 1);
	assert.match(stdout, /1 done, 1 gone/);
	assert.match(stdout, /4jXMp05WMsz1bY2k +gone/);
	assert.equal(postfix.where(id), 'hold');
});

test('nothing matched is exit status 1 and no job', async () => {
	const before = lines((await postroom.cli('jobs', '--json')).stdout).length;
	for (const args of [['delete', '--yes', 'from:nobody@nowhere.example'], ['delete', '--yes', '-']]) {
		const { status, stderr } = await postroom.cli(...args);
		assert.equal(status, 1, args.join(' '));
		assert.match(stderr, /nothing matched/);
	}
	assert.equal(lines((await postroom.cli('jobs', '--json')).stdout).length, before);
});

test('delete has a grace time, and undo brings back', async () => {
	const id = await deferred();
	const { status, stdout, stderr } = await postroom.cli('delete', '--yes', '--undo', '10m', id);
	assert.equal(status, 0, stderr);
	const job = /postroom jobs undo (\d+)/.exec(stdout)?.[1];
	assert.ok(job, stdout);
	assert.equal(postfix.where(id), 'hold');
	const undone = await postroom.cli('jobs', 'undo', job);
	assert.equal(undone.status, 0, undone.stderr);
	assert.equal(postfix.where(id), 'deferred');
	const now = await postroom.cli('delete', '--yes', '--undo', '0', id);
	assert.equal(now.status, 0, now.stderr);
	assert.equal(postfix.where(id), null);
	assert.match((await postroom.cli('jobs', job)).stdout, /undone/);
});

test('a hold is taken back by its number, after a question', async () => {
	const id = await deferred();
	const { stdout } = await postroom.cli('hold', '--yes', id);
	const job = /To release them again: postroom jobs undo (\d+)/.exec(stdout)?.[1];
	assert.ok(job, stdout);
	assert.equal((await postroom.cli('jobs', 'undo', job)).status, 2);
	assert.equal(postfix.where(id), 'hold');
	const dry = await postroom.cli('jobs', 'undo', '--dry-run', job);
	assert.match(dry.stdout, /release: 1 message/);
	assert.equal(postfix.where(id), 'hold');
	const undone = await postroom.cli('jobs', 'undo', '--yes', job);
	assert.equal(undone.status, 0, undone.stderr);
	assert.match(undone.stdout, /To put them on hold again: postroom jobs undo \d+/);
	assert.equal(postfix.where(id), 'deferred');
});

test('retry delivers what can be delivered, and requeue gives a new ID', async () => {
	const { rcpt } = sink.hooks;
	const id = await deferred({ to: ['again@full.example'] });
	const other = await deferred({ to: ['new@full.example'] });
	const requeued = await postroom.cli('requeue', '--yes', '--json', other);
	assert.equal(requeued.status, 0, requeued.stderr);
	assert.notEqual(postfix.where(other), 'deferred');
	sink.hooks.rcpt = null;
	const { status, stderr } = await postroom.cli('retry', '--yes', id);
	assert.equal(status, 0, stderr);
	await postfix.untilIn(null, id);
	sink.hooks.rcpt = rcpt;
});

test('at a terminal it asks, and only yes is yes', async () => {
	const id = await deferred();
	const none = await withTerminal([], 'release', id);
	assert.match(none.output, /release: nothing to do/);
	assert.equal(none.status, 1);
	const no = await withTerminal('n\r', 'hold', id);
	assert.match(no.output, /Put 1 message on hold\? \[y\/N\]/);
	assert.match(no.output, /nothing was done/);
	assert.equal(no.status, 1);
	assert.equal(postfix.where(id), 'deferred');
	const yes = await withTerminal('y\r', 'hold', id);
	assert.equal(yes.status, 0, yes.output);
	assert.equal(postfix.where(id), 'hold');
});

test('a preview names the IDs that are not in the queue, and tells when deleted mail is removed', async () => {
	const { status, stdout } = await postroom.cli('delete', '--dry-run', '--undo', '10m', await deferred(), '4jd3vt3bMZz9999');
	assert.equal(status, 0);
	assert.match(stdout, /^  not in the queue  4jd3vt3bMZz9999$/m);
	assert.match(stdout, /^  held now, removed 10m later; until then `postroom jobs undo --config \S+` brings all back$/m);
});

test('a preview names the commands of Postfix that would run', async () => {
	const id = await deferred();
	for (const [action, commands] of [['retry', 'postqueue -i'], ['hold', 'postsuper -h -'], ['requeue', 'postsuper -r -'], ['delete', 'postsuper -h -, then postsuper -d - hold'], ['bounce', 'postsuper -e -, then postqueue -i']])
		assert.ok((await postroom.cli(action, '--dry-run', id)).stdout.split('\n').includes(`  runs              ${commands}`), action);
});

test('at a terminal it asks again when much has moved before the answer', async () => {
	const ids = await postfix.injectMany(11, (i) => ({ from: `moved${i}@shop.example`, to: [`m${i}@full.example`] }));
	await postfix.untilIn('deferred', ids);
	for (const id of ids)
		await postroom.untilMessage(id, (m) => m.queue === 'deferred');
	const moveAll = async () => {
		await postfix.feed('postsuper', ['-h', '-'], `${ids.join('\n')}\n`);
		for (const id of ids)
			await postroom.untilMessage(id, (m) => m.queue === 'hold');
		return 'y\r';
	};
	const { status, output } = await withTerminal([moveAll, 'n\r'], 'delete', '--undo', '0', 'from:moved');
	assert.equal(output.split('Delete 11 messages').length - 1, 2, output);
	assert.match(output, /Much has moved in the queue since/);
	assert.equal(status, 1);
	for (const id of ids)
		assert.equal(postfix.where(id), 'hold');
	const yes = await postroom.cli('delete', '--yes', '--undo', '0', 'from:moved');
	assert.equal(yes.status, 0, yes.stdout + yes.stderr);
	await postfix.untilIn(null, ids);
});

test('flush says that Postfix was asked', async () => {
	assert.equal((await postroom.cli('flush')).status, 2);
	const { status, stdout, stderr } = await postroom.cli('flush', '--yes');
	assert.equal(status, 0, stderr);
	assert.match(stdout, /was asked/);
});

test('settings are shown, changed and put back', async () => {
	const shown = await postroom.cli('settings');
	assert.equal(shown.status, 0, shown.stderr);
	assert.match(shown.stdout, /maximal_queue_lifetime +5d/);
	const refused = await postroom.cli('settings', 'maximal_queue_lifetime=3d');
	assert.notEqual(refused.status, 0);
	const dry = await postroom.cli('settings', '--dry-run', 'maximal_queue_lifetime=3d');
	assert.equal(dry.status, 0, dry.stderr);
	const changed = await postroom.cli('settings', '--yes', 'maximal_queue_lifetime=3d', 'bounce_queue_lifetime=1d');
	assert.equal(changed.status, 0, changed.stdout + changed.stderr);
	assert.match((await postfix.command('postconf', '-h', 'maximal_queue_lifetime')).stdout, /^3d$/m);
	const number = /Change (\d+): applied/.exec(changed.stdout)[1];
	assert.match((await postroom.cli('settings', 'changes')).stdout, new RegExp(`^ +${number} .*applied`, 'm'));
	const restored = await postroom.cli('settings', '--yes', 'restore', number);
	assert.equal(restored.status, 0, restored.stdout + restored.stderr);
	assert.match((await postfix.command('postconf', '-h', 'maximal_queue_lifetime')).stdout, /^5d$/m);
	const bad = await postroom.cli('settings', '--yes', 'maximal_queue_lifetime=soon');
	assert.equal(bad.status, 2);
	const unknown = await postroom.cli('settings', '--yes', 'mynetworks=0s');
	assert.equal(unknown.status, 2);
});

test('history prints samples', async () => {
	const { status, stdout, stderr } = await postroom.cli('history', '--from', '1h');
	assert.equal(status, 0, stderr);
	assert.match(stdout, /^AT +INCOMING/);
});

test('tokens: create prints the secret alone, which works over --url until it is revoked', async () => {
	const created = await postroom.cli('token', 'create', '--role', 'viewer', '--name', 'for-tests');
	assert.equal(created.status, 0, created.stderr);
	assert.match(created.stdout, /^\S+\n$/);
	const env = { POSTROOM_TOKEN: created.stdout.trim() };
	const over = await postroom.cliWith({ env }, 'groups', '--url', postroom.url, '--by', 'queue');
	assert.equal(over.status, 0, over.stderr);
	const refused = await postroom.cliWith({ env }, 'flush', '--yes', '--url', postroom.url);
	assert.equal(refused.status, 4);
	const file = join(postroom.dir, 'token');
	writeFileSync(file, created.stdout);
	chmodSync(file, 0o600);
	assert.equal((await postroom.cli('groups', '--url', postroom.url, '--token-file', file, '--by', 'queue')).status, 0);
	const listed = lines((await postroom.cli('token', 'list', '--json')).stdout).map((line) => JSON.parse(line));
	const { id } = listed.find((token) => token.name === 'for-tests');
	assert.equal((await postroom.cli('token', 'revoke', String(id))).status, 0);
	assert.equal((await postroom.cliWith({ env }, 'groups', '--url', postroom.url, '--by', 'queue')).status, 4);
	assert.equal((await postroom.cli('groups', '--url', postroom.url, '--by', 'queue')).status, 2);
});

test('an account that user add made can sign in', async () => {
	const added = await postroom.cliWith({ input: 'a long enough password\n' }, 'user', 'add', 'alice', '--role', 'operator', '--password-stdin');
	assert.equal(added.status, 0, added.stderr);
	const login = await postroom.api('POST', '/login', { name: 'alice', password: 'a long enough password' }, { tcp: true, headers: { Origin: postroom.url } });
	assert.equal(login.status, 200);
	assert.equal(login.body.role, 'operator');
	const again = await postroom.cliWith({ input: 'a long enough password\n' }, 'user', 'add', 'alice', '--role', 'operator', '--password-stdin');
	assert.equal(again.status, 4);
	const short = await postroom.cliWith({ input: 'short\n' }, 'user', 'add', 'bob', '--role', 'operator', '--password-stdin');
	assert.equal(short.status, 2);
});

test('a service that is not there is said, with a hint', async () => {
	const { status, stderr } = await postroom.cli('list', '--socket', join(postroom.dir, 'nobody.sock'));
	assert.equal(status, 3);
	assert.match(stderr, /is `postroom serve` running/);
});

// What bash offers for a line, as its readline would put it there.
function bashOffers(line, env = {}) {
	const script = `source <(postroom completion bash)\nCOMP_LINE=$1; COMP_POINT=\${#1}; _postroom; printf '%s\\n' "\${COMPREPLY[@]}"`;
	const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, 'bash', line], { encoding: 'utf8', env: { PATH: `${dirname(binary)}:${process.env.PATH}`, ...env } });
	assert.equal(stderr, '', line);
	return lines(stdout);
}

test('bash completes commands, options and values, and from the live queue', async () => {
	const id = await deferred({ from: 'completed@shop.example', to: ['x@full.example'] });
	const env = { POSTROOM_SOCKET: postroom.socket };
	const cases = [
		['postroom li', ['list ']], ['postroom list --so', ['--socket ', '--sort ']], ['postroom list --sort=arr', ['arrival ']],
		['postroom groups --by rec', ['recipient_domain']], ['postroom list --fields id,orig', ['id,origin', 'id,origin.client_name', 'id,origin.client_address', 'id,origin.login', 'id,origin.helo']],
		['postroom jobs --state ru', ['running ']], ['postroom settings minimal', ['minimal_backoff_time=']], ['postroom help hos', ['hosts ']], ['postroom serve --pag', ['--page-dir ']],
		['postroom list fro', ['from:']], ['postroom list from:compl', ['=completed@shop.example ']], ["postroom list 'queue:deferred from:compl", ['queue:deferred from:=completed@shop.example']],
		['postroom hold ag', ['age', 'age']], ["postroom hold 'ag", ['age>', 'age<']], [`postroom show ${id.slice(0, -2)}`, [`${id} `]], [`postroom retry ${id.slice(0, -2)}`, [`${id} `]],
		['postroom probe full', ['full.example ']], ['postroom pause domain full', ['full.example ']], ['postroom list nothing-like-this', []], ['postroom nosuch ', []],
	];
	for (const [line, expected] of cases)
		assert.deepEqual(bashOffers(line, env), expected, line);
	// Nobody answers, or the configuration is wrong: no candidates, no error, no wait.
	for (const broken of [{ POSTROOM_SOCKET: '/nowhere.sock' }, { POSTROOM_HOST: 'nobody' }, { POSTROOM_URL: 'ftp://x' }])
		for (const line of ['postroom list fro', 'postroom show ', 'postroom probe '])
			assert.deepEqual(bashOffers(line, broken), [], `${JSON.stringify(broken)} ${line}`);
});
