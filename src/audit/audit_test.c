/* The files of the audit: written, sealed, cut, and every way to tamper with them found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/files.h"
#include "audit/verify.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"

#define YEAR INT64_C(31536000)

struct place {
	char path[64], copy[64];
	struct audit_key key; /* the first of the lineage */
};

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[600];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static void file_path(const struct place *p, uint64_t number, char out[200])
{
	char name[AUDIT_FILE_NAME_SIZE];

	audit_files_name(number, name);
	snprintf(out, 200, "%s/%s", p->path, name);
}

static void record(struct audit *audit, const char *who)
{
	audit_record(audit, &(struct audit_entry){.action = AUDIT_JOB, .who = slice_of(who)});
}

/* Three files: in each some records and a seal at the end; the third is the newest. */
static void fill(struct place *p)
{
	struct audit *audit = audit_create(p->path, 0);
	struct error err;
	char text[AUDIT_KEY_TEXT_SIZE];

	assert_true(audit_key_read(p->path, &p->key, &err));
	audit_key_text(&p->key, text);
	assert_true(audit_key_parse(slice_of(text), &p->key));
	for (int file = 0; file < 3; file++) {
		for (int i = 0; i < 5; i++)
			record(audit, "anna");
		if (file < 2)
			audit_turn(audit);
	}
	audit_destroy(&audit);
}

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	log_init("test", LOG_LEVEL_ERROR);
	strcpy(p->path, "/tmp/audit-test-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	snprintf(p->copy, sizeof(p->copy), "%s.copy", p->path);
	*state = p;
	return 0;
}

/* The place with the three files in it. */
static int set_up_filled(void **state)
{
	set_up(state);
	fill(*state);
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	run("rm -rf %s %s", p->path, p->copy);
	free(p);
	return 0;
}

static struct audit_report verify(const struct place *p, const struct audit_known *known)
{
	struct audit_report report;
	struct error err = {0};

	if (!audit_verify(p->path, &p->key, 1, known, &report, &err))
		fail_msg("%s", err.text);
	return report;
}

static void expect_problem(const struct place *p, const char *text)
{
	struct audit_report report = verify(p, NULL);

	for (size_t i = 0; i < report.problems && i < AUDIT_VERIFY_PROBLEMS; i++)
		if (strstr(report.problem[i], text) != NULL)
			return;
	for (size_t i = 0; i < report.problems && i < AUDIT_VERIFY_PROBLEMS; i++)
		print_error("%s\n", report.problem[i]);
	fail_msg("%zu problems, and none says: %s", report.problems, text);
}

static void expect_whole(const struct place *p)
{
	struct audit_report report = verify(p, NULL);

	if (report.problems > 0)
		fail_msg("%s", report.problem[0]);
}

static void test_what_is_written_is_whole(void **state)
{
	struct place *p = *state;
	struct audit_report report;
	struct stat st;
	char path[200];

	report = verify(p, NULL);
	assert_int_equal(report.problems, 0);
	/* 3 files with a beginning and 5 records, a seal each, and one record of the new lineage.
	 */
	assert_int_equal(report.records, 3 * 7 + 1);
	assert_int_equal(report.first, 1);
	assert_int_equal(report.last, report.records);
	assert_int_equal(report.seals, 3);
	assert_int_equal(report.seals_fit, 3);
	assert_int_equal(report.proved, report.last);
	file_path(p, 1, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_it_goes_on_after_a_restart(void **state)
{
	struct place *p = *state;
	struct audit_report report;
	struct audit *audit;

	audit = audit_create(p->path, 0);
	record(audit, "berta");
	audit_destroy(&audit);
	report = verify(p, NULL);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.records, 3 * 7 + 1 + 2);
	assert_int_equal(report.seals_fit, 4);
}

/* ---- Tampering ---- */

/* The line of record `n` in a file: sed's address. */
#define LINE "/^{\"n\":%d,/"

static void test_changed(void **state)
{
	struct place *p = *state;

	run("sed -i '" LINE "s/anna/otto/' %s/audit-00000002.jsonl", 13, p->path);
	expect_problem(p, "record 13 (file 2) was changed");
}

static void test_missing(void **state)
{
	struct place *p = *state;

	run("sed -i '" LINE "d' %s/audit-00000002.jsonl", 13, p->path);
	expect_problem(p, "records 13 to 13 are missing (file 2)");
}

static void test_a_file_is_missing(void **state)
{
	struct place *p = *state;

	run("rm %s/audit-00000002.jsonl", p->path);
	expect_problem(p, "are missing (file 3)");
}

static void test_reordered(void **state)
{
	struct place *p = *state;

	run("sed -i '" LINE "{h;d};" LINE "G' %s/audit-00000002.jsonl", 12, 13, p->path);
	expect_problem(p, "record 12 comes behind record 13");
}

static void test_swapped_files(void **state)
{
	struct place *p = *state;

	run("cd %s && mv audit-00000001.jsonl x && mv audit-00000002.jsonl audit-00000001.jsonl && "
	    "mv x audit-00000002.jsonl",
	    p->path);
	expect_problem(p, "file 1 says that it is file 2: files were swapped");
}

static void test_replayed_file(void **state)
{
	struct place *p = *state;

	run("cd %s && cp audit-00000001.jsonl audit-00000002.jsonl", p->path);
	expect_problem(p, "it was moved, or is there twice");
}

static void test_replayed_record(void **state)
{
	struct place *p = *state;

	run("cd %s && sed -n '" LINE "p' audit-00000002.jsonl >> audit-00000003.jsonl", p->path,
	    13);
	expect_problem(p, "record 13 comes behind record 22");
}

/* The oldest are cut off, and no record says so. */
static void test_beginning_cut(void **state)
{
	struct place *p = *state;

	run("rm %s/audit-00000001.jsonl", p->path);
	expect_problem(p, "are missing, and no record says that they were removed");
}

/* Down to before the last seal: the key knows. */
static void test_end_cut(void **state)
{
	struct place *p = *state;

	run("rm %s/audit-00000003.jsonl", p->path);
	expect_problem(p, "the end is missing");
}

/* All of it as it once was, but for the key: an older copy of the files. */
static void test_all_replayed(void **state)
{
	struct place *p = *state;
	struct audit *audit;

	run("cp -a %s %s", p->path, p->copy);
	audit = audit_create(p->path, 0);
	for (int i = 0; i < 5; i++)
		record(audit, "berta");
	audit_destroy(&audit);
	run("cp %s/audit-* %s/", p->copy, p->path);
	expect_problem(p, "the end is missing");
	/* With the key of that time, too: who knows a later record finds it. */
	run("cp %s/* %s/", p->copy, p->path);
	expect_whole(p);
	{
		struct audit_known known = {.n = 25, .who_knows = "the database"};
		struct audit_report report = verify(p, &known);

		assert_int_equal(report.problems, 1);
		assert_non_null(strstr(report.problem[0], "the database knows record 25"));
		known.n = 12;
		report = verify(p, &known);
		assert_int_equal(report.problems, 1);
		assert_non_null(strstr(report.problem[0], "record 12 is not the one"));
	}
}

/* Makes the chain of all files anew with `who` of record `n` changed, and seals with the key that
 * lies beside them where `reseal`: what somebody can do who has taken over the service. */
static void make_anew(const struct place *p, uint64_t n, bool reseal)
{
	unsigned char chain[AUDIT_CHAIN_SIZE] = {0};
	struct audit_key key;
	struct error err;

	assert_true(audit_key_read(p->path, &key, &err));
	for (uint64_t file = 1; file <= 3; file++) {
		BUFFER_AUTO struct buffer in = {0}, out = {0};
		struct slice rest, line;
		char path[200];
		int fd;

		file_path(p, file, path);
		assert_true(fd_read_file(path, 1 << 20, &in, &err));
		rest = slice_first(buffer_slice(&in), in.len - 1);
		while (slice_split(&rest, '\n', &line)) {
			BUFFER_AUTO struct buffer members = {0};
			struct audit_line ends;
			ptrdiff_t at, mac;

			assert_true(audit_line_read(line, &ends));
			at = slice_find(ends.bare, SLICE("\"at\""));
			buffer_append_slice(&members, slice_from(ends.bare, (size_t)at));
			if (ends.n == n)
				memcpy(strstr(buffer_string(&members), "anna"), "otto", 4);
			mac = slice_find(buffer_slice(&members), SLICE(",\"mac\""));
			if (mac > 0 && reseal && ends.n > n) {
				audit_seal_make(&key, ends.n, chain, clock_now_us());
				buffer_clear(&members);
				audit_seal_members(&key, &members);
			}
			/* A file says itself what it begins after. */
			at = slice_find(buffer_slice(&members), SLICE("\"after\":\""));
			if (at > 0) {
				char hex[AUDIT_HEX_SIZE];

				audit_hex(chain, hex);
				memcpy(members.data + at + 9, hex, 64);
			}
			audit_record_line(&out, ends.n, buffer_slice(&members), chain);
		}
		fd = open(path, O_WRONLY | O_TRUNC);
		assert_true(fd >= 0 && fd_write_all(fd, out.data, out.len));
		fd_close(&fd);
	}
}

/* The chain alone can be made anew by anybody who can write the files; the seals can't. */
static void test_forged_chain(void **state)
{
	struct place *p = *state;
	struct audit_report report;
	struct error err;

	make_anew(p, 4, false);
	assert_true(audit_verify(p->path, NULL, 0, NULL, &report, &err));
	assert_int_equal(report.problems, 0);
	expect_problem(p, "seal 0 (record 8) does not fit");
}

/* With the key that is there now, later seals can be made, and no earlier one. */
static void test_forged_seals(void **state)
{
	struct place *p = *state;

	make_anew(p, 4, true);
	expect_problem(p, "where seal 0 was due");
}

static void test_seal_taken_out(void **state)
{
	struct place *p = *state;

	run("sed -i '/audit_seal/d' %s/audit-00000002.jsonl", p->path);
	expect_problem(p, "where seal 1 was due");
}

static void test_another_key(void **state)
{
	struct place *p = *state;

	p->key.key[0] ^= 1;
	expect_problem(p, "seal 0 (record 8) does not fit");
}

static void test_the_key_is_gone_after_its_seal(void **state)
{
	struct place *p = *state;
	struct audit_key now;
	struct error err;
	char hex[AUDIT_HEX_SIZE];

	assert_true(audit_key_read(p->path, &now, &err));
	assert_int_equal(now.number, 3);
	assert_true(now.has_first);
	/* Once somebody has been shown the first one, no key of a former seal is in the file. */
	now.has_first = false;
	memset(now.first, 0, sizeof(now.first));
	assert_true(audit_key_write(p->path, &now, &err));
	for (int i = 0; i < 3; i++) {
		BUFFER_AUTO struct buffer bytes = {0};
		char path[200];

		snprintf(path, sizeof(path), "%s/" AUDIT_KEY_FILE, p->path);
		assert_true(fd_read_file(path, 4096, &bytes, &err));
		assert_null(memmem(bytes.data, bytes.len, p->key.key, sizeof(p->key.key)));
		audit_key_next(&p->key);
	}
	audit_hex(p->key.key, hex);
	assert_memory_equal(p->key.key, now.key, sizeof(now.key));
}

/* ---- What is older than it is kept ---- */

static void test_the_oldest_go(void **state)
{
	struct place *p = *state;
	struct audit_report report;
	struct audit *audit;

	audit = audit_create(p->path, 1);
	sleep(2);
	/* Files 1 and 2 end two seconds before; 3 is the newest, whose end nobody has told yet. */
	audit_turn(audit);
	audit_destroy(&audit);
	report = verify(p, NULL);
	if (report.problems > 0)
		fail_msg("%s", report.problem[0]);
	assert_true(report.first > 8);
	assert_int_equal(report.cut_keep, 1);
	assert_true(report.seals_fit > 0);
	assert_int_equal(report.proved, report.last);
	/* The same look, and no removal: one file more is gone. */
	run("ls %s/audit-*.jsonl | head -1 | xargs rm", p->path);
	expect_problem(p, "no record says that they were removed");
}

/* Somebody removes what is younger than it may be, and writes the record that says so. */
static void test_cut_too_early(void **state)
{
	struct place *p = *state;
	struct audit *audit;

	audit = audit_create(p->path, 1);
	sleep(2);
	audit_turn(audit);
	audit_destroy(&audit);
	run("sed -i 's/\"keep\":1,/\"keep\":34560000,/; s/\"keep\":1}/X/' %s/audit-*.jsonl",
	    p->path);
	expect_problem(p, "they were cut off");
}

/* ---- Crashes ---- */

static void test_an_unfinished_record_is_dropped_and_told(void **state)
{
	struct place *p = *state;
	struct audit_report report;
	struct audit *audit;

	run("printf '{\"n\":23,\"at' >> %s/audit-00000003.jsonl", p->path);
	audit = audit_create(p->path, 0);
	audit_destroy(&audit);
	report = verify(p, NULL);
	assert_int_equal(report.problems, 0);
	run("grep -q audit_torn %s/audit-00000003.jsonl", p->path);
}

/* The key went on, and the seal did not come to the files. */
static void test_a_seal_is_finished_after_a_crash(void **state)
{
	struct place *p = *state;
	struct audit *audit;
	struct audit_report report;

	run("sed -i '$d' %s/audit-00000003.jsonl", p->path);
	expect_whole(p);
	audit = audit_create(p->path, 0);
	audit_destroy(&audit);
	report = verify(p, NULL);
	assert_int_equal(report.problems, 0);
	assert_int_equal(report.seals_fit, 4);
}

/* What somebody has put at the end stays there, and the service goes on in another file. */
static void test_what_is_no_record_is_left(void **state)
{
	struct place *p = *state;
	struct audit *audit;

	run("printf 'nonsense\\n' >> %s/audit-00000003.jsonl", p->path);
	audit = audit_create(p->path, 0);
	record(audit, "berta");
	audit_destroy(&audit);
	expect_problem(p, "behind record 22 (file 3) stands what is no record");
	run("grep -q berta %s/audit-00000004.jsonl", p->path);
}

/* ---- When it cannot be written ---- */

static void test_nothing_is_done_without_a_record(void **state)
{
	struct place *p = *state;
	struct audit *audit;
	struct error err;
	char path[100];

	snprintf(path, sizeof(path), "%s/none/audit", p->path);
	audit = audit_create(path, 0);
	assert_false(audit_takes(audit, AUDIT_JOB, &err));
	assert_string_equal(err.code, "audit_unavailable");
	assert_false(audit_takes(audit, AUDIT_CONTENT_READ, &err));
	assert_true(audit_takes(audit, AUDIT_SIGN_IN, &err));
	audit_destroy(&audit);
}

static void test_one_process_writes(void **state)
{
	struct place *p = *state;
	struct audit *first = audit_create(p->path, 0), *second = audit_create(p->path, 0);
	struct error err;

	assert_true(audit_takes(first, AUDIT_JOB, &err));
	assert_false(audit_takes(second, AUDIT_JOB, &err));
	assert_non_null(strstr(err.text, "another process"));
	audit_destroy(&second);
	audit_destroy(&first);
}

static void test_a_ticket_says_when_it_is_kept(void **state)
{
	struct place *p = *state;
	struct audit *audit = audit_create(p->path, 0);
	uint64_t ticket = audit_record(audit, &(struct audit_entry){.action = AUDIT_JOB});

	while (!audit_is_kept(audit, ticket))
		usleep(1000);
	assert_false(audit_is_kept(audit, ticket + 1));
	audit_destroy(&audit);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
#define FILLED(name) cmocka_unit_test_setup_teardown(test_##name, set_up_filled, tear_down)
	const struct CMUnitTest tests[] = {
	    FILLED(what_is_written_is_whole),
	    FILLED(it_goes_on_after_a_restart),
	    FILLED(changed),
	    FILLED(missing),
	    FILLED(a_file_is_missing),
	    FILLED(reordered),
	    FILLED(swapped_files),
	    FILLED(replayed_file),
	    FILLED(replayed_record),
	    FILLED(beginning_cut),
	    FILLED(end_cut),
	    FILLED(all_replayed),
	    FILLED(forged_chain),
	    FILLED(forged_seals),
	    FILLED(seal_taken_out),
	    FILLED(another_key),
	    FILLED(the_key_is_gone_after_its_seal),
	    FILLED(the_oldest_go),
	    FILLED(cut_too_early),
	    FILLED(an_unfinished_record_is_dropped_and_told),
	    FILLED(a_seal_is_finished_after_a_crash),
	    FILLED(what_is_no_record_is_left),
	    TEST(nothing_is_done_without_a_record),
	    TEST(one_process_writes),
	    TEST(a_ticket_says_when_it_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
