// pgjdbc: batches, fetch size, autosave, generated keys, prepared statements that become named, CopyManager, notifications, cancel.

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.*;
import org.postgresql.copy.CopyManager;

public class Program {
  static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  static String json(Object value) {
    if (value == null || value instanceof Number || value instanceof Boolean)
      return String.valueOf(value);
    if (value instanceof byte[])
      return json("\\x" + HexFormat.of().formatHex((byte[]) value));
    if (value instanceof Collection || value instanceof Object[]) {
      StringJoiner all = new StringJoiner(", ", "[", "]");
      for (Object item : value instanceof Collection ? ((Collection<?>) value).toArray() : (Object[]) value) all.add(json(item));
      return all.toString();
    }
    StringBuilder text = new StringBuilder("\"");
    for (char c : value.toString().toCharArray())
      text.append(c == '"' || c == '\\' ? "\\" + c : c < 32 ? String.format("\\u%04x", (int) c) : c);
    return text.append('"').toString();
  }

  static void say(String step, Object value) { OUT.println("{\"step\": " + json(step) + ", \"value\": " + json(value) + "}"); }
  static List<Object> list(Object... values) { return Arrays.asList(values); }
  interface Doing {
    void run() throws Exception;
  }

  static void fails(String step, Doing doing) throws Exception {
    try {
      doing.run();
    } catch (SQLException error) {
      Throwable cause = error instanceof BatchUpdateException && error.getNextException() != null ? error.getNextException() : error;
      say("error: " + step,
          list(error.getSQLState(), cause.getMessage().split("\n")[0],
              error instanceof BatchUpdateException ? counts(((BatchUpdateException) error).getUpdateCounts()) : null));
      return;
    }
    throw new Exception(step + ": no error");
  }

  static List<Object> counts(int[] of) {
    List<Object> out = new ArrayList<>();
    for (int i : of) out.add(i);
    return out;
  }

  static List<Object> rows(ResultSet set) throws SQLException {
    List<Object> out = new ArrayList<>();
    int columns = set.getMetaData().getColumnCount();
    while (set.next()) {
      List<Object> row = new ArrayList<>();
      for (int i = 1; i <= columns; i++) {
        Object value = set.getObject(i);
        row.add(value instanceof java.sql.Array ? ((java.sql.Array) value).getArray() : value);
      }
      out.add(row);
    }
    set.close();
    return out;
  }

  static List<Object> query(Connection db, String text, Object... values) throws SQLException {
    try (PreparedStatement statement = db.prepareStatement(text)) {
      for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
      return rows(statement.executeQuery());
    }
  }

  static int update(Connection db, String text, Object... values) throws SQLException {
    try (PreparedStatement statement = db.prepareStatement(text)) {
      for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
      return statement.executeUpdate();
    }
  }

  static Connection connect(String options) throws SQLException {
    Map<String, String> env = System.getenv();
    return DriverManager.getConnection("jdbc:postgresql://" + env.get("PGHOST") + ":" + env.get("PGPORT") + "/" + env.get("PGDATABASE")
            + "?sslmode=disable&ApplicationName=pgjdbc" + options,
        env.get("PGUSER"), env.get("PGPASSWORD"));
  }

  static final String SAMPLES = "id, small, big, amount, ratio, words, code, flag, day, hour, at, wall, uid, bytes, doc, numbers, names";

  static void types(Connection db, int id) throws Exception {
    byte[] bytes = new byte[256];
    for (int i = 0; i < 256; i++) bytes[i] = (byte) i;
    org.postgresql.util.PGobject doc = new org.postgresql.util.PGobject();
    doc.setType("jsonb");
    doc.setValue("{\"a\": [1, null, \"ü\"]}");
    Object[] full = {id, (short) -7, 9007199254740993L, new java.math.BigDecimal("12345678.900001"), 0.1,
        "grüße, 世界 🚢 'quoted' \"and\" \\ %s $1 ?", "abc", true, LocalDate.of(2024, 2, 29), LocalTime.of(23, 59, 58, 123456000),
        OffsetDateTime.of(2024, 3, 31, 1, 30, 0, 5000, ZoneOffset.ofHoursMinutes(5, 30)), LocalDateTime.of(1999, 12, 31, 23, 59, 59),
        UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), bytes, doc, db.createArrayOf("int4", new Integer[] {1, null, -3}),
        db.createArrayOf("text", new String[] {"plain", "with, comma", "with \"quote\"", "", null})};
    int[] kinds = {Types.INTEGER, Types.SMALLINT, Types.BIGINT, Types.NUMERIC, Types.DOUBLE, Types.VARCHAR, Types.VARCHAR, Types.BOOLEAN,
        Types.DATE, Types.TIME, Types.TIMESTAMP_WITH_TIMEZONE, Types.TIMESTAMP, Types.OTHER, Types.BINARY, Types.OTHER, Types.ARRAY,
        Types.ARRAY};
    String places = "?"
        + ", ?".repeat(full.length - 1);
    try (PreparedStatement statement = db.prepareStatement("INSERT INTO samples (" + SAMPLES + ") VALUES (" + places + ")")) {
      for (int i = 0; i < full.length; i++) statement.setObject(i + 1, full[i]);
      say("inserted", statement.executeUpdate());
      statement.setInt(1, id + 1);
      for (int i = 1; i < full.length; i++) statement.setNull(i + 1, kinds[i]);
      say("inserted nulls", statement.executeUpdate());
      ParameterMetaData parameters = statement.getParameterMetaData();
      List<Object> names = new ArrayList<>();
      for (int i = 1; i <= parameters.getParameterCount(); i++) names.add(parameters.getParameterTypeName(i));
      say("parameters", names);
    }
    for (int i = 0; i < 7; i++)
      say("types", query(db, "SELECT " + SAMPLES + " FROM samples WHERE id >= ? AND id < ? ORDER BY id", id, id + 2));
    try (PreparedStatement statement = db.prepareStatement("SELECT id, title, price FROM books WHERE id = ?")) {
      ResultSetMetaData columns = statement.getMetaData();
      List<Object> described = new ArrayList<>();
      for (int i = 1; i <= columns.getColumnCount(); i++)
        described.add(list(columns.getColumnName(i), columns.getColumnTypeName(i), columns.getTableName(i), columns.isNullable(i),
            columns.isAutoIncrement(i), columns.getScale(i)));
      say("described", described);
    }
  }

  static void statements(Connection db) throws Exception {
    try (PreparedStatement statement = db.prepareStatement("SELECT id, title FROM books WHERE author_id = ? ORDER BY id LIMIT 3")) {
      for (int i = 0; i < 12; i++) { // from the fifth on it has a name
        statement.setLong(1, 1 + i % 4);
        say("prepared", rows(statement.executeQuery()));
      }
    }
    try (Statement statement = db.createStatement()) {
      boolean set = statement.execute(
          "UPDATE stock SET quantity = 9 WHERE sku = 'sku2'; SELECT 1; DELETE FROM stock WHERE sku = 'sku3'; SELECT title FROM books WHERE id = 1");
      List<Object> results = new ArrayList<>();
      while (set || statement.getUpdateCount() >= 0) {
        results.add(set ? rows(statement.getResultSet()) : (Object) statement.getUpdateCount());
        set = statement.getMoreResults();
      }
      say("several", results);
    }
    try (PreparedStatement statement =
             db.prepareStatement("INSERT INTO authors (email, name) VALUES (?, ?)", new String[] {"id", "version"})) {
      statement.setString(1, "new@x");
      statement.setString(2, "New");
      statement.executeUpdate();
      ResultSet keys = statement.getGeneratedKeys();
      keys.next();
      say("generated keys", list(keys.getLong("id") > 1000, keys.getInt("version")));
    }
    say("valid", db.isValid(5));
    say("upsert",
        query(db,
            "INSERT INTO stock (sku, quantity) VALUES (?, ?), (?, ?) ON CONFLICT ON CONSTRAINT stock_pkey DO UPDATE SET quantity = stock.quantity + excluded.quantity"
                + " RETURNING sku, quantity",
            "sku1", 5, "skuX", 6));
    say("array",
        query(db, "SELECT id, title FROM books WHERE id = ANY(?) ORDER BY id", db.createArrayOf("bigint", new Long[] {1L, 2L, 5L})));
    try (Statement statement = db.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)) {
      ResultSet set = statement.executeQuery("SELECT id, title FROM books ORDER BY id");
      set.last();
      long last = set.getLong(1);
      set.absolute(3);
      say("scrollable", list(last, set.getString(2)));
    }
    fails("unique", () -> update(db, "INSERT INTO authors (id, email, name) VALUES (?, 'x', 'x')", 1));
    fails("check", () -> update(db, "UPDATE books SET price = -?::int", 1));
    fails("foreign key", () -> update(db, "INSERT INTO books (author_id, title) VALUES (?, 'x')", 77L));
    fails("syntax", () -> query(db, "SELEC 1"));
    fails("column", () -> query(db, "SELECT nothing FROM books WHERE id = ?", 1));
    fails("division", () -> query(db, "SELECT 1 / (id - ?) FROM books ORDER BY id", 3));
    say("and on", query(db, "SELECT count(*) FROM books"));
  }

  static void transactions(Connection db) throws Exception {
    db.setAutoCommit(false);
    update(db, "UPDATE authors SET name = 'gone' WHERE id = ?", 1);
    db.rollback();
    say("rolled back", query(db, "SELECT name FROM authors WHERE id = 1"));
    db.commit();
    db.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    update(db, "UPDATE authors SET name = 'kept' WHERE id = 2");
    Savepoint point = db.setSavepoint("point");
    fails("in a savepoint", () -> update(db, "INSERT INTO authors (id, email, name) VALUES (1, 'twice', 'x')"));
    fails("aborted", () -> query(db, "SELECT 1"));
    db.rollback(point);
    db.releaseSavepoint(point);
    say("inside", list(db.getTransactionIsolation(), query(db, "SHOW transaction_isolation")));
    db.commit();
    db.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    say("committed", query(db, "SELECT name FROM authors WHERE id = 2"));
    db.commit();
    db.setReadOnly(true);
    fails("read only", () -> update(db, "DELETE FROM stock"));
    db.rollback();
    db.setReadOnly(false);
    db.setAutoCommit(true);
  }

  static void batches(Connection db, int base) throws Exception {
    for (boolean automatic : new boolean[] {true, false}) {
      db.setAutoCommit(automatic);
      try (PreparedStatement statement = db.prepareStatement("INSERT INTO readings (id, value, note) VALUES (?, ?, ?)")) {
        for (int i = 0; i < 300; i++) {
          statement.setInt(1, base + (automatic ? 0 : 500) + i);
          statement.setDouble(2, i / 4.0);
          statement.setString(3, i % 2 == 0 ? null : "n");
          statement.addBatch();
        }
        int[] done = statement.executeBatch();
        say("batch", list(done.length, done[0] == 1 || done[0] == Statement.SUCCESS_NO_INFO));
        for (int id : new int[] {base + 2000, 1, base + 2001}) {
          statement.setInt(1, id);
          statement.setDouble(2, 1);
          statement.setNull(3, Types.VARCHAR);
          statement.addBatch();
        }
        fails("batch", () -> statement.executeBatch());
      }
      if (!automatic)
        db.rollback();
      say("after it", query(db, "SELECT count(*), sum(value) FROM readings WHERE id >= ? AND id < ?", base, base + 5000));
    }
    try (PreparedStatement statement = db.prepareStatement("INSERT INTO authors (email, name) VALUES (?, 'batch')",
             Statement.RETURN_GENERATED_KEYS == 1 ? new String[] {"name"} : null)) {
      for (int i = 0; i < 10; i++) {
        statement.setString(1, "b" + base + i + "@x");
        statement.addBatch();
      }
      statement.executeBatch();
      say("keys of a batch", rows(statement.getGeneratedKeys()));
    }
    try (Statement statement = db.createStatement()) {
      statement.addBatch("UPDATE stock SET quantity = 1 WHERE sku = 'sku4'");
      statement.addBatch("DELETE FROM stock WHERE sku = 'none'");
      statement.addBatch("UPDATE books SET in_print = false WHERE id < 4");
      say("mixed batch", counts(statement.executeBatch()));
    }
    db.commit();
    db.setAutoCommit(true);
  }

  static void cursors(Connection db) throws Exception {
    db.setAutoCommit(false);
    try (PreparedStatement statement = db.prepareStatement("SELECT id, value, note FROM readings WHERE id <= ? ORDER BY id")) {
      for (int round = 0; round < 7; round++) {
        statement.setFetchSize(round % 2 == 0 ? 100 : 7);
        statement.setInt(1, 1000);
        ResultSet set = statement.executeQuery();
        long sum = 0;
        while (set.next() && sum < 400000) sum += set.getInt(1);
        say("fetched", list(sum, query(db, "SELECT title FROM books WHERE id = ?", 1 + round)));
        set.close();
      }
    }
    db.commit();
    try (Statement statement = db.createStatement()) {
      statement.setMaxRows(5);
      say("max rows", rows(statement.executeQuery("SELECT id FROM books ORDER BY id")));
      ResultSet held = db.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, ResultSet.HOLD_CURSORS_OVER_COMMIT)
                           .executeQuery("SELECT id FROM books ORDER BY id");
      db.commit();
      say("held", rows(held).size());
    }
    long length = 0;
    try (PreparedStatement statement = db.prepareStatement(
             "SELECT a.id, b.title, repeat(a.note, 20) FROM readings a JOIN books b ON b.id = a.id % 30 + 1 WHERE a.id <= ? ORDER BY 1")) {
      statement.setInt(1, 5000);
      ResultSet set = statement.executeQuery();
      while (set.next()) length += set.getString(3) == null ? 0 : set.getString(3).length();
    }
    say("large", length);
    db.commit();
    db.setAutoCommit(true);
  }

  static void copy(Connection db) throws Exception {
    CopyManager copy = db.unwrap(PGConnection.class).getCopyAPI();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1000; i++)
      text.append(300000 + i).append('\t').append(i / 2.0).append('\t').append(i % 3 == 0 ? "\\N" : "ü").append('\n');
    say("copy in", copy.copyIn("COPY readings (id, value, note) FROM STDIN", new StringReader(text.toString())));
    StringWriter out = new StringWriter();
    say("copy out",
        list(copy.copyOut("COPY (SELECT id, value, note FROM readings WHERE id >= 300000 ORDER BY id) TO STDOUT WITH (FORMAT csv)", out),
            out.toString().substring(0, 60)));
    fails("copy", () -> copy.copyIn("COPY readings (id, value) FROM STDIN", new StringReader("400000\t1\n1\t2\n")));
    org.postgresql.copy.CopyIn given = copy.copyIn("COPY readings (id, value) FROM STDIN");
    given.writeToCopy("400000\t1\n".getBytes(StandardCharsets.UTF_8), 0, 9);
    given.cancelCopy();
    say("undone", query(db, "SELECT count(*) FROM readings WHERE id >= 400000"));
  }

  static void others(Connection db) throws Exception {
    try (Connection other = connect("")) {
      update(other, "LISTEN news");
      query(db, "SELECT pg_notify(?, ?)", "news", "zweite ü");
      List<Object> heard = new ArrayList<>();
      while (heard.isEmpty())
        for (PGNotification n : other.unwrap(PGConnection.class).getNotifications(20000)) heard.add(list(n.getName(), n.getParameter()));
      say("heard", heard);
    }
    try (Statement statement = db.createStatement()) {
      statement.setQueryTimeout(1);
      fails("query timeout", () -> statement.executeQuery("SELECT pg_sleep(60)"));
    }
    Statement sleeping = db.createStatement();
    Thread killer = new Thread(() -> {
      try {
        Thread.sleep(300);
        sleeping.cancel();
      } catch (Exception error) {
        throw new RuntimeException(error);
      }
    });
    killer.start();
    fails("cancelled", () -> sleeping.executeQuery("SELECT pg_sleep(60)"));
    killer.join();
    for (int i = 0; i < 5; i++)
      say("settings",
          list(db.getSchema(), query(db, "SHOW extra_float_digits"), query(db, "SHOW application_name"),
              query(db, "SELECT 0.1::float8 + ?", 0.2)));
    db.setClientInfo("ApplicationName", "renamed");
    say("client info", query(db, "SHOW application_name"));
    try (Connection saving = connect("&autosave=always&prepareThreshold=1")) {
      saving.setAutoCommit(false);
      for (int i = 0; i < 4; i++) {
        update(saving, "UPDATE stock SET quantity = quantity + 1 WHERE sku = ?", "sku5");
        fails("autosave", () -> update(saving, "INSERT INTO stock (sku, quantity) VALUES (?, 1)", "sku5"));
        say("after autosave", query(saving, "SELECT quantity FROM stock WHERE sku = ?", "sku5"));
      }
      saving.commit();
    }
    try (Connection simple = connect("&preferQueryMode=simple")) {
      say("simple", query(simple, "SELECT id, title FROM books WHERE author_id = ? AND title <> ? ORDER BY id LIMIT 2", 2, "it's"));
    }
    try (Connection rewriting = connect("&reWriteBatchedInserts=true&binaryTransfer=true&prepareThreshold=-1")) {
      batches(rewriting, 200000);
    }
    DatabaseMetaData data = db.getMetaData();
    List<Object> tables = new ArrayList<>();
    ResultSet set = data.getTables(null, "public", "%", new String[] {"TABLE"});
    while (set.next()) tables.add(set.getString("TABLE_NAME"));
    set = data.getColumns(null, "public", "stock", "%");
    while (set.next())
      if (!set.getString("COLUMN_NAME").startsWith("org"))
        tables.add(list(set.getString("COLUMN_NAME"), set.getString("TYPE_NAME")));
    say("metadata", tables);
  }

  public static void main(String[] arguments) throws Exception {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    say("driver", org.postgresql.util.DriverInfo.DRIVER_VERSION);
    try (Connection db = connect("")) {
      types(db, 1000);
      statements(db);
      transactions(db);
      batches(db, 100000);
      cursors(db);
      copy(db);
      others(db);
    }
  }
}
