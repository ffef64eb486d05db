// URLs of queues: what they say, and that what may be a password is never repeated.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQueueUrl } from "../../../src/sweep/queue/address.ts";

const parse = (text: string) => parseQueueUrl(text, {});

describe("the URL of a queue", () => {
  test("says where it is, as whom, in which database and under which names", () => {
    const { options, ...rest } = parse("rediss://me:s%40crét@redis.example:6380/3?prefix=ours&queue=tonight");
    expect(options).toEqual({
      host: "redis.example",
      port: 6380,
      db: 3,
      username: "me",
      password: "s@crét",
      tls: { servername: "redis.example" },
    });
    expect(rest).toEqual({ shown: "redis.example:6380/3", prefix: "ours", queue: "tonight" });
  });

  test("needs a host only", () => {
    expect(parse("redis://localhost")).toEqual({
      shown: "localhost:6379",
      options: { host: "localhost", port: 6379, db: 0 },
      prefix: "mpam",
      queue: "sweep",
    });
    expect(parse("redis://[::1]:7").options).toMatchObject({ host: "::1", port: 7 });
    expect(parse("rediss://127.0.0.1").options.tls).toEqual({});
  });

  test("may leave the password to the environment, which a list of processes does not show", () => {
    expect(parseQueueUrl("redis://me@host", { MPAM_QUEUE_PASSWORD: "s" }).options).toMatchObject({ password: "s" });
    expect(parseQueueUrl("redis://me:t@host", { MPAM_QUEUE_PASSWORD: "s" }).options).toMatchObject({ password: "t" });
  });

  test.each([
    ["host:6379", /it begins with 'host:'/],
    ["http://host", /it begins with 'http:'/],
    ["redis://", /there is no host/],
    ["redis:///1", /there is no host/],
    ["redis://host/one", /its database is no number/],
    ["redis://host#1", /there is a '#'/],
    ["redis://host?prefix=a:b", /prefix is made of letters/],
    ["redis://host?lock=1", /prefix and queue are known/],
    ["redis://:%zz@host", /its password cannot be read/],
    ["", /this is no URL/],
  ])("%s is refused in one line", (text, says) => {
    expect(() => parse(text)).toThrow(says);
    expect(() => parse(text)).toThrow(/redis:\/\/\[USER:PASSWORD@\]HOST.* is needed/);
  });

  test("is never repeated with its password, whatever is wrong with it", () => {
    const schemes = ["redis", "rediss", "http", "rdis", ""];
    const password = fc.stringMatching(/^[a-zA-Z0-9#?/@:% ]{6,20}$/).filter((text) => /[A-Z]{2}/.test(text));
    fc.assert(
      fc.property(
        fc.constantFrom(...schemes),
        password,
        fc.constantFrom("/0", "/x", "?a=b", "#c"),
        (scheme, secret, rest) => {
          let said = "";
          try {
            said = parse(`${scheme}://user:${secret}@host:6379${rest}`).shown;
          } catch (error) {
            said = (error as Error).message.replace(/redis:\/\/\[USER.*$/, "");
          }
          for (const piece of secret.split(/[^a-zA-Z0-9]/)) if (piece.length > 4) expect(said).not.toContain(piece);
        },
      ),
    );
  });
});
