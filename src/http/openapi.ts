/** The OpenAPI 3.1 document of what is served, generated from the operations. */
import { z } from 'zod'
import type { Operation } from '../api/operation.ts'
import { components, envelope } from '../wire/shape.ts'

type Json = Record<string, unknown>

const security = { project: [{ project: [] }], workspace: [{ workspace: [] }], public: [] }

const ErrorReply: Json = {
  type: 'object',
  properties: {
    status_code: { type: 'integer' },
    request_id: { type: 'string' },
    error_type: { type: 'string', description: 'A stable name of the refusal, to switch on.' },
    error_message: { type: 'string', description: 'A sentence for people.' },
    error_url: { type: 'string' },
  },
  required: ['status_code', 'request_id', 'error_type', 'error_message', 'error_url'],
}

/** Builds the document. Components carry the names of the published contract. */
export function openapi(operations: Operation[]): Json {
  const requests = z.registry<{ id: string }>()
  const replies = z.registry<{ id: string }>()
  for (const [id, schema] of components) replies.add(schema, { id })
  for (const { name, body, has_body, reply } of operations) {
    if (has_body) requests.add(body, { id: `${name}Request` })
    replies.add(z.strictObject({ ...envelope, ...reply.shape }), { id: `${name}Response` })
  }
  for (const [id, schema] of components) requests.add(schema, { id })

  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Selvage',
      version: '1',
      description: 'A self-hosted authentication server, compatible with the Stytch API.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      // A component that requests and replies share is published as requests may send it, which is the weaker promise.
      schemas: { ErrorReply, ...schemas(replies, 'output'), ...schemas(requests, 'input') },
      securitySchemes: {
        project: { type: 'http', scheme: 'basic', description: 'User name: project id. Password: a secret of it.' },
        workspace: { type: 'http', scheme: 'basic', description: 'User name: workspace key id. Password: its secret.' },
      },
    },
  }
}

function schemas(registry: z.core.$ZodRegistry<{ id: string }>, io: 'input' | 'output'): Json {
  const { schemas } = z.toJSONSchema(registry, {
    io,
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema }) => plain(jsonSchema),
  })
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]))
}

/** Takes out what is true of all JSON, and what would forbid replies to grow. */
function plain(schema: z.core.JSONSchema.BaseSchema): void {
  delete schema.propertyNames
  if (schema.additionalProperties === false) delete schema.additionalProperties
  if (schema.multipleOf === 1) {
    schema.type = 'integer'
    delete schema.multipleOf
  }
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
}

function describe({ name, summary, caller, path, query, has_body, status, sdk }: Operation): Json {
  const reference = (suffix: string) => ({
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}${suffix}` } } },
  })
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => ({
      name: field,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...Object.entries(query.shape).map(([field, schema]) => ({
      name: field,
      in: 'query',
      required: !(schema as z.ZodType).isOptional(),
      schema: { type: 'string' },
    })),
  ]
  const error = {
    description: 'A refusal.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorReply' } } },
  }
  return {
    operationId: name,
    summary,
    ...(sdk ? { 'x-sdk': sdk } : {}),
    security: security[caller],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(has_body ? { requestBody: reference('Request') } : {}),
    responses: {
      [status]: { description: 'Success.', ...reference('Response') },
      ...(caller === 'public' ? {} : { 401: error }),
      '4XX': error,
      '5XX': error,
    },
  }
}
