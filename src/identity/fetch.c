/* GET and POST. An answer that is longer than what is read counts as none: half of a JSON text
 * means nothing. */
#include "identity/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "identity/metadata.h"

struct fetch {
	struct transfer *transfer;
	fetch_done *done;
	void *context;
};

static void say_why(const struct transfer_end *end, struct fetch_reply *reply)
{
	if (end->refused[0] != '\0')
		snprintf(
		    reply->why, sizeof(reply->why), "it is not connected to: %s", end->refused);
	else if (end->head_endless || end->answer.len >= IDENTITY_ANSWER_MAX)
		snprintf(reply->why, sizeof(reply->why), "its answer has no end");
	else
		snprintf(reply->why, sizeof(reply->why), "%s", end->words);
}

static void on_end(void *context, const struct transfer_end *end)
{
	struct fetch *fetch = context;
	struct fetch_reply reply = {0};

	if (end->code == CURLE_OK) {
		curl_easy_getinfo(
		    transfer_handle(fetch->transfer), CURLINFO_RESPONSE_CODE, &reply.status);
		reply.body = end->answer;
	} else {
		say_why(end, &reply);
	}
	fetch->done(fetch->context, &reply);
}

/* RFC 6749, 2.3.1: both are written as in a form first, so that a colon is none between them. */
static void add_password(CURL *easy, const struct fetch_question *question)
{
	BUFFER_AUTO struct buffer user = {0}, password = {0};

	if (question->user.len == 0)
		return;
	buffer_append_percent(&user, question->user);
	buffer_append_percent(&password, question->password);
	curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(easy, CURLOPT_USERNAME, buffer_string(&user));
	curl_easy_setopt(easy, CURLOPT_PASSWORD, buffer_string(&password));
}

static void add_headers(struct transfer *transfer, const struct fetch_question *question)
{
	BUFFER_AUTO struct buffer line = {0};

	transfer_add_line(transfer, SLICE("Accept: application/json"));
	/* Without a value: libcurl must not ask for leave to send the body. */
	transfer_add_line(transfer, SLICE("Expect:"));
	if (question->bearer.len > 0) {
		buffer_printf(&line, "Authorization: Bearer %.*s", SLICE_ARGS(question->bearer));
		transfer_add_line(transfer, buffer_slice(&line));
	}
	curl_easy_setopt(transfer_handle(transfer), CURLOPT_HTTPHEADER, transfer_lines(transfer));
}

struct fetch *fetch_start(struct transfers *transfers, const struct fetch_question *question,
    fetch_done *done, void *context)
{
	struct fetch *fetch = memory_zero(1, sizeof(*fetch));
	CURL *easy;

	*fetch = (struct fetch){.done = done, .context = context};
	fetch->transfer = transfer_create(
	    transfers, "http,https", question->timeout_ms, question->allow_local, on_end, fetch);
	transfer_set_answer_max(fetch->transfer, IDENTITY_ANSWER_MAX);
	easy = transfer_handle(fetch->transfer);
	curl_easy_setopt(easy, CURLOPT_URL, question->url);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "postroom/" POSTROOM_VERSION);
	if (question->form.len > 0) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)question->form.len);
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, question->form.data);
	}
	add_password(easy, question);
	add_headers(fetch->transfer, question);
	transfer_start(fetch->transfer);
	return fetch;
}

void fetch_destroy(struct fetch **pointer)
{
	struct fetch *fetch = *pointer;

	if (fetch == NULL)
		return;
	transfer_destroy(&fetch->transfer);
	free(fetch);
	*pointer = NULL;
}

void fetch_form_add(struct buffer *form, const char *name, struct slice value)
{
	buffer_printf(form, "%s%s=", form->len > 0 ? "&" : "", name);
	buffer_append_percent(form, value);
}
