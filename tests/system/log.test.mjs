// The mail log in whatever form it is kept: attempts are found in all of them, and a log of which nothing
// is understood says so, on the page's side, in `check` and in the API.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';

let postfix, id, real;
const started = [];

before(async () => {
	postfix = await Postfix.start({ main: { enable_long_queue_ids: 'yes' } });
	id = await postfix.injectDeferred({ to: ['ann@example.org'] });
	real = await until('the attempt in the log', () => {
		const text = readFileSync(postfix.log, 'utf8');
		return text.includes(`${id}: to=<`) ? text : null;
	});
});
after(async () => {
	for (const postroom of started)
		await postroom.stop();
	await postfix.remove();
});

async function start(name, text) {
	const log = join(postfix.dir, name);
	writeFileSync(log, text, { mode: 0o644 });
	const postroom = await Postroom.start(postfix, { set: { 'postfix.log': log } });
	started.push(postroom);
	return { postroom, log };
}

const detail = (postroom) => postroom.get(`/messages/${id}`);
const warnings = async (postroom) => (await postroom.get('/queue')).warnings;

// Of each real line: its time, host, program, process number and text.
const CLASSIC = /^(\w{3} [ \d]\d [\d:]{8}) (\S+) ((?:[\w.-]+)\/([\w.-]+))\[(\d+)\]: (.*)$/;
const FORMS = {
	compose: (at, host, program, name, pid, text) => `postfix-1  | ${at} ${host} ${program}[${pid}]: ${text}`,
	metalog: (at, host, program, name, pid, text) => `${at} [${program}] ${text}`,
	solaris: (at, host, program, name, pid, text) => `${at} ${host} ${program}[${pid}]: [ID 197553 mail.info] ${text}`,
	container: (at, host, program, name, pid, text) => JSON.stringify({ log: `${at} ${host} ${program}[${pid}]: ${text}\n`, stream: 'stdout', time: new Date(`${at} ${new Date().getFullYear()}`).toISOString() }),
	rfc5424: (at, host, program, name, pid, text) => `<22>1 ${new Date(`${at} ${new Date().getFullYear()}`).toISOString()} ${host} ${program.split('/')[0]} ${pid} - -  ${text}`,
};

for (const [name, form] of Object.entries(FORMS))
	test(`attempts are read from a log in the form of ${name}`, async () => {
		const lines = real.split('\n').map((line) => CLASSIC.exec(line)).filter(Boolean);
		assert.ok(lines.length > 3, real);
		const { postroom } = await start(`${name}.log`, lines.map((line) => `${form(...line.slice(1))}\n`).join(''));
		const message = await until('an attempt', async () => {
			const found = await detail(postroom);
			return found.attempts.length > 0 && found.log.problem === null ? found : null;
		});
		assert.equal(message.attempts[0].recipient, 'ann@example.org');
		assert.equal(message.attempts[0].status, 'deferred');
		assert.equal(message.log.problem, null);
		assert.deepEqual(message.events.map((event) => event.kind).sort(), ['activated', 'message_id', 'received']);
	});

test('a log of which nothing is understood says so, until Postfix writes to it', async () => {
	const { postroom, log } = await start('foreign.log', 'Nov 29 10:00:00 mx1 sshd[7]: \u001b[2JInvalid user \u202eexample\nand a second line\n');
	const warning = await until('the warning', async () => (await warnings(postroom)).find((one) => one.code === 'log_not_understood'));
	assert.match(warning.text, /foreign\.log\) has 2 lines, and none is one of Postfix's; the first: Nov 29 10:00:00 mx1 sshd\[7\]: \?\[2JInvalid user/);
	const message = await detail(postroom);
	assert.equal(message.log.available, false);
	assert.match(message.log.problem, /none is one of Postfix's; the first: Nov 29/);
	const check = await postroom.cli('check', '--json');
	assert.match(check.stdout, /"code":"log_not_understood"/);
	// eslint-disable-next-line no-control-regex
	assert.doesNotMatch((await postroom.cli('check')).stdout, /[\u001b\u202e]/);

	appendFileSync(log, real);
	await until('the attempt', async () => (await detail(postroom)).attempts.length > 0);
	await until('no warning any more', async () => !(await warnings(postroom)).some((one) => one.code === 'log_not_understood'));
	assert.doesNotMatch((await postroom.cli('check', '--json')).stdout, /log_not_understood/);
});
