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
	['said', 'src/base/said_texts.h', append('SAID(JOB_NEWCOMER, "It is new: {what}.")\n'), /web\/src\/words\/de\/server: has no job_newcomer/],
	['said', 'web/src/words/de/server/jobs.ts', replace('für Auftrag {job}', 'für einen Auftrag'), /jobs\.ts: job_held_for_job names \{\}, and its English \{job\}/],
	['said', 'src/jobs/batch.c', replace('said_number("job", holder)', 'said_number("jobs", holder)'), /src\/jobs\/batch\.c:\d+: says SAID_JOB_HELD_FOR_JOB without its job/],
	['picture', 'docs/ARCHITECTURE.md', replace('→ base audit access\n', '→ base audit\n'), /src\/http is drawn with audit base, and may include access audit base/],
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
	['authority', 'src/api/queue.c', append('bool f(struct caller *c)\n{\n\treturn caller_may(c, RIGHT_SETTINGS);\n}\n'), /src\/api\/queue\.c:\d+: asks for a right/],
	['authority', 'src/api/queue.c', append('bool f(struct caller *c)\n{\n\treturn c->rights & 8;\n}\n'), /src\/api\/queue\.c:\d+: looks at the bits/],
	['circles', 'src/jobs/grace.c', append('void grace_lead_up(void)\n{\n\tunfinished_tell(NULL, NULL, true);\n}\n'), /src\/jobs\/grace\.c: calls unfinished_tell of src\/jobs\/unfinished\.c, which leads back/],
	['format', 'src/demo/world.c', append('int   badly( int x ){return x;}\n'), /src\/demo\/world\.c: not formatted/],
	['shape', 'src/base/slice.c', append(`\nvoid f(void)\n{\n${'\tg();\n'.repeat(101)}}\n`), /a function of 101 lines/],
	['shape', 'src/base/slice.c', append('\n'.repeat(1001)), /src\/base\/slice\.c: \d+ lines/],
	['openings', 'src/base/newcomer.c', append('int x;\n'), /src\/base\/newcomer\.c:1: does not begin with what lives in it/],
	['headers', 'src/base/slice.h', append('\nint slice_of_something_new(int x, int y, int z);\n'), /slice_of_something_new is not documented/],
	['routes', 'api/openapi.yaml', replace('  /api/v1/queue:', '  /api/v1/queues:'), /GET \/api\/v1\/queues is in no route table[^]*GET \/api\/v1\/queue is not in api\/openapi\.yaml/],
	['routes', 'api/openapi.yaml', replace('x-right: viewer', 'x-right: public'), /GET \/api\/v1\/queue: needs viewer in [^]*public in api/],
	['routes', 'api/openapi.yaml', replace('      x-right: viewer\n', ''), /GET \/api\/v1\/queue names no right/],
	['scopes', 'api/openapi.yaml', replace('      x-scope: query\n', ''), /GET \/api\/v1\/queue does not say how it keeps to a scope/],
	['scopes', 'src/api/queue.c', replace('.within = SCOPE_QUERY', '.within = SCOPE_OWN'), /GET \/api\/v1\/queue: its row in src\/api\/queue\.c says own [^]*openapi\.yaml query/],
	['scopes', 'src/api/scope_routes_test.c', replace('"GET /api/v1/queue"', '"GET /api/v1/queues"'), /GET \/api\/v1\/queue is not refused to whoever has a scope/],
	['routes', 'api/openapi.yaml', replace('      x-audit: job\n', ''), /POST \/api\/v1\/jobs: is recorded as job in src\/api\/jobs\.c, as nothing/],
	['routes', 'src/api/jobs.c', replace('.audit = AUDIT_FLUSH', '.within = false'), /POST \/api\/v1\/flush changes something and makes no record/],
	['problems', 'api/openapi.yaml', replace('            - last_admin\n', ''), /src\/http\/problem\.c: last_admin is not in api/],
	['problems', 'src/http/problem.c', replace('{"last_admin", 409}', '{"last_admin", 400}'), /last_admin is 400, and stands under 404, 405, 409, 410/],
	['problems', 'src/api/queue.c', append('void f(void)\n{\n\thttp_reply_problem(rq, "never_heard_of", "no");\n}\n'), /src\/api\/queue\.c: never_heard_of is not in/],
	['configuration', 'man/postroom.conf.5', replace('.It Cm sample_interval', '.It Cm sampling'), /store\.sample_interval is not in man[^]*no key store\.sampling/],
	['configuration', 'packaging/postroom.conf', replace('# write = yes', '# writes = yes'), /no key settings\.writes/],
	['filters', 'man/postroom-filter.7', replace('.It Cm helo', '.It Cm hello'), /helo: is not among the fields of text[^]*there is no field hello/],
	['filters', 'src/filter/filter.c', replace('{"age", FILTER_VALUE_SECONDS', '{"age", FILTER_VALUE_TEXT'), /age: is not among the fields of text/],
	['filters', 'src/filter/filter.h', replace('#define FILTER_DEPTH_MAX 64', '#define FILTER_DEPTH_MAX 65'), /FILTER_DEPTH_MAX, 65, is not named/],
	['commands', 'man/postroom.1', replace('.It Ic history', '.It Ic past'), /postroom history is not in man[^]*no command past/],
	['metrics', 'src/watch/metrics/metric_table.c', replace("Whether Postfix's", "If Postfix's"), /docs\/metrics\.md: not current[^]*packaging\/grafana\/postroom\.json: not current/],
	['metrics', 'packaging/grafana/postroom.json', replace('"Deferred"', '"Waiting"'), /packaging\/grafana\/postroom\.json: not current/],
	['metrics', 'packaging/prometheus/postroom.rules.yml', replace('postfix_up == 0', 'postfix_runs == 0'), /there is no metric postfix_runs/],
	['metrics', 'packaging/prometheus/postroom.rules.yml', replace('runbooks/loop.md', 'runbooks/loops.md'), /PostfixLoop has no runbook/],
	['commands', 'src/cli/options.c', replace('"dry-run"', '"pretend"'), /--pretend is not in man/],
	['runbooks', 'src/watch/incidents/incidents.c', replace('{"loop", "loop",', '{"loop", "circle",'), /there is no runbook circle/],
	['runbooks', 'src/watch/incidents/incidents.c', replace('{"loop", "loop",', '{"loop", NULL,'), /not every kind of incident names its runbook/],
	['runbooks', 'src/postfix/diagnoses.ini', replace('runbook = dns', 'runbook = names'), /diagnoses\.ini: there is no runbook names/],
	['runbooks', 'src/postfix/diagnoses_to_c.py', replace(": 'loop'", ": 'loops'"), /diagnoses_to_c\.py: there is no runbook loops/],
	['runbooks', 'docs/runbooks/flood.md', replace('(backscatter.md)', '(spam.md)'), /flood\.md: there is no runbook spam/],
	['runbooks', 'docs/runbooks/flood.md', append('\n> Quoted.\n'), /flood\.md:\d+: this is not of the part of Markdown/],
	['runbooks', 'docs/runbooks/newcomer.md', append('# New\n\nNobody knows it.\n'), /newcomer\.md: nothing leads to it/],
	['contract', 'api/openapi.yaml', replace('  /api/v1/queue:', '  /api/v1/queues:'), /api\/openapi\.yaml: \/api\/v1\/queue: the path is gone/],
	['contract', 'api/released/breaks.txt', append('/api/v1/none: the path is gone\n'), /no reason[^]*it does not break any more/],
	['changelog', 'CHANGELOG.md', replace('### Added', 'Lines\n\n- a change\n\n### Added'), /CHANGELOG\.md:\d+: a change stands below its kind/],
	['changelog', 'CHANGELOG.md', (path, text) => writeFileSync(path, `${text}${/^- .*$/m.exec(text)[0]}\n`), /stands here a second time/],
	['changelog', 'CHANGELOG.md', replace('## Unreleased', '## Soon'), /a version is "## 1\.2\.3[^]*the first section is/],
	['changelog', 'CHANGELOG.md', replace('### Changed', '### Improved'), /the kinds of changes are Added/],
	['versions', 'packaging/rpm/postroom.spec', (path, text) => writeFileSync(path, text.replace(/^Version: .*$/m, 'Version: 9.9.9')), /postroom\.spec: says 9\.9\.9, and meson\.build/],
	['changelog', 'CHANGELOG.md', append('\n## 0.2.0 - 2026-01-01\n'), /0\.2\.0 does not belong behind 0\.1\.0/],
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
