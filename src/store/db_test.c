#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "store/db.h"

struct place {
	char folder[64], path[80];
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->folder, "/tmp/postroom-db-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/postroom.db", p->folder);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", p->folder);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

static enum db_result append(struct db *db, struct slice detail, struct error *err)
{
	struct db_statement *s = db_statement(db,
	    "INSERT INTO audit (at, who, source, action, target, detail)"
	    " VALUES (1, 'someone', 'socket', 'test', 'it', ?)",
	    err);

	if (s == NULL)
		return DB_REFUSED;
	db_bind_slice(s, detail);
	return db_run(s, err);
}

static int64_t count_audit(struct db *db)
{
	struct db_statement *s = db_statement(db, "SELECT count(*) FROM audit", NULL);
	int64_t n;

	assert_non_null(s);
	assert_int_equal(db_step(s, NULL), DB_OK);
	n = db_int(s, 0);
	db_reset(s);
	return n;
}

static void test_missing_is_made(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	struct stat st;
	struct db *db = db_open(p->path, &health, &err);

	assert_non_null(db);
	assert_int_equal(health.state, DB_FINE);
	assert_string_equal(health.path, p->path);
	assert_int_equal(append(db, SLICE("x'; DROP TABLE audit; --"), &err), DB_OK);
	db_close(&db);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* One that an older version made is closed to others. */
	assert_int_equal(chmod(p->path, 0644), 0);
	db = db_open(p->path, &health, &err);
	assert_non_null(db);
	assert_int_equal(count_audit(db), 1);
	db_close(&db);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(db_examine(p->path, &err));
}

static void test_folder_missing(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	char path[120];

	snprintf(path, sizeof(path), "%s/no/such/folder.db", p->folder);
	assert_null(db_open(path, &health, &err));
	assert_int_equal(health.state, DB_CLOSED);
	assert_non_null(strstr(health.text, "No such file"));
	assert_false(db_examine(path, &err));
	assert_string_equal(err.code, "not_found");
}

static void test_transaction_taken_back(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	struct db *db = db_open(p->path, &health, &err);

	assert_int_equal(db_begin(db, &err), DB_OK);
	assert_int_equal(append(db, SLICE("a"), &err), DB_OK);
	db_rollback(db);
	db_rollback(db);
	assert_int_equal(count_audit(db), 0);
	assert_int_equal(db_begin(db, &err), DB_OK);
	assert_int_equal(append(db, SLICE("b"), &err), DB_OK);
	assert_int_equal(db_commit(db, &err), DB_OK);
	assert_int_equal(count_audit(db), 1);
	db_close(&db);
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0 && fd_write_all(fd, bytes, len));
	fd_close(&fd);
}

static void test_garbage_is_kept(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	char garbage[8192], fresh[100];
	BUFFER_AUTO struct buffer after = {0};
	struct db *db;

	memset(garbage, 'g', sizeof(garbage));
	write_file(p->path, garbage, sizeof(garbage));
	assert_false(db_examine(p->path, &err));
	assert_string_equal(err.code, "store_damaged");
	db = db_open(p->path, &health, &err);
	assert_non_null(db);
	assert_int_equal(health.state, DB_FRESH);
	snprintf(fresh, sizeof(fresh), "%s-fresh-1", p->path);
	assert_string_equal(health.path, fresh);
	assert_non_null(strstr(health.text, "was left as it is"));
	assert_int_equal(append(db, SLICE("a"), &err), DB_OK);
	db_close(&db);
	/* The next start goes on with the same fresh file. */
	db = db_open(p->path, &health, &err);
	assert_string_equal(health.path, fresh);
	assert_int_equal(count_audit(db), 1);
	db_close(&db);
	assert_true(fd_read_file(p->path, 1 << 20, &after, NULL));
	assert_int_equal(after.len, sizeof(garbage));
	assert_memory_equal(after.data, garbage, sizeof(garbage));
	/* And when that one breaks too, with a second; the first stays. */
	write_file(fresh, garbage, sizeof(garbage));
	db = db_open(p->path, &health, &err);
	assert_non_null(strstr(health.path, "-fresh-2"));
	db_close(&db);
}

/* Damage in the middle, which only a check of the whole file finds. */
static void test_damaged_page(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	struct db *db = db_open(p->path, &health, &err);
	char noise[4096];
	int fd;

	for (int i = 0; i < 2000; i++)
		assert_int_equal(append(db, SLICE("some text that fills pages"), &err), DB_OK);
	db_close(&db);
	memset(noise, 0xee, sizeof(noise));
	fd = open(p->path, O_RDWR);
	for (off_t page = 20; page < 24; page++)
		assert_int_equal(pwrite(fd, noise, sizeof(noise), page * 4096), sizeof(noise));
	fd_close(&fd);
	db = db_open(p->path, &health, &err);
	assert_non_null(db);
	assert_int_equal(health.state, DB_FRESH);
	db_close(&db);
}

static void test_not_ours(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	char command[300];

	snprintf(command, sizeof(command),
	    "python3 -c \"import sqlite3; c = sqlite3.connect('%s'); c.execute('create table t "
	    "(a)'); c.commit()\"",
	    p->path);
	if (system(command) != 0)
		skip();
	assert_null(db_open(p->path, &health, &err));
	assert_non_null(strstr(health.text, "another program"));
}

static void test_newer_version(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	struct db *db = db_open(p->path, &health, &err);
	int fd;

	db_close(&db);
	fd = open(p->path, O_RDWR);
	assert_int_equal(
	    pwrite(fd, "\0\0\0\x63", 4, 60), 4); /* user_version in the file's header */
	fd_close(&fd);
	assert_null(db_open(p->path, &health, &err));
	assert_non_null(strstr(health.text, "newer version"));
	assert_false(db_examine(p->path, &err));
}

static void test_full(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	struct db *db = db_open(p->path, &health, &err);
	static char big[100000];
	enum db_result result = DB_OK;
	int64_t before;

	memset(big, 'b', sizeof(big));
	db_limit_pages(db, 100);
	for (int i = 0; i < 100 && result == DB_OK; i++)
		result = append(db, slice_make(big, sizeof(big)), &err);
	assert_int_equal(result, DB_REFUSED);
	assert_string_equal(err.code, "store_full");
	before = count_audit(db);
	db_limit_pages(db, 100000);
	assert_int_equal(append(db, SLICE("room again"), &err), DB_OK);
	assert_int_equal(count_audit(db), before + 1);
	db_close(&db);
}

/* A write that the kernel refuses is not a success, whatever it is called. */
static void test_file_size_limit(void **state)
{
	struct place *p = *state;
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct db_health health;
		struct error err = {0};
		struct rlimit limit = {200000, 200000};
		static char big[100000];
		struct db *db = db_open(p->path, &health, &err);
		enum db_result result = DB_OK;
		int done = 0;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		for (; done < 10 && result == DB_OK; done++) {
			result = db_begin(db, &err);
			if (result == DB_OK)
				result = append(db, slice_make(big, sizeof(big)), &err);
			if (result == DB_OK)
				result = db_commit(db, &err);
		}
		db_rollback(db);
		_exit((result == DB_REFUSED || result == DB_UNKNOWN) && err.code[0] != '\0' &&
			      count_audit(db) <= done
			  ? 0
			  : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_locked(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	struct db *db = db_open(p->path, &health, &err), *other = db_open(p->path, &health, &err);

	assert_int_equal(db_begin(db, &err), DB_OK);
	assert_int_equal(append(other, SLICE("x"), &err), DB_REFUSED); /* waits DB_BUSY_MS */
	assert_string_equal(err.code, "store_locked");
	assert_int_equal(count_audit(other), 0); /* reading goes on */
	assert_int_equal(db_commit(db, &err), DB_OK);
	assert_int_equal(append(other, SLICE("x"), &err), DB_OK);
	db_close(&db);
	db_close(&other);
}

/* In a child: as a user who may not write there. */
static int look_as_nobody(const struct place *p)
{
	struct db_health health;
	struct error err;
	struct db *db;

	if (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0)
		return 10;
	db = db_open(p->path, &health, &err);
	if (db == NULL || health.state != DB_READ_ONLY)
		return 11;
	if (count_audit(db) != 1)
		return 12;
	if (append(db, SLICE("x"), &err) != DB_REFUSED || strcmp(err.code, "store_read_only") != 0)
		return 13;
	db_close(&db);
	return 0;
}

static void test_read_only(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	struct db *db;
	char name[100];
	pid_t child;
	int status;

	if (geteuid() != 0)
		skip();
	db = db_open(p->path, &health, &err);
	assert_int_equal(append(db, SLICE("a"), &err), DB_OK);
	db_close(&db);
	assert_int_equal(chmod(p->folder, 0755), 0);
	assert_int_equal(chmod(p->path, 0644), 0);
	snprintf(name, sizeof(name), "%s-wal", p->path);
	assert_int_equal(chmod(name, 0644), 0);
	snprintf(name, sizeof(name), "%s-shm", p->path);
	assert_int_equal(chmod(name, 0644), 0);
	child = fork();
	if (child == 0)
		_exit(look_as_nobody(p));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A command of root leaves nothing behind that belongs to root. */
static void test_prepare_as_root(void **state)
{
	struct place *p = *state;
	struct passwd *pw;
	struct stat st;
	char path[120];
	int status;
	pid_t child;

	if (geteuid() != 0)
		skip();
	snprintf(path, sizeof(path), "%s/lib/postroom.db", p->folder);
	assert_int_equal(chmod(p->folder, 0755), 0);
	child = fork();
	if (child == 0) {
		struct db_health health;
		struct error err;
		struct db *db;

		if (!db_prepare(path, "nobody", &err) || getuid() == 0 || geteuid() == 0)
			_exit(1);
		db = db_open(path, &health, &err);
		_exit(db != NULL && append(db, SLICE("x"), &err) == DB_OK ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	pw = getpwnam("nobody");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, pw->pw_uid);
	assert_false(db_prepare(path, "no-such-user-here", &(struct error){0}));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_missing_is_made),
	    TEST(test_folder_missing),
	    TEST(test_transaction_taken_back),
	    TEST(test_garbage_is_kept),
	    TEST(test_damaged_page),
	    TEST(test_not_ours),
	    TEST(test_newer_version),
	    TEST(test_full),
	    TEST(test_file_size_limit),
	    TEST(test_locked),
	    TEST(test_read_only),
	    TEST(test_prepare_as_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
