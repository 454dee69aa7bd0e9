// What every program in JavaScript prints by: a line of JSON for each step.

import { readFileSync } from "node:fs";

const plain = (_key, value) => {
  if (typeof value === "bigint") return value.toString();
  if (value && value.type === "Buffer") return "\\x" + Buffer.from(value.data).toString("hex");
  return value === undefined ? null : value;
};

export const say = (step, value) => console.log(JSON.stringify({ step, value: value === undefined ? null : value }, plain));

export async function fails(step, doing) {
  try {
    await doing();
  } catch (error) {
    const cause = error.original ?? error.driverError ?? error.cause ?? error;
    say("error: " + step, {
      sqlstate: cause.code,
      message: cause.message,
      position: cause.position,
      constraint: cause.constraint ?? cause.constraint_name,
    });
    return;
  }
  throw new Error(step + ": no error");
}

export const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;

export const sample = {
  id: 1000,
  small: -7,
  big: "9007199254740993",
  amount: "12345678.900001",
  ratio: 0.1,
  words: "grüße, 世界 🚢 'quoted' \"and\" \\ %s $1",
  code: "abc",
  flag: true,
  day: "2024-02-29",
  hour: "23:59:58.123456",
  at: new Date("2024-03-30T20:00:00.005Z"),
  wall: "1999-12-31 23:59:59",
  uid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  bytes: Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  doc: { a: [1, null, "ü"], b: { c: true } },
  numbers: [1, null, -3],
  names: ["plain", "with, comma", 'with "quote"', "", null],
};
export const empty = Object.fromEntries(Object.keys(sample).map((key) => [key, key === "id" ? 1001 : null]));
export const columns = Object.keys(sample);

export const failures = [
  ["syntax", "SELEC 1", []],
  ["column", "SELECT nothing FROM books", []],
  ["relation", "SELECT 1 FROM nowhere", []],
  ["division", "SELECT 1 / (id - 3) FROM books ORDER BY id", []],
  ["check", "UPDATE books SET price = -$1::int", [1]],
  ["foreign key", "INSERT INTO books (author_id, title) VALUES ($1, 'x')", [77]],
  ["not null", "INSERT INTO authors (email) VALUES ('x')", []],
  ["cast", "SELECT $1::text::int", ["x"]],
  ["unique", "INSERT INTO authors (id, email, name) VALUES (1, 'x', 'x')", []],
];
