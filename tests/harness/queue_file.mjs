// Queue files and defer logs as bytes: valid ones, and ones that are damaged on purpose.
// (Postfix: global/record.c, global/rec_type.h; bounce/bounce_append_service.c.)
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const field = (number) => String(number).padStart(15);

// One record: a type, a length of 7 bits a byte, the bytes.
export function record(type, text = '') {
	const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text);
	const length = [];
	let rest = bytes.length;
	do {
		length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
		rest >>>= 7;
	} while (rest > 0);
	return Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(length), bytes]);
}

// A whole queue file. `head`, `tail`: more records before the sender and in the extracted segment.
export function queueFile({ arrival = Math.floor(Date.now() / 1000) - 600, sender = 'news@shop.example', recipients = ['a@full.example'], head = [], tail = [],
	lines = ['Subject: A test', '', 'Hello.'], end = record('E') } = {}) {
	const envelope = [record('T', `${arrival} 0`), record('A', `create_time=${arrival}`), record('A', 'rewrite_context=local'), ...head, record('S', sender)];
	for (const recipient of recipients)
		envelope.push(record('O', recipient), record('R', recipient));
	const sizeRecord = record('C', [1, 2, 3, 4, 5, 6].map(field).join(' '));
	const content = Buffer.concat(lines.map((line) => record('N', line)));
	const before = Buffer.concat([...envelope, record('M')]);
	const offset = sizeRecord.length + before.length;
	const sizes = record('C', [content.length, offset, recipients.length, 0, content.length, 0].map(field).join(' '));
	return Buffer.concat([sizes, before, content, record('X'), ...tail, end]);
}

export function deferLog(recipients) {
	return Buffer.concat([Buffer.from('\n'), ...recipients.map(({ address, reason, dsn = '4.0.0', offset = 0, mta }) => Buffer.concat([
		Buffer.from(`<${address}>: `), Buffer.from(reason), Buffer.from(`\nrecipient=`), Buffer.from(address),
		Buffer.from(`\noffset=${offset}\nstatus=${dsn}\naction=delayed\n${mta ? `mta_type=dns\nmta_mname=${mta}\n` : ''}reason=`), Buffer.from(reason), Buffer.from('\n\n')]))]);
}

const owner = () => Number(execFileSync('id', ['-u', 'postfix']));

// Where the instance keeps the file of that ID; deferred and defer are hashed by its first character (long
// IDs by the microseconds of their time: see queue_file_ID).
export function placeOf(postfix, queue, id) {
	const hash = /^[0-9A-F]+$/.test(id) ? id[0] : longHash(id);
	const dir = ['deferred', 'defer'].includes(queue) ? join(postfix.spool, queue, hash) : join(postfix.spool, queue);
	mkdirSync(dir, { recursive: true, mode: 0o700 });
	if (statSync(dir).uid !== owner())
		chownSync(dir, owner(), -1);
	return join(dir, id);
}

// Long IDs are hashed by their microseconds as hexadecimal text (mail_queue_dir).
function longHash(id) {
	const DIGITS = '0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz';
	let microseconds = 0;
	for (const digit of id.slice(6, 10))
		microseconds = microseconds * 52 + DIGITS.indexOf(digit);
	return microseconds.toString(16).toUpperCase().padStart(5, '0')[0];
}

// Puts bytes where a queue file stands. An hour ahead, so that the queue manager leaves it alone.
export function plant(postfix, queue, id, bytes, { mode = 0o700 } = {}) {
	const path = placeOf(postfix, queue, id);
	writeFileSync(path, bytes, { mode: 0o600 });
	chownSync(path, owner(), -1);
	execFileSync('touch', ['-d', '+3 hours', path]);
	chmodSync(path, mode);
	return path;
}

export function plantDeferLog(postfix, id, recipients) {
	const path = placeOf(postfix, 'defer', id);
	writeFileSync(path, deferLog(recipients), { mode: 0o600 });
	chownSync(path, owner(), -1);
}
