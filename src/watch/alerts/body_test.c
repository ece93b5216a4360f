/* What each kind of channel is sent, and what a stranger's text cannot do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "watch/alerts/body.h"
#include "watch/alerts/words.h"
#include "watch/incidents/incidents.h"

#define NOW INT64_C(1800273600)
#define HOSTILE "x\"}],<!here> @everyone \\ \r\nBcc: all@b.example\r\n\r\n.\r\n \xff\xfe"

static char empty[] = "";
static const struct alerts_place place = {{"https://q.example", 17}, {"mail.example", 12}};

static struct alert_channel channel_of(enum alert_channel_kind kind)
{
	struct alert_channel c = {.id = "ops",
	    .kind = kind,
	    .hmac = empty,
	    .template = empty,
	    .command = empty,
	    .relay = empty,
	    .user = empty,
	    .password = empty};

	c.url = memory_strdup("https://x.example/topic");
	c.from = memory_strdup("postroom@mail.example");
	return c;
}

static void add_item(struct alerts_message *m, const char *title, int64_t id)
{
	struct incident_row row = {.id = id,
	    .kind = INCIDENT_FLOOD,
	    .severity = INCIDENT_ACT,
	    .key = (char *)(uintptr_t)title,
	    .cause = empty,
	    .title = (char *)(uintptr_t)title,
	    .text = (char *)(uintptr_t)title,
	    .filter = (char[]){"login:=\"a b\""},
	    .since = NOW - 60,
	    .messages = 412,
	    .evidence = {{(char *)(uintptr_t)title, NULL}},
	    .evidence_count = 1};
	struct alerts_item item;

	alerts_item_fill(&item, &row);
	alerts_message_add(m, &item);
}

static struct alerts_message message_of(const char *title, size_t count)
{
	struct alerts_message m = {.what = ALERT_FIRED, .at = NOW, .rule = "all", .channel = "ops"};

	m.key = memory_strdup("ops/all/1.0.f2");
	for (size_t i = 0; i < count; i++)
		add_item(&m, title, (int64_t)i + 1);
	return m;
}

/* The body of one message for one kind. */
static char *body_of(enum alert_channel_kind kind, const char *title, size_t count, char **headers)
{
	struct alert_channel channel = channel_of(kind);
	struct alerts_message m = message_of(title, count);
	struct alerts_request request;
	char hmac[] = "0123456789abcdef", address[] = "ops@mail.example", *to[] = {address}, *body;

	channel.to = to;
	channel.to_count = 1;
	if (headers != NULL)
		channel.hmac = hmac;
	alerts_body_make(&m, &channel, &place, NOW, &request);
	body = memory_strdup(buffer_string(&request.body));
	assert_true(request.body.len <= ALERTS_BODY_MAX);
	if (headers != NULL)
		*headers = memory_strdup(buffer_string(&request.headers));
	alerts_request_clear(&request);
	alerts_message_clear(&m);
	free(channel.url);
	free(channel.from);
	return body;
}

static void test_webhook(void **state)
{
	char *headers, *body = body_of(ALERT_WEBHOOK, "a login floods", 2, &headers);
	json_t *json = json_loads(body, 0, NULL),
	       *alert = json_array_get(json_object_get(json, "alerts"), 0);
	json_t *notes = json_object_get(alert, "annotations");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(json, "version")), "4");
	assert_string_equal(json_string_value(json_object_get(json, "status")), "firing");
	assert_string_equal(
	    json_string_value(json_object_get(alert, "startsAt")), "2027-01-18T11:59:00Z");
	assert_string_equal(json_string_value(json_object_get(alert, "generatorURL")),
	    "https://q.example/?page=incident&id=1");
	assert_string_equal(json_string_value(json_object_get(notes, "messages_url")),
	    "https://q.example/?filter=login%3A%3D%22a%20b%22");
	assert_string_equal(json_string_value(json_object_get(notes, "number")), "412 messages");
	assert_string_equal(json_string_value(json_object_get(notes, "runbook_url")),
	    "https://q.example/runbook/flood");
	/* What differs is not common. */
	assert_null(json_object_get(json_object_get(json, "commonLabels"), "incident"));
	assert_non_null(json_object_get(json_object_get(json, "commonLabels"), "severity"));
	assert_non_null(
	    strstr(headers, "\nX-Postroom-Timestamp: 1800273600\nX-Postroom-Signature: sha256="));
	json_decref(json);
	free(headers);
	free(body);
}

/* Whatever a stranger has written, it is one text of one JSON value, and no line of a mail. */
static void test_hostile(void **state)
{
	(void)state;
	for (int kind = 0; kind < ALERT_CHANNEL_KINDS; kind++) {
		char *body = body_of((enum alert_channel_kind)kind, HOSTILE, 3, NULL);
		json_t *json = kind != ALERT_MAIL ? json_loads(body, 0, NULL) : NULL;

		if (kind != ALERT_MAIL)
			assert_non_null(json);
		else
			assert_null(strstr(body, "\nBcc:"));
		if (kind == ALERT_SLACK)
			assert_null(
			    strstr(json_string_value(json_object_get(json, "text")), "<!here>"));
		json_decref(json);
		free(body);
	}
}

/* Twenty of the longest, all of it quotes, stay within what the notifier takes. */
static void test_largest(void **state)
{
	char title[2000];

	(void)state;
	memset(title, '"', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	for (int kind = 0; kind < ALERT_CHANNEL_KINDS; kind++)
		free(body_of((enum alert_channel_kind)kind, title, ALERTS_ITEMS_MAX + 5, NULL));
}

static void test_mail(void **state)
{
	char *body = body_of(ALERT_MAIL,
	    "Grüße überall, und noch viel mehr davon als in eine Zeile passt, wirklich", 1, NULL);

	(void)state;
	assert_non_null(strstr(body, "Date: Mon, 18 Jan 2027 12:00:00 +0000\r\n"));
	assert_non_null(strstr(body, "\r\nSubject: =?utf-8?B?"));
	assert_non_null(strstr(body, "\r\nReferences: <postroom.incident.1@mail.example>\r\n"));
	assert_non_null(strstr(body, "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_non_null(strstr(body, "Gr=C3=BC=C3=9Fe"));
	for (const char *line = body; *line != '\0';) {
		const char *end = strstr(line, "\r\n");

		assert_non_null(end);
		assert_true(end - line <= 78);
		assert_null(memchr(line, '\n', (size_t)(end - line)));
		line = end + 2;
	}
	free(body);
}

static void test_text(void **state)
{
	char *body = body_of(ALERT_SLACK, "t", 1, NULL);
	json_t *json = json_loads(body, 0, NULL);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(json, "text")),
	    "Fired (act): t\nt\n412 messages\nWhat to do: "
	    "t\nhttps://q.example/?page=incident&id=1\n"
	    "https://q.example/runbook/flood\n"
	    "https://q.example/?filter=login%3A%3D%22a%20b%22");
	json_decref(json);
	free(body);
}

/* The same message has the same token, and another message or host another. */
static void test_token(void **state)
{
	struct alerts_place other = place;
	char a[ALERTS_TOKEN_SIZE], b[ALERTS_TOKEN_SIZE];

	(void)state;
	alerts_token(&place, "k", a);
	alerts_token(&place, "k", b);
	assert_string_equal(a, b);
	alerts_token(&place, "l", b);
	assert_string_not_equal(a, b);
	other.host = SLICE("two.example");
	alerts_token(&other, "k", b);
	assert_string_not_equal(a, b);
}

static void test_scrub(void **state)
{
	struct alert_channel channel = channel_of(ALERT_WEBHOOK);
	struct alert_header header = {(char[]){"Authorization"}, (char[]){"Bearer abc-def"}};
	BUFFER_AUTO struct buffer out = {0};

	(void)state;
	channel.headers = &header;
	channel.header_count = 1;
	alerts_scrub(&channel, SLICE("no abc-def at /topic, abc"), &out);
	assert_string_equal(buffer_string(&out), "no [secret] at [secret], abc");
	free(channel.url);
	free(channel.from);
}

/* Answers that name what stands in the URL without its slashes. */
static void test_scrub_parts(void **state)
{
	struct alert_channel channel = channel_of(ALERT_WEBHOOK);
	BUFFER_AUTO struct buffer out = {0};

	(void)state;
	free(channel.url);
	channel.url =
	    (char[]){"https://chat.example/webhooks/42/0123456789abcdefXYZ?key=fedcba98765432100"};
	alerts_scrub(&channel,
	    SLICE("webhooks: token 0123456789abcdefXYZ or fedcba98765432100 is unknown"), &out);
	assert_string_equal(buffer_string(&out), "webhooks: token [secret] or [secret] is unknown");
	buffer_clear(&out);
	channel.kind = ALERT_NTFY;
	channel.url = (char[]){"https://ntfy.example/topic-7"};
	alerts_scrub(&channel, SLICE("{\"event\":\"message\",\"topic\":\"topic-7\"}"), &out);
	assert_string_equal(buffer_string(&out), "{\"event\":\"message\",\"topic\":\"[secret]\"}");
	free(channel.from);
}

/* What a sender wrote mentions nobody: Matrix is told so, and then does not look into the text. */
static void test_mentions(void **state)
{
	char *body = body_of(ALERT_MATRIX, "@room buy now", 1, NULL);
	json_t *json = json_loads(body, 0, NULL), *mentions = json_object_get(json, "m.mentions");

	(void)state;
	assert_true(json_is_object(mentions) && json_object_size(mentions) == 0);
	json_decref(json);
	free(body);
}

static void test_content(void **state)
{
	struct alerts_message m = message_of("t", 3), again;
	BUFFER_AUTO struct buffer bytes = {0};

	(void)state;
	m.more = 4;
	m.items[1].ended = true;
	alerts_message_encode(&m, &bytes);
	assert_true(alerts_message_decode(buffer_slice(&bytes), &again));
	assert_int_equal(again.count, 3);
	assert_int_equal(again.more, 4);
	assert_true(again.items[1].ended);
	assert_string_equal(again.items[2].filter, "login:=\"a b\"");
	alerts_message_clear(&again);
	for (size_t i = 0; i < bytes.len; i++)
		assert_false(alerts_message_decode(slice_first(buffer_slice(&bytes), i), &again));
	alerts_message_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_webhook),
	    cmocka_unit_test(test_hostile), cmocka_unit_test(test_largest),
	    cmocka_unit_test(test_mail), cmocka_unit_test(test_text), cmocka_unit_test(test_token),
	    cmocka_unit_test(test_scrub), cmocka_unit_test(test_scrub_parts),
	    cmocka_unit_test(test_mentions), cmocka_unit_test(test_content)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
