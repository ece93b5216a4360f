/* The reader and the helper as they run, each in a process of its own, on a spool made of captured
 * queue files; this process plays supervisor and server. With `reader_test QUEUE_DIRECTORY` it
 * times a first view and a refresh of that spool instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "helper/helper.h"
#include "postfix/message.h"
#include "postfix/queue_id.h"
#include "reader/id_table.h"
#include "reader/reader.h"
#include "wire/control_proto.h"
#include "wire/reader_proto.h"

#define WAIT_MS 20000

/* Flags of a message of the view. */
#define DAMAGED 1
#define SIGHTED 2

struct role {
	pid_t pid;
	struct channel *control;
};

/* What the server would know. */
struct view {
	struct id_table *messages; /* IDs; queue is where, listed the recipients to do, flags
				    * DAMAGED and SIGHTED */
	struct buffer last;	   /* bytes of the last message */
	size_t upserts, removals, absent, sighted, looks, listed;
	uint32_t absent_request, message_request;
	struct reader_proto_scan scan; /* of the last SCAN_END; its texts are not kept */
	char error[256];
	enum reader_proto_source source;
	bool healthy, refreshed, compared;
	char status_code[64], warning_code[64];
};

struct rig {
	char directory[64];
	char queue[96];
	const char *source;
	bool empty; /* the server says so when it begins */
	struct role helper, reader;
	struct channel *server;
	struct reader_proto_inbox inbox;
	struct view view;
};

/* --- Processes --- */

static struct role start_role(const char *name, int (*run)(int control_fd))
{
	struct role role;
	int fds[2];

	assert_true(channel_pair(fds, NULL));
	role.pid = fork();
	assert_true(role.pid >= 0);
	if (role.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		log_init(name, LOG_LEVEL_INFO);
		_exit(run(fds[1]));
	}
	close(fds[1]);
	role.control = channel_create(fds[0]);
	return role;
}

static void stop_role(struct role *role)
{
	if (role->pid <= 0)
		return;
	channel_destroy(&role->control);
	kill(role->pid, SIGKILL);
	waitpid(role->pid, NULL, 0);
	role->pid = 0;
}

static void send_config(const struct rig *rig, struct role *role)
{
	BUFFER_AUTO struct buffer frame = {0};
	ROLE_CONFIG_AUTO struct role_config config = {0};

	role_config_set(&config, "postfix.source", rig->source);
	role_config_set_fact(&config, "queue_directory", slice_of(rig->queue));
	role_config_set_fact(&config, "hash_queue_names", SLICE("deferred, defer"));
	role_config_set_fact(&config, "hash_queue_depth", SLICE("1"));
	role_config_set_fact(&config, "command_directory", SLICE("/nonexistent"));
	config.facts.known = true;
	role_config_encode(&frame, &config);
	assert_true(channel_send(role->control, &frame, NULL, 0));
}

static void send_peer(struct role *role, enum control_role who, int fd)
{
	BUFFER_AUTO struct buffer frame = {0};
	struct control_peer peer = {who};

	control_peer_encode(&frame, &peer);
	assert_true(channel_send(role->control, &frame, &fd, 1));
	close(fd);
}

static int run_helper(int control_fd)
{
	return helper_main(control_fd, -1);
}

static void start_helper(struct rig *rig)
{
	int fds[2];

	rig->helper = start_role("helper", run_helper);
	send_config(rig, &rig->helper);
	assert_true(channel_pair(fds, NULL));
	send_peer(&rig->helper, CONTROL_ROLE_READER, fds[0]);
	send_peer(&rig->reader, CONTROL_ROLE_HELPER, fds[1]);
}

static void connect_server(struct rig *rig)
{
	int fds[2];

	channel_destroy(&rig->server);
	reader_proto_inbox_free(&rig->inbox);
	assert_true(channel_pair(fds, NULL));
	rig->server = channel_create(fds[0]);
	if (rig->empty) {
		BUFFER_AUTO struct buffer frame = {0};

		reader_proto_plain_frame(&frame, READER_PROTO_EMPTY, 0);
		assert_true(channel_send(rig->server, &frame, NULL, 0));
	}
	send_peer(&rig->reader, CONTROL_ROLE_SERVER, fds[1]);
}

static void rig_start(struct rig *rig, const char *source)
{
	rig->source = source;
	rig->view.messages = id_table_create();
	rig->reader = start_role("reader", reader_main);
	send_config(rig, &rig->reader);
	start_helper(rig);
	connect_server(rig);
}

static void rig_stop(struct rig *rig)
{
	stop_role(&rig->reader);
	stop_role(&rig->helper);
	channel_destroy(&rig->server);
	reader_proto_inbox_free(&rig->inbox);
	id_table_destroy(&rig->view.messages);
	buffer_free(&rig->view.last);
	rig->view = (struct view){0};
}

/* --- What comes in --- */

static void on_message(void *context, uint32_t request, struct slice bytes)
{
	struct view *v = context;
	MESSAGE_AUTO struct message m;
	struct id_entry *e;

	message_init(&m);
	assert_true(message_decode(&m, bytes));
	e = id_table_add(v->messages, slice_of(m.id));
	e->queue = (uint8_t)m.queue;
	e->signature = m.signature;
	e->flags = (uint8_t)(SIGHTED | ((m.flags & MESSAGE_DAMAGED) != 0 ? DAMAGED : 0));
	e->listed = m.recipient_todo;
	v->upserts++;
	v->message_request = request;
	buffer_clear(&v->last);
	buffer_append_slice(&v->last, bytes);
}

static void on_removal(void *context, const struct reader_proto_removal *removal)
{
	struct view *v = context;
	struct id_entry *e = id_table_find(v->messages, removal->id);

	assert_non_null(e);
	id_table_remove(v->messages, e);
	v->removals++;
}

/* --- The server's part in a scan --- */

static void send_to_reader(struct rig *rig, const struct buffer *frame)
{
	assert_true(channel_send(rig->server, frame, NULL, 0));
}

static void on_sightings(struct rig *rig, const struct frame *f)
{
	static struct reader_proto_sighting sightings[READER_PROTO_SIGHTINGS_MAX];
	uint8_t wanted[READER_PROTO_WANTED_BYTES] = {0};
	BUFFER_AUTO struct buffer answer = {0};
	size_t count;

	assert_true(reader_proto_read_sightings(f, sightings, &count));
	rig->view.sighted += count;
	for (size_t i = 0; i < count; i++) {
		struct id_entry *e = id_table_find(rig->view.messages, sightings[i].id);

		if (e != NULL)
			e->flags |= SIGHTED;
		if (e == NULL || e->signature != sightings[i].signature)
			wanted[i / 8] |= (uint8_t)(1 << i % 8);
		else
			e->queue = sightings[i].queue;
	}
	reader_proto_wanted_frame(&answer, f->request, wanted, count);
	send_to_reader(rig, &answer);
}

/* All that was not sighted in one LOOK, and that there is no more. */
static void on_scan_listed(struct rig *rig)
{
	static char ids[READER_PROTO_READ_IDS_MAX][QUEUE_ID_SIZE];
	struct reader_proto_place places[READER_PROTO_READ_IDS_MAX];
	BUFFER_AUTO struct buffer frame = {0};
	size_t count = 0;

	for (size_t i = 0; i < id_table_count(rig->view.messages); i++) {
		struct id_entry *e = id_table_at(rig->view.messages, i);

		if ((e->flags & SIGHTED) != 0)
			continue;
		snprintf(ids[count], sizeof(ids[count]), "%.*s", SLICE_ARGS(id_entry_id(e)));
		places[count] = (struct reader_proto_place){slice_of(ids[count]), e->queue};
		count++;
	}
	rig->view.looks = count;
	reader_proto_look_frame(&frame, 77, places, count);
	send_to_reader(rig, &frame);
}

static void on_look_end(struct rig *rig, const struct frame *f)
{
	BUFFER_AUTO struct buffer frame = {0};

	assert_int_equal(f->request, 77);
	reader_proto_plain_frame(&frame, READER_PROTO_SCAN_PROVEN, 0);
	send_to_reader(rig, &frame);
}

static void on_absent(struct rig *rig, const struct frame *f)
{
	static struct slice ids[READER_PROTO_READ_IDS_MAX];
	struct view *v = &rig->view;
	size_t count;

	assert_true(reader_proto_read_ids(f, ids, &count));
	for (size_t i = 0; i < count; i++) {
		struct id_entry *e = id_table_find(v->messages, ids[i]);

		if (e != NULL)
			id_table_remove(v->messages, e);
	}
	v->absent += count;
	v->absent_request = f->request;
}

static void copy_text(char *to, size_t size, struct slice text)
{
	snprintf(to, size, "%.*s", SLICE_ARGS(text));
}

static void on_frame(struct rig *rig, const struct frame *f)
{
	struct view *v = &rig->view;
	struct reader_proto_status status;
	struct reader_proto_warning warning;
	struct reader_proto_refreshed refreshed;
	struct reader_proto_listed listed;
	struct cursor c;

	switch (f->type) {
	case READER_PROTO_SCAN_BEGIN:
		for (size_t i = 0; i < id_table_count(v->messages); i++)
			id_table_at(v->messages, i)->flags &= (uint8_t)~SIGHTED;
		break;
	case READER_PROTO_SIGHTINGS:
		on_sightings(rig, f);
		break;
	case READER_PROTO_SCAN_LISTED:
		on_scan_listed(rig);
		break;
	case READER_PROTO_LOOK_END:
		on_look_end(rig, f);
		break;
	case READER_PROTO_LISTED:
		for (c = frame_cursor(f); reader_proto_read_listed(&c, &listed); v->listed++) {
		}
		assert_true(cursor_finished(&c));
		break;
	case READER_PROTO_COMPARE_END:
		assert_true(reader_proto_read_refreshed(f, &refreshed));
		v->compared = refreshed.complete;
		break;
	case READER_PROTO_UPSERT:
	case READER_PROTO_PART:
		assert_true(reader_proto_inbox_messages(&rig->inbox, f, on_message, v));
		break;
	case READER_PROTO_REMOVE:
		assert_true(reader_proto_inbox_removals(f, on_removal, v));
		break;
	case READER_PROTO_SCAN_END:
		assert_true(reader_proto_read_scan(f, &v->scan));
		copy_text(v->error, sizeof(v->error), v->scan.error);
		break;
	case READER_PROTO_STATUS:
		assert_true(reader_proto_read_status(f, &status));
		v->source = status.source;
		v->healthy = status.healthy;
		copy_text(v->status_code, sizeof(v->status_code), status.code);
		break;
	case READER_PROTO_WARNING:
		assert_true(reader_proto_read_warning(f, &warning));
		copy_text(v->warning_code, sizeof(v->warning_code), warning.code);
		break;
	case READER_PROTO_REFRESHED:
		assert_true(reader_proto_read_refreshed(f, &refreshed));
		v->refreshed = refreshed.complete;
		break;
	case READER_PROTO_ABSENT:
		on_absent(rig, f);
		break;
	default:
		break;
	}
}

/* One frame, if one comes in that time. */
static struct frame take_frame(struct rig *rig, int timeout_ms)
{
	struct frame f = {0};
	enum channel_result result = channel_receive(rig->server, &f);

	if (result == CHANNEL_EMPTY) {
		channel_wait(rig->server, timeout_ms);
		return f;
	}
	assert_int_equal(result, CHANNEL_FRAME);
	on_frame(rig, &f);
	frame_close(&f);
	return f;
}

/* Takes frames until one of that type; for READ_END and REFRESHED of that request. */
static void wait_for(struct rig *rig, enum reader_proto_type type, uint32_t request)
{
	int64_t until = clock_monotonic_ms() + WAIT_MS;

	while (clock_monotonic_ms() < until) {
		struct frame f = take_frame(rig, 1000);

		if (f.type == (uint8_t)type && f.request == request)
			return;
	}
	fail_msg("no frame of type %d came", (int)type);
}

static enum queue queue_of(struct rig *rig, const char *id);

/* Until the message is shown there; QUEUE_COUNT: until it is shown no more. */
static void wait_until_in(struct rig *rig, const char *id, enum queue queue)
{
	int64_t until = clock_monotonic_ms() + WAIT_MS;

	while (queue_of(rig, id) != queue) {
		assert_true(clock_monotonic_ms() < until);
		take_frame(rig, 1000);
	}
}

static void wait_scan(struct rig *rig)
{
	wait_for(rig, READER_PROTO_SCAN_END, 0);
}

static void refresh(struct rig *rig)
{
	BUFFER_AUTO struct buffer frame = {0};
	static uint32_t request = 100;

	reader_proto_refresh_frame(&frame, ++request);
	assert_true(channel_send(rig->server, &frame, NULL, 0));
	wait_for(rig, READER_PROTO_REFRESHED, request);
}

static void read_ids(struct rig *rig, uint32_t request, const struct slice *ids, size_t count)
{
	BUFFER_AUTO struct buffer frame = {0};

	rig->view.absent = rig->view.upserts = 0;
	reader_proto_read_frame(&frame, request, ids, count);
	assert_true(channel_send(rig->server, &frame, NULL, 0));
	wait_for(rig, READER_PROTO_READ_END, request);
}

/* --- The spool --- */

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char command[1500];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static int make_spool(void **state)
{
	struct rig *rig = memory_zero(1, sizeof(*rig));

	snprintf(rig->directory, sizeof(rig->directory), "/tmp/postroom-reader-XXXXXX");
	assert_non_null(mkdtemp(rig->directory));
	snprintf(rig->queue, sizeof(rig->queue), "%s/queue", rig->directory);
	run("cd %s && mkdir queue && cd queue && mkdir maildrop incoming corrupt public",
	    rig->directory);
	run("tar -C %s --no-same-owner -xJf '%s/postfix-3.11/queue.tar.xz'", rig->queue,
	    getenv("POSTROOM_FIXTURES"));
	*state = rig;
	return 0;
}

static int remove_spool(void **state)
{
	struct rig *rig = *state;

	rig_stop(rig);
	run("rm -rf %s", rig->directory);
	free(rig);
	return 0;
}

static enum queue queue_of(struct rig *rig, const char *id)
{
	struct id_entry *e = id_table_find(rig->view.messages, slice_of(id));

	return e == NULL ? QUEUE_COUNT : (enum queue)e->queue;
}

static void test_spool(void **state)
{
	struct rig *rig = *state;

	rig_start(rig, "auto");
	wait_scan(rig);
	assert_true(rig->view.scan.complete && !rig->view.scan.reset);
	assert_int_equal(rig->view.source, READER_PROTO_SOURCE_SPOOL);
	assert_int_equal(id_table_count(rig->view.messages), 14);
	assert_int_equal(rig->view.upserts, 14);
	assert_int_equal(rig->view.scan.read, 14);
	assert_int_equal(rig->view.scan.corrupt, 0);
	assert_int_equal(queue_of(rig, "0AD06AB80A3"), QUEUE_HOLD);
	assert_int_equal(queue_of(rig, "4jXJD647cHz1djFS"), QUEUE_ACTIVE);
	/* Nothing changed: nothing is read. */
	refresh(rig);
	assert_true(rig->view.scan.complete);
	assert_int_equal(rig->view.upserts, 14);
	assert_int_equal(rig->view.scan.read, 0);
	assert_int_equal(rig->view.looks, 0);
	/* Moved, removed, put aside, and one that is still being written. */
	run("cd %s && mv hold/0AD06AB80A3 deferred/0/ && rm deferred/1/1DE18AB80AC && "
	    "mv deferred/A/A047AAB8096 corrupt/ && chmod 0400 corrupt/A047AAB8096 && "
	    "cp deferred/A/A1D5EAB8098 incoming/A1D5EAB8099 && chmod 600 incoming/A1D5EAB8099",
	    rig->queue);
	refresh(rig);
	assert_int_equal(queue_of(rig, "0AD06AB80A3"), QUEUE_DEFERRED);
	assert_int_equal(queue_of(rig, "1DE18AB80AC"), QUEUE_COUNT);
	assert_int_equal(queue_of(rig, "A047AAB8096"), QUEUE_COUNT);
	assert_int_equal(queue_of(rig, "A1D5EAB8099"), QUEUE_COUNT);
	assert_int_equal(rig->view.scan.corrupt, 1);
	assert_int_equal(id_table_count(rig->view.messages), 12);
	/* One that moved is not read again; those that are missing are looked for. */
	assert_int_equal(rig->view.scan.read, 0);
	/* Fewer where events told of them first. */
	assert_in_range(rig->view.looks, 0, 2);
	/* It is written now. */
	run("chmod 700 %s/incoming/A1D5EAB8099", rig->queue);
	wait_until_in(rig, "A1D5EAB8099", QUEUE_INCOMING);
}

/* A server that has nothing is asked nothing: all that is there is read, and what is no message is
 * passed over. The next scan asks again. */
static void test_empty_server(void **state)
{
	struct rig *rig = *state;

	run("cd %s && cp deferred/A/A1D5EAB8098 incoming/A1D5EAB8099 && "
	    "chmod 600 incoming/A1D5EAB8099 && ln -s /etc/passwd hold/A1D5EAB809A && "
	    "mkdir hold/A1D5EAB809B && mkfifo hold/A1D5EAB809C",
	    rig->queue);
	rig->empty = true;
	rig_start(rig, "spool");
	wait_scan(rig);
	assert_true(rig->view.scan.complete);
	assert_int_equal(rig->view.sighted, 0);
	assert_int_equal(id_table_count(rig->view.messages), 14);
	assert_int_equal(rig->view.upserts, 14);
	assert_int_equal(rig->view.scan.read, 14);
	assert_int_equal(rig->view.scan.done, 14);
	assert_int_equal(queue_of(rig, "0AD06AB80A3"), QUEUE_HOLD);
	refresh(rig);
	assert_true(rig->view.scan.complete);
	assert_true(rig->view.sighted >= 14);
	assert_int_equal(rig->view.upserts, 14);
}

/* ---- Live ---- */

/* What events tell is seen without a scan: the number of the last one stays. */
static void test_live(void **state)
{
	struct rig *rig = *state;
	uint64_t number;
	size_t upserts;
	int64_t began;

	rig_start(rig, "spool");
	wait_scan(rig);
	/* The next scan is 10 s away: on a machine that is slower than that nothing is proved
	 * about it. */
	number = rig->view.scan.number;
	began = clock_monotonic_ms();
	upserts = rig->view.upserts;
	run("mv %s/hold/0AD06AB80A3 %s/active/", rig->queue, rig->queue);
	wait_until_in(rig, "0AD06AB80A3", QUEUE_ACTIVE);
	run("mv %s/active/0AD06AB80A3 %s/deferred/0/", rig->queue, rig->queue);
	wait_until_in(rig, "0AD06AB80A3", QUEUE_DEFERRED);
	assert_int_equal(rig->view.upserts, upserts); /* moved: not read again */
	/* Made ready by chmod, as cleanup does; before that it is no message. */
	run("cp %s/deferred/A/A1D5EAB8098 %s/incoming/A1D5EAB8099", rig->queue, rig->queue);
	run("cd %s/incoming && chmod 600 A1D5EAB8099 && chmod 700 A1D5EAB8099", rig->queue);
	wait_until_in(rig, "A1D5EAB8099", QUEUE_INCOMING);
	run("rm %s/incoming/A1D5EAB8099", rig->queue);
	wait_until_in(rig, "A1D5EAB8099", QUEUE_COUNT);
	/* Hashed directories come and go, with what was in them before they were watched. */
	run("cd %s && mkdir -p deferred/F/F && cp -p hold/* deferred/A/A1D5EAB8098 deferred/F/F/ "
	    "2>/dev/null; cd deferred/F/F && mv A1D5EAB8098 FFD5EAB8098",
	    rig->queue);
	wait_until_in(rig, "FFD5EAB8098", QUEUE_DEFERRED);
	run("cd %s/deferred && mv F/F/FFD5EAB8098 F/FFD5EAB8097 && rm -r F/F", rig->queue);
	wait_until_in(rig, "FFD5EAB8097", QUEUE_DEFERRED);
	wait_until_in(rig, "FFD5EAB8098", QUEUE_COUNT);
	run("rm -r %s/deferred/F", rig->queue);
	wait_until_in(rig, "FFD5EAB8097", QUEUE_COUNT);
	assert_true(rig->view.scan.number == number || clock_monotonic_ms() - began > 9000);
	/* All that time nothing was missed: the scan agrees, and reads nothing. */
	refresh(rig);
	assert_int_equal(rig->view.scan.read, 0);
	assert_int_equal(rig->view.looks, 0);
}

/* A queue directory that is replaced: what is in the new one is the queue. */
static void test_directory_swapped(void **state)
{
	struct rig *rig = *state;

	rig_start(rig, "spool");
	wait_scan(rig);
	run("cd %s && cp -rp hold new && mv hold old && mv new hold", rig->queue);
	wait_scan(rig);
	run("rm %s/hold/0AD06AB80A3", rig->queue);
	wait_until_in(rig, "0AD06AB80A3", QUEUE_COUNT);
	/* The old one is no part of it: nothing that happens there is shown. */
	run("cd %s && mv old/0AD06AB80A3 hold/", rig->queue);
	wait_until_in(rig, "0AD06AB80A3", QUEUE_HOLD);
	run("rm -r %s/old", rig->queue);
	refresh(rig);
	assert_true(rig->view.scan.complete);
	assert_int_equal(queue_of(rig, "0AD06AB80A3"), QUEUE_HOLD);
}

/* More events than the kernel keeps: two for each renaming. */
static void rename_often(struct rig *rig)
{
	char a[160], b[160], text[32] = "";
	FD_AUTO int fd = open("/proc/sys/fs/inotify/max_queued_events", O_RDONLY | O_CLOEXEC);
	uint64_t most = 16384;

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
		(void)slice_to_u64(slice_trim(slice_of(text)), &most);
	snprintf(a, sizeof(a), "%s/hold/0AD06AB80A3", rig->queue);
	snprintf(b, sizeof(b), "%s/hold/0AD06AB80A4", rig->queue);
	for (uint64_t i = 0; i <= most / 4; i++)
		assert_true(rename(a, b) == 0 && rename(b, a) == 0);
}

/* The reader sleeps while more happens than the kernel keeps for it. */
static void test_overflow(void **state)
{
	struct rig *rig = *state;

	rig_start(rig, "spool");
	wait_scan(rig);
	kill(rig->reader.pid, SIGSTOP);
	rename_often(rig);
	run("cd %s && mv hold/0AD06AB80A3 deferred/0/", rig->queue);
	kill(rig->reader.pid, SIGCONT);
	wait_scan(rig);
	wait_until_in(rig, "0AD06AB80A3", QUEUE_DEFERRED);
	wait_until_in(rig, "0AD06AB80A4", QUEUE_COUNT);
	run("mv %s/deferred/0/0AD06AB80A3 %s/hold/", rig->queue, rig->queue);
	wait_until_in(rig, "0AD06AB80A3", QUEUE_HOLD);
}

static void test_read(void **state)
{
	struct rig *rig = *state;
	struct slice ids[4] = {
	    SLICE("A1D5EAB8098"), SLICE("DEADBEEF01"), SLICE("ALL"), SLICE("4jXJD647cHz1djFS")};
	MESSAGE_AUTO struct message m;

	rig_start(rig, "spool");
	wait_scan(rig);
	read_ids(rig, 7, ids, 4);
	assert_int_equal(rig->view.absent, 2);
	assert_int_equal(rig->view.absent_request, 7);
	assert_int_equal(rig->view.upserts, 2);
	assert_int_equal(rig->view.message_request, 7);
	message_init(&m);
	assert_true(message_decode(&m, buffer_slice(&rig->view.last)));
	assert_true((m.known & MESSAGE_KNOWS_CREATE_TIME) != 0 && m.inode != 0);
	/* Absent for good: the view hears of it at once. */
	run("rm %s/deferred/A/A1D5EAB8098", rig->queue);
	read_ids(rig, 8, ids, 1);
	assert_int_equal(rig->view.absent, 1);
	assert_int_equal(queue_of(rig, "A1D5EAB8098"), QUEUE_COUNT);
	read_ids(rig, 9, ids, 0);
}

/* A permanent failure that the sender was not told yet: the recipient is done, and says why. */
static void test_bounce_log(void **state)
{
	struct rig *rig = *state;
	struct slice id = SLICE("9DF7EAB8090");
	MESSAGE_AUTO struct message m;

	rig_start(rig, "spool");
	wait_scan(rig);
	rig->view.upserts = 0;
	run("printf 'recipient=eve@gone.test\noffset=867\nstatus=5.1.1\nreason=no such user\n\n' "
	    ">%s/bounce/9DF7EAB8090",
	    rig->queue);
	/* Told by an event. */
	for (int64_t until = clock_monotonic_ms() + WAIT_MS; rig->view.upserts == 0;) {
		assert_true(clock_monotonic_ms() < until);
		take_frame(rig, 1000);
	}
	message_init(&m);
	for (unsigned pass = 0; pass < 2; pass++) {
		size_t bounced = 0;

		assert_true(message_decode(&m, buffer_slice(&rig->view.last)));
		assert_string_equal(m.id, "9DF7EAB8090");
		for (size_t i = 0; i < m.recipient_count; i++) {
			if ((m.recipients[i].flags & MESSAGE_RECIPIENT_BOUNCED) == 0)
				continue;
			assert_true(slice_is(m.recipients[i].reason, "no such user"));
			bounced++;
		}
		assert_int_equal(bounced, 1);
		/* The same when it is asked for. */
		read_ids(rig, 50 + pass, &id, 1);
	}
	refresh(rig);
	rig->view.upserts = 0;
	refresh(rig);
	assert_int_equal(rig->view.upserts, 0);
}

static void test_damaged_files(void **state)
{
	struct rig *rig = *state;

	/* Cut short, empty, zeros, a pointer loop, a symbolic link, a directory, and a FIFO. */
	run("cd %s/incoming && head -c 700 ../deferred/A/A5372AB809C >B0000AB8001 && : "
	    ">B0000AB8002 && "
	    "head -c 5000 /dev/zero >B0000AB8003 && printf 'p\\01715             1' >B0000AB8004 "
	    "&& "
	    "chmod 700 * && ln -s ../deferred/A/A1D5EAB8098 B0000AB8005 && mkdir B0000AB8006 && "
	    "mkfifo B0000AB8007 && "
	    "chmod 700 B0000AB8007",
	    rig->queue);
	rig_start(rig, "spool");
	wait_scan(rig);
	assert_true(rig->view.scan.complete);
	for (unsigned i = 1; i <= 4; i++) {
		char id[32];
		struct id_entry *e;

		snprintf(id, sizeof(id), "B0000AB800%u", i);
		e = id_table_find(rig->view.messages, slice_of(id));
		assert_non_null(e);
		assert_true((e->flags & DAMAGED) != 0);
	}
	assert_int_equal(id_table_count(rig->view.messages), 18);
	refresh(rig);
	assert_int_equal(id_table_count(rig->view.messages), 18);
}

static void test_peers_come_and_go(void **state)
{
	struct rig *rig = *state;

	rig_start(rig, "spool");
	wait_scan(rig);
	stop_role(&rig->helper);
	refresh(rig);
	assert_false(rig->view.refreshed);
	assert_string_equal(rig->view.status_code, "helper_gone");
	assert_int_equal(id_table_count(rig->view.messages), 14);
	start_helper(rig);
	wait_scan(rig);
	assert_true(rig->view.scan.complete && rig->view.healthy);
	assert_int_equal(rig->view.removals, 0);
	/* A new server that knows everything is told nothing; one that knows nothing, all. */
	rig->view.upserts = 0;
	connect_server(rig);
	wait_scan(rig);
	assert_true(rig->view.scan.complete);
	assert_int_equal(rig->view.upserts, 0);
	id_table_clear(rig->view.messages);
	connect_server(rig);
	wait_scan(rig);
	assert_true(rig->view.scan.complete);
	assert_int_equal(rig->view.upserts, 14);
	/* So is the server by a new reader. */
	stop_role(&rig->reader);
	stop_role(&rig->helper);
	run("rm %s/deferred/A/A1D5EAB8098", rig->queue);
	rig->reader = start_role("reader", reader_main);
	send_config(rig, &rig->reader);
	start_helper(rig);
	connect_server(rig);
	wait_scan(rig);
	assert_true(rig->view.scan.complete);
	assert_int_equal(rig->view.upserts, 14);
	assert_int_equal(id_table_count(rig->view.messages), 13);
}

/* --- Listings --- */

/* A showq that serves what is in a file, once for each connection. */
static pid_t serve_showq(struct rig *rig)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/public/showq", rig->queue);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 5), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			BUFFER_AUTO struct buffer bytes = {0};
			int client = accept(fd, NULL, NULL);
			char path[128];

			snprintf(path, sizeof(path), "%s/answer", rig->queue);
			if (fd_read_file(path, (size_t)1 << 24, &bytes, NULL))
				fd_write_all(client, bytes.data, bytes.len);
			close(client);
		}
	}
	close(fd);
	return pid;
}

static void answer_with(struct rig *rig, const char *pipeline)
{
	run("cd %s && %s '%s/postfix-3.11/showq.bin' >answer.new && mv answer.new answer",
	    rig->queue, pipeline, getenv("POSTROOM_FIXTURES"));
}

static void test_listing(void **state)
{
	struct rig *rig = *state;
	struct slice ids[2] = {SLICE("A1D5EAB8098"), SLICE("DEADBEEF01")};
	pid_t showq = serve_showq(rig);

	answer_with(rig, "cat");
	rig_start(rig, "listing");
	wait_scan(rig);
	assert_true(rig->view.scan.complete);
	assert_int_equal(rig->view.source, READER_PROTO_SOURCE_LISTING);
	assert_int_equal(id_table_count(rig->view.messages), 14);
	assert_true(rig->view.scan.corrupt == READER_PROTO_UNKNOWN);
	read_ids(rig, 5, ids, 2);
	assert_int_equal(rig->view.absent, 1);
	/* Once in each of the two listings that it takes to call the other one absent. */
	assert_int_equal(rig->view.upserts, 2);
	/* Broken off: nothing is concluded. */
	answer_with(rig, "head -c 3000");
	refresh(rig);
	assert_false(rig->view.scan.complete);
	assert_string_equal(rig->view.status_code, "listing_broken_off");
	assert_int_equal(id_table_count(rig->view.messages), 14);
	/* Empty, twice: only the second time are they gone. */
	answer_with(rig, "sh -c \"printf 'protocol\\0mail_queue_list_protocol\\0\\0\\0'\"");
	refresh(rig);
	assert_true(rig->view.scan.complete);
	assert_int_equal(id_table_count(rig->view.messages), 14);
	refresh(rig);
	assert_int_equal(id_table_count(rig->view.messages), 0);
	kill(showq, SIGKILL);
	waitpid(showq, NULL, 0);
}

static void test_auto_falls_back(void **state)
{
	struct rig *rig = *state;
	pid_t showq = serve_showq(rig);

	answer_with(rig, "cat");
	/* Where a queue directory is no directory the spool cannot be read. */
	run("cd %s && rm -rf incoming && : >incoming", rig->queue);
	rig_start(rig, "auto");
	wait_scan(rig);
	assert_false(rig->view.scan.complete);
	wait_scan(rig);
	assert_true(rig->view.scan.complete && rig->view.scan.reset);
	assert_int_equal(rig->view.source, READER_PROTO_SOURCE_LISTING);
	assert_true(rig->view.healthy && rig->view.status_code[0] != '\0');
	assert_int_equal(id_table_count(rig->view.messages), 14);
	kill(showq, SIGKILL);
	waitpid(showq, NULL, 0);
}

/* What a listing shows is passed on to the server, which compares. */
static void test_compare(void **state)
{
	struct rig *rig = *state;
	pid_t showq = serve_showq(rig);
	BUFFER_AUTO struct buffer frame = {0};

	answer_with(rig, "cat");
	rig_start(rig, "spool");
	wait_scan(rig);
	reader_proto_plain_frame(&frame, READER_PROTO_COMPARE, 0);
	send_to_reader(rig, &frame);
	wait_for(rig, READER_PROTO_COMPARE_END, 0);
	assert_true(rig->view.compared);
	assert_int_equal(rig->view.listed, 14);
	/* Broken off: nothing is concluded. */
	answer_with(rig, "head -c 3000");
	send_to_reader(rig, &frame);
	wait_for(rig, READER_PROTO_COMPARE_END, 0);
	assert_false(rig->view.compared);
	kill(showq, SIGKILL);
	waitpid(showq, NULL, 0);
}

/* --- Timing --- */

static int time_spool(const char *queue)
{
	struct rig rig = {0};
	int64_t began = clock_monotonic_ms();

	snprintf(rig.queue, sizeof(rig.queue), "%s", queue);
	rig_start(&rig, "spool");
	wait_scan(&rig);
	printf("first view: %zu messages in %lld ms\n", id_table_count(rig.view.messages),
	    (long long)(clock_monotonic_ms() - began));
	for (unsigned i = 0; i < 3; i++) {
		began = clock_monotonic_ms();
		refresh(&rig);
		printf("refresh: %lld ms\n", (long long)(clock_monotonic_ms() - began));
	}
	run("grep -E 'VmRSS|VmHWM' /proc/%d/status; cat /proc/%d/stat | cut -d' ' -f14,15",
	    rig.reader.pid, rig.reader.pid);
	rig_stop(&rig);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_spool, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_empty_server, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_live, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_directory_swapped, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_overflow, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_read, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_bounce_log, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_damaged_files, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_peers_come_and_go, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_listing, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_auto_falls_back, make_spool, remove_spool),
	    cmocka_unit_test_setup_teardown(test_compare, make_spool, remove_spool),
	};

	if (argc > 1)
		return time_spool(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
