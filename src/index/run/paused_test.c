/* Which messages wait for a pause: by their recipients' domains, by what is on hold of a sender or
 * a login; and what becomes of all that was found before when the pauses change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/groups/groups.h"
#include "index/groups/survey.h"
#include "index/index.h"
#include "index/views/view.h"

#define NOW INT64_C(1800000000)
#define SINCE (NOW - 600)

/* What a test says of a message; what it does not say is the usual. */
struct letter {
	const char *id, *to, *also_to, *sender, *login, *reason;
	enum queue queue;
	int64_t age; /* 0: a minute */
	bool cut, also_done, no_origin;
};

static void add_recipient(struct message *m, const char *address, const char *reason)
{
	struct message_recipient *r;

	if (!address)
		return;
	r = message_add_recipient(m);
	r->address = slice_of(address);
	r->reason = slice_of(reason ? reason : "");
	r->dsn = reason ? SLICE("4.3.2") : SLICE("");
}

static void tell(struct index *ix, struct letter letter)
{
	MESSAGE_AUTO struct message m;

	message_init(&m);
	snprintf(m.id, sizeof(m.id), "%s", letter.id);
	m.queue = letter.queue;
	m.known = MESSAGE_KNOWS_REASONS | (letter.no_origin ? 0 : MESSAGE_KNOWS_ORIGIN);
	m.arrival = NOW - (letter.age ? letter.age : 60);
	m.sender = slice_of(letter.sender ? letter.sender : "news@shop.example");
	m.login = slice_of(letter.login ? letter.login : "");
	add_recipient(&m, letter.to, letter.reason);
	add_recipient(&m, letter.also_to, letter.reason);
	if (letter.also_done)
		m.recipients[1].flags = MESSAGE_RECIPIENT_DONE;
	m.flags |= letter.cut ? MESSAGE_RECIPIENTS_CUT : 0;
	m.recipient_todo = (uint32_t)(1 + (letter.also_to && !letter.also_done));
	index_upsert(ix, &m);
}

static struct index_match count(struct index *ix, const char *text)
{
	struct filter *f = filter_parse(slice_of(text), NULL);
	struct index_match match;

	assert_non_null(f);
	index_count(ix, f, NOW, &match);
	filter_free(f);
	return match;
}

/* How many match, and how many are undecided. */
static void expect(struct index *ix, const char *text, uint64_t messages, uint64_t undecided)
{
	struct index_match match = count(ix, text);

	if (match.messages != messages || match.undecided != undecided)
		fail_msg("%s: %llu match and %llu are undecided", text,
		    (unsigned long long)match.messages, (unsigned long long)match.undecided);
}

static const struct slice big = {"big.example", 11};

static struct index_pause domain_pause(void)
{
	return (struct index_pause){.id = 7,
	    .kind = INDEX_PAUSE_DOMAIN,
	    .key = big,
	    .by = SLICE("anna"),
	    .reason = SLICE("they limit us"),
	    .since = SINCE,
	    .until = NOW + 3600,
	    .domains = &big,
	    .domain_count = 1};
}

static struct index *index_with_mail(void)
{
	struct index *ix = index_create();

	index_scan_begin(ix, true, 0);
	tell(ix, (struct letter){.id = "1A111", .to = "a@big.example", .queue = QUEUE_DEFERRED});
	tell(ix, (struct letter){.id = "1A112", .to = "a@BIG.Example", .queue = QUEUE_ACTIVE});
	tell(
	    ix, (struct letter){.id = "1A113", .to = "a@sub.big.example", .queue = QUEUE_DEFERRED});
	tell(ix, (struct letter){.id = "1A114", .to = "a@toobig.example", .queue = QUEUE_DEFERRED});
	tell(ix, (struct letter){.id = "1A115",
		     .to = "a@other.example",
		     .also_to = "b@big.example",
		     .queue = QUEUE_DEFERRED});
	tell(ix, (struct letter){.id = "1A116",
		     .to = "a@other.example",
		     .also_to = "b@big.example",
		     .also_done = true,
		     .queue = QUEUE_DEFERRED});
	/* Nobody is tried there, whatever is paused. */
	tell(ix, (struct letter){.id = "1A117", .to = "a@big.example", .queue = QUEUE_HOLD});
	index_scan_end(ix, true, NOW);
	return ix;
}

static void test_not_told(void **state)
{
	struct index *ix = index_with_mail();

	(void)state;
	expect(ix, "paused:yes", 0, 7);
	expect(ix, "-paused:yes", 0, 7);
	index_set_pauses(ix, NULL, 0);
	expect(ix, "paused:yes", 0, 0);
	expect(ix, "paused:no", 7, 0);
	expect(ix, "paused:big", 0, 0);
	index_free(ix);
}

static void test_domains(void **state)
{
	struct index *ix = index_with_mail();
	struct index_pause pause = domain_pause();

	(void)state;
	index_set_pauses(ix, &pause, 1);
	expect(ix, "paused:yes", 3, 0);
	expect(ix, "paused:no", 4, 0);
	expect(ix, "-paused:no", 3, 0);
	expect(ix, "paused:yes or paused:no", 7, 0);
	expect(ix, "paused:big.example", 3, 0);
	expect(ix, "paused:=BIG.example", 3, 0);
	expect(ix, "paused:=big", 0, 0);
	expect(ix, "paused:anna", 3, 0);
	expect(ix, "paused:otto", 0, 0);
	expect(ix, "paused:yes queue:active", 1, 0);
	pause.subdomains = true;
	index_set_pauses(ix, &pause, 1);
	expect(ix, "paused:yes", 4, 0);
	expect(ix, "paused:yes domain:toobig.example", 0, 0);
	index_set_pauses(ix, NULL, 0);
	expect(ix, "paused:yes", 0, 0);
	index_free(ix);
}

/* Of a list that is cut somebody may wait: unknown is never a non-match. */
static void test_cut_lists(void **state)
{
	struct index *ix = index_create();
	struct index_pause pauses[2] = {domain_pause(), domain_pause()};
	struct slice other = SLICE("other.example");
	struct index_pause_count *counts;

	(void)state;
	tell(ix, (struct letter){
		     .id = "1A111", .to = "a@big.example", .queue = QUEUE_DEFERRED, .cut = true});
	tell(ix, (struct letter){
		     .id = "1A112", .to = "a@small.example", .queue = QUEUE_DEFERRED, .cut = true});
	pauses[1].key = other;
	pauses[1].domains = &other;
	index_set_pauses(ix, pauses, 2);
	expect(ix, "paused:yes", 1, 1);
	expect(ix, "paused:no", 0, 1);
	expect(ix, "paused:=other.example", 0, 2);
	assert_int_equal(index_count_pauses(ix, &counts), 2);
	assert_int_equal(counts[0].messages, 1);
	assert_int_equal(counts[1].messages, 0);
	free(counts);
	index_set_pauses(ix, NULL, 0);
	expect(ix, "paused:no", 2, 0);
	index_free(ix);
}

/* `no` is a word of its own, and not a piece of a name. */
static void test_words_are_not_names(void **state)
{
	struct index *ix = index_create();
	struct index_pause pause = domain_pause();
	struct slice domain = SLICE("novelty.yes.example");

	(void)state;
	tell(ix,
	    (struct letter){.id = "1A111", .to = "a@novelty.yes.example", .queue = QUEUE_DEFERRED});
	tell(ix, (struct letter){.id = "1A112", .to = "a@big.example", .queue = QUEUE_DEFERRED});
	pause.key = domain;
	pause.domains = &domain;
	index_set_pauses(ix, &pause, 1);
	expect(ix, "paused:no", 1, 0);
	expect(ix, "paused:no id:1A112", 1, 0);
	expect(ix, "paused:novel", 1, 0);
	index_free(ix);
}

static void test_both_forms_of_a_domain(void **state)
{
	struct index *ix = index_create();
	struct index_pause pause = domain_pause();
	struct slice domain = SLICE("xn--mller-kva.example");

	(void)state;
	tell(ix, (struct letter){
		     .id = "1A111", .to = "a@xn--mller-kva.example", .queue = QUEUE_DEFERRED});
	tell(ix, (struct letter){
		     .id = "1A112", .to = "a@m\xc3\xbcller.example", .queue = QUEUE_DEFERRED});
	pause.key = domain;
	pause.domains = &domain;
	index_set_pauses(ix, &pause, 1);
	expect(ix, "paused:yes", 2, 0);
	expect(ix, "paused:m\xc3\xbcller.example", 2, 0);
	index_free(ix);
}

/* What was there before the pause is somebody else's hold, and what is queued already is not
 * touched. */
static void test_senders_and_logins(void **state)
{
	struct index *ix = index_create();
	struct index_pause pauses[2] = {{.id = 8,
					    .kind = INDEX_PAUSE_SENDER,
					    .key = SLICE("news@shop.example"),
					    .since = SINCE},
	    {.id = 9, .kind = INDEX_PAUSE_LOGIN, .key = SLICE("info"), .since = SINCE}};
	struct index_pause found;
	struct index_pause_count *counts;

	(void)state;
	tell(ix, (struct letter){.id = "1A111", .to = "a@d.test", .queue = QUEUE_HOLD});
	tell(ix, (struct letter){
		     .id = "1A112", .to = "a@d.test", .queue = QUEUE_HOLD, .age = NOW - SINCE + 1});
	tell(ix, (struct letter){.id = "1A113", .to = "a@d.test", .queue = QUEUE_DEFERRED});
	tell(ix, (struct letter){.id = "1A114",
		     .to = "a@d.test",
		     .queue = QUEUE_HOLD,
		     .sender = "NEWS@Shop.Example"});
	tell(ix, (struct letter){.id = "1A115",
		     .to = "a@d.test",
		     .queue = QUEUE_HOLD,
		     .sender = "boss@shop.example",
		     .login = "info"});
	tell(ix, (struct letter){.id = "1A116",
		     .to = "a@d.test",
		     .queue = QUEUE_HOLD,
		     .sender = "boss@shop.example",
		     .no_origin = true});
	index_set_pauses(ix, pauses, 2);
	expect(ix, "paused:yes", 3, 1);
	expect(ix, "paused:=news@shop.example", 2, 1);
	expect(ix, "paused:=info", 1, 1);
	expect(ix, "paused:no", 2, 1);
	assert_int_equal(index_count_pauses(ix, &counts), 2);
	assert_int_equal(counts[0].id, 8);
	assert_int_equal(counts[0].messages, 2);
	assert_int_equal(counts[1].messages, 1);
	free(counts);
	assert_true(index_pause(ix, index_find(ix, SLICE("1A115")), &found));
	assert_int_equal(found.id, 9);
	assert_false(index_pause(ix, index_find(ix, SLICE("1A113")), &found));
	/* A delete has it on hold. */
	index_deleting_known(ix);
	index_set_deleting(ix, SLICE("1A111"), NOW - 60, 0, 3);
	expect(ix, "paused:=news@shop.example", 1, 1);
	index_free(ix);
}

/* A view is what matched when it was made; a count says how it is now. */
static void test_views_stay(void **state)
{
	struct index *ix = index_with_mail();
	struct index_pause pause = domain_pause();
	struct filter *f = filter_parse(SLICE("paused:yes"), NULL);
	struct index_sort sort = {INDEX_SORT_ARRIVAL, true};
	const struct view *view;
	uint64_t arrived, left;

	(void)state;
	index_set_pauses(ix, &pause, 1);
	view = view_create(ix, f, SLICE("paused:yes"), sort, NOW);
	assert_int_equal(view_length(view), 3);
	assert_true(view_actionable(view));
	index_set_pauses(ix, NULL, 0);
	assert_int_equal(view_length(view), 3);
	expect(ix, "paused:yes", 0, 0);
	index_set_pauses(ix, &pause, 1);
	tell(ix, (struct letter){.id = "1A118", .to = "b@big.example", .queue = QUEUE_DEFERRED});
	expect(ix, "paused:yes", 4, 0);
	view_changes(ix, view, NOW + 5, &arrived, &left);
	assert_int_equal(arrived, 1);
	assert_int_equal(left, 0);
	filter_free(f);
	index_free(ix);
}

static void test_of_a_recipient(void **state)
{
	struct index *ix = index_with_mail();
	struct index_pause pauses[2] = {domain_pause(), domain_pause()}, found;
	uint32_t row = index_find(ix, SLICE("1A115"));

	(void)state;
	/* Under a throttle mail still passes: the pause that stops it is what it waits for. */
	pauses[0].id = 6;
	pauses[0].throttle_s = 10;
	index_set_pauses(ix, pauses, 2);
	assert_false(index_recipient_pause(ix, row, 0, &found));
	assert_true(index_recipient_pause(ix, row, 1, &found));
	assert_int_equal(found.id, 7);

	assert_true(slice_is(found.reason, "they limit us"));
	assert_false(index_recipient_pause(ix, row, 2, &found));
	assert_true(index_pause(ix, row, &found));
	assert_false(index_pause(ix, index_find(ix, SLICE("1A116")), &found));
	index_free(ix);
}

/* ---- What Postfix says of it ---- */

static const char *diagnosis_of(struct index *ix, const char *id)
{
	const struct diagnosis *found = index_diagnosis(ix, index_find(ix, slice_of(id)));

	return found ? found->key : "";
}

static void test_diagnosis(void **state)
{
	struct index *ix = index_create();
	struct index_pause pause = domain_pause();

	(void)state;
	tell(ix, (struct letter){.id = "1A111",
		     .to = "a@big.example",
		     .queue = QUEUE_DEFERRED,
		     .reason = "deferred transport"});
	tell(ix, (struct letter){.id = "1A112",
		     .to = "a@big.example",
		     .queue = QUEUE_DEFERRED,
		     .reason = "mail transport unavailable"});
	tell(ix, (struct letter){.id = "1A113",
		     .to = "a@big.example",
		     .queue = QUEUE_DEFERRED,
		     .reason = "Connection refused"});
	tell(ix, (struct letter){.id = "1A114",
		     .to = "a@other.example",
		     .queue = QUEUE_DEFERRED,
		     .reason = "deferred transport"});
	index_set_pauses(ix, &pause, 1);
	assert_string_equal(diagnosis_of(ix, "1A111"), "paused");
	assert_string_equal(diagnosis_of(ix, "1A112"), "paused");
	assert_string_not_equal(diagnosis_of(ix, "1A113"), "paused");
	assert_string_equal(diagnosis_of(ix, "1A114"), "deferred-by-configuration");
	expect(ix, "cause:=paused", 2, 0);
	expect(ix, "cause:=deferred-by-configuration", 1, 0);
	index_set_pauses(ix, NULL, 0);
	assert_string_equal(diagnosis_of(ix, "1A111"), "deferred-by-configuration");
	expect(ix, "cause:=paused", 0, 0);
	index_free(ix);
}

/* Incidents are made of this: nobody is to be called for what is held back on purpose, whatever was
 * said of it before. */
static void test_survey(void **state)
{
	struct index *ix = index_create();
	struct index_pause pauses[2] = {domain_pause(),
	    {.kind = INDEX_PAUSE_SENDER, .key = SLICE("news@shop.example"), .since = NOW - 200000}};
	struct survey *survey = survey_create(ix);
	struct survey_result found;

	(void)state;
	tell(ix, (struct letter){.id = "1A111",
		     .to = "a@big.example",
		     .queue = QUEUE_DEFERRED,
		     .reason = "connect to mx.big.example[192.0.2.1]:25: Connection refused"});
	tell(ix,
	    (struct letter){.id = "1A112", .to = "a@d.test", .queue = QUEUE_HOLD, .age = 100000});
	for (int paused = 0; paused <= 2; paused++) {
		index_set_pauses(ix, pauses, paused > 0 ? 2 : 0);
		index_settle(ix, 100);
		survey_begin(survey, NOW);
		while (survey_step(survey, 64))
			;
		survey_result(survey, &found);
		assert_int_equal(found.held_long, paused == 0);
		assert_int_equal(found.host_causes.count, 1);
		assert_true(slice_is(found.domain_causes.items[0].cause,
		    paused == 1 ? "paused" : "connection-refused"));
		assert_true(slice_is(found.host_causes.items[0].cause,
		    paused == 1 ? "paused" : "connection-refused"));
		survey_result_free(&found);
		/* Under a throttle it is tried. */
		pauses[0].throttle_s = paused == 1 ? 10 : 0;
	}
	survey_free(&survey);
	index_free(ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_not_told),
	    cmocka_unit_test(test_domains),
	    cmocka_unit_test(test_cut_lists),
	    cmocka_unit_test(test_words_are_not_names),
	    cmocka_unit_test(test_both_forms_of_a_domain),
	    cmocka_unit_test(test_senders_and_logins),
	    cmocka_unit_test(test_views_stay),
	    cmocka_unit_test(test_of_a_recipient),
	    cmocka_unit_test(test_diagnosis),
	    cmocka_unit_test(test_survey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
