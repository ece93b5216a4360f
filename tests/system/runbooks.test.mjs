// The runbooks: each command that they give is run on a real Postfix, and each that the service names is there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { Postfix, Postroom, Sink, binary } from '../harness/index.mjs';

const run = promisify(execFile);
const DIR = new URL('../../docs/runbooks/', import.meta.url).pathname;
const names = readdirSync(DIR).filter((file) => file.endsWith('.md') && file !== 'README.md').map((file) => file.slice(0, -3));
const text = (name) => readFileSync(join(DIR, `${name}.md`), 'utf8');

const sink = await Sink.start({ rcpt: (to) => (to.endsWith('@shop.example') ? '451 4.7.1 Greylisted, try again later' : null) });
const postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
const postroom = await Postroom.start(postfix);
const id = await postfix.injectDeferred({ from: 'info@office.example', to: ['a@shop.example'], xclient: { LOGIN: 'info@office.example' } });
await postroom.untilMessage(id, ({ queue }) => queue === 'deferred');

// As an operator has it: Postfix's own commands on this instance, and postroom on this service.
const bin = join(postfix.dir, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'postroom'), `#!/bin/sh\ncommand=$1\nshift\nexec ${binary} "$command" --socket ${postroom.socket} "$@"\n`);
chmodSync(join(bin, 'postroom'), 0o755);
const env = { ...process.env, MAIL_CONFIG: postfix.config, PATH: `${bin}:${process.env.PATH}:/usr/sbin`, LC_ALL: 'C' };

for (const name of names) {
	const commands = [...text(name).matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, lines]) => lines.trim().split('\n'));
	test(`${name}: its ${commands.length} commands run`, async () => {
		assert.ok(commands.length > 0);
		for (const command of commands) {
			const { code = 0, stderr } = await run('bash', ['-c', command], { env, timeout: 60000 }).catch((error) => error);
			if (!/^postroom \w+: (nothing matched|the mail log, .*, has nothing of)/m.test(stderr))
				assert.equal(code, 0, `${command}: ${stderr}`);
			// An old name or a wrong one is a warning of postconf, with exit status 0.
			assert.doesNotMatch(stderr, /unknown|fatal|error/, command);
		}
	});
}

test('every runbook that an incident or a cause has is one that there is, and its address leads to the page', async () => {
	const { body } = await postroom.api('GET', `/messages/${id}`);
	assert.deepEqual(body.diagnoses.map(({ runbook }) => runbook), ['dead-destination']);
	assert.ok(names.includes(body.diagnoses[0].runbook));
	for (const [path, location] of [['/runbook', './?page=runbook'], ['/runbook/', '../?page=runbook'], ['/runbook/flood', '../?page=runbook&id=flood']]) {
		const { status, headers } = await postroom.raw('GET', path, { tcp: true });
		assert.deepEqual([status, headers.location], [302, location], path);
	}
	for (const path of ['/runbooks', '/runbook/a/b', '/runbook/Flood', '/runbook/..'])
		assert.notEqual((await postroom.raw('GET', path, { tcp: true })).status, 302, path);
});
