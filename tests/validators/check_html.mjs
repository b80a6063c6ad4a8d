// Prints the errors of html-validate as JSON: [[file, line, column, rule, message], ...].
//     node check_html.mjs FOLDER_WITH_NODE_MODULES LETTER.html ...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, ...letters] = process.argv.slice(2);
const { HtmlValidate } = createRequire(resolve(folder, "package.json"))("html-validate");
const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:standard", "html-validate:a11y"],
  rules: {
    // Outlook on Windows reads align, valign, width, border, cellpadding and cellspacing, and no CSS in their place.
    "no-deprecated-attr": "off",
    // MJML's role="article" on the letter's own <div>; Outlook shows no <article>.
    "prefer-native-element": "off",
  },
});
const told = [];
for (const letter of letters) {
  const report = await validator.validateString(readFileSync(letter, "utf8"), letter);
  for (const { messages } of report.results) {
    for (const { line, column, ruleId, message } of messages) told.push([letter, line, column, ruleId, message]);
  }
}
console.log(JSON.stringify(told));
