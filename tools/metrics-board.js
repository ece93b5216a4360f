// What the Grafana board shows: rows of panels, each with its queries and what a line of them is called. tools/metrics.js makes the board of it.
'use strict';

// Of the hosts that are chosen.
const of = (name, labels = '') => `${name}{instance=~"$instance"${labels ? `,${labels}` : ''}}`;
const rate = (name, labels) => `rate(${of(name, labels)}[$__rate_interval])`;
const sum = (by, expr) => `sum by (${by}) (${expr})`;
const quantile = (q, name, by) => `histogram_quantile(${q}, ${sum(`le${by ? `, ${by}` : ''}`, rate(`${name}_bucket`))})`;

const ROWS = [
	{ title: 'State', panels: [
		{ title: 'Postfix runs', type: 'stat', queries: [[of('postfix_up'), '{{instance}}']] },
		{ title: 'Incidents', type: 'stat', queries: [[sum('severity', of('postroom_incidents')), '{{severity}}']] },
		{ title: 'Deferred', type: 'stat', queries: [[sum('instance', of('postfix_queue_messages', 'queue="deferred"')), '{{instance}}']] },
		{ title: 'Queue and log can be read', type: 'stat', queries: [[of('postroom_source_readable'), 'queue {{instance}}'], [of('postroom_log_readable'), 'log {{instance}}']] },
		{ title: 'Versions', type: 'stat', queries: [[of('postfix_info'), 'Postfix {{version}} ({{source}})'], [of('postroom_build_info'), 'Postroom {{version}}']] },
	] },
	{ title: 'Depth, and where the spool ends', panels: [
		{ title: 'Messages by queue', stack: true, queries: [[sum('queue', of('postfix_queue_messages')), '{{queue}}'], [of('postfix_queue_active_limit_messages'), 'limit of active']] },
		{ title: 'Recipients by queue', stack: true, queries: [[sum('queue', of('postfix_queue_recipients')), '{{queue}}']] },
		{ title: 'Room of the spool', unit: 'bytes', queries: [
			[of('postfix_spool_free_bytes'), 'free {{instance}}'],
			[`predict_linear(${of('postfix_spool_free_bytes')}[1h], 4 * 3600)`, 'free in four hours {{instance}}'],
			[of('postfix_queue_minfree_bytes'), 'no mail is taken below {{instance}}'],
			[sum('instance', of('postfix_queue_bytes')), 'queued {{instance}}'],
		] },
		{ title: 'Part of the spool that is free', unit: 'percentunit', queries: [
			[`${of('postfix_spool_free_bytes')} / ${of('postfix_spool_size_bytes')}`, 'bytes {{instance}}'],
			[`${of('postfix_spool_free_inodes')} / ${of('postfix_spool_inodes')}`, 'inodes {{instance}}'],
		] },
	] },
	{ title: 'Attempts and delays', panels: [
		{ title: 'Taken in', unit: 'reqps', queries: [[sum('way', rate('postfix_received_messages_total')), 'messages by {{way}}'], [`sum(${rate('postfix_received_recipients_total')})`, 'recipients']] },
		{ title: 'What became of recipients', unit: 'reqps', queries: [[sum('result', rate('postfix_deliveries_total')), '{{result}}'], [`sum(${rate('postfix_delivery_attempts_total')})`, 'attempts']] },
		{ title: 'Delay of deliveries', unit: 's', queries: [0.5, 0.9, 0.99].map((q) => [quantile(q, 'postfix_delivery_delay_seconds'), `${q * 100} % within`]) },
	] },
	{ title: 'Deferrals by kind', panels: [
		{ title: 'Attempts deferred, by kind', unit: 'reqps', stack: true, queries: [[sum('kind', rate('postfix_deferrals_total')), '{{kind}}']] },
		{ title: 'The ten most frequent diagnoses', unit: 'reqps', queries: [[`topk(10, ${sum('diagnosis', rate('postfix_deferrals_total'))})`, '{{diagnosis}}']] },
		{ title: 'Recipients that wait, by severity', stack: true, queries: [[sum('severity', of('postfix_queue_diagnosis_recipients')), '{{severity}}']] },
		{ title: 'Recipients that wait, by diagnosis', queries: [[`topk(10, ${sum('diagnosis', of('postfix_queue_diagnosis_recipients'))})`, '{{diagnosis}}']] },
	] },
	{ title: 'Destinations', panels: [
		{ title: 'Recipients that wait', queries: [[`topk(10, ${sum('destination', of('postfix_destination_queued_recipients'))})`, '{{destination}}']] },
		{ title: 'Oldest that waits', unit: 's', queries: [[`topk(10, max by (destination) (${of('postfix_destination_oldest_message_age_seconds')}))`, '{{destination}}']] },
		{ title: 'Since mail was last taken', unit: 's', queries: [[`topk(10, time() - max by (destination) (${of('postfix_destination_last_success_timestamp_seconds')}))`, '{{destination}}']] },
	] },
	{ title: 'Ages and expiry', panels: [
		{ title: 'Messages by age in minutes', stack: true, queries: [[sum('age_minutes', of('postfix_queue_age_messages')), '{{age_minutes}}']] },
		{ title: 'Lifetime ends within', queries: [[sum('within', of('postfix_queue_expiring_messages')), '{{within}}']] },
		{ title: 'Oldest by queue', unit: 's', queries: [[`max by (queue) (${of('postfix_queue_oldest_message_age_seconds')})`, '{{queue}}']] },
		{ title: 'Due now', queries: [[of('postfix_queue_due_messages'), '{{instance}}']] },
	] },
	{ title: "Senders' shares", panels: [
		{ title: 'Part of the queue that the largest has', unit: 'percentunit', queries: [[`max by (by) (${of('postfix_sender_top_share_ratio')})`, 'largest {{by}}']] },
		{ title: 'Notices among what is taken in', unit: 'percentunit', queries: [[`sum(${rate('postfix_received_messages_total', 'way="notice"')}) / sum(${rate('postfix_received_messages_total')})`, 'bounces and notices']] },
	] },
	{ title: 'Postroom itself', panels: [
		{ title: 'How old the picture is', unit: 's', queries: [[of('postroom_source_age_seconds'), 'queue {{instance}}'], [of('postroom_survey_age_seconds'), 'survey {{instance}}'], [of('postroom_log_lag_seconds'), 'log {{instance}}']] },
		{ title: 'Processes', queries: [[of('postroom_role_up'), '{{role}} runs'], [`increase(${of('postroom_role_restarts_total')}[1h])`, '{{role}} started again'],
			[`increase(${of('postroom_log_unreadable_lines_total')}[1h])`, 'lines of the log not understood']] },
		{ title: 'Slowest of twenty requests', unit: 's', queries: [[quantile(0.95, 'postroom_http_request_duration_seconds', 'route'), '{{route}}']] },
		{ title: 'Messages of jobs, an hour', queries: [[sum('action, outcome', `increase(${of('postroom_job_messages_total')}[1h])`), '{{action}} {{outcome}}'], [sum('action, state', `increase(${of('postroom_jobs_total')}[1h])`), 'jobs: {{action}} {{state}}']] },
		{ title: 'Pauses and tests', queries: [[sum('kind', of('postroom_pauses')), 'pauses: {{kind}}'], [`sum(${of('postroom_pauses_not_holding')})`, 'pauses that do not hold'], [sum('outcome', `increase(${of('postroom_probes_total')}[1h])`), 'tests in an hour: {{outcome}}']] },
		{ title: 'Alerts', queries: [[sum('result', `increase(${of('postroom_alerts_total')}[1h])`), 'in an hour: {{result}}'], [`sum(${of('postroom_alerts_waiting')})`, 'waiting'], [`sum(${of('postroom_alert_channels_failing')})`, 'channels that fail']] },
		{ title: 'Processor and memory', queries: [[rate('process_cpu_seconds_total'), 'processors {{instance}}'], [`${of('process_resident_memory_max_bytes')} / 1048576`, 'MiB at most {{instance}}'],
			[`(time() - ${of('process_start_time_seconds')}) / 3600`, 'hours up {{instance}}']] },
	] },
];

module.exports = { ROWS };
