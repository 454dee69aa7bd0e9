"""What every program in Python prints by: a line of JSON for each step."""

import datetime
import decimal
import json
import uuid


def plain(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "\\x" + bytes(value).hex()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, uuid.UUID, datetime.timedelta)):
        return str(value)
    if hasattr(value, "_mapping"):  # SQLAlchemy's rows
        return dict(value._mapping)
    for kind in (dict, list):
        try:
            return kind(value)
        except (TypeError, ValueError):
            pass
    return str(value)


def say(step, value=None):
    print(json.dumps({"step": step, "value": value}, default=plain, ensure_ascii=False), flush=True)


def sqlstate(error):
    original = getattr(error, "orig", None) or error.__cause__ or error
    for name in ("sqlstate", "pgcode"):
        code = getattr(original, name, None) or getattr(error, name, None)
        if code:
            return code
    return None


def say_error(step, error):
    text = str(getattr(error, "orig", None) or error).splitlines()[0]
    say(step, {"sqlstate": sqlstate(error), "message": text})


SAMPLE = {
    "id": 1000, "small": -7, "big": 2**53 + 1, "amount": decimal.Decimal("12345678.900001"), "ratio": 0.1,
    "words": "grüße, 世界 🚢 'quoted' \"and\" \\ %s $1", "code": "abc", "flag": True, "day": datetime.date(2024, 2, 29),
    "hour": datetime.time(23, 59, 58, 123456),
    "at": datetime.datetime(2024, 3, 31, 1, 30, 0, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
    "wall": datetime.datetime(1999, 12, 31, 23, 59, 59), "uid": uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    "bytes": bytes(range(256)), "doc": {"a": [1, None, "ü"], "b": {"c": True}}, "numbers": [1, None, -3],
    "names": ["plain", "with, comma", "with \"quote\"", "", None],
}
EMPTY = {**{key: None for key in SAMPLE}, "id": 1001}
COLUMNS = ", ".join(SAMPLE)
