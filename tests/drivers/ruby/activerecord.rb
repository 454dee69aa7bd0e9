# ActiveRecord: models, eager loading in three ways, batches, upsert, optimistic and advisory locks, savepoints, prepared statements.
require "active_record"
require "json"
$stdout.sync = true

def say(step, value) = puts(JSON.generate({ step: step, value: value }))

def fails(step)
  yield
rescue ActiveRecord::ActiveRecordError => error
  say("error: #{step}", [error.class.name, error.message.lines.first.chomp])
else
  raise "#{step}: no error"
end

class Author < ActiveRecord::Base
  self.locking_column = :version
  has_many :books, -> { order(:id) }, dependent: :destroy
end

class Book < ActiveRecord::Base
  belongs_to :author
  scope :cheap, -> { where("price < ?", 20) }
end

class Document < ActiveRecord::Base; end
class Stock < ActiveRecord::Base
  self.table_name = "stock"
  self.primary_key = "sku"
end
class Reading < ActiveRecord::Base; end
class Sample < ActiveRecord::Base; end

# Where the shared tables have a key of two columns ActiveRecord takes none by itself.
[Author, Book, Document, Reading, Sample].each { |model| model.primary_key = "id" }
# What introspection finds besides is not the models' business.
[Author, Book, Document, Stock, Reading, Sample].each { |model| model.ignored_columns = ["org" + "_id"] }

SAMPLE = { small: -7, big: 9007199254740993, amount: BigDecimal("12345678.900001"), ratio: 0.1,
  words: "grüße, 世界 🚢 'quoted' \"and\" \\ %s $1", code: "abc", flag: true, day: Date.new(2024, 2, 29),
  hour: "23:59:58.123456", at: Time.utc(2024, 3, 30, 20, 0, 0, 5), wall: Time.utc(1999, 12, 31, 23, 59,
    59), uid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", bytes: (0..255).to_a.pack("C*"),
  doc: { "a" => [1, nil, "ü"] }, numbers: [1, nil, -3], names: ["plain", "with, comma", "with \"quote\"", "", nil] }

def walk(base)
  Sample.create!({ id: base }.merge(SAMPLE))
  Sample.create!(id: base + 1)
  say("types", Sample.where(id: base..base + 1).order(:id).map { |row| row.attributes.merge("bytes" => row.bytes && row.bytes.unpack1("H*")) })
  author = Author.create!(email: "new#{base}@x", name: "Néw", born: "1980-01-01", books: 5.times.map { |i| Book.new(title: "Title #{i}",
    price: 9.99, tags: ["a", "b,c"]) })
  say("created", [author.id > 1000, author.version, author.books.map { |b| [b.title, b.in_print, b.tags] }])
  shape = ->(rows) { rows.map { |a| [a.email, a.books.map { |b| [b.title, b.price] }.sort] } }
  say("preload", shape.(Author.preload(:books).order(:email)))
  say("eager_load", shape.(Author.eager_load(:books).order(:email)))
  say("includes", shape.(Author.includes(:books).where(books: { in_print: true }).order(:email)))
  say("lazy", Book.find(7).author.name)
  3.times { |page| say("page", Book.where("id < 1000").order(title: :desc).limit(4).offset(4 * page).pluck(:title)) }
  say("aggregate", Author.left_joins(:books).group(:name).order(:name).count("books.id"))
  say("calculations", [Book.cheap.count, Book.where(author_id: 2).sum(:price), Book.maximum(:published), Book.average(:price),
    Book.distinct.count(:author_id), Book.cheap.exists?, Author.where.missing(:books).pluck(:name).sort])
  say("merge", Author.joins(:books).merge(Book.cheap).distinct.order(:email).pluck(:email))
  say("array", Book.where("tags @> ARRAY[?]", ["tag1"]).where(id: [1, 4, 7, 10]).order(:id).pluck(:title))
  say("or", Book.where(id: 1).or(Book.where(title: Book.find(2).title)).order(:id).ids)
  say("find_by_sql", Author.find_by_sql(["SELECT id, name, (SELECT count(*) FROM books b WHERE b.author_id = authors.id) AS books_there FROM authors WHERE id < ? ORDER BY id", 4]).map { |a| [a.name, a.books_there] })
  document = Document.order(:id).first
  2.times { |i| say("upsert", [Document.upsert({ id: document.id, title: "up #{i}", version: i }, returning: [:title]).rows,
    document.reload.title]) }
  # With a key of two columns these look for the index by which rows are unique, unless it is named.
  say("insert_all", Author.insert_all([{ email: author.email, name: "x" }, { email: "all#{base}@x", name: "y" }],
    unique_by: :authors_email_key, returning: [:email]).rows)
  say("upsert_all", Author.upsert_all([{ email: author.email, name: "z" }, { email: "all#{base}@x", name: "z" }],
    unique_by: :authors_email_key, returning: [:email, :name]).rows)
  say("update", [Book.where("price > 20").update_all("price = price + 1"), Author.find(5).tap { |a| a.update!(name: "Renamed") }.version,
    Book.where(id: 30).delete_all, Author.update_counters(4, version: 0)])
  say("find_or_create_by", [Author.find_or_create_by!(email: "found@x") { |a| a.name = "Found" }.name,
    Author.create_or_find_by!(email: "made#{base}@x", name: "Made").name])
  mine = Author.find(1)
  Author.find(1).update!(name: "Theirs #{base}")
  fails("stale") { mine.update!(name: "Mine") }
  Author.transaction do
    Author.where(id: 2).update_all(name: "gone")
    raise ActiveRecord::Rollback
  end
  say("rolled back", Author.find(2).name)
  Author.transaction(isolation: :repeatable_read) do
    Author.lock.find(2).update!(name: "kept #{base}")
    fails("savepoint") { Author.transaction(requires_new: true) { Author.create!(id: 1, email: "twice", name: "x") } }
    say("inside", Author.find(2).name)
  end
  say("committed", Author.order(:email).pluck(:name, :version))
  Reading.transaction { 200.times { |i| Reading.create!(id: 10 * base + i, value: i / 4.0) } }
  sums = []
  Reading.in_batches(of: 1000) { |batch| sums << batch.sum(:value) }
  Reading.where(id: 1..300).find_each(batch_size: 70) { |row| sums << row.id if row.id % 100 == 0 }
  say("batches", sums)
  fails("check") { Book.update_all(price: -1) }
  fails("syntax") { Book.connection.execute("SELEC 1") }
  fails("foreign key") { Book.new(title: "x", author_id: 77).save(validate: false) }
  fails("not found") { Book.find(99999) }
  say("and on", Book.count)
  titles = 4.times.map { |thread| Thread.new { ActiveRecord::Base.connection_pool.with_connection { 10.times.map { |i| Book.find(1 + 5 * thread + i % 5).title } } } }.map(&:value)
  say("threads", titles)
  say("advisory lock", [Book.connection.get_advisory_lock(7), Book.connection.release_advisory_lock(7)])
  say("tables", Book.connection.tables.sort)
  say("columns", Book.connection.columns("stock").map { |c| [c.name, c.sql_type] }.reject { |name, _| name == "org" + "_id" })
end

say("driver", "#{ActiveRecord.version}")
[[1000, true], [2000, false]].each do |base, prepared|
  ActiveRecord::Base.establish_connection(adapter: "postgresql", host: ENV["PGHOST"], port: ENV["PGPORT"], username: ENV["PGUSER"],
    password: ENV["PGPASSWORD"], database: ENV["PGDATABASE"],
    prepared_statements: prepared, pool: 5, statement_limit: 20, variables: { statement_timeout: "20s" })
  walk(base)
  ActiveRecord::Base.connection_pool.disconnect!
end
