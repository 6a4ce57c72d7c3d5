"""Writes msgpack-vectors.jsonl beside this file: {"value": description, "hex": bytes as Python's msgpack packs them}.

A description is [type, content]: integers as decimal text and doubles as the hex of their bits, so that JSON loses nothing;
strings and binaries of one repeated byte as {"repeat": text or hex, "count": n}, so that the file stays small, and then
"hex" holds the head alone.
"""
import json, pathlib, random, struct
import msgpack

random.seed(20261122)
BOUNDARIES = sorted({sign * (1 << bits) + delta for bits in (0, 5, 7, 8, 15, 16, 31, 32, 63) for sign in (1, -1)
                     for delta in (-1, 0, 1)} | {0, (1 << 64) - 1, (1 << 64) - 2})
LENGTHS = (0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536)
TEXTS = ("", "a", "relay", "_stamp", "grüße", "日本語", "\U0001f600", "a\nb", "\x00", "e\u0301")


def describe(value):
    if value is None: return ["null"]
    if isinstance(value, bool): return ["bool", value]
    if isinstance(value, int): return ["int", str(value)]
    if isinstance(value, float): return ["double", struct.pack(">d", value).hex()]
    if isinstance(value, str): return ["string", value]
    if isinstance(value, bytes): return ["binary", value.hex()]
    if isinstance(value, msgpack.ExtType): return ["ext", [value.code, value.data.hex()]]
    if isinstance(value, list): return ["array", [describe(element) for element in value]]
    return ["map", [[describe(key), describe(element)] for key, element in value.items()]]


def scalar():
    return random.choice((
        lambda: None, lambda: random.random() < 0.5, lambda: random.getrandbits(random.randrange(1, 65)),
        lambda: -random.getrandbits(random.randrange(1, 64)), lambda: random.uniform(-1e9, 1e9),
        lambda: "".join(random.choice("abcäö/日😀") for _ in range(random.randrange(40))),
        lambda: random.randbytes(random.randrange(40)),
        lambda: msgpack.ExtType(random.randrange(128), random.randbytes(random.randrange(20)))))()


def tree(depth):
    if depth == 0 or random.random() < 0.4: return scalar()
    if random.random() < 0.5: return [tree(depth - 1) for _ in range(random.randrange(5))]
    return {f"k{index}": tree(depth - 1) for index in range(random.randrange(5))}


def vectors():
    for number in BOUNDARIES:
        if -(1 << 63) <= number < 1 << 64: yield number
    yield from (None, False, True)
    for number in (0.0, -0.0, 1.5, -1e300, 5e-324, float("inf"), float("-inf")): yield number
    yield from TEXTS
    for count in LENGTHS[:8]: yield [None] * count
    for count in LENGTHS[:8]: yield {number: None for number in range(count)}
    for count in (0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 255, 256): yield msgpack.ExtType(7, bytes(count))
    for _ in range(250): yield tree(4)


with open(pathlib.Path(__file__).with_name("msgpack-vectors.jsonl"), "w") as out:
    for value in vectors():
        line = {"value": describe(value), "hex": msgpack.packb(value, use_bin_type=True).hex()}
        print(json.dumps(line, ensure_ascii=True, separators=(",", ":")), file=out)
    for count in LENGTHS:
        for kind, unit in (("string", "x"), ("binary", "78")):
            value = "x" * count if kind == "string" else b"x" * count
            packed = msgpack.packb(value, use_bin_type=True)
            line = {"value": [kind, {"repeat": unit, "count": count}], "hex": packed[:len(packed) - count].hex()}
            print(json.dumps(line, separators=(",", ":")), file=out)
