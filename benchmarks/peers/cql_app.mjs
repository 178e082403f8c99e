// cql-execution with cql-exec-fhir: library, executor and FHIR model are made once and used again.
import http from "node:http";
import cqlExecFhir from "cql-exec-fhir";
import cql from "cql-execution";
import { card } from "./question.mjs";

const path = (name, from) => ({ type: "Property", path: name, ...from });
const literal = (value) => ({ type: "Literal", valueType: "{urn:hl7-org:elm-types:r1}String", value });
const retrieve = (kind) => ({ type: "Retrieve", dataType: `{http://hl7.org/fhir}${kind}` });
const query = (alias, expression, where, more = {}) => ({
  type: "Query", source: [{ alias, expression }], relationship: [], where, ...more,
});
const coded = (alias, test, code) => ({
  type: "Exists",
  operand: query("X", path("coding", { source: path("code", { scope: alias }) }), {
    type: test, operand: [path("value", { source: path("code", { scope: "X" }) }), literal(code)],
  }),
});
const has = (name, start) => ({
  name, context: "Patient",
  expression: { type: "Exists", operand: query("C", retrieve("Condition"), coded("C", "StartsWith", start)) },
});
const elm = {
  library: {
    identifier: { id: "Question", version: "1" },
    schemaIdentifier: { id: "urn:hl7-org:elm", version: "r1" },
    usings: { def: [
      { localIdentifier: "System", uri: "urn:hl7-org:elm-types:r1" },
      { localIdentifier: "FHIR", uri: "http://hl7.org/fhir", version: "4.0.1" },
    ] },
    statements: { def: [
      { name: "Patient", context: "Patient", expression: { type: "SingletonFrom", operand: retrieve("Patient") } },
      has("Metastasis", "C78.0"),
      has("Primary", "C18"),
      { name: "Cea", context: "Patient",
        expression: query("O", retrieve("Observation"), coded("O", "Equal", "2039-6"), {
          return: { expression: path("value", { source: path("value", { source: path("value", { scope: "O" }) }) }) },
        }) },
    ] },
  },
};

const executor = new cql.Executor(new cql.Library(elm));
const source = cqlExecFhir.PatientSource.FHIRv401();

async function answer(request) {
  const entry = Object.values(request.prefetch).flatMap((held) => held.entry ?? [{ resource: held }]);
  source.loadBundles([{ resourceType: "Bundle", type: "collection", entry: entry.filter((item) => item.resource.id) }]);
  const results = await executor.exec(source);
  source.reset();
  const found = Object.values(results.patientResults)[0];
  return found.Metastasis && found.Primary ? card(found.Cea.at(-1)) : { cards: [] };
}

http.createServer(async (request, reply) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const said = request.method === "GET" ? { status: "pass" } : await answer(JSON.parse(Buffer.concat(parts)));
  reply.setHeader("Content-Type", "application/json");
  reply.end(JSON.stringify(said));
}).listen(Number(process.argv[2]), "127.0.0.1");
