// A small file system of its own, to be filled: ext4 over a loop device, else a tmpfs, which needs no blocks for names.
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { register, temporaryDirectory } from './cleanup.mjs';

const quietly = (name, ...args) => execFileSync(name, args, { stdio: 'ignore' });

function mountExt4(place, dir, megabytes, inodes) {
	const image = join(place, 'image');
	const fd = openSync(image, 'w');
	ftruncateSync(fd, megabytes << 20);
	closeSync(fd);
	// With the blocks for root that every ext4 has: root fills them too, and then nothing that is freed helps anybody else.
	quietly('mkfs.ext4', '-q', '-b', '4096', '-m', '5', '-N', String(inodes), image);
	quietly('mount', '-o', 'loop', image, dir);
}

// An object as below; null where nothing may be mounted.
export function smallDisk({ megabytes, inodes = 24000 }) {
	const place = temporaryDirectory('disk');
	const dir = join(place, 'mounted');
	chmodSync(place, 0o755);
	mkdirSync(dir);
	let kind = 'ext4';
	try {
		mountExt4(place, dir, megabytes, inodes);
	} catch {
		kind = 'tmpfs';
		try {
			quietly('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,nr_inodes=${inodes}`, 'tmpfs', dir);
		} catch {
			return null;
		}
	}
	const unmount = register(() => quietly('umount', '-l', dir));
	chmodSync(dir, 0o755);
	const filler = join(dir, 'filler');
	return {
		dir,
		kind,
		// Takes every block, as root does whose program writes without end.
		fill() {
			execFileSync('sh', ['-c', 'dd if=/dev/zero of="$0.1" bs=64k; dd if=/dev/zero of="$0.2" bs=512; dd if=/dev/zero of="$0.3" bs=1; true', filler], { stdio: 'ignore' });
		},
		// Takes all but so many bytes.
		leave(bytes) {
			const [free, size] = execFileSync('stat', ['-f', '-c', '%a %S', dir]).toString().split(' ').map(Number);
			execFileSync('fallocate', ['-l', String(free * size - bytes), `${filler}.${bytes}`]);
		},
		// As after an error of the disk below it: what is open for writing stays open.
		forceReadOnly: () => quietly('mount', '-o', 'remount,abort', dir),
		// Takes every inode, and no more blocks than their directory needs.
		fillInodes() {
			const many = `${filler}.many`;
			mkdirSync(many);
			try {
				for (let i = 0; ; i++)
					closeSync(openSync(join(many, String(i)), 'w'));
			} catch (error) {
				if (error.code !== 'ENOSPC')
					throw error;
			}
		},
		empty() {
			for (const name of readdirSync(dir).filter((entry) => entry.startsWith('filler.')))
				rmSync(join(dir, name), { recursive: true, force: true });
		},
		unmount,
		// Whatever else is there goes too.
		clear() {
			for (const name of readdirSync(dir))
				rmSync(join(dir, name), { recursive: true, force: true });
		},
		free: () => Number(execFileSync('stat', ['-f', '-c', '%a', dir])),
		freeInodes: () => Number(execFileSync('stat', ['-f', '-c', '%d', dir])),
	};
}
