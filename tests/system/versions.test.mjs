// Postfix 3.4 to 3.12: the listings that were captured from each, behind a command prefix that answers
// with them. What the program shows must be what that version said.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { INSIDE, Postroom, temporaryDirectory } from '../harness/index.mjs';

const MINORS = ['3.4', '3.5', '3.6', '3.7', '3.10', '3.11', '3.12'];
const fixture = (minor, name) => new URL(`../fixtures/postfix-${minor}/${name}`, import.meta.url).pathname;
const versionOf = (minor) => /mail_version = (\S+)/.exec(readFileSync(fixture(minor, 'version.txt'), 'utf8'))[1];

// A Postfix of that version that has stopped at the moment of the capture.
function captured(minor) {
	const dir = temporaryDirectory('captured');
	const listing = fixture(minor, 'postqueue.json');
	chmodSync(dir, 0o755);
	writeFileSync(join(dir, 'main.cf'), `compatibility_level = 3.6\nmail_version = ${versionOf(minor)}\nqueue_directory = ${dir}\n`);
	writeFileSync(join(dir, 'master.cf'), '');
	writeFileSync(join(dir, 'enter'), `#!/bin/sh
case $1 in
*postqueue) exec cat ${listing} ;;
*postconf)
	command=$1
	shift
	count=$#
	while [ "$count" -gt 0 ]; do
		word=$1
		shift
		[ "$word" != ${INSIDE} ] || word=${dir}
		set -- "$@" "$word"
		count=$((count - 1))
	done
	MAIL_CONFIG=${dir} exec "$command" "$@" ;;
*) cat >/dev/null ;;
esac
`);
	chmodSync(join(dir, 'enter'), 0o755);
	// Of a message that is listed twice, the last place counts.
	const messages = new Map();
	for (const line of readFileSync(listing, 'utf8').split('\n').filter(Boolean)) {
		const message = JSON.parse(line);
		messages.delete(message.queue_id);
		messages.set(message.queue_id, message);
	}
	return { prefix: join(dir, 'enter'), messages };
}

for (const minor of MINORS)
	test(`Postfix ${minor}: its listing, every message and recipient`, async () => {
		const { prefix, messages } = captured(minor);
		const postroom = await Postroom.start({ config: INSIDE }, { set: { 'postfix.command_prefix': prefix } });
		const summary = await postroom.get('/queue');
		assert.equal(summary.postfix.version, versionOf(minor));
		assert.equal(summary.source.kind, 'listing');
		const seen = await postroom.messages();
		assert.deepEqual(seen.map((m) => m.id).sort(), [...messages.keys()].sort());
		for (const [id, expected] of messages) {
			const message = await postroom.get(`/messages/${id}`);
			assert.equal(message.queue, expected.queue_name, id);
			assert.equal(message.size, expected.message_size, id);
			assert.equal(Date.parse(message.arrival) / 1000, expected.arrival_time, id);
			assert.equal(message.sender, expected.sender === 'MAILER-DAEMON' ? '' : expected.sender, id);
			assert.deepEqual([...new Set(message.recipients.map((r) => r.address))].sort(), [...new Set(expected.recipients.map((r) => r.address))].sort(), id);
			for (const { address, delay_reason: reason } of expected.recipients)
				if (reason)
					assert.ok(message.recipients.some((r) => r.address === address && r.reason === reason), `${id} ${address}`);
			// Before 3.5 nobody can tell.
			assert.equal(message.forced_expire, expected.forced_expire ?? null, id);
		}
		const { status, body } = await postroom.api('POST', '/previews', { action: 'bounce', ids: [...messages.keys()].slice(0, 1) });
		if (minor === '3.4') {
			assert.equal(body.code, 'unsupported_by_postfix', JSON.stringify(body));
			assert.match(body.detail, /3\.5/);
		} else {
			assert.equal(status, 200, JSON.stringify(body));
		}
		await postroom.stop();
	});
