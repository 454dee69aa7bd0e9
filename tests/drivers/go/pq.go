// lib/pq through database/sql: unnamed statements described before each Bind, pq.CopyIn, listeners, contexts that are cancelled.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/lib/pq"
)

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
	var from *pq.Error
	if errors.As(err, &from) {
		say("error: "+step, []string{string(from.Code), from.Message, from.Position, from.Constraint})
	} else {
		say("error: "+step, err.Error())
	}
}

type querier interface {
	Query(string, ...interface{}) (*sql.Rows, error)
}

func rows(db querier, text string, values ...interface{}) [][]interface{} {
	set, err := db.Query(text, values...)
	check(err)
	return all(set)
}

func all(set *sql.Rows) [][]interface{} {
	defer set.Close()
	columns, _ := set.Columns()
	out := [][]interface{}{}
	for set.Next() {
		row, at := make([]interface{}, len(columns)), make([]interface{}, len(columns))
		for i := range row {
			at[i] = &row[i]
		}
		check(set.Scan(at...))
		for i, value := range row {
			if bytes, is := value.([]byte); is {
				row[i] = string(bytes)
			}
			if when, is := value.(time.Time); is {
				row[i] = when.UTC().Format(time.RFC3339Nano)
			}
		}
		out = append(out, row)
	}
	check(set.Err())
	return out
}

func walk(options string, base int) {
	db, err := sql.Open("postgres", "sslmode=disable application_name=pq "+options)
	check(err)
	defer db.Close()
	db.SetMaxOpenConns(2)

	bytes := make([]byte, 256)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	const columns = "id, small, big, amount, ratio, words, code, flag, day, hour, at, wall, uid, bytes, doc, numbers, names"
	const places = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17"
	_, err = db.Exec("INSERT INTO samples ("+columns+") VALUES ("+places+")", base, -7, int64(9007199254740993), "12345678.900001", 0.1,
		"grüße, 世界 🚢 'quoted' \"and\" \\ %s $1",
		"abc", true, "2024-02-29", "23:59:58.123456", time.Date(2024, 3, 30, 20, 0, 0, 5000,
			time.UTC), "1999-12-31 23:59:59", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", bytes,
		`{"a": [1, null, "ü"]}`, pq.Array([]sql.NullInt64{{Int64: 1, Valid: true}, {}, {Int64: -3, Valid: true}}), pq.Array([]string{"plain",
			"with, comma", "with \"quote\"", ""}))
	check(err)
	nulls := make([]interface{}, 17)
	nulls[0] = base + 1
	_, err = db.Exec("INSERT INTO samples ("+columns+") VALUES ("+places+")", nulls...)
	check(err)
	say("types", rows(db, "SELECT "+columns+" FROM samples WHERE id >= $1 AND id < $2 ORDER BY id", base, base+2))
	say("types without parameters", rows(db, fmt.Sprintf("SELECT id, bytes, at, numbers FROM samples WHERE id = %d", base)))

	statement, err := db.Prepare("SELECT id, title, price FROM books WHERE author_id = $1 ORDER BY id LIMIT 3")
	check(err)
	for i := 0; i < 8; i++ {
		set, err := statement.Query(1 + i%4)
		check(err)
		say("prepared", all(set))
	}
	check(statement.Close())
	var id, version int64
	check(db.QueryRow("INSERT INTO authors (email, name) VALUES ($1, $2) RETURNING id, version", fmt.Sprintf("new%d@x", base),
		"New").Scan(&id, &version))
	say("returning", []interface{}{id > 1000, version})
	done, err := db.Exec("UPDATE stock SET quantity = quantity + $1", 1)
	check(err)
	affected, _ := done.RowsAffected()
	say("affected", affected)
	_, err = db.Exec("UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; DELETE FROM stock WHERE sku = 'sku3'")
	check(err)
	set, err := db.Query("SELECT title FROM books WHERE id = 1; SELECT name FROM authors WHERE id = 4")
	check(err)
	set.Next()
	say("result sets", []interface{}{set.NextResultSet(), all(set)})
	say("upsert", rows(db,
		"INSERT INTO stock (sku, quantity) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT ON CONSTRAINT stock_pkey"+
			" DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity", pq.Array([]string{"sku1",
			"skuX"}), pq.Array([]int{5, 6})))

	tx, err := db.Begin()
	check(err)
	_, err = tx.Exec("UPDATE authors SET name = 'gone' WHERE id = $1", 1)
	check(err)
	check(tx.Rollback())
	say("rolled back", rows(db, "SELECT name FROM authors WHERE id = 1"))
	tx, err = db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	check(err)
	_, err = tx.Exec("UPDATE authors SET name = 'kept' WHERE id = $1", 2)
	check(err)
	_, err = tx.Exec("SAVEPOINT point")
	check(err)
	_, err = tx.Exec("INSERT INTO authors (id, email, name) VALUES ($1, 'twice', 'x')", 1)
	fails("in a savepoint", err)
	_, err = tx.Exec("SELECT 1")
	fails("aborted", err)
	_, err = tx.Exec("ROLLBACK TO point")
	check(err)
	say("inside", rows(tx, "SHOW transaction_isolation"))
	check(tx.Commit())
	tx, err = db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
	check(err)
	_, err = tx.Exec("DELETE FROM stock")
	fails("read only", err)
	fails("COMMIT of a failed one", tx.Commit())
	say("committed", rows(db, "SELECT name FROM authors WHERE id = $1", 2))

	for _, one := range [][]interface{}{{"syntax", "SELEC 1"}, {"column", "SELECT nothing FROM books"}, {"division",
		"SELECT 1 / (id - $1) FROM books ORDER BY id", 3}, {"check", "UPDATE books SET price = -$1::int", 1},
		{"foreign key", "INSERT INTO books (author_id, title) VALUES ($1, 'x')", 77}, {"cast", "SELECT $1::text::int", "x"}} {
		_, err = db.Exec(one[1].(string), one[2:]...)
		fails(one[0].(string), err)
		say("and on", rows(db, "SELECT count(*) FROM books WHERE id < $1", 1000))
	}

	tx, err = db.Begin()
	check(err)
	in, err := tx.Prepare(pq.CopyIn("readings", "id", "value", "note"))
	check(err)
	for i := 0; i < 1000; i++ {
		_, err = in.Exec(10*base+i, float64(i)/2, map[bool]interface{}{true: nil, false: "t\tü"}[i%3 == 0])
		check(err)
	}
	_, err = in.Exec()
	check(err)
	check(in.Close())
	check(tx.Commit())
	say("copy in", rows(db, "SELECT count(*), sum(value), count(note) FROM readings WHERE id >= $1", 10*base))
	tx, err = db.Begin()
	check(err)
	in, err = tx.Prepare(pq.CopyIn("readings", "id", "value"))
	check(err)
	_, err = in.Exec(1, 1.0)
	check(err)
	_, err = in.Exec()
	fails("copy", err)
	check(tx.Rollback())

	set, err = db.Query("SELECT a.id, b.title, repeat(a.note, 20) FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= $1 ORDER BY 1", 5000)
	check(err)
	large := all(set)
	say("large", []interface{}{len(large), large[len(large)-1][1]})
	set, err = db.Query("SELECT id FROM readings ORDER BY id")
	check(err)
	set.Next()
	check(set.Close()) // the rest is thrown away
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	_, err = db.ExecContext(ctx, "SELECT pg_sleep(60)")
	cancel()
	fails("cancelled", err)
	var group sync.WaitGroup
	titles := make([]interface{}, 40)
	for i := range titles {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			check(db.QueryRow("SELECT title FROM books WHERE id = $1", 1+i%30).Scan(&titles[i]))
		}(i)
	}
	group.Wait()
	say("at once", titles)
}

func main() {
	version := "Debian's"
	if len(os.Args) > 1 {
		version = os.Args[1]
	}
	say("driver", version)
	walk("", 1000)
	walk("binary_parameters=yes", 2000)
	heard := make(chan bool, 1)
	listener := pq.NewListener("sslmode=disable", time.Second, time.Minute, func(event pq.ListenerEventType, err error) {
		if event == pq.ListenerEventConnected {
			heard <- true
		}
	})
	<-heard
	check(listener.Listen("news"))
	db, err := sql.Open("postgres", "sslmode=disable")
	check(err)
	_, err = db.Exec("SELECT pg_notify($1, $2)", "news", "zweite ü")
	check(err)
	news := <-listener.Notify
	say("heard", []string{news.Channel, news.Extra})
	check(listener.Close())
	check(db.Close())
}
