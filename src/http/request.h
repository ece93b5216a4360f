/* One request, as a handler sees it, and its answer.
 *
 * A handler is called once the whole body has been read, after everything that is done around the
 * route table (router.h). It answers exactly once: at once, or later from any callback of the same
 * loop (then it says http_on_gone). The request is valid until it is answered (for a stream: ended)
 * or its gone callback was called; afterwards it must not be touched. All slices live as long as
 * the request. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "access/caller.h"
#include "base/error.h"
#include "base/slice.h"

struct audit_entry;
struct http_request;

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE };

/* ---- The question ---- */

enum http_method http_method(const struct http_request *rq);
/* HEAD: a GET whose answer has no body. */
bool http_head_only(const struct http_request *rq);
const struct caller *http_caller(const struct http_request *rq);
/* Whether he may have what is others', too: by the route's own row (http_route.beyond). */
bool http_beyond(const struct http_request *rq);
/* The same for who has asked for it; false when he may not, and has been told (forbidden). */
bool http_need_beyond(struct http_request *rq);
/* A number for who calls, for what each person may have of something: an account is one person,
 * whatever its sessions and tokens are; else each token, user of the host and name is one. Never 0
 * for somebody known. */
uint64_t http_person_number(const struct http_request *rq);
/* A caller who has just shown who he is (a login): so that the audit names him. */
void http_set_caller(struct http_request *rq, const struct caller *caller);
/* What it is about, for the audit beside method, path and status: "delete of 34 messages". Before
 * the answer; the last one counts, cut to 200 bytes. Never a secret. */
void http_set_audit_text(struct http_request *rq, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "" where nothing was set. */
const char *http_audit_text(const struct http_request *rq);
/* The job that it is about (0: not known yet), of how many messages, and the filter that they were
 * chosen by (NULL: none). */
void http_set_audit_job(struct http_request *rq, int64_t job, int64_t messages, const char *filter);
/* The handler sees to the record itself, or not any more. */
void http_keep_record(struct http_request *rq, bool keeps);
/* What is recorded of it; `status` as of http_audit in router.h. Slices live as long as the
 * request. */
struct audit_entry http_audit_entry(const struct http_request *rq, unsigned status);
/* Of a peer as http_peer gives it, without the port, which says nothing: who asks is found by his
 * address. */
struct slice http_audit_address(const char *peer);
/* 16 hexadecimal digits, which stand in a problem, in the log and in the audit. */
const char *http_reference(const struct http_request *rq);
/* Where the caller is: "127.0.0.1:50312", "unix:uid=0". */
const char *http_peer(const struct http_request *rq);
/* The kernel's word on who connected to a Unix socket. */
struct http_socket_peer {
	bool known;
	uint32_t uid, gid, pid;
};
struct http_socket_peer http_socket_peer(const struct http_request *rq);
/* Whether the browser speaks TLS: on this connection, to the trusted proxy, or as the public URL
 * says. Then cookies are Secure and named __Host- or __Secure-, and answers carry HSTS. */
bool http_is_secure(const struct http_request *rq);
/* What stands before each path of ours in the browser's address: "" or "/postroom". */
const char *http_base(const struct http_request *rq);
/* The path as it was sent, without what http_base gives and without the query. */
struct slice http_path(const struct http_request *rq);
/* The bytes that `{name}` in the route's path stands for, decoded; empty when there is none. */
struct slice http_path_param(const struct http_request *rq, const char *name);
/* A query parameter, decoded; false when it is not given. Unknown names, names given twice and
 * values that are not UTF-8 were refused already. */
bool http_query(const struct http_request *rq, const char *name, struct slice *value);
/* A query parameter as a number within bounds, `fallback` when not given. Otherwise answers with
 * invalid_value and returns false. */
bool http_query_u64(struct http_request *rq, const char *name, uint64_t least, uint64_t most,
    uint64_t fallback, uint64_t *value);
/* A query parameter that is true or false, false when not given; the same otherwise. */
bool http_query_bool(struct http_request *rq, const char *name, bool *value);
/* A request header, by its name without regard to case; false when it is not there. */
bool http_header(const struct http_request *rq, const char *name, struct slice *value);
/* How many of that name there are. */
size_t http_header_count(const struct http_request *rq, const char *name);
/* Whether it came from a trusted proxy. */
bool http_is_by_proxy(const struct http_request *rq);
/* The person whom its header of single sign-on names (http_router_set_user_header). Anybody's word,
 * unless it came from a trusted proxy. False when it names nobody. */
bool http_named_person(const struct http_request *rq, struct slice *name);
struct slice http_body(const struct http_request *rq);
/* Whether `name` is one of the words, separated by blanks, in `list` (may be NULL). */
bool http_in_list(const char *list, struct slice name);

/* The body as a JSON object (an empty body is an empty object), owned by the request. Members that
 * are not named in `members` (names separated by blanks) are refused. NULL: it was no such object,
 * and the request has been answered. */
const json_t *http_json(struct http_request *rq, const char *members);

/* Members of that object. Each returns false only when it has answered the request with
 * missing_member or invalid_value. `*value` keeps what it had when an optional one is not there. */
enum http_need { HTTP_OPTIONAL, HTTP_REQUIRED };
/* A string of at most `max` bytes without NUL. */
bool http_json_string(struct http_request *rq, const json_t *object, const char *name,
    enum http_need need, size_t max, struct slice *value);
bool http_json_integer(struct http_request *rq, const json_t *object, const char *name,
    enum http_need need, int64_t least, int64_t most, int64_t *value);
bool http_json_bool(struct http_request *rq, const json_t *object, const char *name,
    enum http_need need, bool *value);

/* ---- The answer ---- */

/* A header of the answer; before the answer itself. `value` must not hold control characters (they
 * are dropped). */
void http_set_header(struct http_request *rq, const char *name, const char *value);

/* Takes the reference to `body` over. */
void http_reply_json(struct http_request *rq, unsigned status, json_t *body);
void http_reply_empty(struct http_request *rq, unsigned status);
/* Copies the bytes. */
void http_reply_bytes(struct http_request *rq, unsigned status, const char *content_type,
    const void *data, size_t len);
/* Bytes that live for ever (embedded files): not copied. */
void http_reply_static(struct http_request *rq, unsigned status, const char *content_type,
    const void *data, size_t len);

/* application/problem+json (RFC 9457), with `count` values (struct said_value). `code` is one of
 * Problem.code in api/openapi.yaml, and decides the status (problem.c); any other is answered as
 * internal, with the text in the log only. Takes over `extra`, which has further members (`member`,
 * `column`, `expected`, `retry_after`); NULL: none. */
void http_reply_said(struct http_request *rq, const char *code, json_t *extra, enum said_code says,
    size_t count, ...);
/* The same in the code's own words: problem_says. */
void http_reply_code(struct http_request *rq, const char *code);
/* The same from an error. */
void http_reply_error(struct http_request *rq, const struct error *err);
/* The same with another code than the error's own, and further members (NULL: none). */
void http_reply_error_as(
    struct http_request *rq, const char *code, const struct error *err, json_t *extra);

/* An answer whose length is not known when it begins. The end is told by http_stream_end; without
 * it (http_stream_abort) the reader notices that it is incomplete. */
void http_stream_begin(struct http_request *rq, unsigned status, const char *content_type);
/* Copies. Returns how many bytes wait to be sent: above HTTP_STREAM_HIGH stop until on_drained. */
size_t http_stream_write(struct http_request *rq, const void *data, size_t len);
void http_stream_end(struct http_request *rq);
void http_stream_abort(struct http_request *rq);
size_t http_stream_queued(const struct http_request *rq);
#define HTTP_STREAM_HIGH ((size_t)256 << 10)
void http_on_drained(struct http_request *rq,
    void (*drained)(struct http_request *rq, void *context), void *context);

/* Called at most once, when the caller has gone before the answer (or a stream) was complete. The
 * request ends with this call. Without one, later answers would touch freed memory: whoever does
 * not answer within the handler says this. */
void http_on_gone(struct http_request *rq, void (*gone)(void *context), void *context);
/* The same for who has nothing to cancel: `*place` is the request, and NULL once its caller has
 * gone. It must be there until the request has been answered or is gone: what it is part of is
 * freed when the answer comes, because another thread or process may hold it still. */
void http_wait(struct http_request *rq, struct http_request **place);

#endif
