// Whether what comments and documents name exists: files, functions and other identifiers, sections of docs/POSTFIX.md. A name that is not in the
// tree is Postfix's own (then docs/POSTFIX.md has it) or somebody else's (then it is in one of the two tables below).
'use strict';
const path = require('path');

// Of system calls, the kernel and libraries.
const FOREIGN = new Set(['CLOSE_WRITE', 'EX_OSERR', 'EXCL_UNLINK', 'FLUSH_STAT_BAD', 'FLUSH_STAT_DENY', 'JSON_PARSER_MAX_DEPTH', 'MESSAGE_ID', 'MOVED_FROM', 'MOVED_TO', 'SCM_MAX_FD', 'inotify_init',
	'sd_notify', 'st_ctime', 'uv_poll', 'wmem_max']);
// On the machine, not in the tree; or made by the build.
const FOREIGN_FILES = new Set(['app-XYZ.js', 'hosts.ini', 'nsswitch.conf', 'pages_table.c', 'postroom.conf', 'results.md', 'resolv.conf', 'sysexits.h']);

const BLOCK = /\/\*[\s\S]*?\*\//g;
const SLASHES = /(?<![:'"`/])\/\/.*$/gm;
const FILE = /(?<![A-Za-z0-9_.*<{$-])[A-Za-z0-9_./-]*[A-Za-z0-9_-]\.(?:c|h|md|mjs|js|tsx?|ini|yaml|txt|tsv|conf|py|sh|build)\b(?![(\w*.-])/g;
const IDENTIFIER = /(?<![\w.\/-])[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*[A-Za-z0-9](?!\w|[\w.-]*[\/=]|\.[a-z]+\b)/g;
const SECTION = /POSTFIX\.md,\s+(?:\*\s+|\/\/\s+)?"([^"]+)"/g;

// The text of all comments of a source file, its line ends in place, everything else blank; and the other way round.
function comments(text, slashes) {
	const blank = (part) => part.replace(/[^\n]/g, ' ');
	let out = '';
	let at = 0;
	for (const m of text.matchAll(new RegExp(slashes ? `${BLOCK.source}|${SLASHES.source}` : BLOCK.source, 'gm'))) {
		out += blank(text.slice(at, m.index)) + m[0];
		at = m.index + m[0].length;
	}
	return out + blank(text.slice(at));
}

const code = (text, slashes) => (slashes ? text.replace(SLASHES, '') : text).replace(BLOCK, ' ');

// Where a name of a file may lead: from the top, from src/, from the folder of whoever names it, or by its own name alone.
function tree(files) {
	const paths = new Set(files);
	const names = new Set(files.map((file) => path.basename(file)));
	return (from, name) => paths.has(name) || paths.has(`src/${name}`) || paths.has(path.posix.join(path.dirname(from), name)) ||
		paths.has(path.posix.join('src', path.dirname(from), name)) || (!name.includes('/') && names.has(name));
}

// `all`: the files of the whole tree; `read`: a file's text. Gives what is wrong, one line each.
function checkNames(all, read) {
	// The test of the checks has wrong names on purpose.
	const files = all.filter((file) => file !== 'tests/tools/check.test.mjs');
	const sources = files.filter((file) => /\.(c|h|mjs|js|tsx?|ini|yaml|py|sh|build|css)$|^tools\/|^Makefile$/.test(file) && !/^tests\/fixtures\//.test(file));
	const known = new Set(sources.map((file) => path.basename(file).replace(/\.\w+$/, '')));
	for (const file of sources)
		for (const [name] of code(read(file), /\.(mjs|js|tsx?)$/.test(file)).matchAll(/[A-Za-z_][A-Za-z0-9_]*/g)) {
			known.add(name);
			// Frames and states are commonly named without their prefix: HELPER_LOG_LIST is LOG_LIST where the helper is meant.
			for (let at = name.indexOf('_', 1); at > 0; at = name.indexOf('_', at + 1))
				if (name.indexOf('_', at + 1) > 0)
					known.add(name.slice(at + 1));
		}
	const postfix = read('docs/POSTFIX.md');
	const theirs = new Set(postfix.match(/[A-Za-z_][A-Za-z0-9_.\/]*[A-Za-z0-9_]/g));
	for (const name of [...theirs])
		theirs.add(path.basename(name)).add(path.basename(name).replace(/\.[ch]$/, ''));
	const sections = new Set([...postfix.matchAll(/^#+ (.*)$/gm)].map((m) => m[1]));
	const exists = tree(files);
	const wrong = [];

	const look = (file, text, identifiers) => {
		const say = (index, what) => wrong.push(`${file}:${text.slice(0, index).split('\n').length}: ${what}`);
		for (const m of text.matchAll(FILE)) {
			if (/^[xy](_|\.)/.test(path.basename(m[0])))
				continue; // the x.c of a rule for all
			const name = m[0].replace(/^\.\//, '').replace(/^\.\.\//, '');
			if (!exists(file, name) && !exists(file, m[0]) && !theirs.has(name) && !FOREIGN_FILES.has(path.basename(name)))
				say(m.index, `there is no file ${m[0]}`);
		}
		if (identifiers)
			for (const m of text.matchAll(IDENTIFIER))
				if (!known.has(m[0]) && !theirs.has(m[0]) && !FOREIGN.has(m[0]))
					say(m.index, `there is no ${m[0]}`);
		for (const m of text.matchAll(SECTION))
			if (!sections.has(m[1].replace(/\s*\n\s*(?:\*|\/\/)\s*/g, ' ')))
				say(m.index, `docs/POSTFIX.md has no section "${m[1]}"`);
	};
	for (const file of files.filter((f) => /^(src|tests|web\/src|tools)\/.*\.(c|h|mjs|js|tsx?)$/.test(f) && !/^tests\/fuzz\/corpus\//.test(f)))
		look(file, comments(read(file), !/\.[ch]$/.test(file)), /\.[ch]$/.test(file));
	for (const file of files.filter((f) => /^[^/]+\.md$|^(docs|tests)\/(?!fixtures\/).*\.md$/.test(f) && f !== 'docs/POSTFIX.md' && f !== 'CHANGELOG.md'))
		look(file, read(file), false);
	return wrong;
}

module.exports = { checkNames };
