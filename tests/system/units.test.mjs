// What systemd's units rely on, without a booted systemd: a helper that is started for a connection, and sockets that are passed.
// systemd-socket-activate (package systemd) is the service manager. Whole units are tried by tests/install/units.mjs.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Postfix, Postroom, freePort, programs, until } from '../harness/index.mjs';
import { register, temporaryDirectory } from '../harness/cleanup.mjs';

const skip = spawnSync('systemd-socket-activate', ['--version']).error ? 'there is no systemd-socket-activate' : false;
const postfix = skip ? null : await Postfix.start();
after(() => postfix?.stop());

// Starts one helper for each connection, as postroom-helper.socket does.
async function manager() {
	const path = join(temporaryDirectory('units'), 'helper.sock');
	const child = spawn('systemd-socket-activate', ['--seqpacket', '--accept', '-l', path, programs.helper, '--connected'], { stdio: ['ignore', 'pipe', 'pipe'] });
	const made = { path, log: '', stop: register(() => child.kill()) };
	child.stderr.on('data', (data) => { made.log += data; });
	await until('the socket', () => existsSync(path));
	made.helpers = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
		.filter((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1][0] !== 'Z');
	return made;
}

test('a helper that the service manager starts does what one of the supervisor\'s does', { skip }, async () => {
	const ids = await Promise.all(Array.from({ length: 3 }, () => postfix.injectDeferred()));
	const units = await manager();
	const postroom = await Postroom.start(postfix, { more: ['--helper-socket', units.path] });
	assert.deepEqual(postroom.pids('helper'), []);
	const [helper] = await until('one helper', () => (units.helpers().length === 1 ? units.helpers() : null));
	for (const id of ids)
		await postroom.untilMessage(id);
	assert.equal((await postroom.api('GET', `/messages/${ids[0]}/content`)).status, 200);
	const held = await postroom.job({ action: 'hold', ids });
	assert.deepEqual(held.items.map((item) => item.outcome), ['done', 'done', 'done']);
	// Whoever stops all of a machine's services does not end it before its supervisor.
	process.kill(helper, 'SIGTERM');
	const released = await postroom.job({ action: 'release', ids: [ids[0]] });
	assert.equal(released.items[0].outcome, 'done');
	assert.deepEqual(units.helpers(), [helper]);
	// One that is killed is replaced.
	process.kill(helper, 'SIGKILL');
	await until('another helper', () => units.helpers().some((pid) => pid !== helper));
	await postroom.untilCurrent();
	const deleted = await postroom.job({ action: 'delete', ids: [ids[1]], undo_seconds: 0 });
	assert.equal(deleted.items[0].outcome, 'done');
	// The journal's lines, here on standard error.
	for (const line of [`job ${deleted.job.id}: delete ${ids[1]}: done`, `job ${deleted.job.id} of \\S+: delete, 1 message: done`])
		await until(`the line ${line}`, () => new RegExp(line).test(postroom.log));
	await postroom.stop();
	await until('no helper', () => units.helpers().length === 0);
	units.stop();
});

test('a socket that the service manager passes is served, where the configuration names it', { skip }, async () => {
	const [port, other] = [await freePort(), await freePort()];
	const postroom = new Postroom(postfix, { 'http.listen': `127.0.0.1:${port}` });
	postroom.under = ['systemd-socket-activate', ...[`127.0.0.1:${port}`, `127.0.0.1:${other}`, postroom.socket].flatMap((address) => ['-l', address])];
	await postroom.up();
	assert.equal((await postroom.raw('GET', '/livez', { tcp: true })).status, 200);
	await until('it to be said', () => new RegExp(`passed 127.0.0.1:${other}, which the configuration does not name`).test(postroom.log));
	await postroom.stop();
});
