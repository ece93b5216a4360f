#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock_test_moved.h"
#include "base/fd.h"
#include "store/store.h"

struct place {
	char folder[64], path[80];
	struct store *store;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->folder, "/tmp/postroom-store-test-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/postroom.db", p->folder);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	char command[128];

	store_destroy(&p->store);
	snprintf(command, sizeof(command), "rm -rf %s", p->folder);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

struct ask {
	const char *detail;
	enum db_result want; /* what the work gives after its insert */
	int64_t count;
	pthread_t thread;
	bool answered;
	enum db_result result;
	struct error err;
};

static enum db_result append(struct db *db, void *context, struct error *err)
{
	struct ask *a = context;
	struct db_statement *s = db_statement(db,
	    "INSERT INTO audit (at, who, source, action, target, detail)"
	    " VALUES (0, 'w', 's', 'a', 't', ?)",
	    err);
	enum db_result result = DB_REFUSED;

	if (s != NULL) {
		db_bind_text(s, a->detail);
		result = db_run(s, err);
	}

	a->thread = pthread_self();
	if (result == DB_OK && a->want != DB_OK)
		error_set(err, "wanted", "as asked");
	return result == DB_OK ? a->want : result;
}

static enum db_result count(struct db *db, void *context, struct error *err)
{
	struct ask *a = context;
	struct db_statement *s = db_statement(db, "SELECT count(*) FROM audit", err);

	if (s == NULL || db_step(s, err) != DB_OK)
		return DB_REFUSED;
	a->count = db_int(s, 0);
	db_reset(s);
	return DB_OK;
}

static void answered(void *context, enum db_result result, const struct error *err)
{
	struct ask *a = context;

	a->answered = true;
	a->result = result;
	a->err = *err;
}

static void wait_for(struct store *store)
{
	while (store_pending(store) > 0) {
		struct pollfd p = {store_fd(store), POLLIN, 0};

		assert_int_equal(poll(&p, 1, 20000), 1);
		store_dispatch(store);
	}
}

static void test_asynchronous(void **state)
{
	struct place *p = *state;
	struct ask one = {.detail = "one"}, back = {.detail = "back", .want = DB_CONFLICT}, n = {0};

	p->store = store_create(p->path);
	store_write(p->store, append, answered, &one);
	store_write(p->store, append, answered, &back);
	store_read(p->store, count, answered, &n);
	assert_false(one.answered); /* never from within the call */
	wait_for(p->store);
	assert_true(one.answered && one.result == DB_OK);
	assert_false(pthread_equal(one.thread, pthread_self()));
	assert_true(back.answered && back.result == DB_CONFLICT);
	assert_int_equal(n.count, 1); /* the second was taken back */
}

static void test_destroy_finishes(void **state)
{
	struct place *p = *state;
	static struct ask asks[50];

	p->store = store_create(p->path);
	for (int i = 0; i < 50; i++) {
		asks[i] = (struct ask){.detail = "x"};
		store_write(p->store, append, answered, &asks[i]);
	}
	store_destroy(&p->store);
	for (int i = 0; i < 50; i++)
		assert_true(asks[i].answered && asks[i].result == DB_OK);
	assert_null(p->store);
}

/* What people ask is bounded; what the engines ask is not. */
static void test_bounded(void **state)
{
	struct place *p = *state;
	static struct ask asks[STORE_ASKED_MAX + 100], engine;
	unsigned refused = 0;

	p->store = store_create(p->path);
	for (int i = 0; i < STORE_ASKED_MAX + 100; i++) {
		asks[i] = (struct ask){.detail = "x"};
		store_ask_write(p->store, append, answered, &asks[i]);
	}
	engine = (struct ask){.detail = "x"};
	store_write(p->store, append, answered, &engine);
	assert_false(asks[STORE_ASKED_MAX + 99].answered); /* never from within the call */
	wait_for(p->store);
	for (int i = 0; i < STORE_ASKED_MAX + 100; i++) {
		assert_true(asks[i].answered);
		if (asks[i].result == DB_OK)
			continue;
		assert_int_equal(asks[i].result, DB_REFUSED);
		assert_string_equal(asks[i].err.code, "store_busy");
		refused++;
	}
	assert_int_equal(refused, 100);
	assert_int_equal(engine.result, DB_OK);
	/* There is room again. */
	asks[0] = (struct ask){.detail = "x"};
	store_ask_write(p->store, append, answered, &asks[0]);
	wait_for(p->store);
	assert_int_equal(asks[0].result, DB_OK);
}

static void test_cannot_open(void **state)
{
	struct place *p = *state;
	struct ask one = {.detail = "one"};
	struct db_health health;
	char path[120];

	snprintf(path, sizeof(path), "%s/missing/postroom.db", p->folder);
	p->store = store_create(path);
	store_write(p->store, append, answered, &one);
	wait_for(p->store);
	assert_int_equal(one.result, DB_REFUSED);
	assert_string_equal(one.err.code, "store_unavailable");
	store_health(p->store, &health);
	assert_int_equal(health.state, DB_CLOSED);
	assert_true(health.text[0] != '\0');
	/* Once the folder is there, the next request that is not too soon finds it. */
	snprintf(path, sizeof(path), "%s/missing", p->folder);
	assert_int_equal(mkdir(path, 0755), 0);
	clock_move(3100);
	one = (struct ask){.detail = "one"};
	store_write(p->store, append, answered, &one);
	wait_for(p->store);
	assert_int_equal(one.result, DB_OK);
	store_health(p->store, &health);
	assert_int_equal(health.state, DB_FINE);
}

static enum db_result fill(struct db *db, void *context, struct error *err)
{
	db_limit_pages(db, 60);
	return append(db, context, err);
}

static void test_full_then_room(void **state)
{
	struct place *p = *state;
	static char big[500001];
	struct ask one = {.detail = big}, two = {.detail = "small"};
	struct db_health health;

	memset(big, 'b', sizeof(big) - 1);
	p->store = store_create(p->path);
	store_write(p->store, fill, answered, &one);
	wait_for(p->store);
	assert_int_equal(one.result, DB_REFUSED);
	assert_string_equal(one.err.code, "store_full");
	store_health(p->store, &health);
	assert_int_equal(health.state, DB_FULL);
	store_write(p->store, append, answered, &two);
	wait_for(p->store);
	assert_int_equal(two.result, DB_OK);
	store_health(p->store, &health);
	assert_int_equal(health.state, DB_FINE);
	assert_string_equal(health.text, "");
}

/* A real full disk: a small tmpfs, where the machine lets us mount one. */
static void test_full_disk(void **state)
{
	struct place *p = *state;
	static char big[300001];
	struct ask one = {.detail = big};
	struct db_health health;
	char mounted[100], path[120];

	snprintf(mounted, sizeof(mounted), "%s/small", p->folder);
	assert_int_equal(mkdir(mounted, 0755), 0);
	if (mount("tmpfs", mounted, "tmpfs", 0, "size=1m") != 0) {
		print_message("nothing may be mounted here\n");
		skip();
	}
	memset(big, 'b', sizeof(big) - 1);
	snprintf(path, sizeof(path), "%s/postroom.db", mounted);
	p->store = store_create(path);
	for (int i = 0; i < 20 && one.result == DB_OK; i++) {
		store_write(p->store, append, answered, &one);
		wait_for(p->store);
	}
	store_health(p->store, &health);
	store_destroy(&p->store);
	assert_int_equal(umount(mounted), 0);
	assert_true(one.result == DB_REFUSED || one.result == DB_UNKNOWN);
	if (one.result == DB_REFUSED) {
		assert_string_equal(one.err.code, "store_full");
		assert_int_equal(health.state, DB_FULL);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(test_asynchronous), TEST(test_destroy_finishes),
	    TEST(test_bounded), TEST(test_cannot_open), TEST(test_full_then_room),
	    TEST(test_full_disk)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
