// A command prefix as `docker exec -i mta` is one, made of a plain script: what is inside has paths that
// do not exist on this side (the configuration directory is INSIDE there). Every call is written down.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './cleanup.mjs';

export const INSIDE = '/etc/postfix-inside-the-container';

export function prefixScript(postfix) {
	const dir = temporaryDirectory('prefix');
	const path = join(dir, 'enter');
	const calls = join(dir, 'calls');
	chmodSync(dir, 0o755);
	writeFileSync(path, `#!/bin/sh
printf '%s\\n' "$*" >> ${calls}
# Inside, ${INSIDE} is there; without -c, Postfix finds it by itself.
count=$#
while [ "$count" -gt 0 ]; do
	word=$1
	shift
	[ "$word" != ${INSIDE} ] || word=${postfix.config}
	set -- "$@" "$word"
	count=$((count - 1))
done
MAIL_CONFIG=${postfix.config}
export MAIL_CONFIG
exec "$@"
`);
	chmodSync(path, 0o755);
	writeFileSync(calls, '');
	return { path, calls: () => readFileSync(calls, 'utf8').split('\n').filter(Boolean) };
}
