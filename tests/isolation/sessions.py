"""What a session has besides its rows: settings, savepoints, channels and advisory locks. Scripts, of which each statement is answered.

Every script leaves the session behind it as new (Way sees to that), so that each can be repeated alone.
"""

from vocabulary import Statement

# Values that show in answers, some of them wrong. Nothing of what Bulkhead pins: a private database lets it be set.
SETTINGS = {
    "TimeZone": ["'Asia/Tokyo'", "'UTC'", "'Europe/Berlin'", "'Nowhere/Atall'", "-7", "DEFAULT"],
    "DateStyle": ["'German'", "ISO, DMY", "'SQL, MDY'", "SQL", "'Postgres, YMD'", "'nonsense'", "DEFAULT"],
    "IntervalStyle": ["'iso_8601'", "sql_standard", "'postgres_verbose'", "DEFAULT"],
    "bytea_output": ["escape", "'hex'", "'base64'"],
    "extra_float_digits": ["0", "-3", "3", "99"],
    "work_mem": ["'5MB'", "100", "'64kB'", "'nonsense'", "DEFAULT"],
    "application_name": ["'oracle'", "''", "'ü€'", "DEFAULT"],
    "statement_timeout": ["'20s'", "60000", "0", "'1min'", "DEFAULT"],
    "lock_timeout": ["'10s'", "20000", "0", "DEFAULT"],
    "enable_hashjoin": ["off", "on", "maybe"],
    "enable_seqscan": ["off", "DEFAULT"],
    "default_transaction_read_only": ["on", "off", "DEFAULT"],
    "default_transaction_isolation": ["'serializable'", "'repeatable read'", "DEFAULT"],
    "xmlbinary": ["hex", "base64"],
    "client_min_messages": ["warning", "error"],
    "join_collapse_limit": ["1", "8"],
}
MODES = ["", "", "", " ISOLATION LEVEL REPEATABLE READ", " ISOLATION LEVEL SERIALIZABLE", " READ ONLY", " READ WRITE",
         " ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE"]
SAVEPOINTS = ["a", "a", "b", '"Point B"', '"a23456789b123456789c123456789d123456789e123456789f123456789g123"']
CHANNELS = ["jobs", '"Jobs Ω"', "a23456789b123456789c123456789d123456789e123456789f123456789g123"]  # the last has 63 bytes
SHOWN = ("SELECT '2024-03-11 12:00+00'::timestamptz, interval '1 day 2 hours', (1 / 3.0)::float8, '\\x4100'::bytea, "
         "placed_on FROM orders WHERE id < 4 ORDER BY id")


class Sessions:
    """Mixed into Generator."""

    def script(self, steps, ordered=False, writes=False, data=()):
        return Statement("; ".join(steps), self.shape(), ordered, writes, script=True, values=tuple(data))

    def anew(self, make):
        """What `make` writes as a statement of its own: names that the one before has introduced are gone."""
        self.parameters = False
        self.ctes, self.bare = {}, set()
        return make()

    def settings(self):
        self.use("settings")
        chosen = self.roll.sample(sorted(SETTINGS), self.pick([1, 2, 2]))
        steps = [self.setting(self.pick(chosen)) for _ in range(self.pick([2, 3, 5, 7]))]
        if self.chance(0.5):  # a transaction's end decides about what was set in it
            self.use("settings-in-transaction")
            begin, end = sorted(self.roll.sample(range(len(steps) + 1), 2))
            inner = steps[begin:end]
            if len(inner) > 1 and self.chance(0.5):
                inner = [inner[0], "SAVEPOINT a", *inner[1:], self.pick(["ROLLBACK TO a", "RELEASE a"])]
            steps = [*steps[:begin], "BEGIN", *inner, self.pick(["COMMIT", "COMMIT", "ROLLBACK", "ROLLBACK AND CHAIN"]), *steps[end:]]
        return self.script([*steps, *(f"SHOW {name}" for name in chosen), SHOWN], ordered=True)

    def setting(self, name):
        value = self.pick(SETTINGS[name])
        local = self.chance(0.3)
        plain = value.strip("'") if value != "DEFAULT" else "on"
        return self.pick([
            lambda: f"SET {self.pick(['', 'SESSION ', 'LOCAL '])}{name} {self.pick(['TO', '='])} {value}",
            lambda: f"SET {self.pick(['', 'LOCAL '])}{name} = {value}",
            lambda: f"SHOW {name}", lambda: f"SELECT current_setting('{name}')", lambda: f"RESET {name}",
            lambda: f"SELECT set_config('{name}', '{plain}', {str(local).lower()})",
            lambda: SHOWN,
            lambda: self.pick(["RESET ALL", "DISCARD ALL", "DISCARD PLANS", "DISCARD TEMP", "DISCARD SEQUENCES", "RESET ROLE", "SET ROLE NONE"]),
            lambda: self.pick(["SET TIME ZONE 'Asia/Tokyo'", "SET TIME ZONE LOCAL", "SET TIME ZONE DEFAULT", "SHOW TIME ZONE"]),
            lambda: self.pick(["SET TRANSACTION READ ONLY", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
                               "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SHOW transaction_isolation", "SHOW transaction_read_only",
                               "SET CONSTRAINTS ALL DEFERRED"])])()

    def transaction(self):
        """Writes, of which savepoints take some back. Step by step an error is no end: ROLLBACK TO brings the session on."""
        self.use("savepoints")
        steps = [f"{self.pick(['BEGIN', 'BEGIN', 'START TRANSACTION'])}{self.pick(MODES)}"]
        for _ in range(self.pick([2, 3, 4])):
            point = self.pick(SAVEPOINTS)
            steps += self.pick([
                lambda: [self.anew(self.write)], lambda: [self.anew(lambda: self.query()[0])],
                lambda: [f"SAVEPOINT {point}", self.anew(self.write), f"ROLLBACK {self.pick(['', 'WORK '])}TO {point}"],
                lambda: [f"SAVEPOINT {point}", self.anew(self.write), f"RELEASE {self.pick(['', 'SAVEPOINT '])}{point}"],
                lambda: [f"SAVEPOINT {point}", "SELECT 1 / 0", f"ROLLBACK TO SAVEPOINT {point}", self.anew(self.write)],
                lambda: [self.pick([f"ROLLBACK TO {point}", f"RELEASE {point}"])] if self.chance(0.2) else [f"SAVEPOINT {point}"]])()
        steps.append(self.pick(["COMMIT", "COMMIT", "COMMIT", "END", "ROLLBACK", "ABORT"]))
        if self.chance(0.15):
            steps[-1:] = [self.pick(["COMMIT AND CHAIN", "ROLLBACK AND CHAIN"]), "SHOW transaction_isolation", self.anew(self.write), "COMMIT"]
        return self.script(steps, writes=True)

    def channels(self):
        """That it succeeds, and that the session hears itself, by the names it knows."""
        self.use("channels")
        channel, other = self.pick(CHANNELS), self.pick(CHANNELS)
        string = "'" + channel.strip('"') + "'"
        steps = [f"LISTEN {channel}"]
        for _ in range(self.pick([1, 2, 3])):
            steps.append(self.pick([
                lambda: f"NOTIFY {channel}", lambda: f"NOTIFY {other}, 'it''s'", lambda: f"LISTEN {other}",
                lambda: f"SELECT pg_notify({string}, 'from a call')",
                lambda: f"SELECT id, pg_notify({string}, status) FROM orders WHERE id < 4 ORDER BY id",
                lambda: self.pick([f"UNLISTEN {other}", "UNLISTEN *"])])())
        if self.chance(0.4):
            steps = [steps[0], "BEGIN", *steps[1:], self.pick(["COMMIT", "ROLLBACK"])]
        return self.script(steps, ordered=True)

    def locks(self):
        self.use("advisory-locks")
        steps = []
        for _ in range(self.pick([2, 3, 5])):
            key, shared = self.pick(["1", "2", "-5", "1, 2", "2, 1", "'7'", "9223372036854775807"]), self.pick(["", "", "_shared"])
            steps.append(self.pick([
                lambda: f"SELECT pg_try_advisory_lock{shared}({key})", lambda: f"SELECT pg_advisory_unlock{shared}({key})",
                lambda: f"SELECT pg_advisory_lock{shared}({key})", lambda: f"SELECT pg_try_advisory_xact_lock{shared}({key})",
                lambda: f"SELECT pg_advisory_xact_lock{shared}({key}) IS NULL", lambda: "SELECT pg_advisory_unlock_all()",
                lambda: f"SELECT id, pg_{self.pick(['try_advisory_lock', 'advisory_unlock'])}(id) AS done FROM orders WHERE id < 4 ORDER BY id",
                lambda: f"SELECT pg_try_advisory_lock((SELECT max(id) FROM orders)::int, {self.pick(['1', '2'])})"])())
        if self.chance(0.4):
            steps = ["BEGIN", *steps, self.pick(["COMMIT", "ROLLBACK"]), self.pick(["SELECT pg_advisory_unlock(1)", "SELECT 1"])]
        return self.script(steps, ordered=True)
