import Fastify from "fastify";
import { answer } from "./question.mjs";

const app = Fastify({ bodyLimit: 20 * 1024 * 1024 });
app.get("/health/live", async () => ({ status: "pass" }));
app.post("/question", async (request) => answer(request.body));
await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
