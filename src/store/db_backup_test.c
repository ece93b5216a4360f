#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "store/db_backup.h"
#include "store/migrations.h"
#include "store/store_test_place.h"

static void remove_files(const char *path)
{
	static const char *const beside[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		char name[100];

		snprintf(name, sizeof(name), "%s%s", path, beside[i]);
		(void)unlink(name);
	}
}

static void run(sqlite3 *sqlite, const char *sql)
{
	assert_int_equal(sqlite3_exec(sqlite, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* A database as the program left it that knew `version` steps, with an account and a job. */
static void make_old(const char *path, size_t version)
{
	size_t count;
	const char *const *steps = migrations_steps(&count);
	sqlite3 *sqlite;
	char sql[100];

	remove_files(path);
	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	run(sqlite, "PRAGMA journal_mode = WAL");
	for (size_t i = 0; i < version; i++)
		run(sqlite, steps[i]);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu; PRAGMA application_id = %d", version,
	    MIGRATIONS_APPLICATION);
	run(sqlite, sql);
	run(sqlite, "INSERT INTO users (name, password, role, created) VALUES ('ann', 'x', 2, 7)");
	run(sqlite,
	    "INSERT INTO jobs (action, state, who, created, started, finished, undo_seconds, "
	    "grace_until, rate, cancel, token, total, bytes, planned, sent, held, done, gone, "
	    "changed, "
	    "refused, unknown, cancelled, undone, problem)"
	    " VALUES (5, 4, 'ann', 7, 7, 0, 600, 607, 0, 0, 0, 3, 9, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, "
	    "'')");
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
}

static int64_t ask(const char *path, const char *sql)
{
	sqlite3 *sqlite;
	sqlite3_stmt *stmt;
	int64_t number;

	assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(sqlite);
	return number;
}

static void name_backup(const struct place *p, size_t version, char name[120])
{
	snprintf(name, 120, "%s-tables-%zu", p->path, version);
}

static void open_and_close(struct place *p)
{
	struct db_health health;
	struct error err = {0};

	p->db = db_open(p->path, &health, &err);
	if (p->db == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(health.state, DB_FINE);
	db_close(&p->db);
}

/* From every version that there ever was: all that stood in it stands in it still, and the copy is
 * how it was. */
static void test_every_older_version(void **state)
{
	struct place *p = *state;
	size_t count;
	char name[120];
	struct stat st;

	migrations_steps(&count);
	for (size_t version = 1; version < count; version++) {
		db_close(&p->db);
		make_old(p->path, version);
		open_and_close(p);
		assert_int_equal(ask(p->path, "PRAGMA user_version"), count);
		assert_int_equal(
		    ask(p->path, "SELECT count(*) FROM users WHERE name = 'ann' AND role = 2"), 1);
		assert_int_equal(ask(p->path, "SELECT held FROM jobs WHERE action = 5"), 3);
		name_backup(p, version, name);
		assert_int_equal(stat(name, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(ask(name, "PRAGMA user_version"), version);
		assert_int_equal(ask(name, "SELECT held FROM jobs WHERE action = 5"), 3);
	}
}

static void test_only_the_newest_are_kept(void **state)
{
	struct place *p = *state;
	size_t count;
	char name[120], part[120];

	migrations_steps(&count);
	db_close(&p->db);
	for (size_t version = 1; version < count; version++) {
		make_old(p->path, version);
		open_and_close(p);
	}
	for (size_t version = 1; version < count; version++) {
		name_backup(p, version, name);
		assert_int_equal(access(name, F_OK) == 0, version >= count - DB_BACKUP_KEPT);
	}
	snprintf(part, sizeof(part), "%s-tables-part", p->path);
	assert_int_not_equal(access(part, F_OK), 0);
	/* One that is up to date is not copied. */
	name_backup(p, count, name);
	open_and_close(p);
	assert_int_not_equal(access(name, F_OK), 0);
}

static void make_newer(const char *path)
{
	FD_AUTO int fd = open(path, O_RDWR);

	/* user_version in the file's header */
	assert_int_equal(pwrite(fd, "\0\0\0\x63", 4, 60), 4);
}

/* What is said names the copy that this program can use, and doing it works. */
static void test_newer_says_the_way_back(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	size_t count;
	char name[120], command[400];
	const char *way;

	migrations_steps(&count);
	db_close(&p->db);
	make_old(p->path, count - 1);
	open_and_close(p);
	make_newer(p->path);
	assert_null(db_open(p->path, &health, &err));
	assert_int_equal(health.state, DB_CLOSED);
	name_backup(p, count - 1, name);
	assert_non_null(strstr(err.text, name));
	way = strstr(health.text, "cp /");
	assert_non_null(way);
	snprintf(command, sizeof(command), "%s", way);
	assert_int_equal(system(command), 0);
	open_and_close(p);
	assert_int_equal(ask(p->path, "SELECT held FROM jobs WHERE action = 5"), 3);
	assert_true(db_examine(p->path, &err));
}

static void test_newer_without_a_backup(void **state)
{
	struct place *p = *state;
	struct db_health health;
	struct error err;
	char name[120];

	db_close(&p->db);
	make_newer(p->path);
	/* Of no use: this program does not know its tables either. */
	name_backup(p, 98, name);
	assert_int_equal(link(p->path, name), 0);
	assert_null(db_open(p->path, &health, &err));
	assert_non_null(strstr(err.text, "no backup"));
	assert_false(db_examine(p->path, &err));
	assert_non_null(strstr(err.text, "no backup"));
}

/* What a kill in the middle of a copy leaves is no copy, and no hindrance. */
static void test_cut_off(void **state)
{
	struct place *p = *state;
	size_t count;
	char part[120], name[120];
	int fd;

	migrations_steps(&count);
	db_close(&p->db);
	make_old(p->path, count - 1);
	snprintf(part, sizeof(part), "%s-tables-part", p->path);
	fd = open(part, O_WRONLY | O_CREAT, 0600);
	assert_true(fd_write_all(fd, "half of it", 10));
	fd_close(&fd);
	open_and_close(p);
	assert_int_not_equal(access(part, F_OK), 0);
	name_backup(p, count - 1, name);
	assert_int_equal(ask(name, "PRAGMA user_version"), count - 1);
}

/* The service and commands of root that open it at the same moment, more of them than copies are
 * kept. */
static void test_several_at_once(void **state)
{
	struct place *p = *state;
	size_t count;
	char name[120];
	pid_t children[DB_BACKUP_KEPT + 2];
	int status;

	migrations_steps(&count);
	db_close(&p->db);
	make_old(p->path, 1);
	for (size_t i = 0; i < DB_BACKUP_KEPT + 2; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct db_health health;
			struct error err;
			struct db *db = db_open(p->path, &health, &err);

			db_close(&db);
			_exit(health.state == DB_FINE ? 0 : 1);
		}
	}
	for (size_t i = 0; i < DB_BACKUP_KEPT + 2; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(ask(p->path, "PRAGMA user_version"), count);
	name_backup(p, 1, name);
	assert_int_equal(ask(name, "PRAGMA user_version"), 1);
	assert_int_equal(ask(name, "SELECT held FROM jobs"), 3);
	/* Nobody saw the tables half-way, and kept them so. */
	for (size_t version = 2; version <= count; version++) {
		name_backup(p, version, name);
		assert_int_not_equal(access(name, F_OK), 0);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, place_set_up, place_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_every_older_version),
	    TEST(test_only_the_newest_are_kept),
	    TEST(test_newer_says_the_way_back),
	    TEST(test_newer_without_a_backup),
	    TEST(test_cut_off),
	    TEST(test_several_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
