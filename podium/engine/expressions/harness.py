"""
The JavaScript around every script: it binds ``$``, evaluates, and turns the result into JSON text.

`CORE` is evaluated in the fresh context before the script, so it captures the built-in functions while they are still
what they should be. It is kept small, because each evaluation pays for compiling it; what only some scripts need is
compiled when it is needed, from the other texts, and uses nothing global. Everything that touches values of the
script happens inside the one call of `CORE`, and so under the context's limits; only strings leave it.
"""

from __future__ import annotations

#: A function of (script, bindings as JSON, preparation or "", longest result in characters, `ENCODE`, `DESCRIBE`).
#: It answers ``true``, ``false``, ``null``, an array of the result as JSON (stand-ins are in it for NaN and Infinity),
#: or ``E`` + line + newline + message; never a text that ``+`` put together, because the binding reads flat ones only.
#:
#: The locks on InternalError matter: an interrupted script surfaces as one, and the binding then asks it for its text
#: and its stack after the time limit was lifted.
CORE = r"""(() => {
'use strict';
const { parse, stringify, rawJSON } = JSON, text = String, run = eval, { defineProperty } = Object, root = globalThis;
const kit = { stringify, rawJSON, text, Number, Object, Map, BigInt, ArrayBuffer, DataView, RangeError,
  call: Reflect.apply, exec: RegExp.prototype.exec, join: Array.prototype.join,
  stack: Object.getOwnPropertyDescriptor(Error.prototype, 'stack').get };
delete Error.prepareStackTrace;
defineProperty(InternalError.prototype, Symbol.toPrimitive, { value() { return 'InternalError: ' + this.message; } });
defineProperty(InternalError.prototype, 'stack', { value: '' });
return (script, bindings, prepare, limit, encode, describe) => {
  let inScript = false;
  try {
    const input = parse(bindings);
    if (prepare !== '') run(prepare)(input);
    defineProperty(root, '$', { __proto__: null, value: input, writable: true, configurable: true });
    inScript = true;
    const value = run(script);
    inScript = false;
    switch (typeof value) {
      case 'boolean': return value ? 'true' : 'false';
      case 'undefined': return 'null';
    }
    return run(encode)(value, limit, kit);
  } catch (problem) { return run(describe)(problem, inScript, kit); }
};
})()"""

#: What stands for NaN and the infinities in JSON text: numbers that no double has, so no script can write them.
NAN, INFINITY, MINUS_INFINITY = "1e999", "2e999", "-2e999"

#: Turns a result into JSON by the rules of GraalJS's host conversion.
ENCODE = (
    r"""((value, limit, kit) => {
  const { stringify, rawJSON, text, Number, Object, Map, BigInt, ArrayBuffer, DataView, RangeError, call, exec } = kit;
  const number = (value) => {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
    if (!Number.isFinite(value)) return rawJSON(value !== value ? 'NAN' : value > 0 ? 'INFINITY' : 'MINUS');
    const digits = text(value);
    return rawJSON(value === 0 ? '-0.0' : call(exec, /[.e]/, [digits]) ? digits : digits + '.0');
  };
  const result = stringify([value], function (key) {
    const item = this[key];
    switch (typeof item) {
      case 'number': return number(item);
      case 'undefined': return null;
      case 'bigint': return BigInt.asIntN(64, item) === item ? rawJSON(text(item)) : {};
      case 'symbol': return {};
      case 'function': return { ...item };
    }
    if (item instanceof Map) return Object.fromEntries(item);
    if (ArrayBuffer.isView(item) && !(item instanceof DataView)) return [...item];
    return item;
  });
  if (result.length > limit) throw new RangeError('the result is larger than ' + limit + ' characters');
  return result;
})""".replace("NAN", NAN)
    .replace("INFINITY", INFINITY)
    .replace("MINUS", MINUS_INFINITY)
)

#: Tells what a script threw, without trusting it to have a text.
DESCRIBE = r"""((problem, inScript, { text, call, exec, stack, join }) => {
  let line = '', message = 'the thrown value cannot be shown';
  try {
    message = text(problem);
    if (inScript) line = call(exec, /<input>:(\d+)/, [call(stack, problem, [])])?.[1] ?? '';
  } catch {}
  return call(join, ['E', line, '\n', message.slice(0, 2000)], ['']);
})"""

#: Java's methods on maps and lists, for scripts that were written against host objects.
JAVA_METHODS = r"""
  const hidden = (target, members) => {
    for (const name of Object.keys(members))
      Object.defineProperty(target, name, { value: members[name], writable: true, configurable: true });
    return target;
  };
  const map = hidden(Object.create(Object.prototype), {
    containsKey(key) { return Object.hasOwn(this, key); },
    entrySet() { return Object.entries(this).map(([key, value]) => ({ getKey: () => key, getValue: () => value })); },
    get(key) { return Object.hasOwn(this, key) ? this[key] : null; },
    getOrDefault(key, otherwise) { return Object.hasOwn(this, key) ? this[key] : otherwise; },
    isEmpty() { return Object.keys(this).length === 0; },
    keySet() { return Object.keys(this); },
    size() { return Object.keys(this).length; },
    values() { return Object.values(this); },
  });
  const list = hidden(Object.create(Array.prototype), {
    contains(item) { return this.includes(item); },
    get(index) { return this[index]; },
    isEmpty() { return this.length === 0; },
    size() { return this.length; },
  });
  const visit = (item) => {
    if (item === null || typeof item !== 'object') return;
    for (const key of Object.keys(item)) visit(item[key]);
    Object.setPrototypeOf(item, Array.isArray(item) ? list : map);
  };
  visit(input);
"""

#: Puts integers that a double cannot hold back in as BigInts; JSON.stringify writes them exactly.
BIG_INTEGERS = r"""
  Object.defineProperty(BigInt.prototype, 'toJSON', { value() { return JSON.rawJSON(String(this)); } });
  for (const [path, digits] of PATCHES) {
    let target = input;
    for (const step of path.slice(0, -1)) target = target[step];
    target[path.at(-1)] = BigInt(digits);
  }
"""
