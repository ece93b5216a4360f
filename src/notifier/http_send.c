/* A webhook by libcurl, and what its answer means. The status alone decides: a receiver that has
 * said 200 has taken it, however its answer goes on. A redirect is not followed, as what is sent is
 * for the address that somebody chose; what it leads to may be this host. */
#include "notifier/http_send.h"

#include "base/memory.h"

static bool has_content_type(struct slice headers)
{
	struct slice line, name;

	while (slice_split(&headers, '\n', &line))
		if (slice_split(&line, ':', &name) &&
		    slice_equal_nocase(name, SLICE("Content-Type")))
			return true;
	return false;
}

static void add_headers(
    struct transfer *transfer, enum notifier_method method, struct slice headers)
{
	struct slice rest = headers, line;

	if (!has_content_type(headers) && method != NOTIFIER_GET)
		transfer_add_line(transfer, SLICE("Content-Type: application/json"));
	/* Without a value: libcurl must not ask for leave to send the body. */
	transfer_add_line(transfer, SLICE("Expect:"));
	while (slice_split(&rest, '\n', &line))
		if (line.len > 0)
			transfer_add_line(transfer, line);
	curl_easy_setopt(transfer_handle(transfer), CURLOPT_HTTPHEADER, transfer_lines(transfer));
}

/* A PUT is a POST under another name: libcurl's own would ask for the body piece by piece. */
static void set_body(CURL *easy, const struct notifier_send *send)
{
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)send->body.len);
	curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, send->body.len > 0 ? send->body.data : "");
	if (send->method == NOTIFIER_PUT)
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
}

struct transfer *http_send_create(struct transfers *transfers, const struct notifier_send *send,
    transfer_done *done, void *context)
{
	MEMORY_AUTO char *url = memory_strndup(send->url.data, send->url.len);
	struct transfer *transfer = transfer_create(
	    transfers, "http,https", send->timeout_ms, send->allow_local, done, context);
	CURL *easy = transfer_handle(transfer);

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "postroom/" POSTROOM_VERSION);
	if (send->method == NOTIFIER_GET)
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	else
		set_body(easy, send);
	add_headers(transfer, send->method, send->headers);
	return transfer;
}

/* Not now, but perhaps later (RFC 9110 15.5.9, RFC 8470, RFC 6585, and the server's own trouble).
 */
static bool may_succeed_later(long status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

static void judge_status(CURL *easy, long status, struct outcome *outcome)
{
	curl_off_t wait = 0;
	char *where = NULL;

	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &wait);
	curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &where);
	if (status < 300) {
		outcome_set(outcome, NOTIFIER_DONE, "It answered %ld.", status);
	} else if (status < 400) {
		outcome_set(outcome, NOTIFIER_REFUSED,
		    "It answered %ld and wants it to be sent to %s. Redirects are not followed.",
		    status, where != NULL ? where : "no address");
	} else if (!may_succeed_later(status)) {
		outcome_set(outcome, NOTIFIER_REFUSED, "It answered %ld.", status);
	} else if (wait > 0) {
		if (wait > NOTIFIER_RETRY_AFTER_MAX_S)
			wait = NOTIFIER_RETRY_AFTER_MAX_S;
		outcome->sent.retry_after_s = (uint32_t)wait;
		outcome_set(outcome, NOTIFIER_TRY_AGAIN,
		    "It answered %ld: not now, but again after %ld s.", status, (long)wait);
	} else {
		outcome_set(outcome, NOTIFIER_TRY_AGAIN, "It answered %ld.", status);
	}
}

void http_send_judge(
    struct transfer *transfer, const struct transfer_end *end, struct outcome *outcome)
{
	CURL *easy = transfer_handle(transfer);
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	outcome->sent.answer = end->answer;
	/* 1xx is no answer yet. */
	if (status < 200) {
		outcome_of_failure(outcome, end);
		return;
	}
	outcome->sent.status = (int32_t)status;
	judge_status(easy, status, outcome);
}
