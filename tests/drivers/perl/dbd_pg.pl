#!/usr/bin/perl
# DBD::Pg: prepared statements by name, placeholders of three kinds, savepoints, COPY, asynchronous queries, notifications, cancel.
use strict;
use warnings;
use utf8;
use DBI;
use DBD::Pg qw(:pg_types :async);
use JSON::PP;
binmode STDOUT, ':encoding(UTF-8)';
$| = 1;

my $json = JSON::PP->new->canonical->allow_nonref;
sub say_ { my ($step, $value) = @_; print $json->encode({step => $step, value => $value}), "\n" }

sub fails {
  my ($step, $doing, $db) = @_;
  my $done = eval { $doing->(); 1 };
  die "$step: no error" if $done;
  my ($message) = split /\n/, $DBI::errstr;
  say_("error: $step", [$DBI::state, $message]);
}

sub readable { my $ready = ''; vec($ready, $_[0]->{pg_socket}, 1) = 1; select $ready, undef, undef, 20 }

say_('driver', "$DBD::Pg::VERSION");
sub connected { DBI->connect("dbi:Pg:dbname=$ENV{PGDATABASE}", $ENV{PGUSER}, $ENV{PGPASSWORD}, {AutoCommit => 1, RaiseError => 1,
  PrintError => 0, pg_enable_utf8 => 1, @_}) }
my $db = connected();
say_('connected', [$db->ping, int($db->{pg_server_version} / 10000), $db->{pg_standard_conforming_strings}]);

my $columns = 'id, small, big, amount, ratio, words, code, flag, day, hour, at, wall, uid, bytes, doc, numbers, names';
my $places = join ', ', ('?') x 17;
my $insert = $db->prepare("INSERT INTO samples ($columns) VALUES ($places)");
$insert->bind_param(14, undef, {pg_type => PG_BYTEA});
$insert->execute(1000, -7, '9007199254740993', '12345678.900001', 0.1, "grüße, 世界 🚢 'quoted' \"and\" \\ %s \$1 ?", 'abc', 1, '2024-02-29',
  '23:59:58.123456',
  '2024-03-31 01:30:00.000005+05:30', '1999-12-31 23:59:59', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', join('',
    map { chr } 0 .. 255), '{"a": [1, null, "ü"]}', [1, undef, -3], ['plain', 'with, comma', 'with "quote"', '', undef]);
$insert->execute(1001, (undef) x 16);
for my $row (@{$db->selectall_arrayref("SELECT $columns FROM samples WHERE id >= ? ORDER BY id", undef, 1000)}) {
  $row->[13] = unpack 'H*', $row->[13] if defined $row->[13];
  say_('types', $row);
}
my $described = $db->prepare('SELECT id, title, price, tags FROM books WHERE id = ?');
$described->execute(1);
say_('described', [$described->{NAME}, $described->{pg_type}, $described->{TYPE}]);
$described->finish;

my $prepared = $db->prepare('SELECT id, title, price FROM books WHERE author_id = $1 ORDER BY id LIMIT 3');
for my $i (0 .. 7) { $prepared->execute(1 + $i % 4); say_('prepared', $prepared->fetchall_arrayref) }
for my $way (0, 1) {
  my $statement = $db->prepare('SELECT title FROM books WHERE id = :id', {pg_server_prepare => $way});
  for my $i (1 .. 4) { $statement->bind_param(':id', $i); $statement->execute; say_('named placeholder',
    $statement->fetchrow_arrayref); $statement->finish }
}
say_('affected', [$db->do('UPDATE stock SET quantity = quantity + ?', undef, 1), $db->do("DELETE FROM stock WHERE sku = 'none'"),
  $db->do("UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; DELETE FROM stock WHERE sku = 'sku3'")]);
my ($id, $version) = $db->selectrow_array('INSERT INTO authors (email, name) VALUES (?, ?) RETURNING id, version', undef, 'new@x', 'New');
say_('returning', [$id > 1000, $version]);
say_('upsert', $db->selectall_arrayref('INSERT INTO stock (sku, quantity) VALUES (?, ?), (?, ?) ON CONFLICT ON CONSTRAINT stock_pkey DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity',
  undef, 'sku1', 5, 'skuX', 6));
say_('hash', $db->selectall_hashref('SELECT sku, quantity FROM stock', 'sku'));
my $many = $db->prepare('INSERT INTO readings (id, value) VALUES (?, ?)');
say_('execute_array', $many->execute_array({ArrayTupleStatus => \my @status}, [map { 10000 + $_ } 1 .. 300], [map { $_ / 4 } 1 .. 300]));

$db->begin_work;
$db->do("UPDATE authors SET name = 'gone' WHERE id = 1");
$db->rollback;
say_('rolled back', $db->selectrow_arrayref('SELECT name FROM authors WHERE id = 1'));
$db->begin_work;
$db->do("UPDATE authors SET name = 'kept' WHERE id = ?", undef, 2);
$db->pg_savepoint('point');
fails('in a savepoint', sub { $db->do("INSERT INTO authors (id, email, name) VALUES (?, 'twice', 'x')", undef, 1) });
fails('aborted', sub { $db->do('SELECT 1') });
$db->pg_rollback_to('point');
$db->pg_release('point');
$db->do('DECLARE walk CURSOR FOR SELECT id, title FROM books ORDER BY id DESC');
say_('cursor', $db->selectall_arrayref('FETCH 3 FROM walk'));
$db->commit;
say_('committed', $db->selectrow_arrayref('SELECT name FROM authors WHERE id = 2'));
for (['syntax', 'SELEC 1'], ['column', 'SELECT nothing FROM books'], ['division', 'SELECT 1 / (id - ?) FROM books ORDER BY id', 3],
  ['check', 'UPDATE books SET price = -?::int', 1],
  ['foreign key', "INSERT INTO books (author_id, title) VALUES (?, 'x')", 77], ['cast', 'SELECT ?::text::int', 'x']) {
  my ($step, $text, @values) = @$_;
  fails($step, sub { $db->selectall_arrayref($text, undef, @values) });
  say_('and on', $db->selectrow_arrayref('SELECT count(*) FROM books WHERE id < ?', undef, 1000));
}

$db->do('COPY readings (id, value, note) FROM STDIN');
$db->pg_putcopydata((30000 + $_) . "\t" . ($_ / 2) . "\t" . ($_ % 3 ? '\N' : 'ü') . "\n") for 1 .. 500;
$db->pg_putcopyend;
say_('copy in', $db->selectrow_arrayref('SELECT count(*), count(note) FROM readings WHERE id >= 30000'));
$db->do('COPY (SELECT id, value, note FROM readings WHERE id < 30 ORDER BY id) TO STDOUT');
my ($line, @lines);
push @lines, $line while $db->pg_getcopydata(\$line) >= 0;
say_('copy out', \@lines);
$db->do('COPY readings (id, value) FROM STDIN');
$db->pg_putcopydata("1\t1\n");
fails('copy', sub { $db->pg_putcopyend });

my $sleeping = $db->prepare('SELECT pg_sleep(?), 7', {pg_async => PG_ASYNC});
$sleeping->execute(0.2);
$sleeping->pg_result;
say_('asynchronous', $sleeping->fetchall_arrayref->[0][1]);
# What is cancelled has to be under way: the first row is sent while the second is made.
$db->do("SELECT repeat('x', 20000), CASE i WHEN 2 THEN pg_sleep(60)::text END FROM (VALUES (1), (2)) v (i)", {pg_async => PG_ASYNC});
readable($db);
say_('cancelled', $db->pg_cancel);
$db->do("SET statement_timeout = '200ms'");
fails('statement_timeout', sub { $db->do('SELECT pg_sleep(60)') });
$db->do('RESET statement_timeout');
my $other = connected();
$other->do('LISTEN news');
$db->do("SELECT pg_notify('news', ?)", undef, 'zweite ü');
my $heard;
until ($heard) { readable($other); $heard = $other->pg_notifies }
say_('heard', [@$heard[0, 2]]);
$other->disconnect;
my $large = $db->selectall_arrayref('SELECT a.id, b.title, repeat(a.note, 20) FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= ? ORDER BY 1', undef, 5000);
say_('large', [scalar @$large, $large->[-1][1]]);
say_('columns', [grep { !/^org/ } map { $_->[3] } @{$db->column_info(undef, 'public', 'stock', '%')->fetchall_arrayref}]);
$db->disconnect;
