/* c-ares tells which descriptors to wait for, and until when; the loop waits. What it finds is kept
 * until the next turn of the loop, so that nobody is called from within a call of his own. */
#include "notifier/dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/memory.h"

#define SOCKETS_MAX 16
#define CLASS_IN 1
/* Of an answer by UDP: what crosses every network in one piece. A larger one comes by TCP. */
#define DNS_PACKET_MAX 1232
#define HOSTS_MAX ((size_t)1 << 20)
/* The bit of a question that asks for the authentic-data bit of the answer (RFC 6840 5.7). */
#define AUTHENTIC_BYTE 3
#define AUTHENTIC_BIT 0x20

struct question {
	struct dns *dns;
	struct question *next;
	char name[DNS_NAME_SIZE];
	enum dns_type type;
	dns_done *done;
	void *context;
	int64_t begun_ms;
	uint32_t took_ms;
	bool answered;
	struct dns_answer answer;
};

struct dns {
	struct loop *loop;
	ares_channel channel;
	struct {
		int fd;
		struct loop_watch *watch;
	} sockets[SOCKETS_MAX];
	struct loop_watch *timer; /* of c-ares, and of answers that are to be told */
	struct question *questions;
	bool dying;
	bool *gone; /* set where it is destroyed within a call of telling */
};

static void set_timer(struct dns *dns)
{
	struct timeval tv;
	int64_t now = clock_monotonic_ms();

	for (const struct question *q = dns->questions; q != NULL; q = q->next)
		if (q->answered) {
			loop_deadline(dns->timer, now);
			return;
		}
	/* Rounded up: a wait that ends too early only asks again. */
	if (ares_timeout(dns->channel, NULL, &tv) != NULL)
		loop_deadline(dns->timer, now + tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1);
	else
		loop_deadline(dns->timer, -1);
}

/* Each may destroy `dns`, which takes all others with it. */
static void tell(struct dns *dns)
{
	bool gone = false;

	dns->gone = &gone;
	for (struct question **at = &dns->questions; *at != NULL;) {
		struct question *q = *at;

		if (!q->answered) {
			at = &q->next;
			continue;
		}
		*at = q->next;
		q->done(q->context, &q->answer, q->took_ms);
		free(q);
		if (gone)
			return;
		/* It may have asked: from the front again. */
		at = &dns->questions;
	}
	dns->gone = NULL;
	set_timer(dns);
}

static void on_timer(void *context, short revents)
{
	struct dns *dns = context;

	(void)revents;
	ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	tell(dns);
}

static void on_socket(void *context, short revents)
{
	struct dns *dns = context;
	/* Which one is not told: all that are open are looked at, one or two. */
	int fds[SOCKETS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < SOCKETS_MAX; i++)
		if (dns->sockets[i].watch != NULL)
			fds[count++] = dns->sockets[i].fd;
	for (size_t i = 0; i < count; i++) {
		struct pollfd p = {fds[i], POLLIN | POLLOUT, 0};

		if (poll(&p, 1, 0) > 0)
			ares_process_fd(dns->channel,
			    (p.revents & ~POLLOUT) != 0 ? p.fd : ARES_SOCKET_BAD,
			    (p.revents & POLLOUT) != 0 ? p.fd : ARES_SOCKET_BAD);
	}
	(void)revents;
	tell(dns);
}

static void on_socket_state(void *context, ares_socket_t fd, int readable, int writable)
{
	struct dns *dns = context;
	short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
	size_t free_place = SOCKETS_MAX;

	for (size_t i = 0; i < SOCKETS_MAX; i++) {
		if (dns->sockets[i].watch == NULL) {
			free_place = free_place < i ? free_place : i;
			continue;
		}
		if (dns->sockets[i].fd != fd)
			continue;
		if (events == 0)
			loop_remove(&dns->sockets[i].watch);
		else
			loop_events(dns->sockets[i].watch, events);
		return;
	}
	/* One that finds no place times out. */
	if (events == 0 || free_place == SOCKETS_MAX)
		return;
	dns->sockets[free_place].fd = fd;
	dns->sockets[free_place].watch = loop_add(dns->loop, fd, events, on_socket, dns);
}

/* "127.0.0.1:5353" or "[::1]:5353" as c-ares takes it, which is the same. */
static bool set_server(struct dns *dns, struct slice server)
{
	char text[80];

	snprintf(text, sizeof(text), "%.*s", SLICE_ARGS(server));
	return server.len < sizeof(text) &&
	       ares_set_servers_ports_csv(dns->channel, text) == ARES_SUCCESS;
}

struct dns *dns_create(struct loop *loop, struct slice server, struct error *err)
{
	struct dns *dns = memory_zero(1, sizeof(*dns));
	/* NOCHECKRESP: a server that says that it failed is an answer, and is told as that. */
	struct ares_options options = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
						ARES_FLAG_NOCHECKRESP | ARES_FLAG_EDNS,
	    .timeout = DNS_TIMEOUT_MS,
	    .tries = DNS_TRIES,
	    .ednspsz = DNS_PACKET_MAX,
	    .sock_state_cb = on_socket_state,
	    .sock_state_cb_data = dns};
	int failed;

	dns->loop = loop;
	failed = ares_init_options(&dns->channel, &options,
	    ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
		ARES_OPT_SOCK_STATE_CB);
	if (failed != ARES_SUCCESS) {
		error_set(
		    err, "dns_failed", "the resolver cannot be set up: %s", ares_strerror(failed));
		free(dns);
		return NULL;
	}
	dns->timer = loop_add(loop, -1, 0, on_timer, dns);
	if (server.len == 0 || set_server(dns, server))
		return dns;
	error_set(err, "dns_failed", "%.*s is no name server", SLICE_ARGS(server));
	dns_destroy(&dns);
	return NULL;
}

void dns_destroy(struct dns **pointer)
{
	struct dns *dns = *pointer;

	*pointer = NULL;
	if (dns == NULL)
		return;
	if (dns->gone != NULL)
		*dns->gone = true;
	dns->dying = true;
	ares_destroy(dns->channel);
	for (size_t i = 0; i < SOCKETS_MAX; i++)
		loop_remove(&dns->sockets[i].watch);
	loop_remove(&dns->timer);
	while (dns->questions != NULL) {
		struct question *q = dns->questions;

		dns->questions = q->next;
		free(q);
	}
	free(dns);
}

static enum dns_status status_of(int status)
{
	switch (status) {
	case ARES_ETIMEOUT:
	case ARES_ECONNREFUSED: /* also where /etc/resolv.conf names nobody */
	case ARES_EOF:
		return DNS_SILENT;
	case ARES_ENOTFOUND:
		return DNS_NO_NAME;
	case ARES_EREFUSED:
		return DNS_REFUSED;
	case ARES_EBADRESP:
	case ARES_EBADNAME:
		return DNS_MADE_UP;
	default:
		return DNS_FAILED;
	}
}

static void on_answer(void *context, int status, int timeouts, unsigned char *reply, int length)
{
	struct question *q = context;

	(void)timeouts;
	/* What dies with the channel is freed with `dns`. */
	if (q->dns->dying)
		return;
	q->took_ms = (uint32_t)(clock_monotonic_ms() - q->begun_ms);
	q->answered = true;
	if (status == ARES_SUCCESS && reply != NULL && length > 0)
		dns_reply_read(
		    slice_make(reply, (size_t)length), slice_of(q->name), q->type, &q->answer);
	else
		q->answer.status = status_of(status);
	set_timer(q->dns);
}

/* c-ares's own questions set no bit for authentic data, so the packet is made here. */
static void send_question(struct question *q)
{
	unsigned char *packet = NULL;
	unsigned short id = 0;
	int length = 0, failed;

	/* Whoever lies must guess it, beside the port. */
	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		abort();
	failed = ares_create_query(
	    q->name, CLASS_IN, (int)q->type, id, 1, &packet, &length, DNS_PACKET_MAX);
	if (failed != ARES_SUCCESS) {
		on_answer(q, failed, 0, NULL, 0);
		return;
	}
	packet[AUTHENTIC_BYTE] |= AUTHENTIC_BIT;
	ares_send(q->dns->channel, packet, length, on_answer, q);
	ares_free_string(packet);
}

void dns_ask(struct dns *dns, struct slice name, enum dns_type type, dns_done *done, void *context)
{
	struct question *q = memory_zero(1, sizeof(*q)), **last = &dns->questions;

	q->dns = dns;
	q->type = type;
	q->done = done;
	q->context = context;
	q->begun_ms = clock_monotonic_ms();
	snprintf(q->name, sizeof(q->name), "%.*s", SLICE_ARGS(name));
	while (*last != NULL)
		last = &(*last)->next;
	*last = q;
	send_question(q);
	set_timer(dns);
}

/* ---- Without a server ---- */

static bool read_address(struct slice word, struct dns_host_address *out)
{
	char text[INET6_ADDRSTRLEN];

	if (word.len >= sizeof(text))
		return false;
	memcpy(text, word.data, word.len);
	text[word.len] = '\0';
	out->length = inet_pton(AF_INET, text, out->bytes) == 1	   ? 4
		      : inet_pton(AF_INET6, text, out->bytes) == 1 ? 16
								   : 0;
	return out->length > 0;
}

/* The first word of a line, without blanks and tabs in front. */
static bool next_word(struct slice *line, struct slice *word)
{
	size_t len = 0;

	*line = slice_trim(*line);
	while (len < line->len && line->data[len] != ' ' && line->data[len] != '\t')
		len++;
	*word = slice_first(*line, len);
	*line = slice_from(*line, len);
	return len > 0;
}

size_t dns_hosts_file(struct slice name, struct dns_host_address *out, size_t room)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice rest, line, word;
	size_t count = 0;

	if (!fd_read_file("/etc/hosts", HOSTS_MAX, &text, NULL))
		return 0;
	rest = buffer_slice(&text);
	while (count < room && slice_split(&rest, '\n', &line)) {
		slice_split(&line, '#', &word);
		line = word;
		if (!next_word(&line, &word) || !read_address(word, &out[count]))
			continue;
		while (next_word(&line, &word))
			if (slice_equal_nocase(word, name)) {
				count++;
				break;
			}
	}
	return count;
}

bool dns_reverse(const uint8_t *address, size_t length, struct slice zone, char out[DNS_NAME_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	BUFFER_AUTO struct buffer name = {0};

	for (size_t i = length; i-- > 0;) {
		if (length == 4)
			buffer_printf(&name, "%u.", address[i]);
		else
			buffer_printf(
			    &name, "%c.%c.", digits[address[i] & 15], digits[address[i] >> 4]);
	}
	if (zone.len > 0)
		buffer_append_slice(&name, zone);
	else
		buffer_append_string(&name, length == 4 ? "in-addr.arpa" : "ip6.arpa");
	if (name.len >= DNS_NAME_SIZE - 1)
		return false;
	memcpy(out, buffer_string(&name), name.len + 1);
	return true;
}
