// Postfix's own commands, with a postsuper that can be made to stop half way: the moment in which a test
// kills something is then the middle of a command, every time, and not where luck puts it.
//
//   const slow = slowCommands();
//   const postfix = await Postfix.start({ main: { command_directory: slow.dir } });
//   slow.stall();                // the next postsuper that reads IDs stops after half of them
//   await slow.untilStalled();
//   slow.go();
import { chmodSync, existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './cleanup.mjs';
import { until } from './wait.mjs';

const COMMANDS = '/usr/sbin';

export function slowCommands() {
	const dir = temporaryDirectory('commands');
	const mark = (name) => join(dir, `.${name}`);
	chmodSync(dir, 0o755);
	for (const name of readdirSync(COMMANDS).filter((file) => /^(post|sendmail$)/.test(file) && file !== 'postsuper'))
		symlinkSync(join(COMMANDS, name), join(dir, name));
	writeFileSync(join(dir, 'postsuper'), `#!/bin/sh
case " $* " in
*" - "*) ;;
*) exec ${COMMANDS}/postsuper "$@" ;;
esac
# Only one of several at the same time can move the file away.
mv ${mark('stall')} ${mark('taken')} 2>/dev/null || exec ${COMMANDS}/postsuper "$@"
cat > ${mark('ids')}
half=$(($(wc -l < ${mark('ids')}) / 2))
head -n $half ${mark('ids')} | ${COMMANDS}/postsuper "$@"
: > ${mark('stalled')}
until [ -e ${mark('go')} ]; do sleep 0.05; done
tail -n +$((half + 1)) ${mark('ids')} | ${COMMANDS}/postsuper "$@"
: > ${mark('ended')}
`);
	chmodSync(join(dir, 'postsuper'), 0o755);
	return {
		dir,
		stall() {
			for (const name of ['taken', 'stalled', 'go', 'ended'])
				rmSync(mark(name), { force: true });
			writeFileSync(mark('stall'), '');
		},
		untilStalled: () => until('postsuper to be half way', () => existsSync(mark('stalled'))),
		go: () => writeFileSync(mark('go'), ''),
		untilEnded: () => until('the interrupted postsuper to end', () => existsSync(mark('ended'))),
	};
}
