/* libcurl's multi interface on base/loop: it says which sockets it waits for, and until when. Names
 * are resolved by threads of libcurl's. */
#include "transfer/transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "transfer/address.h"
#include "wire/notifier_proto.h"

/* Of the lines before an answer: what honest servers send has a tenth of it. */
#define HEAD_MAX 65536
/* Sockets of one transfer at once: libcurl tries an IPv4 and an IPv6 address side by side. */
#define SOCKETS_MAX 4
/* All that is ever sent fits, so that nobody waits for one who does not read. */
#define SEND_BUFFER (2 * WIRE_FRAME_MAX)

struct transfers {
	struct loop *loop;
	CURLM *multi;
	struct loop_watch *timer;
};

struct transfer {
	struct transfers *all;
	CURL *easy;
	struct curl_slist *lines;
	transfer_done *done;
	void *context;
	bool allow_local, head_endless;
	struct buffer head, answer, body;
	size_t body_sent, answer_max;
	int sockets[SOCKETS_MAX];
	size_t socket_count;
	char refused[160];
	char words[CURL_ERROR_SIZE];
};

/* ---- the loop ---- */

/* One socket that libcurl waits for. */
struct socket_watch {
	struct transfers *all;
	curl_socket_t fd;
	struct loop_watch *watch;
};

static void finish(struct transfer *t, CURLcode code)
{
	struct transfer_end end = {code, t->head_endless, t->refused, t->words,
	    buffer_slice(&t->head), buffer_slice(&t->answer)};

	if (t->words[0] == '\0')
		snprintf(t->words, sizeof(t->words), "%s", curl_easy_strerror(code));
	t->done(t->context, &end);
}

/* Tells of what has ended. Only here, so that nobody is called from within libcurl. */
static void tell_ended(struct transfers *all)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(all->multi, &left)) != NULL) {
		char *own = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &own);
		/* The message is gone with this. */
		curl_multi_remove_handle(all->multi, message->easy_handle);
		finish((struct transfer *)(void *)own, code);
	}
}

static void on_socket(void *context, short revents)
{
	struct socket_watch *w = context;
	struct transfers *all = w->all;
	int running, events = 0;

	if ((revents & POLLIN) != 0)
		events |= CURL_CSELECT_IN;
	if ((revents & POLLOUT) != 0)
		events |= CURL_CSELECT_OUT;
	if ((revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
		events |= CURL_CSELECT_ERR | CURL_CSELECT_IN;
	/* It may free what watches this socket. */
	curl_multi_socket_action(all->multi, w->fd, events, &running);
	tell_ended(all);
}

static void on_timer(void *context, short revents)
{
	struct transfers *all = context;
	int running;

	(void)revents;
	curl_multi_socket_action(all->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	tell_ended(all);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *own)
{
	struct transfers *all = context;
	struct socket_watch *w = own;
	short events =
	    (short)((what != CURL_POLL_OUT ? POLLIN : 0) | (what != CURL_POLL_IN ? POLLOUT : 0));

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL)
			loop_remove(&w->watch);
		free(w);
		return 0;
	}
	if (w == NULL) {
		w = memory_zero(1, sizeof(*w));
		*w = (struct socket_watch){all, fd, loop_add(all->loop, fd, events, on_socket, w)};
		curl_multi_assign(all->multi, fd, w);
	}
	loop_events(w->watch, events);
	return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
	struct transfers *all = context;

	(void)multi;
	loop_deadline(all->timer, timeout_ms < 0 ? -1 : clock_monotonic_ms() + timeout_ms);
	return 0;
}

struct transfers *transfers_create(struct loop *loop)
{
	struct transfers *all = memory_zero(1, sizeof(*all));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	all->loop = loop;
	all->timer = loop_add(loop, -1, 0, on_timer, all);
	all->multi = curl_multi_init();
	curl_multi_setopt(all->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(all->multi, CURLMOPT_SOCKETDATA, all);
	curl_multi_setopt(all->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(all->multi, CURLMOPT_TIMERDATA, all);
	return all;
}

void transfers_destroy(struct transfers **pointer)
{
	struct transfers *all = *pointer;

	if (all == NULL)
		return;
	curl_multi_cleanup(all->multi);
	loop_remove(&all->timer);
	free(all);
	*pointer = NULL;
	curl_global_cleanup();
}

/* ---- one transfer ---- */

static void say_refused(struct transfer *t, const struct sockaddr *address, const char *why)
{
	char text[INET6_ADDRSTRLEN] = "its address";
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	if (address->sa_family == AF_INET) {
		memcpy(&four, address, sizeof(four));
		inet_ntop(AF_INET, &four.sin_addr, text, sizeof(text));
	} else if (address->sa_family == AF_INET6) {
		memcpy(&six, address, sizeof(six));
		inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text));
	}
	snprintf(t->refused, sizeof(t->refused), "%s %s%s", text, why,
	    address_refused(address, true) == NULL ? ", which the channel does not allow" : "");
}

/* For every address that is to be connected to, after the name was resolved. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = context;
	const char *why = address_refused(&address->addr, t->allow_local);
	int fd, size = SEND_BUFFER;

	(void)purpose;
	if (why != NULL) {
		say_refused(t, &address->addr, why);
		return CURL_SOCKET_BAD;
	}
	t->refused[0] = '\0';
	if (t->socket_count == SOCKETS_MAX)
		return CURL_SOCKET_BAD;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	if (fd < 0)
		return CURL_SOCKET_BAD;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	t->sockets[t->socket_count++] = fd;
	return fd;
}

static int close_socket(void *context, curl_socket_t fd)
{
	struct transfer *t = context;

	for (size_t i = 0; i < t->socket_count; i++)
		if (t->sockets[i] == fd) {
			t->sockets[i] = t->sockets[--t->socket_count];
			break;
		}
	return close(fd);
}

void transfer_stop_reading(struct transfer *transfer)
{
	for (size_t i = 0; i < transfer->socket_count; i++)
		(void)shutdown(transfer->sockets[i], SHUT_RD);
}

static size_t give_body(char *to, size_t one, size_t room, void *context)
{
	struct transfer *t = context;
	struct slice piece =
	    slice_first(slice_from(buffer_slice(&t->body), t->body_sent), one * room);

	if (piece.len > 0)
		memcpy(to, piece.data, piece.len);
	t->body_sent += piece.len;
	return piece.len;
}

void transfer_set_body(struct transfer *transfer, struct slice body)
{
	buffer_append_slice(&transfer->body, body);
	curl_easy_setopt(transfer->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(transfer->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body.len);
	curl_easy_setopt(transfer->easy, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(transfer->easy, CURLOPT_READDATA, transfer);
}

void transfer_set_answer_max(struct transfer *transfer, size_t bytes)
{
	transfer->answer_max = bytes;
}

/* Less than it was given makes libcurl stop: a stranger's answer has no other end. */
static size_t take_answer(char *data, size_t one, size_t size, void *context)
{
	struct transfer *t = context;
	size_t room = t->answer_max - t->answer.len;

	(void)one; /* always 1 */
	buffer_append(&t->answer, data, size < room ? size : room);
	return size > room ? 0 : size;
}

static size_t take_head(char *data, size_t one, size_t size, void *context)
{
	struct transfer *t = context;

	(void)one;
	t->head_endless = size > HEAD_MAX - t->head.len;
	if (t->head_endless)
		return 0;
	buffer_append(&t->head, data, size);
	return size;
}

struct transfer *transfer_create(struct transfers *transfers, const char *protocols,
    uint32_t timeout_ms, bool allow_local, transfer_done *done, void *context)
{
	struct transfer *t = memory_zero(1, sizeof(*t));
	CURL *easy = curl_easy_init();

	*t = (struct transfer){.all = transfers,
	    .easy = easy,
	    .done = done,
	    .context = context,
	    .allow_local = allow_local,
	    .answer_max = NOTIFIER_ANSWER_MAX};
	if (easy == NULL)
		abort(); /* libcurl has no memory; nobody here goes on without (base/memory.h) */
	curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* A name that is still being asked for when the time is over: its thread goes on by itself,
	 * and nobody waits for it. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* nor one of the environment */
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	/* A connection that is kept may have been made for somebody who asked for a local address.
	 */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, t);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->words);
	return t;
}

void transfer_destroy(struct transfer **pointer)
{
	struct transfer *t = *pointer;

	if (t == NULL)
		return;
	/* Nothing where it has ended, or was never started. */
	curl_multi_remove_handle(t->all->multi, t->easy);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->lines);
	buffer_free(&t->head);
	buffer_free(&t->answer);
	buffer_free(&t->body);
	free(t);
	*pointer = NULL;
}

CURL *transfer_handle(struct transfer *transfer)
{
	return transfer->easy;
}

void transfer_add_line(struct transfer *transfer, struct slice line)
{
	MEMORY_AUTO char *text = memory_strndup(line.data, line.len);
	struct curl_slist *longer = curl_slist_append(transfer->lines, text);

	if (longer == NULL)
		abort();
	transfer->lines = longer;
}

struct curl_slist *transfer_lines(struct transfer *transfer)
{
	return transfer->lines;
}

void transfer_start(struct transfer *transfer)
{
	/* Its first turn comes with the timer that this sets. */
	curl_multi_add_handle(transfer->all->multi, transfer->easy);
}
