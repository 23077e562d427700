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
#: or ``E`` (an error) or ``V`` (anything else that was thrown) + line + ``:`` + column + newline + message; never a
#: text that ``+`` put together, because the binding reads flat ones only.
#:
#: The locks on InternalError matter: an interrupted script surfaces as one, and the binding then asks it for its text
#: and its stack after the time limit was lifted.
CORE = r"""(() => {
'use strict';
const { parse, stringify, rawJSON, isRawJSON } = JSON, { defineProperty } = Object;
const text = String, run = eval, root = globalThis;
const kit = { stringify, rawJSON, isRawJSON, text, Number, Object, Map, BigInt, ArrayBuffer, DataView, RangeError,
  Error, call: Reflect.apply, exec: RegExp.prototype.exec, join: Array.prototype.join,
  fit: String.prototype.toWellFormed, own: Object.prototype.hasOwnProperty,
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
  const { stringify, rawJSON, isRawJSON, text, Number, Object, Map, BigInt, ArrayBuffer, DataView, RangeError } = kit;
  const { call, exec } = kit;
  const number = (value) => {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
    if (!Number.isFinite(value)) return rawJSON(value !== value ? 'NAN' : value > 0 ? 'INFINITY' : 'MINUS');
    if (Number.isInteger(value) && value !== 0 && value >= -LONG && value < LONG) return rawJSON(text(BigInt(value)));
    const digits = text(value);
    return rawJSON(value === 0 ? '-0.0' : call(exec, /[.e]/, [digits]) ? digits : digits + '.0');
  };
  const result = stringify([value], function (key, asJSON) {
    const item = this[key];
    switch (typeof item) {
      case 'number': return number(item);
      case 'undefined': return null;
      case 'bigint': return rawJSON(text(item));
      case 'symbol': return {};
      case 'function': return { ...item };
    }
    if (isRawJSON(asJSON)) return asJSON;
    if (item instanceof Map) return Object.fromEntries(item);
    if (ArrayBuffer.isView(item) && !(item instanceof DataView)) return [...item];
    return item;
  });
  if (result.length > limit) throw new RangeError('the result is larger than ' + limit + ' characters');
  return result;
})""".replace("NAN", NAN)
    .replace("INFINITY", INFINITY)
    .replace("MINUS", MINUS_INFINITY)
    .replace("LONG", str(2**63))
)

#: Tells what a script threw, without trusting it to have a text. GraalJS calls an object by its own name, or by its
#: class's.
DESCRIBE = r"""((problem, inScript, { text, call, exec, stack, join, fit, own, Error }) => {
  const isObject = (typeof problem === 'object' && problem !== null) || typeof problem === 'function';
  let kind = 'V', line = '', column = '', message = 'the thrown value cannot be shown';
  try {
    if (typeof problem === 'bigint') message = text(problem) + 'n';
    else if (!isObject) message = problem === 0 && 1 / problem < 0 ? '-0' : text(problem);
    else {
      const place = problem instanceof Error ? call(exec, /<input>:(\d+):(\d+)/, [call(stack, problem, [])]) : null;
      if (problem instanceof Error) kind = 'E';
      if (inScript && place) [, line, column] = place;
      const given = call(own, problem, ['name']) ? problem.name : '', made = problem.constructor?.name;
      const name = given && typeof given === 'string' ? given : !made || made === 'Object' ? 'Error' : text(made);
      const words = problem.message;
      message = words && typeof words === 'string' ? name + ': ' + words : name;
    }
  } catch {}
  return call(join, [kind, line, ':', column, '\n', call(fit, message.slice(0, 2000), [])], ['']);
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
    put(key, value) { const old = this.get(key); this[key] = value; return old; },
    putAll(other) { Object.assign(this, other); },
    remove(key) { const old = this.get(key); delete this[key]; return old; },
    size() { return Object.keys(this).length; },
    values() { return Object.values(this); },
  });
  const list = hidden(Object.create(Array.prototype), {
    add(...given) { if (given.length > 1) this.splice(given[0], 0, given[1]); else this.push(given[0]); return true; },
    addAll(items) { this.push(...items); return items.length > 0; },
    contains(item) { return this.includes(item); },
    get(index) { return this[index]; },
    isEmpty() { return this.length === 0; },
    remove(index) { return this.splice(index, 1)[0]; },
    set(index, item) { return this.splice(index, 1, item)[0]; },
    size() { return this.length; },
  });
  const visit = (item) => {
    if (item === null || typeof item !== 'object') return;
    for (const key of Object.keys(item)) visit(item[key]);
    Object.setPrototypeOf(item, Array.isArray(item) ? list : map);
  };
  visit(input);
"""

#: Puts integers that no double holds in: numbers to arithmetic, which rounds them, and exact to all else.
#: ``+`` and ``==`` see a BigInt, so that a text gets all digits; adding a number to it is refused, because it would be
#: one or the other. There is one object per value, so that ``===`` compares them.
BIG_INTEGERS = r"""
  const { isInteger } = Number, { rawJSON } = JSON, Whole = BigInt, made = new Map();
  class BigNumber extends Number {
    #value;
    constructor(digits) { super(digits); this.#value = Whole(digits); }
    [Symbol.toPrimitive](hint) {
      return hint === 'number' ? +this.#value.toString() : hint === 'string' ? this.#value.toString() : this.#value;
    }
    toString(radix) { return this.#value.toString(radix); }
    toJSON() { return rawJSON(this.#value.toString()); }
    static whole(value) {
      return typeof value === 'object' && value !== null && #value in value ? value.#value : value;
    }
  }
  globalThis.BigInt = new Proxy(Whole, { apply: (target, self, [value]) => target(BigNumber.whole(value)) });
  Number.isInteger = (value) => isInteger(value) || BigNumber.whole(value) !== value;
  for (const [path, digits] of PATCHES) {
    let target = input;
    for (const step of path.slice(0, -1)) target = target[step];
    if (!made.has(digits)) made.set(digits, new BigNumber(digits));
    target[path.at(-1)] = made.get(digits);
  }
  Whole.prototype.toJSON = function () { return rawJSON(this.toString()); };
"""
