import express from "express";
import { answer } from "./question.mjs";

const app = express();
app.use(express.json({ limit: "20mb" }));
app.get("/health/live", (_, reply) => reply.json({ status: "pass" }));
app.post("/question", (request, reply) => reply.json(answer(request.body)));
app.listen(Number(process.argv[2]), "127.0.0.1");
