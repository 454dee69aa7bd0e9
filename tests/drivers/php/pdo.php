<?php
// PHP: PDO with server-side and emulated prepares, cursors, savepoints, COPY; and the pgsql extension's asynchronous queries.

function say(string $step, $value): void {
  echo json_encode(['step' => $step, 'value' => $value], JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR), "\n";
}

function fails(string $step, callable $doing): void {
  try {
    $doing();
  } catch (PDOException $error) {
    say("error: $step", [$error->errorInfo[0] ?? $error->getCode(), explode("\n", $error->getMessage())[0]]);
    return;
  }
  throw new Exception("$step: no error");
}

$connect = fn (array $options = []) => new PDO('pgsql:host=' . getenv('PGHOST') . ';port=' . getenv('PGPORT') . ';dbname=' . getenv('PGDATABASE'), getenv('PGUSER'), getenv('PGPASSWORD'),
  $options + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_NUM]);
say('driver', PHP_VERSION);
$columns = 'id, small, big, amount, ratio, words, code, flag, day, hour, at, wall, uid, bytes, doc, numbers, names';

function walk(PDO $db, int $base): void {
  global $columns;
  $query = function (string $text, array $values = []) use ($db) {
    $statement = $db->prepare($text);
    $statement->execute($values);
    return $statement->fetchAll();
  };
  $insert = $db->prepare("INSERT INTO samples ($columns) VALUES (" . implode(', ', array_fill(0, 17, '?')) . ')');
  $values = [$base, -7, '9007199254740993', '12345678.900001', 0.1, "grüße, 世界 🚢 'quoted' \"and\" \\ %s \$1", 'abc', true, '2024-02-29',
    '23:59:58.123456', '2024-03-31 01:30:00.000005+05:30',
    '1999-12-31 23:59:59', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', implode('', array_map('chr', range(0,
      255))), '{"a": [1, null, "ü"]}', '{1,NULL,-3}', '{plain,"with, comma",""}'];
  foreach ($values as $i => $value) $insert->bindValue($i + 1, $value,
    is_bool($value) ? PDO::PARAM_BOOL : (is_int($value) ? PDO::PARAM_INT : ($i === 13 ? PDO::PARAM_LOB : PDO::PARAM_STR)));
  $insert->execute();
  foreach ($values as $i => $value) $insert->bindValue($i + 1, $i ? null : $base + 1, $i ? PDO::PARAM_NULL : PDO::PARAM_INT);
  $insert->execute();
  foreach ($query("SELECT $columns FROM samples WHERE id >= ? AND id < ? ORDER BY id", [$base, $base + 2]) as $row) {
    if ($row[13]) $row[13] = bin2hex(stream_get_contents($row[13]));
    say('types', $row);
  }
  $prepared = $db->prepare('SELECT id, title, price FROM books WHERE author_id = :author AND title <> :title ORDER BY id LIMIT 3');
  for ($i = 0; $i < 8; $i++) {
    $prepared->execute(['author' => 1 + $i % 4, 'title' => "it's"]);
    say('prepared', $prepared->fetchAll());
  }
  say('described', [$prepared->getColumnMeta(1)['native_type'], $prepared->getColumnMeta(2)['table']]);
  $prepared = null;  // DEALLOCATE
  say('and on', $query('SELECT count(*) FROM books WHERE id < ?', [1000]));
  say('exec', [$db->exec("UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; DELETE FROM stock WHERE sku = 'sku4'"),
    $db->exec("DELETE FROM stock WHERE sku = 'none'")]);
  $returned = $query('INSERT INTO authors (email, name) VALUES (?, ?) RETURNING id, version', ["new$base@x", 'New']);
  say('returning', [$returned[0][0] > 1000, $returned[0][1]]);
  say('upsert', $query('INSERT INTO stock (sku, quantity) VALUES (?, ?), (?, ?) ON CONFLICT ON CONSTRAINT stock_pkey DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity', ['sku1', 5, 'skuX', 6]));

  $db->beginTransaction();
  $query("UPDATE authors SET name = 'gone' WHERE id = ?", [1]);
  $db->rollBack();
  say('rolled back', $query('SELECT name FROM authors WHERE id = ?', [1]));
  $db->beginTransaction();
  $query("UPDATE authors SET name = 'kept' WHERE id = ?", [2]);
  $db->exec('SAVEPOINT point');
  fails('in a savepoint', fn () => $query("INSERT INTO authors (id, email, name) VALUES (?, 'twice', 'x')", [1]));
  fails('aborted', fn () => $query('SELECT 1'));
  $db->exec('ROLLBACK TO point');
  say('inside', [$db->inTransaction(), $query('SELECT name FROM authors WHERE id = 2')]);
  $cursor = $db->prepare('SELECT id, title FROM books ORDER BY id', [PDO::ATTR_CURSOR => PDO::CURSOR_SCROLL]);
  $cursor->execute();
  say('cursor', [$cursor->fetch(), $cursor->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_ABS, 5), $cursor->fetch(PDO::FETCH_NUM,
    PDO::FETCH_ORI_PRIOR)]);
  $cursor = null;
  $db->commit();
  say('committed', $query('SELECT name FROM authors WHERE id = 2'));
  foreach ([['syntax', 'SELEC 1'], ['column', 'SELECT nothing FROM books'], ['division', 'SELECT 1 / (id - ?) FROM books ORDER BY id', 3],
    ['check', 'UPDATE books SET price = -(?::int)', 1],
    ['foreign key', "INSERT INTO books (author_id, title) VALUES (?, 'x')", 77], ['cast', 'SELECT ?::text::int', 'x']] as $one) {
    fails($one[0], fn () => $query($one[1], array_slice($one, 2)));
    say('and on', $query('SELECT count(*) FROM books WHERE id < ?', [1000]));
  }
  $lines = array_map(fn ($i) => 10 * $base + $i . "\t" . $i / 2 . "\t" . ($i % 3 ? '\\N' : 'ü'), range(0, 499));
  say('copy in', [$db->pgsqlCopyFromArray('readings', $lines, "\t", '\\\\N', 'id, value, note'),
    $query('SELECT count(*), count(note) FROM readings WHERE id >= ?', [10 * $base])]);
  say('copy out', $db->pgsqlCopyToArray('stock', "\t", '\\\\N', 'sku, quantity'));
  fails('copy', fn () => $db->pgsqlCopyFromArray('readings', ["1\t1"], "\t", '\\\\N', 'id, value'));
  $large = $query('SELECT a.id, b.title, repeat(a.note, 20) FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= ? ORDER BY 1', [5000]);
  say('large', [count($large), end($large)[1]]);
  $db->exec("SET statement_timeout = '200ms'");
  fails('statement_timeout', fn () => $query('SELECT pg_sleep(?)', [60]));
  $db->exec('RESET statement_timeout');
  for ($i = 0; $i < 3; $i++) say('settings', $query("SELECT current_setting('statement_timeout'), ?::int", [$i]));
}

walk($connect(), 1000);
walk($connect([PDO::ATTR_EMULATE_PREPARES => true]), 2000);
walk($connect([PDO::PGSQL_ATTR_DISABLE_PREPARES => true]), 3000);
$listener = $connect();
$listener->exec('LISTEN news');
$connect()->prepare("SELECT pg_notify('news', ?)")->execute(['zweite ü']);
$news = $listener->pgsqlGetNotify(PDO::FETCH_ASSOC, 20000);
say('heard', [$news['message'], $news['payload']]);
$listener = null;
$stored = $connect([PDO::ATTR_PERSISTENT => true]);
say('persistent', $stored->query('SELECT title FROM books WHERE id = 3')->fetchAll());

// The pgsql extension.
$pg = pg_connect('');
pg_prepare($pg, 'own', 'SELECT title FROM books WHERE id = $1');
for ($i = 1; $i < 6; $i++) say('pg_execute', pg_fetch_row(pg_execute($pg, 'own', [$i])));
say('pg_query_params', pg_fetch_all(pg_query_params($pg, 'SELECT sku, quantity FROM stock WHERE quantity > $1 ORDER BY sku', [1])));
say('pg_insert', (bool) pg_query($pg, "INSERT INTO stock (sku, quantity) VALUES ('php', 1)"));
say('pg_error', [@pg_query_params($pg, 'SELECT 1 / $1::int', [0]), pg_last_error($pg)]);
pg_send_query($pg, 'SELECT 1; SELECT nothing; SELECT 2');
for ($states = []; $result = pg_get_result($pg);) $states[] = pg_result_status($result) === PGSQL_TUPLES_OK ? pg_fetch_row($result) : pg_result_error_field($result, PGSQL_DIAG_SQLSTATE);
say('pg_send_query', $states);
// What is cancelled has to be under way: the second result is sent while the third statement begins.
pg_send_query($pg, "SELECT 1; SELECT repeat('x', 20000); SELECT pg_sleep(60)");
pg_get_result($pg);
say('pg_cancel_query', [pg_cancel_query($pg), pg_fetch_row(pg_query($pg, 'SELECT 8'))]);
say('pg_copy', [pg_copy_from($pg, 'stock', ["copied\t3\n"], "\t") || pg_last_error($pg), count(pg_copy_to($pg,
  '(SELECT sku, quantity FROM stock)'))]);
