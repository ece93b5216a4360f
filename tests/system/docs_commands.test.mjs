// The commands of the guide: those in blocks `sh` are run in their order against the demo, as the first hour says it; of those that
// can only be read, the shell's grammar and the options are checked.
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { binary, register, temporaryDirectory, until } from '../harness/index.mjs';

const { commandsOf, guidePages } = createRequire(import.meta.url)('../../tools/docs-commands');
const run = promisify(execFile);
const dir = temporaryDirectory('docs');
const pages = guidePages();

// A command `name` in a directory of its own: {path for PATH}.
function command(name, script) {
	writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`);
	chmodSync(join(dir, name), 0o755);
}

const env = { ...process.env, PATH: `${dir}:${process.env.PATH}:/usr/sbin`, LC_ALL: 'C' };

test('what the guide has of commands is told apart', () => {
	for (const kind of ['run', 'installed', 'example'])
		assert.ok(pages.flatMap((page) => commandsOf(page, kind)).length > 0, kind);
	assert.ok(pages.includes('docs/guide/first-hour.md'));
});

// Here every command meets a service that is not there: 3. Wrong usage is told before that, with 2.
test('commands that cannot be run here are those of a shell and of postroom', async () => {
	const said = join(dir, 'said');
	writeFileSync(said, '');
	// Those that would do something on this machine are only named.
	command('postroom', `case $1 in serve|demo|check) ${binary} --help | grep -q "^ *$1 " || echo "2 $*" >>${said}; exit 0;; esac
${binary} "$@" </dev/null >/dev/null 2>${said}.now; status=$?; cat ${said}.now >>${said}.err
# It asks at a terminal before it calls anybody: so far all was right.
grep -q 'terminal to ask at' ${said}.now && status=3; echo "$status $*" >>${said}; exit 0`);
	mkdirSync(join(dir, '.config/postroom'), { recursive: true });
	writeFileSync(join(dir, '.config/postroom/hosts.ini'), '[mx1]\nurl = http://127.0.0.1:9\ntoken_file = mx1.token\n');
	writeFileSync(join(dir, '.config/postroom/mx1.token'), 'none\n', { mode: 0o600 });
	const nobody = { ...env, POSTROOM_URL: 'http://127.0.0.1:9', POSTROOM_TOKEN: 'none', HOME: dir };
	for (const page of pages)
		for (const line of [...commandsOf(page, 'example'), ...commandsOf(page, 'installed')]) {
			const grammar = spawnSync('sh', ['-n', '-c', line], { encoding: 'utf8' });
			assert.equal(grammar.status, 0, `${page}: ${line}: ${grammar.stderr}`);
			const own = /^(?:sudo )?(postroom [^|;&<>$()]+)/.exec(line)?.[1];
			if (own)
				await run('sh', ['-c', own], { env: nobody });
		}
	const wrong = readFileSync(said, 'utf8').split('\n').filter((line) => line.startsWith('2 '));
	assert.deepEqual(wrong, [], readFileSync(`${said}.err`, 'utf8'));
});

// The demo, and its socket.
async function startDemo() {
	const child = spawn(binary, ['demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [child.stdout, child.stderr])
		stream.on('data', (data) => { output += data; });
	register(() => child.exitCode ?? child.kill('SIGTERM'));
	const socket = await until('the demo', () => {
		if (child.exitCode !== null)
			throw Object.assign(new Error(`the demo ended:\n${output}`), { final: true });
		return /#login=/.test(output) && /--socket (\S+)/.exec(output)?.[1];
	}, { timeout: 60000 });
	return { socket, stop: () => new Promise((done) => { child.once('close', done); child.kill('SIGINT'); }) };
}

test('the first hour goes as it is written', async () => {
	const demo = await startDemo();
	command('postroom', `exec ${binary} "$@"`);
	const here = { ...env, POSTROOM_SOCKET: demo.socket };
	try {
		// What a reader finds after the minute that he has read for.
		for (const filter of ['queue:deferred age>1h', 'domain:freemail.example', 'login:=newsletter'])
			await until(filter, async () => (await run('postroom', ['list', '--json', filter], { env: here, maxBuffer: 1 << 26 }).catch(({ stdout }) => ({ stdout }))).stdout, { timeout: 60000 });
		for (const page of pages)
			for (const line of commandsOf(page, 'run')) {
				const { code = 0, stdout, stderr } = await run('bash', ['-c', line], { cwd: dir, env: here, timeout: 60000 }).catch((error) => error);
				assert.equal(code, 0, `${page}: ${line}\n${stdout}${stderr}`);
				assert.ok(stdout || stderr || !line.startsWith('postroom') || line.includes('>'), `${page}: ${line}: it says nothing`);
			}
	} finally {
		await demo.stop();
	}
});
