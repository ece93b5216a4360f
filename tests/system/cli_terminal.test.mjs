// The command line on terminals, its choice of services, and what is in a message.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { dirname, join } from 'node:path';
import test, { before } from 'node:test';
import { Authority, Postfix, Postroom, Sink, binary } from '../harness/index.mjs';

let postfix;
let postroom;
let id;

const MESSAGE = Buffer.from('Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nHello \u001b[31mred\u001b[0m w\u00f6rld\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=x.bin\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC/w==\r\n--b--\r\n', 'utf8');

before(async () => {
	const sink = await Sink.start({ rcpt: () => '452 4.2.2 Mailbox full' });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	postroom = await Postroom.start(postfix);
	id = await postfix.injectDeferred({ from: 'news@shop.example', to: ['a@full.example'], message: MESSAGE });
	await postroom.untilMessage(id, (m) => m.queue === 'deferred' && m.recipients[0].reason);
});

// A command on a terminal of this size, through python's pty. `steps`: [what is waited for, then: a text that is typed, or [rows, columns]].
const PTY = `
import fcntl, json, os, pty, re, select, struct, sys, termios
job = json.loads(sys.argv[1])
def size(fd, rows, cols): fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, cols, 0, 0))
def child():
    size(0, *job['size'])
    os.execvpe(job['command'][0], job['command'], {**os.environ, **job['env']})
pid, fd = pty.fork()
if pid == 0: child()
out = b''; seen = 0; steps = job['steps']
while True:
    try: data = os.read(fd, 65536)
    except OSError: break
    if not data: break
    out += data
    while steps:
        found = re.search(steps[0][0].encode(), out[seen:])
        if not found: break
        seen += found.end()
        act = steps.pop(0)[1]
        if isinstance(act, list): size(fd, *act)
        else: os.write(fd, act.encode())
print(json.dumps({'status': os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 'output': out.decode('utf8', 'replace').replace('\\r', ''), 'left': len(steps)}))
`;

function onTerminal({ size = [24, 80], env = {}, steps = [] }, name, ...args) {
	const job = { size, steps, env: { TERM: 'xterm', PAGER: '', ...env }, command: [binary, name, '--config', postroom.configFile, ...args] };
	return new Promise((resolve, reject) => {
		const child = spawn('python3', ['-c', PTY, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] });
		let out = '';
		let err = '';
		child.stdout.on('data', (data) => { out += data; });
		child.stderr.on('data', (data) => { err += data; });
		child.on('close', (code) => (code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`python3: ${err}`))));
	});
}

test('colours are only on terminals, and only where they are wanted', async () => {
	const bold = '\u001b[1mID\u001b[0m';
	const coloured = async (env) => (await onTerminal({ env }, 'list')).output.includes(bold);
	assert.ok(await coloured({}));
	for (const env of [{ NO_COLOR: '1' }, { CLICOLOR: '0' }, { TERM: 'dumb' }])
		assert.ok(!await coloured(env), JSON.stringify(env));
	assert.ok(!(await postroom.cli('list')).stdout.includes('\u001b'));
	assert.ok((await postroom.cliWith({ env: { CLICOLOR_FORCE: '1' } }, 'list')).stdout.includes(bold));
	assert.ok(!(await postroom.cliWith({ env: { CLICOLOR_FORCE: '1' } }, 'list', '--json')).stdout.includes('\u001b'));
});

test('what is longer than the screen goes to a pager, which may be left early', async () => {
	const env = { PAGER: 'sed s/^/paged:/', NO_COLOR: '1' };
	const long = await onTerminal({ size: [5, 80], env }, 'show', id);
	assert.equal(long.status, 0);
	assert.match(long.output, /^paged:ID +/m);
	assert.match(long.output, /^paged:Attempts/m);
	assert.doesNotMatch((await onTerminal({ size: [5, 80], env }, 'list')).output, /paged:/);
	assert.doesNotMatch((await onTerminal({ size: [5, 80], env }, 'show', '--no-pager', id)).output, /paged:/);
	assert.doesNotMatch((await postroom.cliWith({ env }, 'show', id)).stdout, /paged:/);
	const left = await onTerminal({ size: [5, 80], env: { PAGER: 'head -n 1' } }, 'settings', '--json');
	assert.equal(left.status, 0);
	assert.equal(left.output.split('\n').filter(Boolean).length, 1);
	const nobody = await onTerminal({ size: [5, 80], env: { PAGER: '/nowhere/pager' } }, 'show', id);
	assert.match(nobody.output, /Attempts/);
	const usual = await onTerminal({ size: [5, 80], env: { PAGER: 'less -FRX' }, steps: [['ID ', 'q']] }, 'show', id);
	assert.equal(usual.status, 0);
});

test('--watch draws in place, follows the size of the window, and Ctrl-C ends it well', async () => {
	const { status, output, left } = await onTerminal({ size: [24, 120], steps: [[`${id}.*\\n`, [24, 60]], ['\u001b\\[H[^]*' + id, '\u0003']].map(([wait, act]) => [wait.replace('[^]*', '(.|\\n|\\r)*?'), act]) }, 'list', '--watch');
	assert.equal(left, 0);
	assert.equal(status, 0);
	const frames = output.split('\u001b[H').filter((frame) => frame.includes(id));
	// eslint-disable-next-line no-control-regex
	const widest = (frame) => Math.max(...frame.split('\n').map((line) => [...line.replaceAll(/\u001b\[[0-9;?]*[a-zA-Z]/g, '')].length));
	assert.ok(widest(frames[0]) > 60, output);
	assert.ok(widest(frames.at(-1)) <= 60, output);
	assert.match(output, /\u001b\[\?25l/);
	assert.match(output, /\u001b\[\?25h\n$/);
});

test('fields, titles and widths are as wished', async () => {
	const json = (...args) => postroom.cli('list', ...args).then(({ stdout }) => stdout);
	assert.deepEqual(JSON.parse(await json('--fields', 'id,recipients.address,recipients.0.dsn,origin.login')), { id, 'recipients.address': ['a@full.example'], 'recipients.0.dsn': '4.2.2', 'origin.login': null });
	assert.equal(await json('--csv', '--fields', 'id,recipients.0.address'), `id,recipients.0.address\r\n${id},a@full.example\r\n`);
	assert.equal(await json('--csv', '--no-header', '--fields', 'id'), `${id}\r\n`);
	assert.match(await json('--no-header'), new RegExp(`^${id} `));
	assert.match((await onTerminal({ env: { NO_COLOR: '1' } }, 'list', '--wide')).output, /a@full\.example +\S.* said: 452 4\.2\.2/);
	const wrong = await postroom.cli('list', '--fields', 'recipients.adress');
	assert.equal(wrong.status, 2);
	assert.match(wrong.stderr, /did you mean recipients\.address\?/);
	for (const args of [['groups', '--by', 'domain'], ['jobs'], ['settings'], ['history'], ['incidents'], ['pauses'], ['alerts'], ['status'], ['trace', id], ['show', id], ['token', 'list'], ['user', 'list'], ['usage'], ['version']]) {
		const { status, stdout, stderr } = await postroom.cli(...args, '--csv');
		assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
		assert.match(stdout, /^[a-z][a-z0-9_.,]*\r\n/, args.join(' '));
	}
});

test('services have names, and tokens stay with whom they are for', async () => {
	const config = join(postroom.dir, 'config');
	const list = (text) => writeFileSync(join(config, 'postroom', 'hosts.ini'), text, { mode: 0o600 });
	const cli = (env, ...args) => postroom.cliWith({ env: { XDG_CONFIG_HOME: config, ...env } }, ...args);
	mkdirSync(join(config, 'postroom'), { recursive: true });
	const token = (await postroom.cli('token', 'create', '--role', 'viewer', '--name', 'hosts')).stdout;
	writeFileSync(join(config, 'postroom', 'mx1.token'), token, { mode: 0o600 });
	list(`[mx1]\nurl = ${postroom.url}\ntoken_file = mx1.token\n[here]\nsocket = ${postroom.socket}\n[bare]\nurl = ${postroom.url}\n`);
	for (const [env, ...args] of [[{}, 'list', '--host', 'mx1'], [{ POSTROOM_HOST: 'mx1' }, 'list'], [{ POSTROOM_SOCKET: postroom.socket }, 'list'], [{ POSTROOM_URL: postroom.url, POSTROOM_TOKEN: token }, 'list'], [{ POSTROOM_URL: 'http://127.0.0.1:1' }, 'list', '--host', 'here']]) {
		const { status, stderr } = await cli(env, ...args);
		assert.equal(status, 0, `${JSON.stringify(env)} ${args.join(' ')}: ${stderr}`);
	}
	const cases = [
		[{}, ['--host', 'mx2'], 2, /did you mean mx1\?/], [{}, ['--host', 'mx1', '--socket', postroom.socket], 2, /exclude each other/],
		[{ POSTROOM_URL: postroom.url, POSTROOM_SOCKET: postroom.socket }, [], 2, /exclude each other/],
		// The token of the environment was not meant for a host of the list.
		[{ POSTROOM_TOKEN: token }, ['--host', 'bare'], 2, /\[bare\] has no token/],
	];
	for (const [env, args, expected, said] of cases) {
		const { status, stderr } = await cli(env, 'list', ...args);
		assert.equal(status, expected, `${JSON.stringify(env)} ${args.join(' ')}: ${stderr}`);
		assert.match(stderr, said);
	}
	const tested = await cli({}, 'hosts', 'test', '--json');
	assert.equal(tested.status, 1);
	assert.deepEqual(tested.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).map((host) => [host.name, host.role]), [['mx1', 'viewer'], ['here', 'admin'], ['bare', null]]);
	chmodSync(join(config, 'postroom', 'mx1.token'), 0o644);
	const open = await cli({}, 'list', '--host', 'mx1');
	assert.equal(open.status, 2);
	assert.match(open.stderr, /chmod 600/);
	// It could send the token of another file to another host.
	list(`[mx1]\nurl = ${postroom.url}\ntoken_file = mx1.token\n`);
	chmodSync(join(config, 'postroom', 'mx1.token'), 0o600);
	chmodSync(join(config, 'postroom', 'hosts.ini'), 0o666);
	const writable = await cli({}, 'list', '--host', 'mx1');
	assert.equal(writable.status, 2, writable.stdout);
	assert.match(writable.stderr, /hosts\.ini can be written by others.*chmod go-w/s);
	chmodSync(join(config, 'postroom', 'hosts.ini'), 0o644);
	assert.equal((await cli({}, 'list', '--host', 'mx1')).status, 0);
	list('[mx1]\nulr = x\n');
	assert.match((await cli({}, 'hosts')).stderr, /line 2: ulr is no key of a host; did you mean url\?/);
	// A hint says where: what is typed from it must go to the same service.
	const { stdout } = await postroom.cli('hold', '--yes', '--socket', postroom.socket, id);
	assert.match(stdout, new RegExp(`postroom jobs undo \\d+ --config \\S+ --socket ${postroom.socket}$`, 'm'));
	await postroom.cli('release', '--yes', id);
});

test('the certificate of a service is verified', async () => {
	const authority = new Authority();
	const config = join(postroom.dir, 'certified');
	const server = createSecureServer(authority.issue('localhost'), (request, reply) => reply.setHeader('Content-Type', 'application/json').end('{"role":"viewer","version":"1"}')).listen(0, '127.0.0.1');
	await new Promise((done) => server.once('listening', done));
	const { port } = server.address();
	const host = (name, url, more) => `[${name}]\nurl = ${url}:${port}\ntoken = secret\n${more}\n`;
	mkdirSync(join(config, 'postroom'), { recursive: true });
	writeFileSync(join(config, 'postroom', 'hosts.ini'), host('good', 'https://localhost', `ca_file = ${authority.file}`) + host('unknown', 'https://localhost', '') + host('other', 'https://127.0.0.1', `ca_file = ${authority.file}`), { mode: 0o600 });
	const { stdout } = await postroom.cliWith({ env: { XDG_CONFIG_HOME: config } }, 'hosts', 'test', '--json');
	server.close();
	server.closeAllConnections();
	const [good, unknown, other] = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	assert.equal(good.role, 'viewer', good.problem);
	for (const refused of [unknown, other]) {
		assert.equal(refused.role, null);
		assert.match(refused.problem, /certificate|SSL|subject name/i);
	}
});

test('what is in a message: headers, text, source and parts', async () => {
	const show = (...args) => postroom.cli('show', ...args, id).then(({ stdout }) => stdout);
	assert.match(await show('--headers'), /^Subject: Grüße$/m);
	assert.equal(JSON.parse(await show('--headers', '--json')).parts.length, 3);
	assert.match(await show('--body'), /^Hello .*wörld/);
	const bytes = (...args) => spawnSync(binary, ['show', '--config', postroom.configFile, ...args, id]).stdout;
	assert.deepEqual(bytes('--raw'), (await postroom.raw('GET', `/api/v1/messages/${id}/raw`)).bytes);
	assert.deepEqual(bytes('--part', '2'), Buffer.from([0, 1, 2, 255]));
	for (const args of [['--raw'], ['--body'], ['--part', '1']]) {
		const { output } = await onTerminal({ env: { NO_COLOR: '1' } }, 'show', ...args, id);
		assert.match(output, /Hello <U\+001B>\[31mred<U\+001B>\[0m wörld/, args.join(' '));
		assert.ok(!output.includes('\u001b[31m'));
	}
	const token = (await postroom.cli('token', 'create', '--role', 'viewer', '--name', 'reader')).stdout.trim();
	assert.equal((await postroom.cliWith({ env: { POSTROOM_TOKEN: token } }, 'show', '--raw', '--url', postroom.url, id)).status, 4);
	for (const [args, status] of [[['--raw', '--body', id], 2], [['--raw', id, id], 2], [['--part', 'x', id], 2], [['--part', '99', id], 1], [['--body', '--csv', id], 2]])
		assert.equal((await postroom.cli('show', ...args)).status, status, args.join(' '));
});

// What zsh and fish offer for words, the last of them under the cursor.
const SHELLS = {
	zsh: (words) => ['-f', '-c', `compdef() { :; }; compadd() { print -rl -- $whole $part; }; source =(postroom completion zsh); words=("$@"); CURRENT=$#; PREFIX=$words[$#]; _postroom`, 'zsh', ...words],
	fish: (words) => ['-N', '-c', `postroom completion fish | source; complete -C "${words.join(' ')}" | string split -f 1 \\t`],
};

test('zsh and fish complete from the live queue, too', () => {
	for (const [shell, args] of Object.entries(SHELLS)) {
		const offers = (...words) => {
			const { stdout, stderr } = spawnSync(shell, args(words), { encoding: 'utf8', env: { PATH: `${dirname(binary)}:${process.env.PATH}`, HOME: postroom.dir, POSTROOM_SOCKET: postroom.socket } });
			assert.equal(stderr, '', `${shell}: ${words.join(' ')}`);
			return stdout.split('\n').filter(Boolean);
		};
		assert.deepEqual(offers('postroom', 'li'), ['list'], shell);
		assert.deepEqual(offers('postroom', 'list', 'from:new'), ['from:=news@shop.example'], shell);
		assert.deepEqual(offers('postroom', 'show', id.slice(0, -2)), [id], shell);
		assert.deepEqual(offers('postroom', 'groups', '--by', 'recipient'), ['recipient_domain'], shell);
	}
});

test('no shell is offered an option that a stranger has chosen', async (t) => {
	const socket = join(postroom.dir, 'stranger.sock');
	const pauses = ['--url=http://elsewhere.example', '7'].map((id) => ({ id, key: 'shop.example' }));
	const service = createServer((request, reply) => reply.setHeader('Content-Type', 'application/json').end(JSON.stringify({ pauses }))).listen(socket);
	t.after(() => service.close());
	await new Promise((done) => service.once('listening', done));
	const child = spawn(binary, ['complete', 'fish', 'postroom', 'resume', ''], { env: { POSTROOM_SOCKET: socket }, stdio: ['ignore', 'pipe', 'inherit'] });
	assert.equal((await child.stdout.toArray()).join(''), '7\tshop.example\n');
});

test('version says when the service has another', async () => {
	const own = /^postroom (\S+)\n$/.exec(spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout)[1];
	const same = await postroom.cli('version');
	assert.equal(same.stdout, `postroom ${own}\nservice  ${own}, ${postroom.socket}\n`);
	assert.equal(same.stderr, '');
	const socket = join(postroom.dir, 'other.sock');
	const other = createServer((request, reply) => reply.setHeader('Content-Type', 'application/json').end('{"version":"9.9.9"}')).listen(socket);
	await new Promise((done) => other.once('listening', done));
	const differs = await postroom.cli('version', '--socket', socket);
	other.close();
	other.closeAllConnections();
	rmSync(socket, { force: true });
	assert.equal(differs.status, 0);
	assert.match(differs.stderr, new RegExp(`the service is 9\\.9\\.9, this command is ${own.replaceAll('.', '\\.')}`));
});
