// tokio-postgres: everything prepared by name, pipelined requests, portals, queries of unknown types in between, cancel tokens.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::{future, pin_mut, stream, StreamExt, TryStreamExt};
use serde_json::{json, Value};
use std::env::var;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config, Error, IsolationLevel, NoTls, Row, SimpleQueryMessage};
use uuid::Uuid;

fn say(step: &str, value: Value) {
    println!("{}", json!({"step": step, "value": value}));
}

fn fails<T>(step: &str, result: Result<T, Error>) {
    match result {
        Ok(_) => panic!("{step}: no error"),
        Err(error) => match error.as_db_error() {
            Some(db) => say(
                &format!("error: {step}"),
                json!([db.code().code(), db.message(), format!("{:?}", db.position()), db.constraint()]),
            ),
            None => say(&format!("error: {step}"), json!(error.to_string())),
        },
    }
}

async fn connect() -> (Client, mpsc::UnboundedReceiver<AsyncMessage>) {
    let mut config = Config::new();
    config
        .host(&var("PGHOST").unwrap())
        .port(var("PGPORT").unwrap().parse().unwrap())
        .user(&var("PGUSER").unwrap());
    config
        .password(var("PGPASSWORD").unwrap())
        .dbname(&var("PGDATABASE").unwrap())
        .application_name("tokio-postgres");
    let (client, mut connection) = config.connect(NoTls).await.unwrap();
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    tokio::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            sender.send(message).ok();
        }
    });
    (client, receiver)
}

fn titles(rows: Vec<Row>) -> Value {
    json!(rows.iter().map(|row| row.get::<_, String>("title")).collect::<Vec<_>>())
}

async fn types(db: &Client) -> Result<(), Error> {
    let columns = "id, small, big, ratio, words, code, flag, day, hour, at, wall, uid, bytes, doc, numbers, names";
    let text = format!("INSERT INTO samples ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)");
    let statement = db.prepare(&text).await?;
    say("parameters", json!(statement.params().iter().map(Type::name).collect::<Vec<_>>()));
    let bytes: Vec<u8> = (0..=255).collect();
    let at: DateTime<Utc> = "2024-03-30T20:00:00.000005Z".parse().unwrap();
    let values: [&(dyn ToSql + Sync); 16] = [
        &1000i32,
        &-7i16,
        &9007199254740993i64,
        &0.1f64,
        &"grüße, 世界 🚢 'quoted' \"and\" \\ %s $1",
        &"abc",
        &true,
        &NaiveDate::from_ymd_opt(2024, 2, 29),
        &NaiveTime::from_hms_micro_opt(23, 59, 58, 123456),
        &at,
        &NaiveDate::from_ymd_opt(1999, 12, 31).unwrap().and_hms_opt(23, 59, 59),
        &Uuid::parse_str("6ba7b810-9dad-11d1-80b4-00c04fd430c8").unwrap(),
        &bytes,
        &json!({"a": [1, null, "ü"]}),
        &vec![Some(1i32), None, Some(-3)],
        &vec![Some("plain"), Some("with, comma"), Some("with \"quote\""), Some(""), None],
    ];
    say("inserted", json!(db.execute(&statement, &values).await?));
    db.execute("INSERT INTO samples (id) VALUES ($1)", &[&1001i32]).await?;
    for row in db
        .query(&format!("SELECT {columns} FROM samples WHERE id >= $1 ORDER BY id"), &[&1000i32])
        .await?
    {
        say(
            "types",
            json!([
                row.get::<_, i32>(0),
                row.get::<_, Option<i16>>(1),
                row.get::<_, Option<i64>>(2),
                row.get::<_, Option<f64>>(3),
                row.get::<_, Option<String>>(4),
                row.get::<_, Option<String>>(5),
                row.get::<_, Option<bool>>(6),
                row.get::<_, Option<NaiveDate>>(7).map(|d| d.to_string()),
                row.get::<_, Option<NaiveTime>>(8).map(|t| t.to_string()),
                row.get::<_, Option<DateTime<Utc>>>(9).map(|t| t.to_string()),
                row.get::<_, Option<NaiveDateTime>>(10).map(|t| t.to_string()),
                row.get::<_, Option<Uuid>>(11).map(|u| u.to_string()),
                row.get::<_, Option<Vec<u8>>>(12),
                row.get::<_, Option<Value>>(13),
                row.get::<_, Option<Vec<Option<i32>>>>(14),
                row.get::<_, Option<Vec<Option<String>>>>(15)
            ]),
        );
    }
    // A type that the driver has to ask the catalogue for.
    let row = db
        .query_one(
            "SELECT b AS whole, b.id FROM (SELECT id, title FROM books WHERE id = $1) b",
            &[&3i64],
        )
        .await?;
    say("composite", json!([row.columns()[0].type_().name(), row.get::<_, i64>(1)]));
    Ok(())
}

async fn statements(db: &Client) -> Result<(), Error> {
    let statement = db
        .prepare("SELECT id, title FROM books WHERE author_id = $1 ORDER BY id LIMIT 3")
        .await?;
    say(
        "described",
        json!(statement
            .columns()
            .iter()
            .map(|c| format!("{} {}", c.name(), c.type_()))
            .collect::<Vec<_>>()),
    );
    for i in 0..8i64 {
        say("prepared", titles(db.query(&statement, &[&(1 + i % 4)]).await?));
    }
    drop(statement);
    let numbers: Vec<i64> = (1..=30).collect();
    let pipelined = future::try_join_all(
        numbers
            .iter()
            .map(|id| async move { db.query_one("SELECT title FROM books WHERE id = $1", &[id]).await }),
    )
    .await?;
    say("pipelined", titles(pipelined));
    let divisor = [1i32, 0, 2];
    let mixed = future::join_all(
        divisor
            .iter()
            .map(|by| async move { db.query_one("SELECT 10 / $1::int", &[by]).await }),
    )
    .await;
    say(
        "pipelined with errors",
        json!(mixed
            .into_iter()
            .map(|r| r
                .map(|row| row.get::<_, i32>(0))
                .map_err(|e| e.code().unwrap().code().to_string())
                .map_or_else(|e| json!(e), |n| json!(n)))
            .collect::<Vec<_>>()),
    );
    let row = db
        .query_one(
            "INSERT INTO authors (email, name) VALUES ($1, $2) RETURNING id, version",
            &[&"new@x", &"New"],
        )
        .await?;
    say("returning", json!([row.get::<_, i64>(0) > 1000, row.get::<_, i32>(1)]));
    let rows = db.query("INSERT INTO stock (sku, quantity) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT ON CONSTRAINT stock_pkey DO UPDATE SET quantity = stock.quantity + excluded.quantity RETURNING sku, quantity",
        &[&vec!["sku1", "skuX"], &vec![5i32, 6]]).await?;
    say(
        "upsert",
        json!(rows.iter().map(|r| (r.get::<_, String>(0), r.get::<_, i32>(1))).collect::<Vec<_>>()),
    );
    let messages = db.simple_query("UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; SELECT id, title FROM books WHERE id < 3 ORDER BY id; DELETE FROM stock WHERE sku = 'sku3'").await?;
    say(
        "simple",
        json!(messages
            .iter()
            .map(|m| match m {
                SimpleQueryMessage::Row(row) => json!([row.get(0), row.get(1)]),
                SimpleQueryMessage::CommandComplete(n) => json!(n),
                _ => json!("?"),
            })
            .collect::<Vec<_>>()),
    );
    fails("syntax", db.execute("SELEC 1", &[]).await);
    fails("column", db.query("SELECT nothing FROM books", &[]).await);
    fails("division", db.query("SELECT 1 / (id - $1) FROM books ORDER BY id", &[&3i64]).await);
    fails("check", db.execute("UPDATE books SET price = -$1::int", &[&1i32]).await);
    fails(
        "foreign key",
        db.execute("INSERT INTO books (author_id, title) VALUES ($1, 'x')", &[&77i64]).await,
    );
    fails("script", db.batch_execute("UPDATE stock SET quantity = -1; SELECT 1/0").await);
    say(
        "and on",
        json!(db
            .query_one("SELECT count(*), min(quantity) FROM stock", &[])
            .await?
            .get::<_, i64>(0)),
    );
    Ok(())
}

async fn transactions(db: &mut Client) -> Result<(), Error> {
    let transaction = db.transaction().await?;
    transaction
        .execute("UPDATE authors SET name = 'gone' WHERE id = $1", &[&1i64])
        .await?;
    transaction.rollback().await?;
    say(
        "rolled back",
        json!(db
            .query_one("SELECT name FROM authors WHERE id = 1", &[])
            .await?
            .get::<_, String>(0)),
    );
    let mut transaction = db
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .start()
        .await?;
    transaction
        .execute("UPDATE authors SET name = 'kept' WHERE id = $1", &[&2i64])
        .await?;
    let inner = transaction.savepoint("point").await?;
    fails(
        "savepoint",
        inner
            .execute("INSERT INTO authors (id, email, name) VALUES ($1, 'twice', 'x')", &[&1i64])
            .await,
    );
    inner.rollback().await?;
    let portal = transaction
        .bind("SELECT id, title FROM books WHERE id > $1 ORDER BY id", &[&5i64])
        .await?;
    for size in [3, 4, 100, 1] {
        say("portal", titles(transaction.query_portal(&portal, size).await?));
    }
    say(
        "inside",
        json!(transaction.query_one("SHOW transaction_isolation", &[]).await?.get::<_, String>(0)),
    );
    transaction.commit().await?;
    say(
        "committed",
        json!(db
            .query_one("SELECT name FROM authors WHERE id = 2", &[])
            .await?
            .get::<_, String>(0)),
    );
    drop(db.transaction().await?); // rolls back by itself
    let transaction = db.build_transaction().read_only(true).start().await?;
    fails("read only", transaction.execute("DELETE FROM stock", &[]).await);
    Ok(())
}

async fn others(db: &Client) -> Result<(), Error> {
    let out: Vec<_> = db
        .copy_out("COPY (SELECT id, value, note FROM readings WHERE id < 30 ORDER BY id) TO STDOUT")
        .await?
        .try_collect()
        .await?;
    say(
        "copy out",
        json!(out.iter().map(|line| String::from_utf8_lossy(line)).collect::<String>()),
    );
    let rows = db
        .query_raw(
            "SELECT a.id, b.title, repeat(a.note, 20) FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= $1 ORDER BY 1",
            &[&5000i32],
        )
        .await?;
    pin_mut!(rows);
    let mut count = 0;
    while rows.try_next().await?.is_some() {
        count += 1;
    }
    say("large", json!(count));
    // On a connection of its own: PostgreSQL signals twice, and the driver does not wait for the second, which may meet what comes next.
    let (sleeper, _messages) = connect().await;
    let token = sleeper.cancel_token();
    let killer = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        token.cancel_query(NoTls).await
    });
    fails("cancelled", sleeper.execute("SELECT pg_sleep(60)", &[]).await);
    killer.await.unwrap()?;
    drop(sleeper);
    db.batch_execute("SET statement_timeout = '200ms'").await?;
    fails("statement_timeout", db.execute("SELECT pg_sleep(60)", &[]).await);
    db.batch_execute("RESET statement_timeout; SET timezone = 'Europe/Berlin'").await?;
    for _ in 0..3 {
        say(
            "settings",
            json!(db
                .query_one("SELECT current_setting('timezone'), timestamptz '2024-07-01 12:00'::text", &[])
                .await
                .map(|r| (r.get::<_, String>(0), r.get::<_, String>(1)))?),
        );
    }
    let (other, mut heard) = connect().await;
    other.batch_execute("LISTEN news").await?;
    db.execute("SELECT pg_notify('news', $1)", &[&"zweite ü"]).await?;
    while let Some(message) = heard.recv().await {
        if let AsyncMessage::Notification(news) = message {
            say("heard", json!([news.channel(), news.payload()]));
            break;
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    say("driver", json!(std::env::args().nth(1)));
    let (mut db, _messages) = connect().await;
    types(&db).await?;
    statements(&db).await?;
    transactions(&mut db).await?;
    others(&db).await
}
