// Each static check, on a copy of the tree in which one thing was made wrong: it must say so.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../harness/cleanup.mjs';

const root = resolve(new URL('../..', import.meta.url).pathname);
const copy = temporaryDirectory('check');

for (const file of execFileSync('git', ['-c', 'safe.directory=*', '-C', root, 'ls-files', '--cached', '--others', '--exclude-standard']).toString().split('\n')) {
	if (!file)
		continue;
	mkdirSync(join(copy, dirname(file)), { recursive: true });
	cpSync(join(root, file), join(copy, file), { force: true, recursive: true });
}
execFileSync('git', ['init', '-q', copy]);

// What check NAME says after `change`, which is taken back again.
function lines(name, file, change) {
	const path = join(copy, file);
	let before = null;
	try {
		before = readFileSync(path);
	} catch {
		mkdirSync(dirname(path), { recursive: true });
	}
	change(path, before?.toString());
	try {
		const result = spawnSync(process.execPath, [join(root, 'tools/check'), '--root', copy, name], { encoding: 'utf8' });
		assert.equal(result.stderr, '');
		return { status: result.status, out: result.stdout };
	} finally {
		if (before === null)
			rmSync(path);
		else
			writeFileSync(path, before);
	}
}

const append = (text) => (path) => appendFileSync(path, text);
const replace = (from, to) => (path, text) => {
	assert.ok(text.includes(from), `${path} has ${from}`);
	writeFileSync(path, text.replace(from, to));
};

const CASES = [
	['layering', 'src/base/slice.c', append('#include "wire/frame.h"\n'), /src\/base\/slice\.c:\d+: base may not include wire\/frame\.h/],
	['layering', 'src/helper/child.c', append('#include "postfix/record.h"\n'), /helper may not include postfix\/record\.h/],
	['layering', 'src/helper/child.c', append('#include <jansson.h>\n'), /helper may not use <jansson\.h>/],
	['layering', 'src/newcomer/x.c', append('int x;\n'), /src\/newcomer has no place/],
	['layering', 'src/index/columns/rows.c', append('#include "index/run/run.h"\n'), /index\/columns may not include index\/run\/run\.h/],
	['layering', 'src/watch/incidents/flood.c', append('#include "watch/history.h"\n'), /watch\/incidents may not include watch\/history\.h/],
	['layering', 'src/index/rows/x.c', append('int x;\n'), /src\/index\/rows has no place among the parts of src\/index/],
	['glossary', 'docs/GLOSSARY.md', append('| **aardvark** | comes too late |\n'), /aardvark does not belong behind/],
	['glossary', 'src/base/slice.h', append('/* A *slicelet* is a small one. */\n'), /src\/base\/slice\.h: slicelet is not in docs\/GLOSSARY\.md/],
	['problems', 'src/api/jobs.c', replace('http_reply_code(rq, "job_not_found")', 'http_reply_problem(rq, "job_not_found", "no such job")'), /src\/api\/jobs\.c: job_not_found has one text/],
	['problems', 'src/api/jobs.c', append('void x(struct http_request *rq) { http_reply_code(rq, "bad_request"); }\n'), /src\/api\/jobs\.c: bad_request has no text/],
	['picture', 'docs/ARCHITECTURE.md', replace('→ base access\n', '→ base\n'), /src\/http is drawn with base, and may include access base/],
	['picture', 'docs/ARCHITECTURE.md', replace('src/watch ', 'src/watches '), /src\/watches is not among the layers[^]*src\/watch is not in the picture/],
	['layering', 'src/api/queue.c', append('#include "index/index.h"\n'), /api may not include index\/index\.h/],
	['layering', 'src/server/server.c', append('#include "index/answer.h"\n'), /server may not include index\/answer\.h/],
	['layering', 'src/query/query.h', append('#include "index/index.h"\n'), /src\/api\/queue\.c: sees index\/index\.h, which is behind the door of src\/query/],
	['names', 'src/base/slice.c', append('/* As in base/slices.c, by slice_off_nothing(). */\n'), /no file base\/slices\.c[^]*there is no slice_off_nothing/],
	['names', 'docs/ARCHITECTURE.md', append('\nSee `src/base/slices.h`.\n'), /docs\/ARCHITECTURE\.md:\d+: there is no file src\/base\/slices\.h/],
	['names', 'src/base/slice.c', append('/* docs/POSTFIX.md, "Slices" says why. */\n'), /has no section "Slices"/],
	['names', 'tests/harness/wait.mjs', append('// As tests/harness/waits.mjs does.\n'), /no file tests\/harness\/waits\.mjs/],
	['authority', 'src/api/queue.c', append('bool f(enum access_role r)\n{\n\treturn r >= ACCESS_ROLE_OPERATOR;\n}\n'), /src\/api\/queue\.c:\d+: names a role/],
	['authority', 'src/api/queue.c', append('bool f(struct http_request *rq)\n{\n\treturn http_caller(rq)->role > 1;\n}\n'), /src\/api\/queue\.c:\d+: compares a role/],
	['authority', 'src/api/queue.c', append('bool f(struct caller *c)\n{\n\treturn access_role_has(c->role, RIGHT_ADMIN);\n}\n'), /src\/api\/queue\.c:\d+: asks for a right/],
	['circles', 'src/jobs/grace.c', append('void grace_lead_up(void)\n{\n\tunfinished_tell(NULL, NULL, true);\n}\n'), /src\/jobs\/grace\.c: calls unfinished_tell of src\/jobs\/unfinished\.c, which leads back/],
	['format', 'src/demo/world.c', append('int   badly( int x ){return x;}\n'), /src\/demo\/world\.c: not formatted/],
	['shape', 'src/base/slice.c', append(`\nvoid f(void)\n{\n${'\tg();\n'.repeat(101)}}\n`), /a function of 101 lines/],
	['shape', 'src/base/slice.c', append('\n'.repeat(1001)), /src\/base\/slice\.c: \d+ lines/],
	['openings', 'src/base/newcomer.c', append('int x;\n'), /src\/base\/newcomer\.c:1: does not begin with what lives in it/],
	['headers', 'src/base/slice.h', append('\nint slice_of_something_new(int x, int y, int z);\n'), /slice_of_something_new is not documented/],
	['routes', 'api/openapi.yaml', replace('  /api/v1/queue:', '  /api/v1/queues:'), /GET \/api\/v1\/queues is in no route table[^]*GET \/api\/v1\/queue is not in api\/openapi\.yaml/],
	['routes', 'api/openapi.yaml', replace('x-right: viewer', 'x-right: public'), /GET \/api\/v1\/queue: needs viewer in [^]*public in api/],
	['routes', 'api/openapi.yaml', replace('      x-right: viewer\n', ''), /GET \/api\/v1\/queue names no right/],
	['problems', 'api/openapi.yaml', replace('            - last_admin\n', ''), /src\/http\/problem\.c: last_admin is not in api/],
	['problems', 'src/http/problem.c', replace('{"last_admin", 409}', '{"last_admin", 400}'), /last_admin is 400, and stands under 404, 405, 409, 410/],
	['problems', 'src/api/queue.c', append('void f(void)\n{\n\thttp_reply_problem(rq, "never_heard_of", "no");\n}\n'), /src\/api\/queue\.c: never_heard_of is not in/],
	['configuration', 'man/postroom.conf.5', replace('.It Cm sample_interval', '.It Cm sampling'), /store\.sample_interval is not in man[^]*no key store\.sampling/],
	['configuration', 'packaging/postroom.conf', replace('# write = yes', '# writes = yes'), /no key settings\.writes/],
	['filters', 'man/postroom-filter.7', replace('.It Cm helo', '.It Cm hello'), /helo: is not among the fields of text[^]*there is no field hello/],
	['filters', 'src/filter/filter.c', replace('{"age", FILTER_VALUE_SECONDS', '{"age", FILTER_VALUE_TEXT'), /age: is not among the fields of text/],
	['filters', 'src/filter/filter.h', replace('#define FILTER_DEPTH_MAX 64', '#define FILTER_DEPTH_MAX 65'), /FILTER_DEPTH_MAX, 65, is not named/],
	['commands', 'man/postroom.1', replace('.It Ic history', '.It Ic past'), /postroom history is not in man[^]*no command past/],
	['commands', 'src/cli/options.c', replace('"dry-run"', '"pretend"'), /--pretend is not in man/],
	['tree', 'docs/STYLE.md', append(`npm from ${['registry', 'npmjs', 'org'].join('.')}\n`), /docs\/STYLE\.md:\d+: the host of a package registry/],
	['tree', 'docs/STYLE.md', append(`see ${['', 'root', 'notes'].join('/')}\n`), /a path of somebody's machine/],
	['manuals', 'man/postroom.1', append('.Sh NO SUCH\n.Xx oops\n'), /ERROR|WARNING/],
	['scripts', 'packaging/install', append('if true; then\n'), /packaging\/install: /],
];

for (const [name, file, change, expected] of CASES)
	test(`${name} fails on a wrong ${file} (${expected.source.slice(0, 50)})`, () => {
		const { status, out } = lines(name, file, change);
		assert.equal(status, 1, out);
		assert.match(out, expected);
	});

test('an unknown check is wrong usage', () => {
	assert.equal(spawnSync(process.execPath, [join(root, 'tools/check'), 'nonsense']).status, 2);
});
