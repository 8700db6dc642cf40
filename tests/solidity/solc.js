// The compiler as forge wants to call it: `--version`, or `--standard-json` with the request on stdin.
// Usage: node solc.js FOLDER_OF_THE_PACKAGE_SOLC ARGUMENTS...
"use strict";
const fs = require("fs");
const path = require("path");

const [folder, ...wishes] = process.argv.slice(2);

if (wishes.includes("--version")) {
  // Loading the compiler takes a second, and forge asks for the version many times.
  console.log(`Version: ${require(path.join(folder, "package.json")).version}+commit.00000000`);
} else {
  const compiler = require(path.join(folder, "index.js"));
  const answer = Buffer.from(compiler.compile(fs.readFileSync(0, "utf8")));
  for (let written = 0; written < answer.length; ) {
    try {
      written += fs.writeSync(1, answer, written);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error; // the pipe is full: go on when forge has read
    }
  }
}
