// A command prefix as `docker exec -i mta` is one, made of a plain script: it enters a private instance
// through MAIL_CONFIG, which Postroom on this side knows nothing of. Every call is written down.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './cleanup.mjs';

export function prefixScript(postfix) {
	const dir = temporaryDirectory('prefix');
	const path = join(dir, 'enter');
	const calls = join(dir, 'calls');
	chmodSync(dir, 0o755);
	writeFileSync(path, `#!/bin/sh
# "$@" is the command to run inside; a -c DIR from outside would mean nothing there.
printf '%s\\n' "$*" >> ${calls}
MAIL_CONFIG=${postfix.config}
export MAIL_CONFIG
exec "$@"
`);
	chmodSync(path, 0o755);
	writeFileSync(calls, '');
	return { path, calls: () => readFileSync(calls, 'utf8').split('\n').filter(Boolean) };
}
