// nodemailer's pooled transport: node bench/smtp_nodemailer.mjs FOLDER PORT MESSAGES LETTER CONNECTIONS
// FOLDER has node_modules; LETTER is JSON with html and text. Prints seconds.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [folder, port, messages, letter, connections] = process.argv.slice(2);
const nodemailer = createRequire(`${folder}/package.json`)("nodemailer");
const { html, text } = JSON.parse(readFileSync(letter, "utf8"));
const transport = nodemailer.createTransport({
  pool: true, host: "127.0.0.1", port: Number(port), secure: false, ignoreTLS: true,
  maxConnections: Number(connections), maxMessages: Infinity,
});
let next = 0;
async function work() {
  while (next < Number(messages)) {
    const number = next++;
    const link = `https://news.example.com/u/${String(number).padStart(22, "0")}`;
    await transport.sendMail({
      from: "The Harbour Herald <news@example.com>", to: `A Reader <reader${number}@example.com>`,
      subject: "Harbour board raises mooring dues by 6 per cent", text, html,
      headers: { "List-Unsubscribe": `<${link}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
    });
  }
}
const started = process.hrtime.bigint();
await Promise.all(Array.from({ length: Number(connections) * 2 }, work));
console.log(Number(process.hrtime.bigint() - started) / 1e9);
transport.close();
