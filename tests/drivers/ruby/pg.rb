# ruby-pg: prepared statements, pipelines of libpq, COPY with encoders, type maps, single rows, cancel, notifications.
require "pg"
require "json"
$stdout.sync = true

def say(step, value) = puts(JSON.generate({ step: step, value: value }))

def fails(step)
  yield
rescue PG::Error => error
  result = error.result
  say("error: #{step}", [result && result.error_field(PG::PG_DIAG_SQLSTATE), error.message.lines.first.chomp,
    result && result.error_field(PG::PG_DIAG_STATEMENT_POSITION)])
else
  raise "#{step}: no error"
end

say("driver", PG::VERSION)
db = PG.connect(application_name: "ruby-pg")
COLUMNS = "id, small, big, amount, ratio, words, code, flag, day, hour, at, wall, uid, bytes, doc, numbers, names"
places = (1..17).map { |i| "$#{i}" }.join(", ")
binary = { value: (0..255).to_a.pack("C*"), format: 1 }
db.exec_params("INSERT INTO samples (#{COLUMNS}) VALUES (#{places})", [1000, -7, 9007199254740993, "12345678.900001", 0.1,
  "grüße, 世界 🚢 'quoted' \"and\" \\ %s $1", "abc", true, "2024-02-29",
  "23:59:58.123456", "2024-03-31 01:30:00.000005+05:30", "1999-12-31 23:59:59", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", binary, '{"a": [1, null, "ü"]}', "{1,NULL,-3}", '{plain,"with, comma",""}'])
db.exec_params("INSERT INTO samples (#{COLUMNS}) VALUES (#{places})", [1001] + [nil] * 16)
found = db.exec_params("SELECT #{COLUMNS} FROM samples WHERE id >= $1 ORDER BY id", [1000])
say("types", [found.values, found.fields, (0...found.nfields).map { |i| [found.ftype(i), found.fmod(i), found.fformat(i)] }])
say("binary", db.exec_params("SELECT id, big, flag, bytes FROM samples WHERE id >= $1 ORDER BY id", [1000],
  1).values.map { |row| row.map { |v| v && v.unpack1("H*") } })
plain = db.type_map_for_results
db.type_map_for_results = PG::BasicTypeMapForResults.new(db)
say("mapped", db.exec("SELECT id, small, big, ratio, flag, day, numbers, names FROM samples WHERE id >= 1000 ORDER BY id").values.map { |row| row.map { |v| v.is_a?(Date) ? v.iso8601 : v } })
db.type_map_for_results = plain

db.prepare("own", "SELECT id, title FROM books WHERE author_id = $1 ORDER BY id LIMIT 3")
8.times { |i| say("prepared", db.exec_prepared("own", [1 + i % 4]).values) }
described = db.describe_prepared("own")
say("described", [described.nparams, described.paramtype(0), described.fields])
fails("twice") { db.prepare("own", "SELECT 1") }
db.exec("DEALLOCATE own")
fails("gone") { db.exec_prepared("own", [1]) }
say("affected", [db.exec("UPDATE stock SET quantity = quantity + 1").cmd_tuples,
  db.exec("UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; DELETE FROM stock WHERE sku = 'sku3'").cmd_status])
returned = db.exec_params("INSERT INTO authors (email, name) VALUES ($1, $2) RETURNING id, version", %w[new@x New])
say("returning", [returned[0]["id"].to_i > 1000, returned[0]["version"]])
say("upsert", db.exec_params("INSERT INTO stock (sku, quantity) VALUES ($1, $2), ($3, $4) ON CONFLICT ON CONSTRAINT stock_pkey DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity",
  ["sku1", 5, "skuX", 6]).values)

begin
  db.transaction { |t| t.exec("UPDATE authors SET name = 'gone' WHERE id = 1"); raise "given up" }
rescue RuntimeError
  say("rolled back", db.exec("SELECT name FROM authors WHERE id = 1").values)
end
db.transaction do |t|
  t.exec_params("UPDATE authors SET name = 'kept' WHERE id = $1", [2])
  t.exec("SAVEPOINT point")
  fails("in a savepoint") { t.exec_params("INSERT INTO authors (id, email, name) VALUES ($1, 'twice', 'x')", [1]) }
  fails("aborted") { t.exec("SELECT 1") }
  t.exec("ROLLBACK TO point")
  t.exec("DECLARE walk CURSOR FOR SELECT id, title FROM books ORDER BY id DESC")
  say("cursor", t.exec("FETCH 3 FROM walk").values)
end
say("committed", [db.transaction_status, db.exec("SELECT name FROM authors WHERE id = 2").values])
[["syntax", "SELEC 1"], ["column", "SELECT nothing FROM books"], ["division", "SELECT 1 / (id - $1) FROM books ORDER BY id", 3], ["check",
  "UPDATE books SET price = -$1::int", 1],
 ["foreign key", "INSERT INTO books (author_id, title) VALUES ($1, 'x')", 77], ["cast", "SELECT $1::text::int",
   "x"]].each do |step, text, *values|
  fails(step) { db.exec_params(text, values) }
  say("and on", db.exec_params("SELECT count(*) FROM books WHERE id < $1", [1000]).values)
end

if db.respond_to?(:enter_pipeline_mode)
  db.enter_pipeline_mode
  5.times { |i| db.send_query_params("SELECT title FROM books WHERE id = $1", [i + 1]) }
  db.send_query_params("SELECT 1 / $1::int", [0])
  db.send_query_params("SELECT 2", [])
  db.pipeline_sync
  db.send_query_params("SELECT $1::int", [3])
  db.pipeline_sync
  seen = []
  until seen.count("sync") == 2
    result = db.sync_get_result or next
    seen << case result.result_status
            when PG::PGRES_PIPELINE_SYNC then "sync"
            when PG::PGRES_TUPLES_OK then result.values
            when PG::PGRES_PIPELINE_ABORTED then "aborted"
            else result.error_field(PG::PG_DIAG_SQLSTATE)
            end
  end
  db.exit_pipeline_mode
  say("pipeline", seen)
end

db.copy_data("COPY readings (id, value, note) FROM STDIN",
  PG::TextEncoder::CopyRow.new) { 500.times { |i| db.put_copy_data([(30000 + i).to_s, (i / 2.0).to_s, i % 3 == 0 ? "t\tü" : nil]) } }
say("copy in", db.exec("SELECT count(*), count(note) FROM readings WHERE id >= 30000").values)
rows = []
db.copy_data("COPY (SELECT id, value, note FROM readings WHERE id < 30 ORDER BY id) TO STDOUT",
  PG::TextDecoder::CopyRow.new) { while (row = db.get_copy_data) do rows << row end }
say("copy out", rows)
fails("copy") { db.copy_data("COPY readings (id, value) FROM STDIN") { db.put_copy_data("1\t1\n") } }
begin
  db.copy_data("COPY readings (id, value) FROM STDIN") { db.put_copy_data("60000\t1\n"); raise "given up" }
rescue RuntimeError => error
  say("copy given up", [error.message, db.exec("SELECT count(*) FROM readings WHERE id >= 60000").values])
end

db.send_query("SELECT a.id, b.title, repeat(a.note, 20) FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= 5000 ORDER BY 1")
db.set_single_row_mode
count = 0
db.get_result.stream_each { |_| count += 1 }
db.get_result
say("single rows", count)
# What is cancelled has to be under way: the second result is sent while the third statement begins.
db.send_query("SELECT 1; SELECT repeat('x', 20000); SELECT pg_sleep(60)")
db.get_result
say("cancelled", [db.cancel, begin db.get_last_result rescue $!.message end])
db.exec("SET statement_timeout = '200ms'")
fails("statement_timeout") { db.exec("SELECT pg_sleep(60)") }
db.exec("RESET statement_timeout")
other = PG.connect
other.exec("LISTEN news")
db.exec_params("SELECT pg_notify('news', $1)", ["zweite ü"])
other.wait_for_notify(20) { |channel, _pid, payload| say("heard", [channel, payload]) }
other.close
db.reset
say("reset", db.exec("SELECT title FROM books WHERE id = 3").values)
db.close
