export { register, temporaryDirectory } from './cleanup.mjs';
export { checkReply, contract, operationFor, schemaProblem } from './contract.mjs';
export { freePort } from './ports.mjs';
export { Postfix } from './postfix.mjs';
export { Postroom, binary } from './postroom.mjs';
export { Sink } from './sink.mjs';
export { SmtpClient, plainMessage } from './smtp.mjs';
export { until } from './wait.mjs';
export { INSIDE, prefixScript } from './prefix.mjs';
