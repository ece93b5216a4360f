/* Short names for the schemas of api/openapi.yaml. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Message = Schemas['Message'];
export type MessageDetail = Schemas['MessageDetail'];
export type RecipientDetail = Schemas['RecipientDetail'];
export type Recipient = Schemas['Recipient'];
export type Attempt = Schemas['Attempt'];
export type LogEvent = Schemas['LogEvent'];
export type Diagnosis = Schemas['Diagnosis'];
export type Schedule = Schemas['Schedule'];
export type MessageContent = Schemas['MessageContent'];
export type Part = Schemas['Part'];
export type Group = Schemas['Group'];
export type Groups = Schemas['Groups'];
export type GroupField = Schemas['GroupField'];
export type GroupTable = Schemas['GroupTable'];
export type GroupRow = Schemas['GroupRow'];
export type FilterExplanation = Schemas['FilterExplanation'];
export type FilterChip = Schemas['FilterChip'];
export type FilterCompletions = Schemas['FilterCompletions'];
export type FilterCompletion = Schemas['FilterCompletion'];
export type View = Schemas['View'];
export type Rows = Schemas['Rows'];
export type Row = Schemas['Row'];
export type Action = Schemas['Action'];
export type Preview = Schemas['Preview'];
export type Job = Schemas['Job'];
export type JobItem = Schemas['JobItem'];
export type Outcome = Schemas['Outcome'];
export type Result = keyof NonNullable<Job['results']>;
export type QueueSummary = Schemas['QueueSummary'];
export type QueueName = Schemas['Queue'];
export type Warning = Schemas['Warning'];
export type Settings = Schemas['Settings'];
export type Setting = Schemas['Setting'];
export type SettingName = Schemas['SettingName'];
export type SettingsPreview = Schemas['SettingsPreview'];
export type SettingsChange = Schemas['SettingsChange'];
export type RetrySchedule = Schemas['RetrySchedule'];
export type History = Schemas['History'];
export type Series = Schemas['Series'];
export type HistorySample = Schemas['HistorySample'];
export type Incidents = Schemas['Incidents'];
export type Incident = Schemas['Incident'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type IncidentNote = Schemas['IncidentNote'];
export type LastHourLine = Schemas['LastHourLine'];
export type SavedView = Schemas['SavedView'];
export type Me = Schemas['Me'];
export type Sort = Schemas['Sort'];

/** What the server says of a failure; `unreachable` is the page's own word for no answer at all. */
export type Problem = Omit<Schemas['Problem'], 'code' | 'type'> & { code: Schemas['Problem']['code'] | 'unreachable' | 'unreadable' };

/** What an action or a preview is about: a frozen view less exceptions, messages by name, or what a job did that is taken back. */
export type Target = { view: string; except?: string[] } | { ids: string[] } | { undoes: number };
export type User = Schemas['User'];
export type Role = Schemas['Role'];
export type Trace = Schemas['Trace'];
export type TracedMessage = Schemas['TracedMessage'];
export type TracedRecipient = Schemas['TracedRecipient'];
