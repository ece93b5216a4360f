/* What talks to strangers' servers, against servers that mean no good: each is a process that says
 * one thing on a real connection. Under ASan and UBSan nothing may be read or written beyond its
 * end, and each session ends with words, whatever comes. How long is waited for those that say
 * nothing is tested in tests/system. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/loop.h"
#include "base/utf8.h"
#include "notifier/http_send.h"
#include "notifier/mail_send.h"
#include "notifier/probe_session.h"

/* Of a server that never ends: far beyond what anybody here keeps. */
#define FOREVER ((size_t)8 << 20)
#define TIMEOUT_MS 60000

/* ---- the other side ---- */

typedef void script(int fd);

struct server {
	pid_t pid;
	struct sockaddr_in address;
};

/* Until the other side has had enough. */
static bool say_bytes(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		text += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool say(int fd, const char *text)
{
	return say_bytes(fd, text, strlen(text));
}

static void say_for_ever(int fd, const char *text)
{
	size_t len = strlen(text), sent = 0;

	while (sent < FOREVER && say_bytes(fd, text, len))
		sent += len;
}

/* What was said to it, up to the end of a line. */
static void hear(int fd)
{
	char c = '\0';

	while (c != '\n' && recv(fd, &c, 1, 0) == 1)
		;
}

/* Reads on until the other side closes, so that nothing that was said is lost by a reset. */
static void wait_end(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
}

static struct server serve(script *play)
{
	struct server s = {.address = {.sin_family = AF_INET}};
	socklen_t len = sizeof(s.address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	s.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&s.address, sizeof(s.address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&s.address, &len), 0);
	s.pid = fork();
	assert_true(s.pid >= 0);
	if (s.pid == 0) {
		int fd = accept(listener, NULL, NULL);

		signal(SIGPIPE, SIG_IGN);
		play(fd);
		shutdown(fd, SHUT_WR);
		_exit(0);
	}
	close(listener);
	return s;
}

static void end_server(const struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

/* ---- SMTP, as a probe hears it ---- */

static void greets_for_ever(int fd)
{
	say_for_ever(fd, "220-And another thing.\r\n");
}

static void line_for_ever(int fd)
{
	say(fd, "220 ");
	say_for_ever(fd, "xxxxxxxxxxxxxxxx");
}

static void only_nuls(int fd)
{
	static const char nuls[65536];

	for (size_t sent = 0; sent < FOREVER && say_bytes(fd, nuls, sizeof(nuls));)
		sent += sizeof(nuls);
}

static void nuls_within(int fd)
{
	static const char line[] = "220 a\0b\033[31m\x80\xff\xc3\r\n";

	say_bytes(fd, line, sizeof(line) - 1);
	hear(fd);
	say_bytes(fd, "250-\0\0\r\n250 \0STARTTLS\0\r\n", 24);
	hear(fd);
	say(fd, "221 ok\r\n");
	wait_end(fd);
}

static void closes_within_a_line(int fd)
{
	say(fd, "220-half of a");
}

static void resets(int fd)
{
	struct linger now = {1, 0};

	say(fd, "220-half of a");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void changes_its_code(int fd)
{
	say(fd, "220-well\r\n554 not\r\n");
	wait_end(fd);
}

static void all_at_once(int fd)
{
	say(fd, "220 a\r\n250-b\r\n250 STARTTLS\r\n220 c\r\n250 d\r\n221 e\r\n");
	hear(fd);
}

static void endless_extensions(int fd)
{
	say(fd, "220 a\r\n");
	hear(fd);
	say_for_ever(fd, "250-STARTTLS\r\n");
}

/* Up to the point where a handshake is awaited. */
static void to_starttls(int fd)
{
	say(fd, "220 a\r\n");
	hear(fd);
	say(fd, "250-a\r\n250 STARTTLS\r\n");
	hear(fd);
	say(fd, "220 go\r\n");
}

/* The client's first record has begun to come: what is said now is its answer. */
static void hear_hello(int fd)
{
	char c;

	(void)recv(fd, &c, 1, 0);
}

static void pushes_text(int fd)
{
	say(fd, "220 a\r\n");
	hear(fd);
	say(fd, "250-a\r\n250 STARTTLS\r\n");
	hear(fd);
	say(fd, "220 go\r\n250 injected\r\n");
	wait_end(fd);
}

static void handshake_of_text(int fd)
{
	to_starttls(fd);
	hear_hello(fd);
	say_for_ever(fd, "250 this is no handshake\r\n");
}

static void handshake_of_noise(int fd)
{
	uint32_t state = 2463534242U;
	char noise[65536];

	for (size_t i = 0; i < sizeof(noise); i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		noise[i] = (char)state;
	}
	to_starttls(fd);
	hear_hello(fd);
	say_bytes(fd, noise, sizeof(noise));
	wait_end(fd);
}

/* A record of a handshake that claims more than it has, and a message within of 16 MB. */
static void handshake_too_long(int fd)
{
	static const char record[] = "\x16\x03\x03\x40\x00\x02\xff\xff\xff\x03\x03";

	to_starttls(fd);
	hear_hello(fd);
	say_bytes(fd, record, sizeof(record) - 1);
	say_for_ever(fd, "zzzzzzzzzzzzzzzz");
}

static void handshake_refused(int fd)
{
	to_starttls(fd);
	hear_hello(fd);
	say_bytes(fd, "\x15\x03\x03\x00\x02\x02\x28", 7);
	wait_end(fd);
}

static void handshake_closed(int fd)
{
	to_starttls(fd);
	hear_hello(fd);
	say_bytes(fd, "\x16\x03", 2);
}

/* ---- a certificate that means no good ---- */

static void add_names(X509 *certificate)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();

	for (int i = 0; i < 500; i++) {
		GENERAL_NAME *name = GENERAL_NAME_new();
		ASN1_IA5STRING *text = ASN1_IA5STRING_new();

		/* NUL behind a name that fits, controls, and one that is far too long. */
		ASN1_STRING_set(text, i % 2 == 0 ? "mx.test\0.evil\033[31m\n" : "x\x80\xff",
		    i % 2 == 0 ? 20 : 3);
		GENERAL_NAME_set0_value(name, GEN_DNS, text);
		sk_GENERAL_NAME_push(names, name);
	}
	X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
	GENERAL_NAMES_free(names);
}

static X509 *make_certificate(EVP_PKEY *key)
{
	static unsigned char common[64];
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	memset(common, 'y', sizeof(common));
	memcpy(common, "evil\0\033[2J\n", 10);
	X509_set_version(certificate, X509_VERSION_3);
	X509_NAME_add_entry_by_NID(
	    name, NID_commonName, MBSTRING_ASC, common, sizeof(common), -1, 0);
	X509_set_issuer_name(certificate, name);
	ASN1_TIME_set_string(X509_getm_notBefore(certificate), "19500101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z");
	X509_set_pubkey(certificate, key);
	add_names(certificate);
	X509_sign(certificate, key, EVP_sha256());
	return certificate;
}

/* A whole handshake, and then no end within TLS. It is another process: what it keeps is its own.
 */
static void talks_within_tls(int fd)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	SSL *ssl;

	SSL_CTX_use_PrivateKey(context, key);
	SSL_CTX_use_certificate(context, make_certificate(key));
	to_starttls(fd);
	ssl = SSL_new(context);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		for (size_t i = 0; i < FOREVER / 16 && SSL_write(ssl, "250-and another\n", 16) > 0;
		     i++)
			;
	_exit(0);
}

/* ---- the probe's session ---- */

struct heard {
	bool over;
	enum probe_outcome outcome;
	struct buffer words; /* "step: text | answer" for each, a line each */
};

static void on_step(void *context, const struct probe_step *step)
{
	struct heard *heard = context;

	assert_true(step->text.len > 0 && step->answer.len <= PROBE_ANSWER_MAX);
	assert_true(utf8_valid(step->text) && utf8_valid(step->answer));
	for (size_t i = 0; i < step->text.len; i++)
		assert_true((unsigned char)step->text.data[i] >= 0x20);
	for (size_t i = 0; i < step->answer.len; i++)
		assert_true(
		    (unsigned char)step->answer.data[i] >= 0x20 || step->answer.data[i] == '\n');
	buffer_printf(
	    &heard->words, "%s: %.*s\n", probe_step_name(step->name), SLICE_ARGS(step->text));
}

static void on_end(void *context, enum probe_outcome outcome)
{
	struct heard *heard = context;

	heard->over = true;
	heard->outcome = outcome;
}

static void probe(script *play, enum probe_tls level, const char *words, enum probe_outcome outcome)
{
	struct server server = serve(play);
	struct loop *loop = loop_create();
	struct heard heard = {.over = false};
	struct probe_session_plan plan = {.label = "mx.test[127.0.0.1]:25",
	    .helo = "mail.test",
	    .bind = SLICE(""),
	    .tls = {.level = level,
		.host = "mx.test",
		.next_hop = "test",
		.match = SLICE(""),
		.ca_file = SLICE(""),
		.ca_path = SLICE("")}};
	struct probe_session *session;

	memcpy(&plan.address, &server.address, sizeof(server.address));
	session = probe_session_create(
	    loop, &plan, &(struct probe_session_reader){on_step, on_end, &heard});
	while (!heard.over)
		assert_true(loop_once(loop, -1));
	if (slice_find(buffer_slice(&heard.words), slice_of(words)) < 0)
		fail_msg("no \"%s\" in:\n%s", words, buffer_string(&heard.words));
	assert_int_equal(heard.outcome, outcome);
	probe_session_destroy(&session);
	loop_destroy(&loop);
	buffer_free(&heard.words);
	end_server(&server);
}

static void a_probe_ends_whatever_it_is_told(void **state)
{
	(void)state;
	probe(greets_for_ever, PROBE_TLS_MAY, "more than 128 lines", PROBE_BAD);
	probe(line_for_ever, PROBE_TLS_MAY, "more than 2,048 bytes", PROBE_BAD);
	probe(only_nuls, PROBE_TLS_MAY, "more than 2,048 bytes", PROBE_BAD);
	probe(nuls_within, PROBE_TLS_MAY, "quit: It takes its leave.", PROBE_OK);
	probe(closes_within_a_line, PROBE_TLS_MAY, "in the middle of a reply", PROBE_BAD);
	/* It may come before the connection is noticed. */
	probe(resets, PROBE_TLS_MAY, "onnection", PROBE_BAD);
	probe(changes_its_code, PROBE_TLS_MAY, "is no SMTP", PROBE_BAD);
	probe(endless_extensions, PROBE_TLS_MAY, "more than 128 lines", PROBE_BAD);
}

/* What comes too early is no answer to what is said later. */
static void a_probe_believes_nothing_that_came_too_early(void **state)
{
	(void)state;
	probe(all_at_once, PROBE_TLS_MAY, "ehlo: It closed the connection", PROBE_BAD);
	probe(pushes_text, PROBE_TLS_MAY, "said more behind its reply", PROBE_BAD);
}

static void a_probe_survives_a_handshake_that_is_none(void **state)
{
	(void)state;
	probe(handshake_of_text, PROBE_TLS_MAY, "No TLS: the handshake failed", PROBE_OK);
	probe(handshake_of_noise, PROBE_TLS_ENCRYPT, "No TLS: the handshake failed", PROBE_BAD);
	probe(handshake_too_long, PROBE_TLS_ENCRYPT, "No TLS: the handshake failed", PROBE_BAD);
	probe(handshake_refused, PROBE_TLS_ENCRYPT, "No TLS: the handshake failed", PROBE_BAD);
	probe(handshake_closed, PROBE_TLS_ENCRYPT, "closed the connection in the handshake",
	    PROBE_BAD);
}

static void a_certificate_becomes_harmless_words(void **state)
{
	(void)state;
	probe(talks_within_tls, PROBE_TLS_MAY, "It is not for the name mx.test. Its names: mx.test",
	    PROBE_BAD);
	probe(talks_within_tls, PROBE_TLS_SECURE, "At TLS level secure Postfix does not deliver",
	    PROBE_BAD);
	probe(talks_within_tls, PROBE_TLS_VERIFY, "more than 128 lines", PROBE_BAD);
}

/* A probe that is cancelled, wherever it is. */
static void a_probe_may_end_at_any_turn(void **state)
{
	(void)state;
	for (int turns = 0; turns < 12; turns++) {
		struct server server = serve(talks_within_tls);
		struct loop *loop = loop_create();
		struct heard heard = {.over = false};
		struct probe_session_plan plan = {.label = "mx.test",
		    .helo = "mail.test",
		    .tls = {.level = PROBE_TLS_MAY, .host = "mx.test", .next_hop = "test"}};
		struct probe_session *session;

		memcpy(&plan.address, &server.address, sizeof(server.address));
		session = probe_session_create(
		    loop, &plan, &(struct probe_session_reader){on_step, on_end, &heard});
		for (int i = 0; i < turns && !heard.over; i++)
			assert_true(loop_once(loop, -1));
		probe_session_destroy(&session);
		loop_destroy(&loop);
		buffer_free(&heard.words);
		end_server(&server);
	}
}

/* ---- webhooks and relays ---- */

struct sent {
	struct transfer *transfer;
	bool mail, over;
	struct outcome outcome;
};

static void on_sent(void *context, const struct transfer_end *end)
{
	struct sent *sent = context;

	if (sent->mail)
		mail_send_judge(sent->transfer, end, &sent->outcome);
	else
		http_send_judge(sent->transfer, end, &sent->outcome);
	assert_true(sent->outcome.sent.answer.len <= NOTIFIER_ANSWER_MAX);
	sent->over = true;
}

static void send_to(script *play, bool mail, enum notifier_result result)
{
	struct server server = serve(play);
	struct loop *loop = loop_create();
	struct transfers *all = transfers_create(loop);
	struct sent sent = {.mail = mail};
	BUFFER_AUTO struct buffer url = {0};
	struct notifier_send send = {.way = mail ? NOTIFIER_MAIL : NOTIFIER_HTTP,
	    .method = NOTIFIER_POST,
	    .headers = SLICE(""),
	    .body = SLICE("Subject: x\r\n\r\nx\r\n"),
	    .from = SLICE("a@mail.test"),
	    .to = SLICE("b@mail.test\n"),
	    .user = SLICE(""),
	    .password = SLICE(""),
	    .timeout_ms = TIMEOUT_MS,
	    .allow_local = true};

	buffer_printf(&url, "%s://127.0.0.1:%u", mail ? "smtp" : "http",
	    (unsigned)ntohs(server.address.sin_port));
	send.url = send.relay = buffer_slice(&url);
	sent.transfer = mail ? mail_send_create(all, &send, "mail.test", on_sent, &sent)
			     : http_send_create(all, &send, on_sent, &sent);
	transfer_start(sent.transfer);
	while (!sent.over)
		assert_true(loop_once(loop, -1));
	if (sent.outcome.sent.result != result)
		fail_msg("%d and not %d: %s", (int)sent.outcome.sent.result, (int)result,
		    sent.outcome.text);
	transfer_destroy(&sent.transfer);
	transfers_destroy(&all);
	loop_destroy(&loop);
	end_server(&server);
}

/* Its header has come: what is said now is the answer. */
static void answer_head(int fd)
{
	hear(fd);
	say(fd, "HTTP/1.1 200 OK\r\n");
}

static void body_for_ever(int fd)
{
	answer_head(fd);
	say(fd, "Content-Length: 10737418240\r\n\r\n");
	say_for_ever(fd, "0123456789abcdef");
}

static void head_for_ever(int fd)
{
	answer_head(fd);
	say_for_ever(fd, "X-More: of it\r\n");
}

static void head_line_for_ever(int fd)
{
	answer_head(fd);
	say(fd, "X-More: ");
	say_for_ever(fd, "0123456789abcdef");
}

static void head_of_nuls(int fd)
{
	hear(fd);
	say_bytes(fd, "HTTP/1.1 200 OK\r\nX: \0\0\033\r\n\r\n\0\0", 29);
	wait_end(fd);
}

static void chunks_that_lie(int fd)
{
	answer_head(fd);
	say(fd, "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx\r\n-1\r\n");
	wait_end(fd);
}

static void redirect_that_lies(int fd)
{
	hear(fd);
	say(fd, "HTTP/1.1 302 Found\r\nLocation: http://\x01\x80/");
	for (int i = 0; i < 2000; i++)
		say(fd, "evil");
	say(fd, "\r\nContent-Length: 0\r\n\r\n");
	wait_end(fd);
}

static void waits_for_ever(int fd)
{
	hear(fd);
	say(fd,
	    "HTTP/1.1 429 No\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n");
	wait_end(fd);
}

static void no_http(int fd)
{
	say_for_ever(fd, "220 this is mail\r\n");
}

static void head_cut(int fd)
{
	hear(fd);
	say(fd, "HTTP/1.1 20");
}

static void a_webhook_costs_no_more_than_its_bounds(void **state)
{
	(void)state;
	send_to(body_for_ever, false, NOTIFIER_DONE);
	send_to(head_for_ever, false, NOTIFIER_DONE);
	send_to(head_line_for_ever, false, NOTIFIER_DONE);
	send_to(chunks_that_lie, false, NOTIFIER_DONE);
	send_to(redirect_that_lies, false, NOTIFIER_REFUSED);
	send_to(waits_for_ever, false, NOTIFIER_TRY_AGAIN);
	send_to(no_http, false, NOTIFIER_TRY_AGAIN);
	send_to(head_cut, false, NOTIFIER_TRY_AGAIN);
	send_to(closes_within_a_line, false, NOTIFIER_TRY_AGAIN);
	send_to(resets, false, NOTIFIER_TRY_AGAIN);
	send_to(head_of_nuls, false, NOTIFIER_DONE);
}

static void refuses_at_length(int fd)
{
	say(fd, "220 a\r\n");
	hear(fd);
	say(fd, "250 a\r\n");
	hear(fd);
	say(fd, "550-");
	for (int i = 0; i < 100; i++)
		say(fd, "no\x80\xff");
	say(fd, "\r\n550 no\r\n");
	wait_end(fd);
}

static void a_relay_costs_no_more_than_its_bounds(void **state)
{
	(void)state;
	send_to(greets_for_ever, true, NOTIFIER_TRY_AGAIN);
	send_to(line_for_ever, true, NOTIFIER_TRY_AGAIN);
	send_to(only_nuls, true, NOTIFIER_TRY_AGAIN);
	send_to(closes_within_a_line, true, NOTIFIER_TRY_AGAIN);
	send_to(endless_extensions, true, NOTIFIER_TRY_AGAIN);
	send_to(handshake_of_text, true, NOTIFIER_TRY_AGAIN);
	send_to(handshake_of_noise, true, NOTIFIER_TRY_AGAIN);
	send_to(handshake_closed, true, NOTIFIER_TRY_AGAIN);
	send_to(talks_within_tls, true, NOTIFIER_TRY_AGAIN);
	send_to(refuses_at_length, true, NOTIFIER_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_probe_ends_whatever_it_is_told),
	    cmocka_unit_test(a_probe_believes_nothing_that_came_too_early),
	    cmocka_unit_test(a_probe_survives_a_handshake_that_is_none),
	    cmocka_unit_test(a_certificate_becomes_harmless_words),
	    cmocka_unit_test(a_probe_may_end_at_any_turn),
	    cmocka_unit_test(a_webhook_costs_no_more_than_its_bounds),
	    cmocka_unit_test(a_relay_costs_no_more_than_its_bounds),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
