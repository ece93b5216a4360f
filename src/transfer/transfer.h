/* One request by libcurl, of whatever protocol, on base/loop: with the bounds that all of them have
 * (time, bytes of the answer, addresses that are connected to), and without what libcurl would do
 * by itself (proxies of the environment, redirects, connections that are used again). */
#ifndef TRANSFER_TRANSFER_H
#define TRANSFER_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/loop.h"

struct transfers;
struct transfer;

/* All that are under way. */
struct transfers *transfers_create(struct loop *loop);
/* Accepts a pointer to NULL. Every transfer has to be destroyed before. */
void transfers_destroy(struct transfers **transfers);

/* How it went, beside what the handle says (curl_easy_getinfo). */
struct transfer_end {
	CURLcode code;
	/* What it said before its answer was longer than what is kept: the rest was not read. So it
	 * is with an answer; in both cases the code is an error. */
	bool head_endless;
	/* Why no connection was made to the last address that was refused; "" where none was, or
	 * another one was tried. */
	const char *refused;
	const char *words;   /* libcurl's own, for people */
	struct slice head;   /* the lines before the answer: HTTP's header, all replies of SMTP */
	struct slice answer; /* what is kept of it */
};
/* Called once, from the loop and never from within transfer_start; it may destroy the transfer. */
typedef void transfer_done(void *context, const struct transfer_end *end);

/* One request by one of `protocols` ("http,https"), not started. */
struct transfer *transfer_create(struct transfers *transfers, const char *protocols,
    uint32_t timeout_ms, bool allow_local, transfer_done *done, void *context);
/* Ends it without a word. Accepts a pointer to NULL. */
void transfer_destroy(struct transfer **transfer);
/* For the options of its protocol. */
CURL *transfer_handle(struct transfer *transfer);
/* Lines that libcurl sends, headers or recipients; they live as long as the transfer. */
void transfer_add_line(struct transfer *transfer, struct slice line);
struct curl_slist *transfer_lines(struct transfer *transfer);
/* What libcurl sends by its own read function; copied. */
void transfer_set_body(struct transfer *transfer, struct slice body);
/* So much of the answer is kept, instead of NOTIFIER_ANSWER_MAX; before it is started. */
void transfer_set_answer_max(struct transfer *transfer, size_t bytes);
void transfer_start(struct transfer *transfer);
/* Nothing more is read of its connections; for functions that libcurl calls. */
void transfer_stop_reading(struct transfer *transfer);

#endif
