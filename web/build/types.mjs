/* Writes src/api/schema.d.ts, the types of everything that the API takes and gives, from api/openapi.yaml. */
import openapi, { astToString } from 'openapi-typescript';
import { writeFileSync } from 'node:fs';

const source = new URL('../../api/openapi.yaml', import.meta.url);
const target = new URL('../src/api/schema.d.ts', import.meta.url);
const types = await openapi(source, { alphabetize: false });
writeFileSync(target, `/* Made from api/openapi.yaml by build/types.mjs. */\n${astToString(types)}`);
