/* The files of the demo's private Postfix. */
#ifndef DEMO_CONFIG_TEXT_H
#define DEMO_CONFIG_TEXT_H

#include "base/buffer.h"
#include "demo/instance.h"

/* Newsletters from this address are put on hold by a sender rule, as a suspicious campaign would
 * be. */
#define CONFIG_TEXT_HELD_SENDER "campaign@flash-sale.example"

/* Each appends one file: main.cf, master.cf, the transport and sender tables of `in`; and of `etc`
 * what Postfix sees there instead of the machine's. */
void config_text_main(struct buffer *out, const struct instance *in, const struct network *net);
void config_text_master(struct buffer *out, const struct instance *in, const struct network *net);
void config_text_transport(
    struct buffer *out, const struct instance *in, const struct network *net);
void config_text_sender_access(
    struct buffer *out, const struct instance *in, const struct network *net);
void config_text_hosts(struct buffer *out, const struct instance *in, const struct network *net);
void config_text_nsswitch(struct buffer *out, const struct instance *in, const struct network *net);
void config_text_resolv(struct buffer *out, const struct instance *in, const struct network *net);

#endif
