// pgx: cached statements and descriptions, batches as pipelines, binary COPY, the simple protocol, notifications, pools.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgtype"
	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

var ctx = context.Background()

func say(step string, value interface{}) {
	line, err := json.Marshal(map[string]interface{}{"step": step, "value": value})
	check(err)
	fmt.Println(string(line))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func fails(step string, err error) {
	if err == nil {
		panic(step + ": no error")
	}
	var from *pgconn.PgError
	if errors.As(err, &from) {
		say("error: "+step, []interface{}{from.Code, from.Message, from.Position, from.ConstraintName})
	} else {
		say("error: "+step, strings.SplitN(err.Error(), " (", 2)[0])
	}
}

type querier interface {
	Query(context.Context, string, ...interface{}) (pgx.Rows, error)
}

func rows(db querier, text string, values ...interface{}) [][]interface{} {
	set, err := db.Query(ctx, text, values...)
	check(err)
	return all(set)
}

func all(set pgx.Rows) [][]interface{} {
	defer set.Close()
	out := [][]interface{}{}
	for set.Next() {
		row, err := set.Values()
		check(err)
		for i, value := range row {
			if when, is := value.(time.Time); is {
				row[i] = when.UTC().Format(time.RFC3339Nano)
			}
			if number, is := value.(pgtype.Numeric); is {
				text, _ := number.EncodeText(nil, nil)
				row[i] = string(text)
			}
		}
		out = append(out, row)
	}
	check(set.Err())
	return out
}

func walk(config *pgx.ConnConfig, base int) {
	db, err := pgx.ConnectConfig(ctx, config)
	check(err)
	defer db.Close(ctx)

	bytes := make([]byte, 256)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	amount := pgtype.Numeric{}
	check(amount.Set("12345678.900001"))
	const columns = "id, small, big, amount, ratio, words, code, flag, day, hour, at, wall, uid, bytes, doc, numbers, names"
	const places = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17"
	hour := pgtype.Time{}
	check(hour.Set(time.Date(2000, 1, 1, 23, 59, 58, 123456000, time.UTC)))
	uid := pgtype.UUID{}
	check(uid.Set("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
	numbers := pgtype.Int4Array{}
	one, three := int32(1), int32(-3)
	check(numbers.Set([]*int32{&one, nil, &three}))
	doc := pgtype.JSONB{}
	check(doc.Set(map[string]interface{}{"a": []interface{}{1, nil, "ü"}}))
	names := pgtype.TextArray{}
	check(names.Set([]string{"plain", "with, comma", "with \"quote\"", ""}))
	_, err = db.Exec(ctx, "INSERT INTO samples ("+columns+") VALUES ("+places+")", base, -7, int64(9007199254740993), &amount, 0.1,
		"grüße, 世界 🚢 'quoted' \"and\" \\ %s $1",
		"abc", true, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), &hour, time.Date(2024, 3, 30, 20, 0, 0, 5000, time.UTC), time.Date(1999, 12,
			31, 23, 59, 59, 0, time.UTC), &uid, bytes, &doc, &numbers, &names)
	check(err)
	nulls := make([]interface{}, 17)
	nulls[0] = base + 1
	_, err = db.Exec(ctx, "INSERT INTO samples ("+columns+") VALUES ("+places+")", nulls...)
	check(err)
	say("types", rows(db, "SELECT "+columns+" FROM samples WHERE id >= $1 AND id < $2 ORDER BY id", base, base+2))

	for i := 0; i < 8; i++ {
		say("cached", rows(db, "SELECT id, title, price FROM books WHERE author_id = $1 ORDER BY id LIMIT 3", 1+i%4))
	}
	described, err := db.Prepare(ctx, "own", "SELECT id, title FROM books WHERE id = $1 AND price > $2")
	check(err)
	say("described", []interface{}{described.ParamOIDs, len(described.Fields)})
	if base != 2000 { // where descriptions are cached pgx sends the name as a statement
		say("by name", rows(db, "own", 5, 0.5))
	}
	check(db.Deallocate(ctx, "own"))
	for i := 0; i < 30; i++ { // more than the cache holds
		say("evicted", rows(db, fmt.Sprintf("SELECT %d + id FROM books WHERE id = $1", i), 2))
	}
	var id, version int64
	check(db.QueryRow(ctx, "INSERT INTO authors (email, name) VALUES ($1, $2) RETURNING id, version", fmt.Sprintf("new%d@x", base),
		"New").Scan(&id, &version))
	say("returning", []interface{}{id > 1000, version})
	tag, err := db.Exec(ctx, "UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; SELECT 1; DELETE FROM stock WHERE sku = 'sku3'")
	check(err)
	say("script", tag.String())
	say("upsert", rows(db,
		"INSERT INTO stock (sku, quantity) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT ON CONSTRAINT stock_pkey"+
			" DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity", []string{"sku1", "skuX"}, []int32{5, 6}))

	batch := &pgx.Batch{}
	for i := 0; i < 20; i++ {
		batch.Queue("SELECT title FROM books WHERE id = $1", 1+i)
		batch.Queue("UPDATE stock SET quantity = quantity + $1 WHERE sku = 'sku1'", i)
	}
	results := db.SendBatch(ctx, batch)
	titles := []string{}
	for i := 0; i < 20; i++ {
		var title string
		check(results.QueryRow().Scan(&title))
		done, err := results.Exec()
		check(err)
		titles = append(titles, title+done.String())
	}
	check(results.Close())
	say("batch", titles)
	batch = &pgx.Batch{}
	batch.Queue("UPDATE stock SET quantity = -1 WHERE sku = $1", "sku4")
	batch.Queue("INSERT INTO stock (sku, quantity) VALUES ($1, 1)", "sku4")
	batch.Queue("SELECT 1")
	results = db.SendBatch(ctx, batch)
	_, err = results.Exec()
	check(err)
	_, err = results.Exec()
	fails("batch", err)
	fails("rest of the batch", results.Close())
	say("undone", rows(db, "SELECT quantity FROM stock WHERE sku = 'sku4'"))

	err = db.BeginFunc(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE authors SET name = 'gone' WHERE id = $1", 1)
		check(err)
		return errors.New("given up")
	})
	say("rolled back", []interface{}{err.Error(), rows(db, "SELECT name FROM authors WHERE id = 1")})
	check(db.BeginTxFunc(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, DeferrableMode: pgx.Deferrable}, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE authors SET name = 'kept' WHERE id = $1", 2)
		check(err)
		fails("savepoint", tx.BeginFunc(ctx, func(inner pgx.Tx) error {
			_, err := inner.Exec(ctx, "INSERT INTO authors (id, email, name) VALUES ($1, 'twice', 'x')", 1)
			return err
		}))
		say("inside", rows(tx, "SHOW transaction_isolation"))
		return nil
	}))
	say("committed", rows(db, "SELECT name FROM authors WHERE id = $1", 2))
	for _, one := range [][]interface{}{{"syntax", "SELEC 1"}, {"column", "SELECT nothing FROM books"}, {"division",
		"SELECT 1 / (id - $1) FROM books ORDER BY id", 3}, {"check", "UPDATE books SET price = -$1::int", 1},
		{"foreign key", "INSERT INTO books (author_id, title) VALUES ($1, 'x')", 77}, {"cast", "SELECT $1::text::int", "x"}} {
		_, err = db.Exec(ctx, one[1].(string), one[2:]...)
		fails(one[0].(string), err)
		say("and on", rows(db, "SELECT count(*) FROM books WHERE id < $1", 1000))
	}

	in := [][]interface{}{}
	for i := 0; i < 1000; i++ {
		in = append(in, []interface{}{int32(10*base + i), float64(i) / 2, "t\tü"})
	}
	copied, err := db.CopyFrom(ctx, pgx.Identifier{"readings"}, []string{"id", "value", "note"}, pgx.CopyFromRows(in))
	check(err)
	say("copy in", []interface{}{copied, rows(db, "SELECT count(*), sum(value), count(note) FROM readings WHERE id >= $1", 10*base)})
	_, err = db.CopyFrom(ctx, pgx.Identifier{"readings"}, []string{"id", "value"}, pgx.CopyFromRows([][]interface{}{{int32(1), 1.0}}))
	fails("copy", err)
	var out strings.Builder
	tag, err = db.PgConn().CopyTo(ctx, &out,
		"COPY (SELECT id, value, note FROM readings WHERE id < 30 ORDER BY id) TO STDOUT WITH (FORMAT csv)")
	check(err)
	say("copy out", []interface{}{tag.String(), out.String()})
	tag, err = db.PgConn().CopyFrom(ctx, strings.NewReader(fmt.Sprintf("%d,1.5\n%d,2.5\n", 10*base+5000, 10*base+5001)),
		"COPY readings (id, value) FROM STDIN WITH (FORMAT csv)")
	check(err)
	say("copy text in", tag.String())

	large := rows(db, "SELECT a.id, b.title, repeat(a.note, 20) FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= $1 ORDER BY 1", 5000)
	say("large", []interface{}{len(large), large[len(large)-1][1]})
	set, err := db.Query(ctx, "SELECT id FROM readings ORDER BY id")
	check(err)
	set.Next()
	set.Close()
	_, err = db.Exec(ctx, "SET statement_timeout = '200ms'")
	check(err)
	_, err = db.Exec(ctx, "SELECT pg_sleep(60)")
	fails("statement_timeout", err)
	_, err = db.Exec(ctx, "RESET statement_timeout")
	check(err)
	say("alive", []interface{}{rows(db, "SHOW statement_timeout"), rows(db, "SHOW application_name")})

	other, err := pgx.ConnectConfig(ctx, config)
	check(err)
	_, err = other.Exec(ctx, "LISTEN news")
	check(err)
	_, err = db.Exec(ctx, "SELECT pg_notify($1, $2)", "news", "zweite ü")
	check(err)
	news, err := other.WaitForNotification(ctx)
	check(err)
	say("heard", []string{news.Channel, news.Payload})
	check(other.Close(ctx))
	// pgx gives up a connection whose context ends, with a cancel request.
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	_, err = db.Exec(short, "SELECT pg_sleep(60)")
	cancel()
	say("given up", []interface{}{err != nil, db.IsClosed()})
}

func main() {
	say("driver", os.Args[1])
	for i, mode := range []string{"statement_cache_mode=prepare&statement_cache_capacity=10", "statement_cache_mode=describe",
		"statement_cache_capacity=0"} {
		config, err := pgx.ParseConfig("postgres:///?sslmode=disable&application_name=pgx&" + mode)
		check(err)
		walk(config, 1000*(i+1))
	}
	config, err := pgx.ParseConfig("sslmode=disable")
	check(err)
	config.PreferSimpleProtocol = true
	simple, err := pgx.ConnectConfig(ctx, config)
	check(err)
	say("simple protocol", rows(simple, "SELECT id, title FROM books WHERE author_id = $1 AND title <> $2 ORDER BY id", 2, "it's"))
	check(simple.Close(ctx))
	pool, err := pgxpool.Connect(ctx, "sslmode=disable pool_max_conns=3")
	check(err)
	titles := make(chan string)
	for i := 0; i < 40; i++ {
		go func() {
			var title string
			check(pool.QueryRow(ctx, "SELECT title FROM books WHERE id = $1", 7).Scan(&title))
			titles <- title
		}()
	}
	for i := 0; i < 40; i++ {
		say("pool", <-titles)
	}
	pool.Close()
}
